import type { FloatArray } from "../backend/backend.js";
import type { Dataset, Inputs } from "../data/dataset.js";
import { targetCount } from "../data/targets.js";
import { InvalidArgumentError } from "../errors.js";
import type { KnownOptions } from "../system/known-options.js";
import { CLASS_WEIGHT, type ClassWeight, weighExamples } from "./class-weight.js";
import {
  bytesOfFile,
  bytesOfJson,
  decodeEstimator,
  type EstimatorFileOptions,
  type EstimatorJson,
} from "./estimator-file.js";
import { type Examples, readSampleWeight, requireTargets } from "./inputs.js";
import {
  decodeOutputs,
  encodeLabels,
  type Label,
  type Labelling,
  labellingFor,
  learnLabelling,
  outputsOf,
  shareRight,
} from "./labels.js";
import { logLoss } from "./losses.js";
import { type EncodedTargets, MLPEstimator } from "./mlp-estimator.js";
import { MLP_RULES, type MLPParameters } from "./mlp-parameters.js";
import type { Outputs } from "./network.js";
import {
  type EstimatorFitOptions,
  type EstimatorPredictOptions,
  FIT_OPTIONS,
  PREDICT_OPTIONS,
  SCORE_OPTIONS,
  type ScoreOptions,
} from "./options.js";
import type { Rules } from "./parameters.js";

/** scikit-learn's parameters with its defaults, and some of ours. */
export interface MLPClassifierParameters extends MLPParameters {
  /** Not scikit-learn's networks': how much the examples of each class count. Default, `null`: all the same. */
  readonly classWeight?: ClassWeight | null;
}

const RULES: Rules<Required<MLPClassifierParameters>> = { ...MLP_RULES, classWeight: CLASS_WEIGHT };

export interface PartialFitOptions extends EstimatorFitOptions {
  /** All classes that there will be; needed the first time, as these examples need not have all. */
  readonly classes?: readonly Label[] | undefined;
}

const PARTIAL_FIT_OPTIONS: KnownOptions<PartialFitOptions> = { ...FIT_OPTIONS, classes: true };

/**
 * scikit-learn's `MLPClassifier` with its parameters, defaults and attributes in camelCase: with the same `randomState` it draws the same
 * numbers and has the same loss curve. It learns the log loss: of two classes with one logistic output, of more with a softmax, and of several
 * labels of an example with a logistic output for each.
 *
 * ```ts
 * const classifier = new MLPClassifier({ hiddenLayerSizes: [50], randomState: 1 });
 * await classifier.fit([[5.1, 3.5], [6.2, 2.9]], ["setosa", "virginica"]);
 * const [flower] = await classifier.predict([[5.0, 3.4]]);
 * ```
 *
 * Unlike there, `fit` and what predicts return promises, so that the event loop lives meanwhile.
 *
 * @typeParam Y What y has of an example: `string`, for instance, or `number[]` for rows of zeros and ones, one for each label.
 */
export class MLPClassifier<Y extends Label | readonly number[] = Label> extends MLPEstimator<
  Required<MLPClassifierParameters>
> {
  readonly name = "MLPClassifier";

  /** @throws InvalidArgumentError when there is no such parameter, or a value is out of range. */
  constructor(parameters: MLPClassifierParameters = {}) {
    super("MLPClassifier", parameters, RULES);
  }

  /** The classes, ascending, in the order of probabilities; of several labels their numbers. @throws NotFittedError before a fit. */
  get classes(): Label[] {
    return [...this.#labelling.classes];
  }

  get #labelling(): Labelling {
    return this.fitted.labelling as Labelling; // A classifier's fit has one.
  }

  /**
   * Learns classes.
   *
   * @param y The class of each example, [n_examples]: whole numbers, texts or booleans; or rows of zeros and ones.
   * @throws ShapeError when there is not a target for each example.
   * @throws InvalidArgumentError when there is no such option, when a number is not finite, or when y has less than two classes.
   * @throws TrainingDivergedError when the loss is no finite number any more, and TrainingAbortedError when the signal was aborted.
   */
  async fit(X: Examples, y: ArrayLike<Y>, options: EstimatorFitOptions = {}): Promise<this> {
    this.checkOptions("fit", options, FIT_OPTIONS, "{ sampleWeight }");
    const encode = (inputs: Inputs) => {
      const labelling = learnLabelling(y);
      if (this.goesOn(false)) this.#requireSameClasses(labelling.classes);
      return this.#encode(y, inputs, labelling);
    };
    await this.run(X, encode, { ...options, isPartial: false });
    return this;
  }

  /**
   * One epoch on these examples, with the optimizer as the epoch before has left it.
   *
   * @throws As {@link fit}; LabelRangeError when a label is none of the classes; InvalidArgumentError when the first call does not name them.
   */
  async partialFit(X: Examples, y: ArrayLike<Y>, options: PartialFitOptions = {}): Promise<this> {
    this.checkOptions("partialFit", options, PARTIAL_FIT_OPTIONS, "{ classes: [0, 1] }");
    const { classes, ...others } = options;
    const encode = (inputs: Inputs) => {
      if (!this.isFitted && classes === undefined) {
        throw new InvalidArgumentError(
          "Expected classes with the first partialFit, all that there will be, such as { classes: [0, 1] }.",
        );
      }
      const named = classes === undefined ? undefined : labellingFor(y, classes);
      if (this.isFitted && named !== undefined) this.#requireSameClasses(named.classes);
      return this.#encode(y, inputs, this.isFitted ? this.#labelling : (named as Labelling)); // One of both is there.
    };
    await this.run(X, encode, { ...others, isPartial: true });
    return this;
  }

  /**
   * The class of each example, in their order.
   *
   * @throws NotFittedError before a fit, and ShapeError when the examples have another number of features than those learned from.
   */
  async predict(X: Examples, options: EstimatorPredictOptions = {}): Promise<Y[]> {
    this.checkOptions("predict", options, PREDICT_OPTIONS, "{ signal }");
    return decodeOutputs(await this.outputs(X, options.signal), this.#labelling) as Y[];
  }

  /** The probability of each class, [n_examples, n_classes], in the order of {@link classes}. Throws as {@link predict} does. */
  async predictProba(X: Examples, options: EstimatorPredictOptions = {}): Promise<number[][]> {
    this.checkOptions("predictProba", options, PREDICT_OPTIONS, "{ signal }");
    const outputs = await this.outputs(X, options.signal);
    const width = this.nOutputs;
    if (width === 1) return Array.from(outputs, (p) => [1 - p, p]);
    return Array.from({ length: outputs.length / width }, (_, i) =>
      Array.from(outputs.subarray(i * width, (i + 1) * width)),
    );
  }

  /** The logarithms of {@link predictProba}. */
  async predictLogProba(X: Examples, options: EstimatorPredictOptions = {}): Promise<number[][]> {
    this.checkOptions("predictLogProba", options, PREDICT_OPTIONS, "{ signal }");
    return (await this.predictProba(X, options)).map((row) => row.map(Math.log));
  }

  /** The share of examples that are told right; of several labels, all of them. Throws as {@link predict} does. */
  async score(X: Examples, y: ArrayLike<Y>, options: ScoreOptions = {}): Promise<number> {
    this.checkOptions("score", options, SCORE_OPTIONS, "{ sampleWeight }");
    const outputs = await this.outputs(X, options.signal);
    const labelling = this.#labelling;
    const rows = Int32Array.from({ length: outputs.length / this.nOutputs }, (_, row) => row);
    const targets = encodeLabels(y, labelling);
    requireTargets(targetCount(targets), rows.length);
    const weights = readSampleWeight(options.sampleWeight, rows.length);
    return shareRight(outputs, targets, { labelling, rows, weights });
  }

  protected outputsFor({ labelling }: EncodedTargets): Outputs {
    return outputsFor(labelling as Labelling); // As #encode gives it.
  }

  protected scoreOutputs(
    outputs: FloatArray,
    { targets, rows }: Dataset,
    weights: FloatArray | undefined,
  ): number {
    return shareRight(outputs, targets, { labelling: this.#labelling, rows, weights });
  }

  #encode(y: ArrayLike<Y>, inputs: Inputs, labelling: Labelling): EncodedTargets {
    const targets = encodeLabels(y, labelling);
    requireTargets(targetCount(targets), inputs.rows.length);
    const { classWeight } = this.getParams();
    const weights =
      classWeight === null ? undefined : weighExamples(classWeight, { ...inputs, targets }, labelling);
    return { targets, weights, labelling };
  }

  #requireSameClasses(classes: readonly Label[]): void {
    const { classes: before } = this;
    if (classes.length !== before.length || classes.some((label, i) => label !== before[i])) {
      throw new InvalidArgumentError(
        `Expected the classes of the fit before, ${before.slice(0, 10).join(", ")}, to go on from it but received ${classes.slice(0, 10).join(", ")}.`,
      );
    }
  }

  /** @throws ModelFormatError when it is not what {@link toJSON} gave. */
  static fromJSON<Y extends Label | readonly number[] = Label>(
    json: EstimatorJson,
    options: EstimatorFileOptions = {},
  ): MLPClassifier<Y> {
    return MLPClassifier.#read(bytesOfJson("MLPClassifier", json, options), { ...options, path: "The JSON" });
  }

  /**
   * Reads what {@link save} wrote: it predicts the same bits, and goes on to learn.
   *
   * @throws FileAccessError when the file cannot be read, and ModelFormatError when it is no such file.
   */
  static async load<Y extends Label | readonly number[] = Label>(
    path: string,
    options: EstimatorFileOptions = {},
  ): Promise<MLPClassifier<Y>> {
    return MLPClassifier.#read(await bytesOfFile("MLPClassifier", path, options), { ...options, path });
  }

  static #read<Y extends Label | readonly number[]>(
    bytes: Uint8Array,
    options: EstimatorFileOptions & { readonly path: string },
  ): MLPClassifier<Y> {
    return decodeEstimator("MLPClassifier", bytes, options, (file) => {
      const classifier = new MLPClassifier<Y>(file.parameters);
      const { labelling } = file;
      if (labelling === undefined || outputsOf(labelling) !== file.outputs) {
        throw new InvalidArgumentError("Its network has not the outputs that its classes ask for.");
      }
      classifier.learned = file.restore(outputsFor(labelling));
      return classifier;
    });
  }
}

function outputsFor(labelling: Labelling): Outputs {
  const activation = labelling.kind === "multiclass" ? "softmax" : "sigmoid";
  return { units: outputsOf(labelling), activation, loss: logLoss(activation) };
}
