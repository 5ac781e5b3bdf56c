import type { KnownOptions } from "../system/known-options.js";
import type { EstimatorEpoch } from "./stochastic.js";

// What the methods of estimators take beside the examples.

export interface EstimatorFitOptions {
  /** How much each example counts, [n_examples], finite, 0 or more and not all 0. scikit-learn's networks have none. Default: 1. */
  readonly sampleWeight?: ArrayLike<number> | undefined;
  /** Ends the fit: the promise is rejected with a `TrainingAbortedError`. The estimator holds what it has learned so far. */
  readonly signal?: AbortSignal | undefined;
  /** Called after every epoch, of `lbfgs` after every iteration, and waited for. */
  readonly onEpochEnd?: ((epoch: EstimatorEpoch) => void | Promise<void>) | undefined;
}

export const FIT_OPTIONS: KnownOptions<EstimatorFitOptions> = {
  sampleWeight: true,
  signal: true,
  onEpochEnd: true,
};

export interface EstimatorPredictOptions {
  /** Ends the prediction: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export const PREDICT_OPTIONS: KnownOptions<EstimatorPredictOptions> = { signal: true };

export interface ScoreOptions extends EstimatorPredictOptions {
  /** How much each example counts, [n_examples]. Default: 1. */
  readonly sampleWeight?: ArrayLike<number> | undefined;
}

export const SCORE_OPTIONS: KnownOptions<ScoreOptions> = { ...PREDICT_OPTIONS, sampleWeight: true };
