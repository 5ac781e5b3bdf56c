import type { FloatArray } from "../backend/backend.js";
import { expectDataset, type Inputs } from "../data/dataset.js";
import { inputBatches } from "../data/minibatches.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { expectWholeNumber } from "../system/expected.js";
import { isOptions, requireKnownOptions } from "../system/known-options.js";
import type { Tensor } from "../tensor/tensor.js";
import { chooseClasses } from "./choose-classes.js";
import { checkInputs, checkNetwork, checkSignal } from "./compatibility.js";
import { EVALUATION_BATCH, PREDICT_OPTIONS, type PredictOptions } from "./evaluate.js";
import { createPace } from "./pace.js";

export interface Prediction {
  /**
   * The class of each example, [n_examples]: the one with the largest output; of a single output, 1 where it is at least 0.5, else 0. Where
   * values are learned, it says nothing.
   */
  readonly classes: Int32Array;
  /**
   * The network's outputs, [n_examples, n_outputs]: of a softmax probabilities that add up to 1, of sigmoids numbers from 0 to 1 that need
   * not, and where values are learned, these.
   */
  readonly activations: FloatArray;
}

/**
 * The network's outputs for every example of a dataset, which need no targets, in the order of `dataset.rows`.
 *
 * @throws ShapeError when the network does not fit the examples.
 */
export async function predict(
  network: MultilayerPerceptron,
  dataset: Inputs,
  options: PredictOptions = {},
): Promise<Prediction> {
  requireKnownOptions("predict", options, PREDICT_OPTIONS, "{ batchSize: 1000 }");
  const { batchSize = EVALUATION_BATCH, signal } = options;
  checkNetwork(network);
  expectDataset(isOptions(dataset) && "features" in dataset && "rows" in dataset, "dataset", dataset);
  checkSignal(signal);
  expectWholeNumber("batchSize", batchSize);
  const count = dataset.rows.length;
  const { outputs } = network;
  const classes = new Int32Array(count);
  const size = count * outputs;
  const activations = network.dtype === "float32" ? new Float32Array(size) : new Float64Array(size);
  if (count === 0) return { classes, activations };

  checkInputs(network, dataset);
  const slots = network.createSlots(Math.min(batchSize, count), { training: false });
  const pace = createPace(signal);
  let done = 0;
  const { dtype, backend } = network;
  for (const x of inputBatches(dataset, { batchSize, dtype, backend })) {
    const output = network.forward(x, slots).at(-1) as Tensor; // A network has at least one layer.
    const [rows = 0] = output.shape;
    activations.set(output.data, done * outputs);
    chooseClasses(output, classes.subarray(done, done + rows));
    done += rows;
    if (pace.due()) await pace.rest();
  }
  return { classes, activations };
}
