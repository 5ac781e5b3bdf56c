import { Type } from "typebox";
import type { OptimizerName } from "../../optim/specification.js";
import { choice, flag, number, typed, wholeNumber } from "./fields.js";
import { SCHEDULE } from "./schedule-schema.js";

const share = (description: string, standard: number) =>
  number(description, { minimum: 0, exclusiveMaximum: 1, default: standard });
const decay = (standard: number) =>
  number("The share of each weight that a step takes away, times the learning rate", {
    minimum: 0,
    default: standard,
  });
const limit = (description: string) => number(description, { exclusiveMinimum: 0 });
const epsilon = (standard: number) =>
  number("What keeps a division from becoming 0 / 0", { minimum: 1e-30, default: standard });

/** What every optimizer that takes steps has. */
const TERMS = {
  weightDecay: decay(0),
  clipNorm: limit("Largest norm of all gradients together"),
  clipValue: limit("Largest magnitude of a number in a gradient"),
  maxNorm: limit("Largest norm of a unit's incoming weights"),
};
const beta1 = share("The share of the old mean of gradients in the new one", 0.9);
const MOMENTS = {
  beta1,
  beta2: share("The share of the old mean of squared gradients in the new one", 0.999),
  epsilon: epsilon(1e-8),
  ...TERMS,
};

const OPTIMIZERS = [
  typed(
    "sgd",
    {
      momentum: share("The share of the last step in the next", 0),
      nesterov: flag("Look ahead", false),
      ...TERMS,
    },
    "Stochastic gradient descent",
  ),
  typed(
    "rmsprop",
    { alpha: share("The share of the old mean in the new one", 0.99), epsilon: epsilon(1e-8), ...TERMS },
    "RMSprop",
  ),
  typed("adagrad", { epsilon: epsilon(1e-10), ...TERMS }, "Adagrad"),
  typed(
    "adam",
    { ...MOMENTS, scaleEpsilon: flag("Divide epsilon as the paper's second form does", false) },
    "Adam",
  ),
  typed("adamw", { ...MOMENTS, weightDecay: decay(0.01) }, "Adam with decoupled weight decay"),
  typed(
    "nadam",
    {
      ...MOMENTS,
      momentumDecay: number("How quickly the schedule of the momentum ends", { minimum: 0, default: 4e-3 }),
    },
    "Adam with Nesterov's look ahead",
  ),
  typed(
    "lion",
    { beta1, beta2: share("The share of the old momentum in the new one", 0.99), ...TERMS },
    "Lion",
  ),
  typed(
    "lbfgs",
    {
      history: wholeNumber("How many of the last steps tell of the curvature", { minimum: 1, default: 10 }),
      tolerance: number("Ends when no component of the gradient is larger", { minimum: 0, default: 1e-4 }),
      lossTolerance: number("Ends when an iteration lowers the loss by no more than this", {
        minimum: 0,
        default: 2.220446049250313e-9,
      }),
      maxIterations: wholeNumber("The most iterations", { minimum: 1, default: 200 }),
      maxEvaluations: wholeNumber("Ends after the iteration that has exceeded it", {
        minimum: 1,
        default: 15_000,
      }),
    },
    "L-BFGS, which takes all examples together and finds its step by itself",
  ),
] as const;

const OPTIMIZER_NAMES = OPTIMIZERS.map(({ properties }) => properties.type.const) satisfies OptimizerName[];

/** How the network is trained. */
export const TRAINING = {
  optimizer: Type.Optional(
    Type.Union([Type.Enum([...OPTIMIZER_NAMES]), ...OPTIMIZERS], {
      description: "What updates the weights: a name, or an object with its options",
    }),
  ),
  learningRate: number("Step size; each optimizer has its own default", { exclusiveMinimum: 0 }),
  schedule: SCHEDULE,
  epochs: wholeNumber("Passes over the training set", { minimum: 1, default: 50 }),
  batchSize: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), Type.Literal("all")], {
      description: "Examples in a minibatch; all: the whole training set",
      default: 100,
    }),
  ),
  classWeights: choice(["balanced"], "Let rare classes count as much as frequent ones"),
  alpha: number("L2 as scikit-learn's alpha: adds alpha / 2n times the sum of squared weights to the loss", {
    minimum: 0,
    default: 0,
  }),
  l1: number("Adds l1 / n times the sum of the weights' magnitudes to the loss", { minimum: 0, default: 0 }),
  augment: Type.Optional(
    Type.Object(
      {
        shift: number("The farthest shift along each axis, in pixels", { minimum: 0 }),
        rotate: number("The farthest rotation, in degrees", { minimum: 0, maximum: 180 }),
        scale: number("By how much of itself an image is made larger or smaller at the most", {
          minimum: 0,
          maximum: 0.9,
        }),
        elastic: number("The farthest that elastic distortion moves a pixel along an axis, in pixels", {
          minimum: 0,
        }),
        elasticSmoothness: number("Standard deviation of what smooths elastic distortion, in pixels", {
          minimum: 0.5,
          default: 4,
        }),
      },
      {
        description: "Distorts training images at random, anew in every epoch",
        additionalProperties: false,
        minProperties: 1,
      },
    ),
  ),
} as const;

/** What the run is made with. */
export const RUN = {
  seed: wholeNumber("Seed of weights, shuffling, dropout and distortions", {
    minimum: 0,
    maximum: 2 ** 32 - 1,
    default: 123,
  }),
  dtype: choice(["float32", "float64"], "Type of the numbers", "float32"),
  backend: choice(
    ["native", "js"],
    "Which backend computes; the two agree within rounding, so that bits are those of one of them",
  ),
  threads: wholeNumber(
    "Threads of the native backend, at most those that the machine has; their number changes no result",
    { minimum: 1, maximum: 1024 },
  ),
} as const;
