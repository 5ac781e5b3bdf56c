import type { Dataset } from "../data/dataset.js";
import { InvalidArgumentError } from "../errors.js";
import { show } from "../system/expected.js";
import { isOptions } from "../system/known-options.js";
import { balancedWeights } from "../training/class-weights.js";
import type { Label, Labelling } from "./labels.js";
import { type Rule, rule } from "./parameters.js";

/**
 * How much the examples of each class count; `balanced`: n_examples / (n_classes * examples of the class). A class that is not named counts
 * 1. In an object the names are texts; labels of other types may also be told apart by a `Map`.
 */
export type ClassWeight = "balanced" | Readonly<Record<string, number>> | ReadonlyMap<Label, number>;

export const CLASS_WEIGHT: Rule = rule(
  null,
  'null, "balanced" or weights by class, finite numbers of at least 0,',
  (value) => value === null || value === "balanced" || (isOptions(value) && weightsOf(value).every(isWeight)),
);

function weightsOf(value: object): unknown[] {
  return value instanceof Map ? [...value.values()] : Object.values(value);
}

function isWeight(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0;
}

/**
 * The weight of each example by its class.
 *
 * @throws InvalidArgumentError for several labels of an example, when a class is named that there is not, or when no example would count.
 */
export function weighExamples(
  classWeight: ClassWeight,
  dataset: Dataset,
  { classes }: Labelling,
): Float64Array {
  const { targets } = dataset;
  if (targets.kind !== "classes") {
    throw new InvalidArgumentError(
      "Expected no classWeight where an example may have several labels; weigh the examples by sampleWeight.",
    );
  }
  const { labels } = targets;
  const ofClass = classWeight === "balanced" ? balancedWeights(dataset) : namedWeights(classWeight, classes);
  const weights = Float64Array.from(labels, (label) => ofClass[label] as number); // There is one for each class.
  if (weights.every((weight) => weight === 0)) {
    throw new InvalidArgumentError("Expected a classWeight by which at least one example counts.");
  }
  return weights;
}

function namedWeights(
  classWeight: Exclude<ClassWeight, "balanced">,
  classes: readonly Label[],
): readonly number[] {
  const isMap = classWeight instanceof Map;
  const byName = new Map<unknown, number>(isMap ? classWeight : Object.entries(classWeight));
  const nameOf = (label: Label) => (isMap ? label : String(label));
  const names = classes.map(nameOf);
  const unknown = [...byName.keys()].find((name) => !names.includes(name as Label));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `Expected a classWeight by the classes ${names.slice(0, 10).map(show).join(", ")} but received one of ${show(unknown)}.`,
    );
  }
  return classes.map((label) => byName.get(nameOf(label)) ?? 1);
}
