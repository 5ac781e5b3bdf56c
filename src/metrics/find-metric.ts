import { InvalidArgumentError } from "../errors.js";
import { show } from "../system/expected.js";
import { nearestName } from "../system/known-options.js";
import { CLASS_METRICS, topKMetric } from "./class-metrics.js";
import type { Metric } from "./metric.js";
import { VALUE_METRICS } from "./value-metrics.js";

const METRICS: readonly Metric[] = [...CLASS_METRICS, topKMetric(5), ...VALUE_METRICS];

/** Every name that {@link findMetric} knows, but that `top5Accuracy` stands for any number of classes: there is `top3Accuracy`, too. */
export const METRIC_NAMES: readonly string[] = METRICS.map(({ name }) => name);

/**
 * A metric by its name.
 *
 * @throws InvalidArgumentError naming the nearest known name, where there is no such metric.
 */
export function findMetric(name: string): Metric {
  const known = METRICS.find((metric) => metric.name === name);
  if (known !== undefined) return known;
  const [, k] = /^top([1-9]\d{0,5})Accuracy$/.exec(name) ?? [];
  if (k !== undefined) return topKMetric(Number(k));
  const nearest = typeof name === "string" ? nearestName(name, METRIC_NAMES) : undefined;
  const remedy = nearest === undefined ? `they are ${METRIC_NAMES.join(", ")}.` : `did you mean ${nearest}?`;
  throw new InvalidArgumentError(`There is no metric ${show(name)}; ${remedy}`);
}
