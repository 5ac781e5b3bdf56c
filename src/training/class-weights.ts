import type { Dataset } from "../data/dataset.js";
import { type DatasetOrStream, isStream } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import { show } from "../system/expected.js";
import { checkCounts } from "./compatibility.js";

/** How much the examples of each class count; `balanced`: as scikit-learn computes it, n_examples / (n_classes * examples of the class). */
export type ClassWeights = "balanced" | readonly number[];

/**
 * The same dataset, where each example counts by the weight of its class, times its own.
 *
 * @throws InvalidArgumentError for other than a weight of at least 0 for each class, for values instead of classes, and for a stream.
 */
export function weighClasses(dataset: DatasetOrStream, classWeights: ClassWeights): Dataset {
  if (isStream(dataset)) {
    throw new InvalidArgumentError("Expected a dataset in memory for classWeights but received a stream.");
  }
  const { targets, weights } = dataset;
  if (targets.kind !== "classes") {
    throw new InvalidArgumentError(
      "Expected a dataset of classes for classWeights, but its targets are values.",
    );
  }
  const ofClass =
    classWeights === "balanced" ? balancedWeights(dataset) : checked(classWeights, targets.classes);
  const all = Float64Array.from(
    targets.labels,
    (label, row) => (ofClass[label] as number) * (weights?.[row] ?? 1),
  );
  const weighed = { ...dataset, weights: all };
  checkCounts(weighed);
  return weighed;
}

/** n_examples / (n_classes * examples of the class), where only classes that occur count. */
export function balancedWeights({ targets, rows }: Dataset): Float64Array {
  if (targets.kind !== "classes") return new Float64Array(0);
  const counts = new Float64Array(targets.classes);
  for (const row of rows) {
    const label = targets.labels[row] as number; // The row is one of the dataset's, and a label below the number of classes.
    counts[label] = (counts[label] as number) + 1;
  }
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : rows.length / (present * count)));
}

function checked(weights: readonly number[], classes: number): readonly number[] {
  if (!Array.isArray(weights) || weights.length !== classes) {
    throw new InvalidArgumentError(
      `Expected "balanced" or ${classes} numbers, one for each class, for classWeights but received ${show(Array.isArray(weights) ? weights.length : weights)}.`,
    );
  }
  const wrong = weights.findIndex((weight) => !Number.isFinite(weight) || weight < 0);
  if (wrong !== -1) {
    throw new InvalidArgumentError(
      `Expected finite numbers of at least 0 for classWeights but received ${show(weights[wrong])} for class ${wrong}.`,
    );
  }
  return weights;
}
