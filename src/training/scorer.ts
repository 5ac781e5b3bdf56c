import type { Dataset } from "../data/dataset.js";
import { type DatasetOrStream, exampleCount, isStream } from "../data/stream.js";
import { labelsOfRows } from "../data/targets.js";
import { InvalidArgumentError } from "../errors.js";
import { findMetric, METRIC_NAMES } from "../metrics/find-metric.js";
import type { Metric, ScoredExamples } from "../metrics/metric.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { expectThat } from "../system/expected.js";
import type { Tensor } from "../tensor/tensor.js";
import { chooseClasses } from "./choose-classes.js";
import { checkFits } from "./compatibility.js";
import { hasConfidences } from "./confidence.js";
import type { Pace } from "./pace.js";
import { trueValues } from "./true-values.js";

/** Metrics by their names; NaN where one is not defined. */
export type NamedMetrics = Readonly<Record<string, number>>;

/** Keeps what an evaluation sees, and computes metrics of it. Used again and again, in memory that is made once. */
export interface Scorer {
  /** All that was added since the last beginning. */
  readonly examples: ScoredExamples;
  /** Forgets what was added. */
  begin(): void;
  /** Of the next part of a dataset, before its outputs: what they should be. */
  addTargets(part: Dataset): void;
  /** Of the next minibatch, [n_examples, n_outputs]. */
  addOutputs(output: Tensor): void;
  /** Of all that was added. The event loop gets its turn between two metrics. */
  compute(pace: Pace): Promise<NamedMetrics>;
}

/**
 * What computes metrics of a network on a dataset. It keeps outputs and targets of every example, also of a stream.
 *
 * @param names As {@link findMetric} knows them.
 * @throws InvalidArgumentError when there is no such metric, or when it makes no sense for this network and these targets.
 */
export function createScorer(
  names: readonly string[],
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
): Scorer {
  const metrics = findMetrics(names, network, dataset);
  checkFits(network, dataset);
  const memory = createMemory(network, dataset);
  let [targets, outputs] = [0, 0];
  return {
    examples: memory.examples,
    begin() {
      [targets, outputs] = [0, 0];
    },
    addTargets(part) {
      memory.setTargets(part, targets);
      targets += part.rows.length;
    },
    addOutputs(output) {
      memory.setOutputs(output, outputs);
      outputs += output.shape[0] as number;
    },
    async compute(pace) {
      const values: Record<string, number> = {};
      for (const metric of metrics) {
        values[metric.name] = metric.compute(memory.examples);
        if (pace.due()) await pace.rest();
      }
      return values;
    },
  };
}

/**
 * The metrics of these names, each once.
 *
 * @throws InvalidArgumentError when there is no such metric, or when it makes no sense for this network and these targets.
 */
export function findMetrics(
  names: readonly string[],
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
): readonly Metric[] {
  const isList = Array.isArray(names) && names.every((name) => typeof name === "string");
  expectThat(isList, 'an array of names, such as ["f1Macro"],', "metrics", names);
  const metrics = [...new Set(names)].map(findMetric);
  for (const metric of metrics) checkMetric(metric, network, dataset);
  return metrics;
}

/** @throws InvalidArgumentError when a metric makes no sense for this network and these targets. */
function checkMetric(metric: Metric, network: MultilayerPerceptron, { targets }: DatasetOrStream): void {
  const { name, of, needs } = metric;
  if (of !== targets.kind) {
    const others = METRIC_NAMES.filter((other) => findMetric(other).of === targets.kind);
    throw new InvalidArgumentError(
      `The metric ${name} is about ${of}, but the dataset has ${targets.kind} to be learned; take ${others.join(", ")}.`,
    );
  }
  if (needs === "twoClasses" && network.outputs > 2) {
    throw new InvalidArgumentError(
      `The metric ${name} is about two classes, but the network tells ${network.outputs} apart; take ${name}Micro, ${name}Macro or ${name}Weighted.`,
    );
  }
  if (needs === "confidences" && !hasConfidences(network)) {
    throw new InvalidArgumentError(
      `The metric ${name} needs outputs from 0 to 1, of a softmax or of sigmoids, and those of this network are linear; take accuracy, or rocAuc, which only compares them.`,
    );
  }
}

function createMemory(network: MultilayerPerceptron, dataset: DatasetOrStream) {
  const count = exampleCount(dataset);
  const { outputs: width, dtype } = network;
  const numbers = (size: number) => (dtype === "float32" ? new Float32Array(size) : new Float64Array(size));
  const hasClasses = dataset.targets.kind === "classes";
  const outputs = numbers(count * width);
  const predictions = hasClasses ? new Int32Array(count) : undefined;
  const labels = hasClasses ? new Int32Array(count) : undefined;
  const values = hasClasses ? undefined : new Float64Array(count * width);
  const weights = !isStream(dataset) && dataset.weights !== undefined ? new Float64Array(count) : undefined;
  const examples: ScoredExamples = { count, outputs, width, predictions, labels, values, weights };
  return {
    examples,
    setTargets(part: Dataset, start: number): void {
      const { rows } = part;
      if (part.targets.kind === "classes") labels?.set(labelsOfRows(part.targets.labels, rows), start);
      else values?.set(trueValues(part), start * width);
      weights?.set(
        Float64Array.from(rows, (row) => part.weights?.[row] as number),
        start,
      );
    },
    setOutputs(output: Tensor, start: number): void {
      const rows = output.shape[0] as number;
      outputs.set(output.data, start * width);
      if (predictions !== undefined) chooseClasses(output, predictions.subarray(start, start + rows));
    },
  };
}
