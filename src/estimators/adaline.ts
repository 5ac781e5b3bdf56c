import type { Backend, DType, FloatArray } from "../backend/backend.js";
import { createBatchMemory } from "../data/batch-memory.js";
import type { Dataset } from "../data/dataset.js";
import { batches } from "../data/minibatches.js";
import { targetCount } from "../data/targets.js";
import { InvalidArgumentError, NotFittedError } from "../errors.js";
import { normalInitializer } from "../nn/initializers.js";
import { createLossTotals } from "../nn/losses/loss.js";
import { squaredError } from "../nn/losses/squared-error.js";
import { MultilayerPerceptron } from "../nn/mlp.js";
import { dense } from "../nn/specification.js";
import { SGD } from "../optim/sgd.js";
import type { RandomState } from "../random/random-state.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { toArray } from "../tensor/tensor.js";
import { checkSignal } from "../training/compatibility.js";
import { firstBadTensor, TrainingDivergedError } from "../training/divergence.js";
import { createPace, type Pace } from "../training/pace.js";
import { predict } from "../training/predict.js";
import { TrainingAbortedError } from "../training/training-aborted-error.js";
import { createFitted, type Fitted, historyOf } from "./fitted.js";
import { type Examples, readExamples, readSampleWeight, requireTargets } from "./inputs.js";
import {
  decodeOutputs,
  encodeLabels,
  type Label,
  type Labelling,
  learnLabelling,
  shareRight,
} from "./labels.js";
import { BACKEND, RANDOM_STATE } from "./mlp-parameters.js";
import {
  type EstimatorPredictOptions,
  PREDICT_OPTIONS,
  SCORE_OPTIONS,
  type ScoreOptions,
} from "./options.js";
import { above, flag, oneOf, type Rules, readParameters, wholeNumber } from "./parameters.js";
import { randomStateOf, shuffled } from "./random.js";

export interface AdalineParameters {
  /** The learning rate, above 0. Default: 0.01. */
  readonly eta?: number;
  /** Epochs. Default: 50. */
  readonly nIter?: number;
  /** What the weights and shuffles are drawn from: a seed, a generator, or `null` for other numbers each time. Default: 1, the book's. */
  readonly randomState?: number | RandomState | null;
  /** `gd`: a step of an epoch takes all examples together, the book's `AdalineGD`; `sgd`: one after the other, its `AdalineSGD`. Default: `gd`. */
  readonly solver?: "gd" | "sgd";
  /** Whether `sgd` shuffles the examples before each epoch. Default: `true`. */
  readonly shuffle?: boolean;
  /** What is computed in. Default: `float64`. */
  readonly dtype?: DType;
  /** What computes. Default, `null`: the one that `selectBackend` chooses. */
  readonly backend?: Backend | null;
}

const RULES: Rules<AdalineParameters> = {
  eta: above(0.01, 0),
  nIter: wholeNumber(50),
  randomState: RANDOM_STATE(1),
  solver: oneOf(["gd", "sgd"]),
  shuffle: flag(true),
  dtype: { ...oneOf(["float32", "float64"]), standard: "float64" },
  backend: BACKEND,
};

export interface AdalineFitOptions {
  /** Ends the fit: the promise is rejected with a `TrainingAbortedError`. */
  readonly signal?: AbortSignal | undefined;
}

const FIT_OPTIONS: KnownOptions<AdalineFitOptions> = { signal: true };

/**
 * One linear unit that tells two classes apart (B. Widrow and M. Hoff, "Adaptive switching circuits", 1960): it learns 0 for the first and 1
 * for the second by gradient descent on the squared error,
 *
 *     w -= eta * 2 (x w + b - y) x
 *
 * and says the second where x w + b is at least 0.5. The algorithms, names and draws are those of S. Raschka, Y. Liu and V. Mirjalili,
 * "Machine Learning with PyTorch and Scikit-Learn", 2022, chapter 2.
 *
 * @typeParam Y What the classes are called.
 */
export class Adaline<Y extends Label = Label> {
  readonly name = "Adaline";
  #parameters: Required<AdalineParameters>;
  #fitted: Fitted | undefined;

  /** @throws InvalidArgumentError when there is no such parameter, or a value is out of range. */
  constructor(parameters: AdalineParameters = {}) {
    this.#parameters = readParameters<Required<AdalineParameters>>("Adaline", parameters, RULES);
  }

  /** Every parameter, those not given by their defaults. */
  getParams(): Required<AdalineParameters> {
    return { ...this.#parameters };
  }

  /** @throws InvalidArgumentError when there is no such parameter, or a value is out of range. */
  setParams(parameters: AdalineParameters): this {
    this.#parameters = readParameters<Required<AdalineParameters>>(
      "Adaline",
      parameters,
      RULES,
      this.#parameters,
    );
    return this;
  }

  get #learned(): Fitted {
    if (this.#fitted === undefined) {
      throw new NotFittedError("This Adaline has learned nothing yet; call fit first.");
    }
    return this.#fitted;
  }

  get #labelling(): Labelling {
    return this.#learned.labelling as Labelling; // A fit has set it.
  }

  /** The network of one unit, for all that the library does with one. */
  get network(): MultilayerPerceptron {
    return this.#learned.network;
  }

  /** Both classes, ascending. @throws NotFittedError before a fit, as all that follow. */
  get classes(): Y[] {
    return [...this.#labelling.classes] as Y[];
  }

  /** w, [n_features]: a copy. */
  get coef(): number[] {
    return Array.from(toArray(this.#unit.weight));
  }

  /** b */
  get intercept(): number {
    return toArray(this.#unit.bias)[0] as number; // One unit has one.
  }

  get #unit() {
    return this.network.denseLayers[0] as MultilayerPerceptron["denseLayers"][number]; // There is one.
  }

  /** The mean squared error of each epoch, as it was before each step: a copy. */
  get losses(): number[] {
    return [...this.#learned.lossCurve];
  }

  /**
   * Learns two classes.
   *
   * @param y The class of each example, [n_examples]: whole numbers, texts or booleans.
   * @throws ShapeError when there is not a class for each example.
   * @throws InvalidArgumentError when there is no such option, when a number is not finite, or when y has not two classes.
   * @throws TrainingDivergedError when the loss is no finite number any more, as with too large an eta, and TrainingAbortedError when the
   *   signal was aborted.
   */
  async fit(X: Examples, y: ArrayLike<Y>, options: AdalineFitOptions = {}): Promise<this> {
    requireKnownOptions("Adaline.fit", options, FIT_OPTIONS, "{ signal }");
    const inputs = readExamples(X);
    const labelling = learnLabelling(y);
    if (labelling.kind !== "binary") {
      throw new InvalidArgumentError(
        `Expected two classes for Adaline but received ${labelling.classes.length}; take an MLPClassifier without hidden layers.`,
      );
    }
    const dataset = labelled(inputs, y, labelling);
    const { randomState, dtype, backend, nIter } = this.#parameters;
    const random = randomStateOf(randomState);
    const normal = normalInitializer(0.01);
    const network = new MultilayerPerceptron({
      layers: [inputs.features.width, dense(1)],
      loss: squaredError(),
      initializer: (weight) => normal(weight, random),
      dtype,
      backend: backend ?? undefined,
    });
    const fitted = createFitted(network, { labelling });
    try {
      await this.#learn(fitted, dataset, random, { epochs: nIter, ...options });
    } finally {
      if (fitted.lossCurve.length > 0) this.#fitted = fitted; // A fit that has not learned takes nothing away.
    }
    return this;
  }

  /** One epoch more on these examples, in their order; of classes that {@link fit} has seen. */
  async partialFit(X: Examples, y: ArrayLike<Y>, options: AdalineFitOptions = {}): Promise<this> {
    requireKnownOptions("Adaline.partialFit", options, FIT_OPTIONS, "{ signal }");
    const fitted = this.#learned;
    const dataset = labelled(readExamples(X, fitted.network.inputs), y, this.#labelling);
    await this.#learn(fitted, dataset, undefined, { epochs: 1, ...options });
    return this;
  }

  async #learn(
    fitted: Fitted,
    dataset: Dataset,
    random: RandomState | undefined,
    { epochs, signal }: AdalineFitOptions & { readonly epochs: number },
  ): Promise<void> {
    checkSignal(signal);
    const { network } = fitted;
    const { dtype, backend } = network;
    const { solver, shuffle } = this.#parameters;
    const count = dataset.rows.length;
    const batchSize = solver === "gd" ? count : 1;
    const training = {
      batchSize,
      slots: network.createSlots(batchSize),
      memory: createBatchMemory(count, batchSize, { dtype, backend, dataset }),
      optimizer: new SGD(),
      pace: createPace(signal),
      eta: this.#parameters.eta,
    };
    let { rows } = dataset;
    try {
      for (let epoch = 0; epoch < epochs; epoch++) {
        signal?.throwIfAborted();
        if (solver === "sgd" && shuffle && random !== undefined) rows = shuffled(rows, random);
        await runEpoch(fitted, { ...dataset, rows }, training);
      }
    } catch (error) {
      if (signal?.aborted && error === signal.reason)
        throw new TrainingAbortedError(historyOf(fitted), error);
      throw error;
    }
  }

  /** x w + b of each example. */
  async netInput(X: Examples, options: EstimatorPredictOptions = {}): Promise<number[]> {
    requireKnownOptions("Adaline.netInput", options, PREDICT_OPTIONS, "{ signal }");
    return Array.from(await this.#outputs(X, options));
  }

  /**
   * The class of each example, in their order.
   *
   * @throws ShapeError when the examples have another number of features than those learned from.
   */
  async predict(X: Examples, options: EstimatorPredictOptions = {}): Promise<Y[]> {
    requireKnownOptions("Adaline.predict", options, PREDICT_OPTIONS, "{ signal }");
    return decodeOutputs(sides(await this.#outputs(X, options)), this.#labelling) as Y[];
  }

  /** The share of examples that are told right. */
  async score(X: Examples, y: ArrayLike<Y>, options: ScoreOptions = {}): Promise<number> {
    requireKnownOptions("Adaline.score", options, SCORE_OPTIONS, "{ sampleWeight }");
    const { sampleWeight, ...others } = options;
    const inputs = readExamples(X, this.network.inputs);
    const labelling = this.#labelling;
    const { targets, rows } = labelled(inputs, y, labelling);
    const weights = readSampleWeight(sampleWeight, rows.length);
    return shareRight(sides(await this.#outputs(X, others)), targets, { labelling, rows, weights });
  }

  async #outputs(X: Examples, options: EstimatorPredictOptions): Promise<FloatArray> {
    const { activations } = await predict(this.network, readExamples(X, this.network.inputs), options);
    return activations;
  }
}

/** 1 where the book's Adaline says the second class, else 0. */
function sides(outputs: FloatArray): FloatArray {
  return outputs.map((output) => (output >= 0.5 ? 1 : 0));
}

function labelled(inputs: Pick<Dataset, "features" | "rows">, y: unknown, labelling: Labelling): Dataset {
  const targets = encodeLabels(y, labelling);
  requireTargets(targetCount(targets), inputs.rows.length);
  return { ...inputs, targets };
}

interface AdalineTraining {
  readonly batchSize: number;
  readonly slots: ReturnType<MultilayerPerceptron["createSlots"]>;
  readonly memory: ReturnType<typeof createBatchMemory>;
  readonly optimizer: SGD;
  readonly pace: Pace;
  readonly eta: number;
}

async function runEpoch(fitted: Fitted, dataset: Dataset, training: AdalineTraining): Promise<void> {
  const { network } = fitted;
  const { batchSize, slots, memory, optimizer, pace, eta } = training;
  const totals = createLossTotals();
  for (const batch of batches(dataset, { batchSize, memory })) {
    if (!network.trainStep(batch, slots, optimizer, eta, totals)) {
      const tensor = firstBadTensor(network, slots, batch.x.shape[0] as number);
      const where = { epoch: fitted.nIter + 1, step: optimizer.steps + 1, tensor };
      throw new TrainingDivergedError(where, historyOf(fitted));
    }
    if (pace.due()) await pace.rest();
  }
  fitted.nIter += 1;
  fitted.loss = network.loss.mean(totals, 1);
  fitted.lossCurve.push(fitted.loss);
}
