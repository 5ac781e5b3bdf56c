import { expectDataset, isDataset } from "../data/dataset.js";
import type { FeatureFormat } from "../data/features.js";
import { type DatasetOrStream, isStream } from "../data/stream.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { createLoss, LOSS_NAMES } from "../nn/losses/create-loss.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { expectThat, hasFunctions } from "../system/expected.js";

/**
 * Checks that the network has an input for each number of an example, and an output for what is to be learned of it.
 *
 * @throws ShapeError when it has not one input for each number, or not one output for each value.
 * @throws InvalidArgumentError when it has fewer outputs than the dataset has classes, or when its loss does not learn such targets.
 */
export function checkFits(network: MultilayerPerceptron, dataset: DatasetOrStream): void {
  checkInputs(network, dataset);
  const { outputs, loss } = network;
  const { targets } = dataset;
  if (!loss.targets.includes(targets.kind)) {
    const others = LOSS_NAMES.filter((name) => createLoss(name).targets.includes(targets.kind));
    throw new InvalidArgumentError(
      `The ${loss.name} learns ${loss.targets.join(" or ")}, but the dataset has ${targets.kind}; take ${others.join(", ")}.`,
    );
  }
  if (targets.kind === "values") {
    if (outputs !== targets.width) {
      throw new ShapeError(
        `The network has ${outputs} ${outputs === 1 ? "output" : "outputs"}, but the dataset has ${targets.width} values of each example to be learned; it must have one for each.`,
      );
    }
    return;
  }
  const tellsApart = outputs === 1 ? 2 : outputs;
  if (tellsApart < targets.classes) {
    const found = outputs === 1 ? "1 output, which tells 2 classes apart" : `${outputs} outputs`;
    throw new InvalidArgumentError(
      `The network has ${found}, but the dataset has ${targets.classes} classes; it must have one for each.`,
    );
  }
}

/** @throws InvalidArgumentError when all examples weigh 0, so that nothing could be learned or measured. */
export function checkCounts(dataset: DatasetOrStream): void {
  if (isStream(dataset) || dataset.weights === undefined) return;
  const { rows, weights } = dataset;
  if (!rows.some((row) => (weights[row] as number) > 0)) {
    throw new InvalidArgumentError(
      "Expected at least one example with a weight above 0, but all weights are 0.",
    );
  }
}

/** @throws ShapeError when the network has not one input for each number of an example. */
export function checkInputs(
  { inputs }: MultilayerPerceptron,
  { features }: { readonly features: FeatureFormat },
): void {
  if (inputs === features.width) return;
  const { width } = features;
  const found =
    features.kind === "bytes" ? sizeOf(features.imageShape) : `the examples have ${width} numbers`;
  throw new ShapeError(`The network has ${inputs} inputs, but ${found}; it must have ${width}.`);
}

function sizeOf([height, width]: readonly [number, number]): string {
  return `the images have ${height} x ${width} pixels`;
}

/** @throws InvalidArgumentError unless this is a network, and this a dataset or a stream of one. */
export function checkSubjects(network: unknown, dataset: unknown): void {
  checkNetwork(network);
  checkDataset("dataset", dataset);
}

export function checkNetwork(network: unknown): void {
  const isNetwork = hasFunctions(network, "forward", "backward", "trainStep");
  expectThat(isNetwork, "a MultilayerPerceptron", "network", network);
}

export function checkDataset(name: string, dataset: unknown): void {
  expectDataset(isDataset(dataset) || hasFunctions(dataset, "parts"), name, dataset);
}

export function checkSignal(signal: unknown): void {
  if (signal !== undefined) {
    expectThat(
      hasFunctions(signal, "throwIfAborted", "addEventListener"),
      "an AbortSignal",
      "signal",
      signal,
    );
  }
}
