import { expectDataset, isDataset, pixelCount } from "../data/dataset.js";
import type { DatasetOrStream } from "../data/stream.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { expectThat, hasFunctions } from "../system/expected.js";

/**
 * Checks that the network has an input for each pixel and an output for each class.
 *
 * @throws ShapeError when it has not one input for each pixel.
 * @throws InvalidArgumentError when it has fewer outputs than the dataset has classes.
 */
export function checkFits(network: MultilayerPerceptron, dataset: DatasetOrStream): void {
  const inputs = network.sizes[0];
  const outputs = network.sizes.at(-1) as number; // A network has at least two layers.
  if (inputs !== pixelCount(dataset)) {
    const [height, width] = dataset.features.imageShape;
    throw new ShapeError(
      `The network has ${inputs} inputs, but the images have ${height} x ${width} pixels; it must have ${pixelCount(dataset)}.`,
    );
  }
  if (outputs < dataset.targets.classes) {
    throw new InvalidArgumentError(
      `The network has ${outputs} outputs, but the dataset has ${dataset.targets.classes} classes; it must have one for each.`,
    );
  }
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
