import { ACTIVATIONS, type Activation } from "../backend/activation.js";
import type { Backend, DType } from "../backend/backend.js";
import { RandomState } from "../random/random-state.js";
import { hasFunctions } from "../system/expected.js";
import type { Schedule } from "../training/schedules/schedule.js";
import {
  above,
  atLeastZero,
  flag,
  fraction,
  isFraction,
  isWhole,
  oneOf,
  type Rules,
  rule,
  wholeNumber,
} from "./parameters.js";

/** What hidden units apply to their sums: scikit-learn's four, `logistic` being the sigmoid, and the library's others. */
export type HiddenActivation = "logistic" | Activation;

/** The parameters that `MLPClassifier` and `MLPRegressor` share: scikit-learn's with its defaults, and some of ours. */
export interface MLPParameters {
  /** Units of each hidden layer; a number is a single layer, and an empty list none. Default: [100]. */
  readonly hiddenLayerSizes?: number | readonly number[];
  /** Of the hidden units. Default: `relu`. */
  readonly activation?: HiddenActivation;
  /** `adam`; `sgd`, gradient descent with momentum; or `lbfgs`, which takes all examples together. Default: `adam`. */
  readonly solver?: "adam" | "sgd" | "lbfgs";
  /** L2 regularisation, 0 or more: alpha / (2 n) times the sum of squared weights is added to the loss of n examples. Default: 0.0001. */
  readonly alpha?: number;
  /** Examples in a minibatch; `auto`: 200, or all where there are fewer. Default: `auto`. */
  readonly batchSize?: number | "auto";
  /**
   * Of `sgd`: `constant`, learningRateInit; `invscaling`, learningRateInit / (t + 1)^powerT after t examples, changed after each epoch;
   * `adaptive`, divided by 5 instead of ending. Of `adam` too: a {@link Schedule}, which gives the learning rate of each step, and has no use
   * for learningRateInit. Default: `constant`.
   */
  readonly learningRate?: "constant" | "invscaling" | "adaptive" | Schedule;
  /** Above 0. Default: 0.001. */
  readonly learningRateInit?: number;
  /** 0 or more, for `invscaling`. Default: 0.5. */
  readonly powerT?: number;
  /** The most epochs; of `lbfgs` iterations. Default: 200. */
  readonly maxIter?: number;
  /** Whether the examples are shuffled before each epoch. Default: `true`. */
  readonly shuffle?: boolean;
  /**
   * What weights, shuffles and the split for early stopping are drawn from: a seed from 0 to 2^32 - 1, which gives the same numbers in every
   * fit; a generator, which goes on; or `null` for other numbers each time. Default: `null`.
   */
  readonly randomState?: number | RandomState | null;
  /** The least that the loss, or the validation score, has to improve by, 0 or more; of `lbfgs`, see `LBFGS`. Default: 0.0001. */
  readonly tol?: number;
  /** Whether each epoch is told on standard output. Default: `false`. */
  readonly verbose?: boolean;
  /** Whether `fit` goes on from what was learned before. Default: `false`. */
  readonly warmStart?: boolean;
  /** Of `sgd`: the share of the last step in the next, from 0 to below 1. Default: 0.9. */
  readonly momentum?: number;
  /** Of `sgd`: whether to look ahead. Default: `true`. */
  readonly nesterovsMomentum?: boolean;
  /** Whether to end when a part of the examples, set aside, is not told better any more; the best weights are kept. Default: `false`. */
  readonly earlyStopping?: boolean;
  /** The share of examples set aside for it, from 0 to below 1. Default: 0.1. */
  readonly validationFraction?: number;
  /** Of `adam`, from 0 to below 1. Default: 0.9. */
  readonly beta1?: number;
  /** Of `adam`, from 0 to below 1. Default: 0.999. */
  readonly beta2?: number;
  /** Of `adam`, at least 1e-30. Default: 1e-8. */
  readonly epsilon?: number;
  /** Epochs in a row without improvement that are borne: a whole number, or Infinity. Default: 10. */
  readonly nIterNoChange?: number;
  /** Of `lbfgs`: how often the loss may be computed. Default: 15,000. */
  readonly maxFun?: number;

  /** Not scikit-learn's: the share of each hidden layer's units that are left out at random in training, 0 to below 1. Default: 0. */
  readonly dropout?: number | readonly number[];
  /** Not scikit-learn's: whether `fit` ends with the weights of the epoch with the lowest loss, without early stopping, too. Default: `false`. */
  readonly restoreBestWeights?: boolean;
  /** Not scikit-learn's, which takes the type of X: what is computed in; float32 takes half the memory and time. Default: `float64`. */
  readonly dtype?: DType;
  /** Not scikit-learn's: what computes. Default, `null`: the one that `selectBackend` chooses. */
  readonly backend?: Backend | null;
}

const sizes = (value: unknown): boolean => isWhole(value) || (Array.isArray(value) && value.every(isWhole));

/** One number may serve for all hidden layers. */
const rates = (value: unknown): boolean =>
  isFraction(value) || (Array.isArray(value) && value.every(isFraction));

const RATES: readonly unknown[] = ["constant", "invscaling", "adaptive"];

const isSeed = (value: unknown): boolean =>
  value === null ||
  value instanceof RandomState ||
  hasFunctions(value, "randomSample", "uniform", "shuffle") ||
  (Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32);

export const RANDOM_STATE = (standard: number | null) =>
  rule(standard, "a seed from 0 to 4294967295, a RandomState or null", isSeed);

export const BACKEND = rule(
  null,
  "a backend, such as selectBackend() gives, or null",
  (value) => value === null || hasFunctions(value, "gemm", "allocate"),
);

export const MLP_RULES: Rules<MLPParameters> = {
  hiddenLayerSizes: rule([100], "a whole number of at least 1, or a list of such numbers,", sizes),
  activation: { ...oneOf(["logistic", ...ACTIVATIONS]), standard: "relu" },
  solver: oneOf(["adam", "sgd", "lbfgs"]),
  alpha: atLeastZero(0.0001),
  batchSize: rule("auto", 'a whole number of at least 1 or "auto"', (v) => v === "auto" || isWhole(v)),
  learningRate: rule(
    "constant",
    "constant, invscaling, adaptive or a schedule",
    (value) => RATES.includes(value) || typeof value === "function",
  ),
  learningRateInit: above(0.001, 0),
  powerT: atLeastZero(0.5),
  maxIter: wholeNumber(200),
  shuffle: flag(true),
  randomState: RANDOM_STATE(null),
  tol: atLeastZero(0.0001),
  verbose: flag(false),
  warmStart: flag(false),
  momentum: fraction(0.9),
  nesterovsMomentum: flag(true),
  earlyStopping: flag(false),
  validationFraction: fraction(0.1),
  beta1: fraction(0.9),
  beta2: fraction(0.999),
  epsilon: rule(
    1e-8,
    "a finite number of at least 1e-30",
    (value) => Number.isFinite(value) && (value as number) >= 1e-30,
  ),
  nIterNoChange: rule(
    10,
    "a whole number of at least 1 or Infinity",
    (value) => isWhole(value) || value === Number.POSITIVE_INFINITY,
  ),
  maxFun: wholeNumber(15_000),
  dropout: rule(0, "a number from 0 to below 1, or a list of such numbers,", rates),
  restoreBestWeights: flag(false),
  dtype: { ...oneOf(["float32", "float64"]), standard: "float64" },
  backend: BACKEND,
};
