import type { Backend, DType } from "../backend/backend.js";
import { selectBackend } from "../backend/select.js";
import { InvalidArgumentError } from "../errors.js";
import type { Optimizer } from "../optim/optimizer.js";
import { RandomState } from "../random/random-state.js";
import { expectThat, hasFunctions, show } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import type { Batch } from "../tensor/batch.js";
import { isImageRows, type LayerInput } from "../tensor/layer-input.js";
import type { Parameter } from "../tensor/parameter.js";
import { assign, matrix, type Tensor, toArray, zeros } from "../tensor/tensor.js";
import { Dense } from "./dense.js";
import { type Initializer, normalInitializer } from "./initializers.js";
import type { Slot } from "./layer.js";
import { createLossTotals, type Loss, type LossTotals } from "./losses/loss.js";
import { squaredError } from "./losses/squared-error.js";
import { createParameters } from "./parameters.js";
import { createSlots, type NetworkSlots } from "./slots.js";

export interface MultilayerPerceptronOptions {
  /** Units of every layer, the inputs first: at least two whole numbers. Default: the chapter's, [784, 50, 10]. */
  readonly layers?: readonly number[];
  /** What training makes small. Default: the chapter's, {@link squaredError}. */
  readonly loss?: Loss;
  /** Seed of the weights, an integer from 0 to 2^32 - 1. Default: 123, the chapter's. */
  readonly seed?: number;
  /** How weights are drawn, layer by layer from the first. Default: N(0, 0.1), the chapter's. Biases are zero. */
  readonly initializer?: Initializer;
  /** Default: `float32`. */
  readonly dtype?: DType | undefined;
  /** Default: the one that {@link selectBackend} chooses. */
  readonly backend?: Backend | undefined;
}

const OPTIONS: KnownOptions<MultilayerPerceptronOptions> = {
  layers: true,
  loss: true,
  seed: true,
  initializer: true,
  dtype: true,
  backend: true,
};

/** The most units that a layer may have. */
export const LARGEST_LAYER = 1_000_000;

/** A multilayer perceptron: a chain of layers, and the loss that it is trained on. */
export class MultilayerPerceptron {
  /** Units of every layer, the inputs first. */
  readonly sizes: readonly number[];
  /** The hidden layers and then the output layer. */
  readonly layers: readonly Dense[];
  /** Every weight and bias: of the first layer the weight, then the bias, and so on. */
  readonly parameters: readonly Parameter[];
  readonly loss: Loss;
  readonly dtype: DType;
  readonly backend: Backend;
  private hasGradients = true;

  /** @throws InvalidArgumentError when there is no such option, or when a size, the type or the seed is out of range. */
  constructor(options: MultilayerPerceptronOptions = {}) {
    requireKnownOptions("MultilayerPerceptron", options, OPTIONS, "{ layers: [784, 50, 10] }");
    const { layers: sizes = [784, 50, 10], seed = 123, initializer = normalInitializer() } = options;
    checkSizes(sizes);
    checkDType(options.dtype);
    checkParts(options, initializer);
    this.sizes = [...sizes];
    this.loss = options.loss ?? squaredError();
    this.dtype = options.dtype ?? "float32";
    this.backend = options.backend ?? selectBackend();
    const shapes = sizes
      .slice(1)
      .flatMap((units, l) => Dense.parameterShapes(`layers.${l}`, sizes[l] as number, units)); // l is one layer back.
    this.parameters = createParameters(shapes, this);
    this.layers = sizes.slice(1).map((_, l) => {
      const [weight, bias] = this.parameters.slice(2 * l, 2 * l + 2) as [Parameter, Parameter];
      return new Dense(weight, bias);
    });
    const random = new RandomState(seed);
    for (const { weight } of this.layers) {
      const drawn = zeros(weight.shape, this); // Row by row, whatever the weight's own order is.
      initializer(drawn, random);
      assign(weight, drawn.data);
    }
  }

  /**
   * Memory for the passes over minibatches, to be made once.
   *
   * @param rows The most examples that a minibatch will have.
   * @param options.training Whether there must be room for {@link backward}, too. Default: `true`.
   */
  createSlots(rows: number, options: { readonly training?: boolean } = {}): NetworkSlots {
    requireKnownOptions("createSlots", options, { training: true }, "{ training: false }");
    const { training = true } = options;
    return createSlots(this.layers, rows, training);
  }

  /**
   * The activations of every layer.
   *
   * @param x Numbers or images, [n_examples, n_inputs]
   * @param slots Where the results go; new memory if left out.
   * @returns For each layer [n_examples, n_units]; the last are the network's outputs. Valid until the slots are used again.
   * @throws ShapeError when `x` has another number of inputs, or more examples than the slots have room for.
   */
  forward(x: LayerInput, slots: NetworkSlots = this.createSlots(rowsOf(x))): readonly Tensor[] {
    const { layers, activations } = slots.forRows(rowsOf(x));
    let a = x;
    for (let l = 0; l < this.layers.length; l++) {
      a = this.layer(l).forward(a, layers[l] as Slot); // sigmoid(a Wᵀ + b)
    }
    return activations;
  }

  /**
   * The gradient of the loss with respect to every weight and bias, by backpropagation: the `gradient` of each of
   * {@link parameters}. The loss is the mean over the examples.
   *
   * @param batch What {@link forward} was given, and what its outputs should have been.
   * @param slots What {@link forward} was given.
   * @param totals The loss's running sums, added to.
   * @throws ShapeError when the arguments do not fit together.
   * @throws LabelRangeError when a label is not below the number of outputs.
   */
  backward(batch: Batch, slots: NetworkSlots, totals?: LossTotals): void {
    this.hasGradients = true;
    this.backpropagate(batch, slots, totals);
  }

  /** Gradients of an earlier step must not be taken for those of one that writes none. */
  private forgetGradients(): void {
    if (!this.hasGradients) return;
    for (const { gradient } of this.parameters) assign(gradient, toArray(gradient).fill(Number.NaN));
    this.hasGradients = false;
  }

  /** @param descent See {@link Layer.backward}. */
  private backpropagate(
    batch: Batch,
    slots: NetworkSlots,
    totals: LossTotals = createLossTotals(),
    descent?: number,
  ): void {
    const { layers, activations, delta } = slots.forRows(rowsOf(batch.x));
    if (delta === undefined) {
      throw new InvalidArgumentError(
        "Expected slots with room for training; make them by createSlots(rows).",
      );
    }
    const last = this.layers.length - 1;
    const outputs = activations[last] as Tensor; // There are activations of each layer.
    const inputOf = (l: number) => (l === 0 ? batch.x : (activations[l - 1] as Tensor));

    this.loss.delta(outputs, batch, totals, delta); // dL/dz of the output layer, z = x Wᵀ + b
    let upstream = this.layer(last).backwardFromDelta(inputOf(last), delta, layers[last] as Slot, descent);
    for (let l = last - 1; l >= 0 && upstream !== undefined; l--) {
      upstream = this.layer(l).backward(inputOf(l), upstream, layers[l] as Slot, descent); // dL/da of the layer before
    }
  }

  /**
   * One step of training: forward, backward and the update.
   *
   * With a plain `SGD` each parameter is updated where its gradient is summed: the parameters get the same bits, and their `gradient`,
   * which is not written then, is NaN. Whoever reads gradients calls {@link forward}, {@link backward} and `optimizer.step`.
   */
  trainStep(
    batch: Batch,
    slots: NetworkSlots,
    optimizer: Optimizer,
    learningRate: number,
    totals?: LossTotals,
  ): void {
    this.forward(batch.x, slots);
    if (optimizer.countStep !== undefined) {
      this.forgetGradients();
      this.backpropagate(batch, slots, totals, learningRate);
      optimizer.countStep();
    } else {
      this.backward(batch, slots, totals);
      optimizer.step(this.parameters, learningRate);
    }
  }

  private layer(l: number): Dense {
    return this.layers[l] as Dense; // Each l is below the number of layers.
  }
}

/** How many examples there are. */
function rowsOf(x: LayerInput): number {
  return isImageRows(x) ? x.rows.length : matrix(x)[0];
}

function checkParts({ loss, backend }: MultilayerPerceptronOptions, initializer: unknown): void {
  const isDraw = typeof initializer === "function";
  expectThat(isDraw, "a function, such as normalInitializer() gives,", "initializer", initializer);
  if (loss !== undefined) {
    expectThat(hasFunctions(loss, "add", "delta", "mean"), "a loss, such as squaredError(),", "loss", loss);
  }
  if (backend !== undefined) {
    expectThat(
      hasFunctions(backend, "gemm", "allocate"),
      "a backend, such as selectBackend() gives,",
      "backend",
      backend,
    );
  }
}

function checkDType(dtype: unknown): void {
  if (dtype !== undefined && dtype !== "float32" && dtype !== "float64") {
    throw new InvalidArgumentError(`Expected float32 or float64 for dtype but received ${show(dtype)}.`);
  }
}

function checkSizes(sizes: readonly number[]): void {
  if (!Array.isArray(sizes)) {
    throw new InvalidArgumentError(
      `Expected a list of layer sizes, such as [784, 50, 10], for layers but received ${show(sizes)}.`,
    );
  }
  const wrong = sizes.find((size) => !Number.isInteger(size) || size < 1 || size > LARGEST_LAYER);
  if (sizes.length < 2 || wrong !== undefined) {
    throw new InvalidArgumentError(
      `Expected at least two layer sizes, whole numbers from 1 to ${LARGEST_LAYER}, but received [${sizes.map(show).join(", ")}].`,
    );
  }
  if ((sizes.at(-1) as number) > 256) {
    throw new InvalidArgumentError(
      `Expected at most 256 output units, one for each class of a byte label, but received ${sizes.at(-1)}.`,
    );
  }
}
