import type { FloatArray } from "../backend/backend.js";
import type { Dataset } from "../data/dataset.js";
import { batches } from "../data/minibatches.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { expectWholeNumber } from "../system/expected.js";
import { requireKnownOptions } from "../system/known-options.js";
import { argmax } from "../tensor/operations.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkFits, checkSignal, checkSubjects } from "./compatibility.js";
import { EVALUATE_OPTIONS, EVALUATION_BATCH, type EvaluateOptions } from "./evaluate.js";
import { createPace } from "./pace.js";

export interface Prediction {
  /** The class with the largest output of each example, [n_examples]. */
  readonly classes: Int32Array;
  /** The network's outputs, [n_examples, n_outputs], each 0 to 1. They need not add up to 1. */
  readonly activations: FloatArray;
}

/**
 * The network's outputs for every example of a dataset, in the order of `dataset.rows`.
 *
 * @throws ShapeError when the network does not fit the images.
 */
export async function predict(
  network: MultilayerPerceptron,
  dataset: Dataset,
  options: EvaluateOptions = {},
): Promise<Prediction> {
  requireKnownOptions("predict", options, EVALUATE_OPTIONS, "{ batchSize: 1000 }");
  const { batchSize = EVALUATION_BATCH, signal } = options;
  checkSubjects(network, dataset);
  checkSignal(signal);
  expectWholeNumber("batchSize", batchSize);
  const count = dataset.rows.length;
  const outputs = network.sizes.at(-1) as number;
  const classes = new Int32Array(count);
  const size = count * outputs;
  const activations = network.dtype === "float32" ? new Float32Array(size) : new Float64Array(size);
  if (count === 0) return { classes, activations };

  checkFits(network, dataset);
  const slots = network.createSlots(Math.min(batchSize, count), { training: false });
  const pace = createPace(signal);
  let done = 0;
  for (const { x } of batches(dataset, { batchSize })) {
    const output = network.forward(x, slots).at(-1) as Tensor; // A network has at least one layer.
    const [rows = 0] = output.shape;
    activations.set(output.data, done * outputs);
    argmax(output, classes.subarray(done, done + rows));
    done += rows;
    if (pace.due()) await pace.rest();
  }
  return { classes, activations };
}
