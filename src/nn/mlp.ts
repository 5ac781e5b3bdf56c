import type { Backend, DType } from "../backend/backend.js";
import { selectBackend } from "../backend/select.js";
import { InvalidArgumentError } from "../errors.js";
import { RandomState } from "../random/random-state.js";
import { type LayerInput, weightGradient } from "../tensor/layer-input.js";
import { columnSums, matmul, requireShape, sigmoidBackward, type Tensor } from "../tensor/tensor.js";
import { createDense, type Dense, denseForward } from "./dense.js";
import { type Initializer, normalInitializer } from "./initializers.js";
import { createLossTotals, type LossTotals, squaredErrorDelta } from "./losses/squared-error.js";
import type { WorkspaceRows } from "./workspace.js";

export interface MultilayerPerceptronOptions {
  /** Units of every layer, the inputs first: at least two whole numbers. Default: the chapter's, [784, 50, 10]. */
  readonly layers?: readonly number[];
  /** Seed of the weights, an integer from 0 to 2^32 - 1. Default: 123, the chapter's. */
  readonly seed?: number;
  /** How weights are drawn, layer by layer from the first. Default: N(0, 0.1), the chapter's. Biases are zero. */
  readonly initializer?: Initializer;
  /** Default: `float32`. */
  readonly dtype?: DType | undefined;
  /** Default: the one that {@link selectBackend} chooses. */
  readonly backend?: Backend | undefined;
}

/** The gradient of the loss with respect to one layer's parameters; shapes as in the layer. */
export type Gradient = Dense;

/** The most units that a layer may have. */
export const LARGEST_LAYER = 1_000_000;

/** A multilayer perceptron with sigmoid units in every layer, trained on the squared error. */
export class MultilayerPerceptron {
  /** Units of every layer, the inputs first. */
  readonly sizes: readonly number[];
  /** The hidden layers and then the output layer. */
  readonly layers: readonly Dense[];
  readonly dtype: DType;
  readonly backend: Backend;

  /** @throws InvalidArgumentError when a size or the seed is out of range. */
  constructor(options: MultilayerPerceptronOptions = {}) {
    const { layers: sizes = [784, 50, 10], seed = 123, initializer = normalInitializer() } = options;
    checkSizes(sizes);
    this.sizes = [...sizes];
    this.dtype = options.dtype ?? "float32";
    this.backend = options.backend ?? selectBackend();
    const random = new RandomState(seed);
    this.layers = sizes.slice(1).map((units, i) => {
      const layer = createDense(sizes[i] as number, units, this); // i is one layer back.
      initializer(layer.weight, random);
      return layer;
    });
  }

  /** Every weight and bias: of the first layer the weight, then the bias, and so on. */
  get parameters(): readonly Tensor[] {
    return this.layers.flatMap(({ weight, bias }) => [weight, bias]);
  }

  /**
   * The activations of every layer.
   *
   * @param x Numbers or images, [n_examples, n_inputs]
   * @param workspace Where the results go; new tensors if left out.
   * @returns For each layer [n_examples, n_units]; the last are the network's outputs.
   * @throws ShapeError when `x` has another number of inputs.
   */
  forward(x: LayerInput, workspace?: WorkspaceRows): readonly Tensor[] {
    const activations: Tensor[] = [];
    let a = x;
    for (const [l, layer] of this.layers.entries()) {
      a = denseForward(layer, a, { out: workspace?.activations[l] }); // sigmoid(a Wᵀ + b)
      activations.push(a);
    }
    return activations;
  }

  /**
   * The gradient of the loss with respect to every weight and bias, by backpropagation. The loss is the mean over the
   * examples of the squared error summed over the output units.
   *
   * @param x [n_examples, n_inputs]
   * @param labels The class of each example, [n_examples].
   * @param activations What {@link forward} returned for `x`.
   * @param workspace Where the results go; new tensors if left out.
   * @param totals The loss's running sums, added to.
   * @returns For each layer the gradients of weight and bias.
   * @throws ShapeError when the arguments do not fit together.
   * @throws LabelRangeError when a label is not below the number of outputs.
   */
  backward(
    x: LayerInput,
    labels: Uint8Array,
    activations: readonly Tensor[],
    workspace?: WorkspaceRows,
    totals: LossTotals = createLossTotals(),
  ): readonly Gradient[] {
    const gradients: Gradient[] = [];
    const last = this.layers.length - 1;
    const outputs = activationsOf(activations, last);
    requireShape("the activations of the output layer", outputs, [
      labels.length,
      this.sizes[last + 1] as number,
    ]);

    // delta: the gradient with respect to a layer's z = x Wᵀ + b, [n_examples, n_units]
    let delta = squaredErrorDelta(outputs, labels, totals, workspace?.deltas[last]);
    for (let l = last; l >= 0; l--) {
      const hidden = l === 0 ? undefined : activationsOf(activations, l - 1);
      const out = workspace?.gradients[l];
      gradients[l] = {
        weight: weightGradient(delta, hidden ?? x, { out: out?.weight }), // [n_units, n_examples] [n_examples, n_inputs]
        bias: columnSums(delta, { out: out?.bias }),
      };
      if (hidden !== undefined) {
        const { weight } = this.layers[l] as Dense;
        const upstream = matmul(delta, weight, { out: workspace?.deltas[l - 1] }); // [n_examples, n_units] [n_units, n_inputs]
        delta = sigmoidBackward(upstream, hidden, { out: upstream });
      }
    }
    return gradients;
  }
}

function activationsOf(activations: readonly Tensor[], layer: number): Tensor {
  const a = activations[layer];
  if (a === undefined) {
    throw new InvalidArgumentError(
      `Expected the activations of every layer but received ${activations.length}; pass what forward returned.`,
    );
  }
  return a;
}

function checkSizes(sizes: readonly number[]): void {
  const wrong = sizes.find((size) => !Number.isInteger(size) || size < 1 || size > LARGEST_LAYER);
  if (sizes.length < 2 || wrong !== undefined) {
    throw new InvalidArgumentError(
      `Expected at least two layer sizes, whole numbers from 1 to ${LARGEST_LAYER}, but received [${sizes.join(", ")}].`,
    );
  }
  if ((sizes.at(-1) as number) > 256) {
    throw new InvalidArgumentError(
      `Expected at most 256 output units, one for each class of a byte label, but received ${sizes.at(-1)}.`,
    );
  }
}
