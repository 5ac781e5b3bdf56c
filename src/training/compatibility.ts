import { pixelCount } from "../data/dataset.js";
import type { DatasetOrStream } from "../data/stream.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";

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

/** Throws InvalidArgumentError unless this is a whole number of at least 1. */
export function checkBatchSize(batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new InvalidArgumentError(
      `Expected a whole number of at least 1 for batchSize but received ${batchSize}.`,
    );
  }
}
