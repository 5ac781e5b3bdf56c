import type { FloatArray } from "../backend/backend.js";
import type { Dataset, Inputs } from "../data/dataset.js";
import type { Targets } from "../data/targets.js";
import { InvalidArgumentError } from "../errors.js";
import type { RandomState } from "../random/random-state.js";
import { expectFunction } from "../system/expected.js";
import { writeFileAtomically } from "../system/files.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { checkSignal } from "../training/compatibility.js";
import { predict } from "../training/predict.js";
import { TrainingAbortedError } from "../training/training-aborted-error.js";
import { type EstimatorJson, encodeEstimator } from "./estimator-file.js";
import { createFitted, type Fitted, historyOf } from "./fitted.js";
import { fitFullBatch } from "./full-batch.js";
import { type Examples, readExamples, readSampleWeight, requireCounting } from "./inputs.js";
import type { Labelling } from "./labels.js";
import { LearnedNetwork } from "./learned-network.js";
import type { MLPParameters } from "./mlp-parameters.js";
import { createNetwork, dropoutSeedOf, type Outputs, renewNetwork } from "./network.js";
import type { EstimatorFitOptions } from "./options.js";
import { type Rules, readParameters } from "./parameters.js";
import { randomStateOf } from "./random.js";
import { setAside } from "./set-aside.js";
import { fitStochastically } from "./stochastic.js";

/** What a network is to learn of the examples. */
export interface EncodedTargets {
  readonly targets: Targets;
  /** By the classes of the examples. */
  readonly weights?: FloatArray | undefined;
  /** Of a classifier. */
  readonly labelling?: Labelling;
}

/** What a classifier and a regressor share: parameters, the fit, and what is known after it. */
export abstract class MLPEstimator<All extends Required<MLPParameters>> extends LearnedNetwork {
  #parameters: All;
  readonly #rules: Rules<All>;
  #isFitting = false;

  protected constructor(call: string, parameters: Partial<All>, rules: Rules<All>) {
    super();
    this.#rules = rules;
    this.#parameters = readParameters<All>(call, parameters, rules);
  }

  /** What the network's outputs are for such targets. */
  protected abstract outputsFor(encoded: EncodedTargets): Outputs;

  /**
   * The score of outputs, which are those of `dataset.rows`.
   *
   * @param weights Of the rows of `dataset.features`.
   */
  protected abstract scoreOutputs(
    outputs: FloatArray,
    dataset: Dataset,
    weights: FloatArray | undefined,
  ): number;

  /** Every parameter, those not given by their defaults: `new MLPClassifier(other.getParams())` is another estimator like it. */
  getParams(): All {
    return { ...this.#parameters };
  }

  /**
   * Changes parameters. What was learned stays; the next fit goes by the new ones.
   *
   * @throws InvalidArgumentError when there is no such parameter, or a value is out of range.
   */
  setParams(parameters: Partial<All>): this {
    this.#parameters = readParameters(this.name, parameters, this.#rules, this.#parameters);
    return this;
  }

  #encode(): Uint8Array {
    return encodeEstimator(this.name, this.getParams(), this.fitted);
  }

  /** A plain object that JSON can hold, with all that was learned; `fromJSON` makes an estimator of it. */
  toJSON(): EstimatorJson {
    return { estimator: this.name, file: Buffer.from(this.#encode()).toString("base64") };
  }

  /**
   * Writes the estimator to a model file, which `loadModel` reads, too. A `randomState` that is a generator, a schedule and the backend are not
   * written.
   *
   * @throws OutputError when it cannot be written; what was there before is kept.
   */
  async save(path: string): Promise<void> {
    await writeFileAtomically(path, this.#encode());
  }

  /** Whether a fit goes on from what was learned before. */
  protected goesOn(isPartial: boolean): boolean {
    return this.isFitted && (isPartial || this.#parameters.warmStart);
  }

  protected async run(
    X: Examples,
    encode: (inputs: Inputs) => EncodedTargets,
    { isPartial, ...options }: EstimatorFitOptions & { readonly isPartial: boolean },
  ): Promise<void> {
    if (this.#isFitting) {
      throw new InvalidArgumentError(
        `This ${this.name} is learning already; wait for the promise of its fit before you call the next.`,
      );
    }
    checkSignal(options.signal);
    if (options.onEpochEnd !== undefined) expectFunction("onEpochEnd", options.onEpochEnd);
    this.#isFitting = true;
    try {
      await this.#learn(X, encode, options, isPartial);
    } finally {
      this.#isFitting = false;
    }
  }

  async #learn(
    X: Examples,
    encode: (inputs: Inputs) => EncodedTargets,
    { signal, sampleWeight, onEpochEnd }: EstimatorFitOptions,
    isPartial: boolean,
  ): Promise<void> {
    const parameters = this.#parameters;
    const before = this.goesOn(isPartial) ? this.learned : undefined;
    if (isPartial && parameters.solver === "lbfgs") {
      throw new InvalidArgumentError(
        "Expected adam or sgd for the solver of a partialFit, as lbfgs takes all examples together.",
      );
    }
    const inputs = readExamples(X, before?.network.inputs);
    const count = inputs.rows.length;
    const own = readSampleWeight(sampleWeight, count);
    const encoded = encode(inputs);
    const { targets, weights: ofClasses } = encoded;
    const weights = ofClasses?.map((weight, row) => weight * (own?.[row] ?? 1)) ?? own;
    const dataset: Dataset = { ...inputs, targets, ...(weights !== undefined && { weights }) };
    const previous = this.learned;
    const random = randomStateOf(parameters.randomState);
    const fitted = before ?? this.#begin(dataset, encoded, random);
    if (before !== undefined) renewNetwork(before, parameters, this.outputsFor(encoded), random);
    const parts =
      this.#hasValidation && !isPartial
        ? setAside(dataset, parameters.validationFraction, random)
        : undefined;
    if (parts === undefined) requireCounting(weights, dataset.rows, "to learn from");
    else {
      requireCounting(weights, parts.train, "to learn from, which early stopping leaves,");
      requireCounting(own, parts.test, "set aside for early stopping");
      fitted.validationScores ??= [];
    }
    const held = parts && { ...dataset, rows: parts.test };
    const fit = {
      parameters,
      random,
      signal,
      onEpochEnd,
      isPartial,
      validate: held && (async () => this.scoreOutputs(await outputsOf(fitted, held, signal), held, own)),
    };
    this.learned = fitted;
    try {
      if (parameters.solver === "lbfgs") await fitFullBatch(fitted, dataset, fit);
      else await fitStochastically(fitted, parts ? { ...dataset, rows: parts.train } : dataset, fit);
    } catch (error) {
      if (fitted.lossCurve.length === 0) this.learned = previous; // A fit that has not learned takes nothing away.
      if (signal?.aborted && error === signal.reason)
        throw new TrainingAbortedError(historyOf(fitted), error);
      throw error;
    }
  }

  #begin({ features }: Dataset, encoded: EncodedTargets, random: RandomState): Fitted {
    const { labelling } = encoded;
    const dropoutSeed = dropoutSeedOf(this.#parameters, random);
    const draws = { weights: random, dropoutSeed };
    const network = createNetwork(this.#parameters, features.width, this.outputsFor(encoded), draws);
    const hasValidation = this.#hasValidation;
    return createFitted(network, { hasValidation, labelling, dropoutSeed, madeBy: this.#parameters });
  }

  get #hasValidation(): boolean {
    const { earlyStopping, solver } = this.#parameters;
    return earlyStopping && solver !== "lbfgs";
  }

  /** The network's outputs, [n_examples, n_outputs]. */
  protected async outputs(X: Examples, signal: AbortSignal | undefined): Promise<FloatArray> {
    const { fitted } = this;
    return outputsOf(fitted, readExamples(X, fitted.network.inputs), signal);
  }

  protected checkOptions<Options extends object>(
    method: string,
    options: Options,
    known: KnownOptions<Options>,
    example: string,
  ): void {
    requireKnownOptions(`${this.name}.${method}`, options, known, example);
  }
}

async function outputsOf(
  { network }: Fitted,
  inputs: Inputs,
  signal: AbortSignal | undefined,
): Promise<FloatArray> {
  const { activations } = await predict(network, inputs, { ...(signal !== undefined && { signal }) });
  return activations;
}
