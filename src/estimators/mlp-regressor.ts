import type { FloatArray } from "../backend/backend.js";
import type { Dataset } from "../data/dataset.js";
import type { ValueTargets } from "../data/targets.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { r2Score } from "../metrics/regression.js";
import { show } from "../system/expected.js";
import {
  bytesOfFile,
  bytesOfJson,
  decodeEstimator,
  type EstimatorFileOptions,
  type EstimatorJson,
} from "./estimator-file.js";
import { type Examples, isList, readSampleWeight, requireTargets } from "./inputs.js";
import { halfSquaredError } from "./losses.js";
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

/** What a regressor learns of an example: a number, or a list of several. */
export type Target = number | readonly number[];

/**
 * scikit-learn's `MLPRegressor` with its parameters, defaults and attributes in camelCase: with the same `randomState` it draws the same
 * numbers and has the same loss curve. It learns half the squared error.
 *
 * ```ts
 * const regressor = new MLPRegressor({ hiddenLayerSizes: [50], randomState: 1 });
 * await regressor.fit([[0], [1], [2]], [0, 2, 4]);
 * const [half] = await regressor.predict([[0.5]]);
 * ```
 *
 * Unlike there, `fit` and what predicts return promises, so that the event loop lives meanwhile.
 *
 * @typeParam Y `number[]` where each example has several values.
 */
export class MLPRegressor<Y extends Target = number> extends MLPEstimator<Required<MLPParameters>> {
  readonly name = "MLPRegressor";

  /** @throws InvalidArgumentError when there is no such parameter, or a value is out of range. */
  constructor(parameters: MLPParameters = {}) {
    super("MLPRegressor", parameters, MLP_RULES);
  }

  /**
   * Learns values.
   *
   * @param y The value of each example, [n_examples]; or several of each, a list of rows.
   * @throws ShapeError when there is not a target for each example.
   * @throws InvalidArgumentError when there is no such option, or a number is not finite.
   * @throws TrainingDivergedError when the loss is no finite number any more, and TrainingAbortedError when the signal was aborted.
   */
  async fit(X: Examples, y: ArrayLike<Y>, options: EstimatorFitOptions = {}): Promise<this> {
    this.checkOptions("fit", options, FIT_OPTIONS, "{ sampleWeight }");
    await this.run(X, ({ rows }) => ({ targets: this.#encode(y, rows.length, false) }), {
      ...options,
      isPartial: false,
    });
    return this;
  }

  /** One epoch on these examples, with the optimizer as the epoch before has left it. Takes and throws what {@link fit} does. */
  async partialFit(X: Examples, y: ArrayLike<Y>, options: EstimatorFitOptions = {}): Promise<this> {
    this.checkOptions("partialFit", options, FIT_OPTIONS, "{ sampleWeight }");
    await this.run(X, ({ rows }) => ({ targets: this.#encode(y, rows.length, true) }), {
      ...options,
      isPartial: true,
    });
    return this;
  }

  /**
   * The values of examples, in their order.
   *
   * @throws NotFittedError before a fit, and ShapeError when the examples have another number of features than those learned from.
   */
  async predict(X: Examples, options: EstimatorPredictOptions = {}): Promise<Y[]> {
    this.checkOptions("predict", options, PREDICT_OPTIONS, "{ signal }");
    const outputs = await this.outputs(X, options.signal);
    const width = this.nOutputs;
    if (width === 1) return Array.from(outputs) as Y[];
    return Array.from({ length: outputs.length / width }, (_, i) =>
      Array.from(outputs.subarray(i * width, (i + 1) * width)),
    ) as unknown as Y[];
  }

  /** The coefficient of determination, R²: 1 at best; of several values the mean of theirs. */
  async score(X: Examples, y: ArrayLike<Y>, options: ScoreOptions = {}): Promise<number> {
    this.checkOptions("score", options, SCORE_OPTIONS, "{ sampleWeight }");
    const outputs = await this.outputs(X, options.signal);
    const examples = outputs.length / this.nOutputs;
    const { data } = this.#encode(y, examples, true);
    const weights = readSampleWeight(options.sampleWeight, examples);
    return r2Score(data, outputs, { outputs: this.nOutputs, weights });
  }

  protected outputsFor({ targets }: EncodedTargets): Outputs {
    return outputsFor(targets.kind === "values" ? targets.width : 1);
  }

  protected scoreOutputs(
    outputs: FloatArray,
    { targets, rows }: Dataset,
    weights: FloatArray | undefined,
  ): number {
    const { data, width } = targets as ValueTargets; // As #encode gives them.
    const own = Float64Array.from({ length: rows.length * width }, (_, i) => {
      const row = rows[Math.floor(i / width)] as number; // i / width is below their number.
      return data[row * width + (i % width)] as number;
    });
    const ofRows = weights && Float64Array.from(rows, (row) => weights[row] as number);
    return r2Score(own, outputs, { outputs: width, weights: ofRows });
  }

  #encode(y: ArrayLike<Y>, examples: number, goesOn: boolean): ValueTargets {
    const targets = readValues(y);
    requireTargets(targets.data.length / targets.width, examples);
    if (this.goesOn(goesOn) && targets.width !== this.nOutputs) {
      throw new ShapeError(
        `Expected ${this.nOutputs} values for each example of y, as before, but received ${targets.width}.`,
      );
    }
    return targets;
  }

  /** @throws ModelFormatError when it is not what {@link toJSON} gave. */
  static fromJSON<Y extends Target = number>(
    json: EstimatorJson,
    options: EstimatorFileOptions = {},
  ): MLPRegressor<Y> {
    return MLPRegressor.#read(bytesOfJson("MLPRegressor", json, options), { ...options, path: "The JSON" });
  }

  /**
   * Reads what {@link save} wrote: it predicts the same bits, and goes on to learn.
   *
   * @throws FileAccessError when the file cannot be read, and ModelFormatError when it is no such file.
   */
  static async load<Y extends Target = number>(
    path: string,
    options: EstimatorFileOptions = {},
  ): Promise<MLPRegressor<Y>> {
    return MLPRegressor.#read(await bytesOfFile("MLPRegressor", path, options), { ...options, path });
  }

  static #read<Y extends Target>(
    bytes: Uint8Array,
    options: EstimatorFileOptions & { readonly path: string },
  ): MLPRegressor<Y> {
    return decodeEstimator("MLPRegressor", bytes, options, (file) => {
      const regressor = new MLPRegressor<Y>(file.parameters);
      regressor.learned = file.restore(outputsFor(file.outputs));
      return regressor;
    });
  }
}

function outputsFor(units: number): Outputs {
  return { units, activation: "identity", loss: halfSquaredError() };
}

function readValues(y: unknown): ValueTargets {
  if (!isList(y)) {
    throw new InvalidArgumentError(
      `Expected a list of numbers, one for each example, or of rows of them for y but received ${show(y)}.`,
    );
  }
  const list = Array.from(y);
  const widthOf = (row: unknown) => (isList(row) ? row.length : 0);
  const width = widthOf(list[0]);
  const data = new Float64Array(list.length * Math.max(width, 1));
  for (const [i, row] of list.entries()) {
    if (widthOf(row) !== width) {
      throw new ShapeError(
        `Expected ${width === 0 ? "a number" : `${width} numbers`} in y for each example, but row ${i} is ${show(row)}.`,
      );
    }
    const values = width === 0 ? [row] : (row as ArrayLike<unknown>);
    for (let j = 0; j < values.length; j++) {
      if (!Number.isFinite(values[j])) {
        throw new InvalidArgumentError(`Expected finite numbers in y, but row ${i} has ${show(values[j])}.`);
      }
      data[i * values.length + j] = values[j] as number;
    }
  }
  return { kind: "values", data, width: Math.max(width, 1) };
}
