import type { Backend, DType, FloatArray } from "../backend/backend.js";
import { selectBackend } from "../backend/select.js";
import { InvalidArgumentError } from "../errors.js";
import type { Optimizer } from "../optim/optimizer.js";
import { RandomState } from "../random/random-state.js";
import { expectThat, show } from "../system/expected.js";
import { requireKnownOptions } from "../system/known-options.js";
import type { Batch } from "../tensor/batch.js";
import { isImageRows, type LayerInput } from "../tensor/layer-input.js";
import { imageNumbers } from "../tensor/operations.js";
import type { Parameter } from "../tensor/parameter.js";
import { fill, matrix, requireShape, type Tensor, zeros } from "../tensor/tensor.js";
import { outputLayer, planLayers, readLayers } from "./build.js";
import {
  addedLosses,
  backwardChain,
  createChain,
  forwardChain,
  inputGradientOfChain,
  inputOf,
  randomLayers,
} from "./chain.js";
import { Dense } from "./dense.js";
import { initializerOf } from "./initializer-choice.js";
import type { BackwardPass, Layer, LayerBuffer, OutputLayer } from "./layer.js";
import { requirePair } from "./losses/create-loss.js";
import { createLossTotals, type Loss, type LossTotals } from "./losses/loss.js";
import type { LossSpecification } from "./losses/specification.js";
import { checkOptions, lossOf, type MultilayerPerceptronOptions } from "./mlp-options.js";
import { createParameters } from "./parameters.js";
import { addPenalties, type Penalty, penaltyOf } from "./penalty.js";
import { type BatchSlots, createSlots, type NetworkSlots } from "./slots.js";
import type { LayerSpecification } from "./specification.js";
import { type NetworkSummary, summarize } from "./summary.js";

/** What a network is, as a plain object: what a model file says of it. */
export interface NetworkSpecification {
  readonly inputs: number;
  readonly layers: readonly LayerSpecification[];
  readonly loss: LossSpecification;
  readonly alpha?: number;
  readonly l1?: number;
}

/** A multilayer perceptron: a chain of layers, and the loss that it is trained on. */
export class MultilayerPerceptron {
  /** The inputs, and the units of every dense layer. */
  readonly sizes: readonly number[];
  readonly inputs: number;
  readonly outputs: number;
  /** From the inputs to the output layer. */
  readonly layers: readonly Layer[];
  /** Those of {@link layers} that are fully connected. */
  readonly denseLayers: readonly Dense[];
  /** All that is learned: of the first layer the weight, then the bias, and so on. */
  readonly parameters: readonly Parameter[];
  /** The memory of all gradients, after a line of numbers for whoever sends them: see `createParameters`. */
  readonly gradients: FloatArray;
  /** What belongs to layers and is not learned by gradients, such as running means. */
  readonly buffers: readonly LayerBuffer[];
  readonly loss: Loss;
  /** Of the weights, as they were drawn, and of the layers' random streams. */
  readonly seed: number;
  readonly dtype: DType;
  readonly backend: Backend;
  private readonly penalty: Penalty;
  private readonly output: OutputLayer & Dense;
  private readonly ownTotals = createLossTotals();
  private hasGradients = true;
  private learned: readonly Parameter[];

  /**
   * @throws InvalidArgumentError when there is no such option, when a size, the type or the seed is out of range, or when layers and loss
   *   do not go together.
   * @throws ShapeError when widths do not meet.
   */
  constructor(options: MultilayerPerceptronOptions = {}) {
    checkOptions(options);
    const { layers = [784, 50, 10], seed = 123, initializer, alpha = 0, l1 = 0 } = options;
    const { inputs, specifications } = readLayers(layers);
    const plans = planLayers(specifications, inputs, "layers");
    const shapes = plans.flatMap((plan) => plan.shapes);
    this.loss = lossOf(options.loss, specifications);
    this.dtype = options.dtype ?? "float32";
    this.backend = options.backend ?? selectBackend();
    this.penalty = { alpha, l1 };
    this.seed = seed;
    const random = new RandomState(seed);
    let streams = 0;
    const context = {
      dtype: this.dtype,
      backend: this.backend,
      random,
      initializer: initializer === undefined ? undefined : initializerOf(initializer, "initializer"),
      seed,
      nextStream: () => streams++,
    };
    const { parameters, gradients } = createParameters(shapes, context);
    this.parameters = parameters;
    this.gradients = gradients;
    this.layers = createChain(plans, this.parameters, context);
    this.output = outputLayer(this.layers);
    this.buffers = this.layers.flatMap(({ buffers }) => buffers);
    this.learned = this.parameters;
    this.inputs = inputs;
    this.outputs = this.output.units;
    this.denseLayers = this.layers.filter((layer) => layer instanceof Dense);
    this.sizes = [inputs, ...this.denseLayers.map(({ units }) => units)];
    requirePair(this.loss, this.output.activation, this.outputs, "the last layer");
  }

  get specification(): NetworkSpecification {
    const { inputs, layers, loss, penalty } = this;
    return {
      inputs,
      layers: layers.map(({ specification }) => specification),
      loss: loss.specification,
      ...(penalty.alpha !== 0 && { alpha: penalty.alpha }),
      ...(penalty.l1 !== 0 && { l1: penalty.l1 }),
    };
  }

  /** Layers, units, parameters and bytes, for a table. */
  summary(): NetworkSummary {
    return summarize(this.inputs, this.layers);
  }

  /** The parameters that training changes: all that are not frozen. */
  get trainable(): readonly Parameter[] {
    return this.learned;
  }

  /**
   * Leaves parameters as they are in training. Slots that were made before must be made anew.
   *
   * @param names Of layers or parameters, `layers.0` or `layers.0.bias`: all whose names begin with one.
   * @throws InvalidArgumentError when there is none of a name.
   */
  freeze(...names: readonly string[]): void {
    for (const name of names) {
      const found = this.parameters.filter(
        (parameter) => parameter.name === name || parameter.name.startsWith(`${name}.`),
      );
      if (found.length === 0) {
        const layers = [
          ...new Set(this.parameters.map((parameter) => parameter.name.replace(/\.[^.]+$/, ""))),
        ];
        throw new InvalidArgumentError(
          `Expected a layer with parameters, ${layers.join(", ")}, to freeze but received ${show(name)}.`,
        );
      }
      for (const parameter of found) parameter.frozen = true;
    }
    this.learned = this.parameters.filter(({ frozen }) => frozen !== true);
  }

  /**
   * Memory for the passes over minibatches, to be made once.
   *
   * @param rows The most examples that a minibatch will have.
   * @param options.training Whether there must be room for {@link backward}, too; then {@link forward} also drops units out and normalises
   *   by the minibatch's own statistics. Default: `true`, unless `inputGradient` is.
   * @param options.inputGradient Whether there must be room for {@link MultilayerPerceptron.inputGradient}, which looks at a network in use. Default: `false`.
   * @throws InvalidArgumentError when there is no such option, or when both are `true`.
   */
  createSlots(
    rows: number,
    options: { readonly training?: boolean; readonly inputGradient?: boolean } = {},
  ): NetworkSlots {
    requireKnownOptions(
      "createSlots",
      options,
      { training: true, inputGradient: true },
      "{ training: false }",
    );
    const { inputGradient = false, training = !inputGradient } = options;
    if (inputGradient && training) {
      throw new InvalidArgumentError(
        "Expected slots either for training or for inputGradient, which looks at a network in use, but received both; leave out training.",
      );
    }
    return createSlots(this.layers, rows, { training, keepsLogits: this.loss.readsLogits, inputGradient });
  }

  /**
   * The activations of every layer.
   *
   * @param x Numbers or images, [n_examples, n_inputs]
   * @param slots Where the results go, and what the pass is for; new memory, not for training, if left out.
   * @returns For each layer [n_examples, n_units]; the last are the network's outputs. Valid until the slots are used again.
   * @throws ShapeError when `x` has another number of inputs, or more examples than the slots have room for.
   */
  forward(
    x: LayerInput,
    slots: NetworkSlots = this.createSlots(rowsOf(x), { training: false }),
  ): readonly Tensor[] {
    const view = slots.forRows(rowsOf(x));
    forwardChain(this.layers, this.readable(x, view), view);
    return view.activations;
  }

  /**
   * The gradient of the loss with respect to every weight and bias, by backpropagation: the `gradient` of each of
   * {@link trainable}. The loss is the mean over the examples, and what regularisation adds.
   *
   * @param batch What {@link forward} was given, and what its outputs should have been.
   * @param slots What {@link forward} was given.
   * @param totals The loss's running sums, added to.
   * @throws ShapeError when the arguments do not fit together.
   * @throws LabelRangeError when a label is not below the number of outputs.
   */
  backward(batch: Batch, slots: NetworkSlots, totals?: LossTotals): void {
    this.backwardPart(batch, slots, totals);
    this.regularize(rowsOf(batch.x));
  }

  /**
   * As {@link backward}, but for what regularisation adds: of a part of a minibatch, which says by its `divisor` what the whole weighs. The
   * gradients of all parts, added up and handed to {@link regularize}, are those of the minibatch.
   */
  backwardPart(batch: Batch, slots: NetworkSlots, totals?: LossTotals): void {
    this.hasGradients = true;
    const slot = this.beginBackward(batch, slots, totals ?? this.ownTotals);
    this.backpropagate(batch, slot, undefined);
  }

  /** Adds what regularisation does to the gradients of a minibatch of so many examples. */
  regularize(examples: number): void {
    addPenalties(this.learned, this.penalty, examples);
  }

  /** The loss's sums, and its gradient with respect to z of the output layer, z = x Wᵀ + b. */
  private beginBackward(batch: Batch, slots: NetworkSlots, totals: LossTotals): BatchSlots {
    const view = slots.forRows(rowsOf(batch.x));
    if (view.delta === undefined) {
      throw new InvalidArgumentError(
        "Expected slots with room for training; make them by createSlots(rows).",
      );
    }
    this.loss.delta(view.output, batch, totals, view.delta);
    return view;
  }

  private backpropagate(batch: Batch, view: BatchSlots, descent: number | undefined): void {
    const { layers, output } = this;
    const x = this.readable(batch.x, view);
    const last = layers.length - 1;
    const pass: BackwardPass = { targets: batch, descent };
    const delta = view.delta as Tensor; // beginBackward has seen to it.
    const upstream = output.backwardFromDelta(inputOf(last, x, view), delta, view.output, pass);
    backwardChain(layers, x, upstream, view, pass, last - 1); // dL/da of the layer before, and so on
  }

  /**
   * How the outputs of a network in use, before the activation of the last layer, change with its inputs: for each example the gradient of
   * sum_k weights[k] z[k] with respect to x. With a 1 for one class and 0 for the others it says which inputs speak for that class. Nothing
   * of the network changes, not even the gradients of its parameters.
   *
   * @param x What {@link forward} was given last, [n_examples, n_inputs]. Of images the gradient is with respect to the scaled pixels.
   * @param weights Of each output's z, [n_examples, n_outputs].
   * @param slots What {@link forward} was given, made by `createSlots(rows, { inputGradient: true })`.
   * @returns [n_examples, n_inputs]. Valid until the slots are used again.
   * @throws InvalidArgumentError when the slots are for something else.
   * @throws ShapeError when the arguments do not fit together.
   */
  inputGradient(x: LayerInput, weights: Tensor, slots: NetworkSlots): Tensor {
    const rows = rowsOf(x);
    const view = slots.forRows(rows);
    if (!view.inputGradient) {
      throw new InvalidArgumentError(
        "Expected slots with room for inputGradient; make them by createSlots(rows, { inputGradient: true }).",
      );
    }
    requireShape("the weights of the outputs", weights, [rows, this.outputs]);
    const upstream = this.output.inputGradientFromDelta(weights, view.output);
    return inputGradientOfChain(this.layers, this.readable(x, view), upstream, view, this.layers.length - 2);
  }

  /**
   * Adds the loss of the examples that {@link forward} was given last to the running sums, and how many of them were correct.
   *
   * @throws LabelRangeError when a label is not below the number of outputs.
   */
  addLoss(batch: Batch, slots: NetworkSlots, totals: LossTotals): void {
    this.loss.add(slots.forRows(rowsOf(batch.x)).output, batch, totals);
  }

  /**
   * What training makes small, for a minibatch: the mean of the loss over its examples, with auxiliary losses and regularisation.
   *
   * @param slots Those of a training pass have dropout in them, and random draws.
   */
  objective(batch: Batch, slots: NetworkSlots): number {
    const totals = createLossTotals();
    this.forward(batch.x, slots);
    this.addLoss(batch, slots, totals);
    return this.objectiveOf(batch, slots, totals);
  }

  /** The same of the last passes, where they have filled `totals`. */
  objectiveOf(batch: Batch, slots: NetworkSlots, totals: LossTotals): number {
    return this.objectiveOfWhole(totals, this.addedLossOf(batch, slots), rowsOf(batch.x));
  }

  /** What auxiliary losses add for the last passes, divided by the batch's `divisor` where it is a part of a minibatch. */
  addedLossOf(batch: Batch, slots: NetworkSlots): number {
    return addedLosses(this.layers, slots.forRows(rowsOf(batch.x)), batch);
  }

  /** The objective of a minibatch, from the sums over its parts. */
  objectiveOfWhole(totals: LossTotals, added: number, examples: number): number {
    return (
      this.loss.objective(totals, this.outputs) + added + penaltyOf(this.learned, this.penalty, examples)
    );
  }

  /** How many minibatches have drawn from each layer with a random stream, from the inputs on: with the seed, what the next masks are made of. */
  get draws(): readonly number[] {
    return randomLayers(this.layers).map(({ draws }) => draws);
  }

  set draws(draws: readonly number[]) {
    const layers = randomLayers(this.layers);
    const isRight = draws.length === layers.length && draws.every((n) => Number.isSafeInteger(n) && n >= 0);
    expectThat(isRight, `${layers.length} whole numbers of at least 0`, "draws", draws);
    for (const [i, layer] of layers.entries()) layer.draws = draws[i] as number;
  }

  /** Whether a training pass draws random numbers. */
  get isRandom(): boolean {
    return randomLayers(this.layers).length > 0;
  }

  /**
   * Which row of the minibatch the first one of the next passes is, where they are of a part of it: a multiple of {@link rowStep}, so that
   * dropout leaves out what it would of the whole. Stays until it is set again.
   */
  set firstRow(row: number) {
    for (const layer of randomLayers(this.layers)) layer.firstRow = row;
  }

  /** Rows of a minibatch that must stay together in its parts, as masks are drawn four numbers at a time: 1, 2 or 4. */
  get rowStep(): number {
    const steps = randomLayers(this.layers).map(({ units }) =>
      units % 4 === 0 ? 1 : units % 2 === 0 ? 2 : 4,
    );
    return Math.max(1, ...steps);
  }

  /** Gradients of an earlier step must not be taken for those of one that writes none. */
  private forgetGradients(): void {
    if (!this.hasGradients) return;
    for (const { gradient } of this.parameters) fill(gradient, Number.NaN);
    this.hasGradients = false;
  }

  /**
   * One step of training: forward, backward and the update.
   *
   * With a plain `SGD` each parameter is updated where its gradient is summed: the parameters get the same bits, and their `gradient`,
   * which is not written then, is NaN. Whoever reads gradients calls {@link forward}, {@link backward} and `optimizer.step`.
   *
   * @param totals The loss's running sums, added to.
   * @returns Whether there was a step: a loss that is no finite number changes no parameter.
   */
  trainStep(
    batch: Batch,
    slots: NetworkSlots,
    optimizer: Optimizer,
    learningRate: number,
    totals?: LossTotals,
  ): boolean {
    this.forward(batch.x, slots);
    const ofStep = this.ownTotals.fill(0);
    const view = this.beginBackward(batch, slots, ofStep);
    if (totals !== undefined) addTotals(totals, ofStep);
    if (!Number.isFinite(ofStep[0])) return false;
    if (optimizer.countStep !== undefined && this.isPlain) {
      this.forgetGradients();
      this.backpropagate(batch, view, learningRate);
      optimizer.countStep();
    } else {
      this.hasGradients = true;
      this.backpropagate(batch, view, undefined);
      addPenalties(this.learned, this.penalty, rowsOf(batch.x));
      optimizer.step(this.learned, learningRate);
    }
    return true;
  }

  /** Whether a step of gradient descent takes nothing but the gradient of the loss, of all parameters. */
  private get isPlain(): boolean {
    const { alpha, l1 } = this.penalty;
    return alpha === 0 && l1 === 0 && this.learned === this.parameters;
  }

  /** Images as numbers, where the first layer does not read bytes. */
  private readable(x: LayerInput, view: BatchSlots): LayerInput {
    if (!isImageRows(x) || (this.layers[0] as Layer).readsImages) return x;
    view.numbers ??= zeros(x.shape, this);
    return imageNumbers(x, { out: view.numbers });
  }
}

function addTotals(totals: LossTotals, more: LossTotals): void {
  for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] as number) + (more[i] as number); // Both have three numbers.
}

/** How many examples there are. */
function rowsOf(x: LayerInput): number {
  return isImageRows(x) ? x.rows.length : matrix(x)[0];
}
