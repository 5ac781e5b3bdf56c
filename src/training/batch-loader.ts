import { type Dataset, pixelCount } from "../data/dataset.js";
import { type DatasetOrStream, partRows } from "../data/stream.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { createWorkspace, type WorkspaceOptions, type WorkspaceRows } from "../nn/workspace.js";
import { type ImageRows, imageRows } from "../tensor/layer-input.js";

/** Pixels become x * 2 / 255 - 1, from -1 to 1: the chapter's ((x / 255) - 0.5) * 2. */
const PIXEL_SCALE = 2 / 255;
const PIXEL_OFFSET = -1;

/** One minibatch, ready for the network. */
export interface Minibatch {
  /** [n_examples, n_inputs], from -1 to 1. */
  readonly x: ImageRows;
  /** Room for its intermediate results. */
  readonly workspace: WorkspaceRows;
  /** [n_examples] */
  readonly labels: Uint8Array;
}

/** Brings rows of a part of the data, [at most batchSize], before the network. */
export type MinibatchLoader = (part: Dataset, rows: Int32Array) => Minibatch;

/**
 * Makes the function that brings rows before the network. The memory is made once, and a minibatch is valid until the next is
 * made.
 *
 * @param source What the parts are parts of; a dataset in memory is its own only part.
 *
 * @throws ShapeError when the network has not one input for each pixel.
 * @throws InvalidArgumentError when the network has fewer outputs than the dataset has classes, or when `batchSize` is not a
 *   whole number of at least 1.
 */
export function createMinibatchLoader(
  network: MultilayerPerceptron,
  source: DatasetOrStream,
  options: WorkspaceOptions,
): MinibatchLoader {
  checkFits(network, source);
  const { batchSize } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new InvalidArgumentError(
      `Expected a whole number of at least 1 for batchSize but received ${batchSize}.`,
    );
  }
  const width = pixelCount(source);
  const longest = Math.min(batchSize, partRows(source));
  const workspaceFor = createWorkspace(network, { ...options, batchSize: longest });
  const labelsMemory = new Uint8Array(longest);
  return (part, rows) => {
    const workspace = workspaceFor(rows.length);
    const x = imageRows({ images: part.images, rows, width, scale: PIXEL_SCALE, offset: PIXEL_OFFSET });
    const labels = labelsMemory.subarray(0, rows.length);
    for (let i = 0; i < rows.length; i++) {
      labels[i] = part.labels[rows[i] as number] as number;
    }
    return { x, workspace, labels };
  };
}

/** Throws unless the network has an input for each pixel and an output for each class. */
export function checkFits(network: MultilayerPerceptron, dataset: DatasetOrStream): void {
  const inputs = network.sizes[0];
  const outputs = network.sizes.at(-1) as number;
  if (inputs !== pixelCount(dataset)) {
    const [height, width] = dataset.imageShape;
    throw new ShapeError(
      `The network has ${inputs} inputs, but the images have ${height} x ${width} pixels; it must have ${pixelCount(dataset)}.`,
    );
  }
  if (outputs < dataset.classes) {
    throw new InvalidArgumentError(
      `The network has ${outputs} outputs, but the dataset has ${dataset.classes} classes; it must have one for each.`,
    );
  }
}
