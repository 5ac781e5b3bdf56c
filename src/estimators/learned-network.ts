import { NotFittedError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import type { Fitted } from "./fitted.js";
import { coefsOf, interceptsOf } from "./network.js";

/** What is known of an estimator after a fit: scikit-learn's attributes. */
export abstract class LearnedNetwork {
  /** As a message and a file call it. */
  abstract readonly name: "MLPClassifier" | "MLPRegressor";
  #learned: Fitted | undefined;

  /** `undefined` before a fit. */
  protected get learned(): Fitted | undefined {
    return this.#learned;
  }

  protected set learned(learned: Fitted | undefined) {
    this.#learned = learned;
  }

  /** Whether there has been a fit. */
  get isFitted(): boolean {
    return this.learned !== undefined;
  }

  /** What all properties below are read from. @throws NotFittedError before a fit. */
  protected get fitted(): Fitted {
    if (this.learned === undefined) {
      throw new NotFittedError(`This ${this.name} has learned nothing yet; call fit first.`);
    }
    return this.learned;
  }

  /** The network that was trained, for all that the library does with one. */
  get network(): MultilayerPerceptron {
    return this.fitted.network;
  }

  /** Weights of each layer, [n_inputs, n_units]: a copy. */
  get coefs(): number[][][] {
    return coefsOf(this.network);
  }

  /** Biases of each layer, [n_units]: a copy. */
  get intercepts(): number[][] {
    return interceptsOf(this.network);
  }

  /** The loss of the last epoch; of `lbfgs` after the last iteration. */
  get loss(): number {
    return this.fitted.loss;
  }

  /** The loss of each epoch, or of `lbfgs` after each iteration: a copy. */
  get lossCurve(): number[] {
    return [...this.fitted.lossCurve];
  }

  /** The lowest loss of an epoch; `null` with early stopping, which goes by the score. */
  get bestLoss(): number | null {
    return this.fitted.validationScores === null ? this.fitted.bestLoss : null;
  }

  /** The score after each epoch of the examples set aside for early stopping, a copy; `null` without it. */
  get validationScores(): number[] | null {
    const { validationScores } = this.fitted;
    return validationScores === null ? null : [...validationScores];
  }

  /** The highest of them; `null` without early stopping. */
  get bestValidationScore(): number | null {
    return this.fitted.validationScores === null ? null : this.fitted.bestValidationScore;
  }

  /** Epochs, or iterations of `lbfgs`. */
  get nIter(): number {
    return this.fitted.nIter;
  }

  /** Examples that were trained on, in all epochs. */
  get t(): number {
    return this.fitted.t;
  }

  /** Layers, the inputs counted as one. */
  get nLayers(): number {
    return this.network.denseLayers.length + 1;
  }

  get nOutputs(): number {
    return this.network.outputs;
  }

  get nFeaturesIn(): number {
    return this.network.inputs;
  }

  /** `identity`, `logistic` or `softmax`. */
  get outActivation(): "identity" | "logistic" | "softmax" {
    const activation = this.network.denseLayers.at(-1)?.activation;
    return activation === "softmax" || activation === "identity" ? activation : "logistic";
  }
}
