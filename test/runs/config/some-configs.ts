import fc from "fast-check";
import { ACTIVATIONS } from "../../../src/backend/activation.js";
import { initializers } from "../../../src/nn/initializers.js";

// Configurations of every kind, each of which its schema should take. Whether its settings go together is another question.

const share = fc.double({ min: 0, max: 0.99, noNaN: true });
const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
const atLeastZero = fc.double({ min: 0, max: 1e6, noNaN: true });
const units = fc.integer({ min: 1, max: 40 });
const activation = fc.constantFrom(...ACTIVATIONS);
const outputActivation = fc.constantFrom(...ACTIVATIONS, "softmax" as const);
const init = fc.constantFrom(...Object.keys(initializers));

/** An object with some of these properties. */
function some<T>(
  required: { [Name in keyof T]: fc.Arbitrary<T[Name]> },
  optional: Record<string, fc.Arbitrary<unknown>>,
) {
  return fc.record({ ...required, ...optional } as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: Object.keys(required),
  });
}

const typed = (type: string, optional: Record<string, fc.Arbitrary<unknown>>) =>
  some({ type: fc.constant(type) }, optional);

const terms = { weightDecay: atLeastZero, clipNorm: positive, clipValue: positive, maxNorm: positive };
const moments = { beta1: share, beta2: share, epsilon: positive, ...terms };

export const optimizers = fc.oneof(
  typed("sgd", { momentum: share, nesterov: fc.boolean(), ...terms }),
  typed("rmsprop", { alpha: share, epsilon: positive, ...terms }),
  typed("adagrad", { epsilon: positive, ...terms }),
  typed("adam", { ...moments, scaleEpsilon: fc.boolean() }),
  typed("adamw", moments),
  typed("nadam", { ...moments, momentumDecay: atLeastZero }),
  typed("lion", { beta1: share, beta2: share, ...terms }),
  typed("lbfgs", { history: units, tolerance: atLeastZero, maxIterations: units }),
);

export const losses = fc.oneof(
  typed("squaredError", { averageOutputs: fc.boolean(), factor: positive }),
  typed("absoluteError", {}),
  typed("huber", { threshold: positive }),
  typed("binaryCrossEntropy", { labelSmoothing: share }),
  typed("crossEntropy", { labelSmoothing: share }),
);

const factor = fc.double({ min: 1e-6, max: 1, noNaN: true });
const count = fc.integer({ min: 1, max: 50 });
const unit = fc.constantFrom("epoch", "step");

export const warmUps = fc.oneof(
  share,
  count,
  some({ length: fc.oneof(share, count) }, { unit: fc.constant("step"), start: factor }),
  some({ length: positive, unit: fc.constant("epoch") }, { start: factor }),
);

/** Their rates fit a learning rate of 0.1 or more. */
const rate = fc.double({ min: 1e-6, max: 0.1, noNaN: true });
const ascending = (least: number) =>
  fc
    .uniqueArray(fc.integer({ min: least, max: 99 }), { minLength: 1, maxLength: 4 })
    .map((times) => times.sort((a, b) => a - b));

/** Each without a warm-up. */
export const schedules = {
  constant: some({ type: fc.constant("constant") }, {}),
  step: some({ type: fc.constant("step"), stepSize: count }, { gamma: factor, unit }),
  multiStep: some({ type: fc.constant("multiStep"), milestones: ascending(1) }, { gamma: factor, unit }),
  exponential: some({ type: fc.constant("exponential"), gamma: factor }, { unit }),
  polynomial: typed("polynomial", { power: positive, length: positive, final: rate, unit }),
  cosine: typed("cosine", { final: rate, length: positive, unit }),
  cosineRestarts: some(
    { type: fc.constant("cosineRestarts"), period: positive },
    { multiplier: count, final: rate, unit },
  ),
  oneCycle: typed("oneCycle", {
    pctStart: fc.double({ min: 0, max: 0.5, noNaN: true }),
    divFactor: fc.double({ min: 1, max: 100, noNaN: true }),
    finalDivFactor: fc.double({ min: 1, max: 1e5, noNaN: true }),
    annealStrategy: fc.constantFrom("cos", "linear"),
    threePhase: fc.boolean(),
    length: positive,
    unit,
  }),
  cyclical: typed("cyclical", {
    base: rate,
    stepSizeUp: positive,
    stepSizeDown: positive,
    mode: fc.constantFrom("triangular", "triangular2", "expRange"),
    gamma: factor,
    unit,
  }),
  inverseScaling: typed("inverseScaling", { power: atLeastZero, unit }),
  piecewise: some(
    {
      type: fc.constant("piecewise"),
      points: fc
        .tuple(ascending(0), fc.array(positive, { minLength: 4, maxLength: 4 }))
        .map(([times, rates]) => times.map((time, i) => [time, rates[i]])),
    },
    { interpolate: fc.boolean(), unit },
  ),
};

/** Any, with or without a warm-up. */
export const anySchedule = fc
  .tuple(fc.oneof(...Object.values(schedules)), fc.option(warmUps, { nil: undefined }))
  .map(([schedule, warmUp]) => ({ ...schedule, ...(warmUp !== undefined && { warmUp }) }));

/** What ends a training or changes its course; most go together. */
export const stoppings = {
  monitor: fc.constantFrom("validation.loss", "train.accuracy", "validation.f1Macro"),
  earlyStopping: some({}, { patience: count, minDelta: atLeastZero, restoreBestWeights: fc.boolean() }),
  reduceOnPlateau: some(
    {},
    {
      factor: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      patience: fc.nat({ max: 9 }),
      threshold: atLeastZero,
      thresholdMode: fc.constantFrom("rel", "abs"),
      cooldown: fc.nat({ max: 9 }),
      minLr: atLeastZero,
      eps: atLeastZero,
    },
  ),
  timeLimit: fc.oneof(positive, fc.constant(1e-9)),
};

export const foldChoices = some(
  {
    fold: count,
    folds: fc.integer({ min: 2, max: 9 }),
    repeats: count,
    stratified: fc.boolean(),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  },
  { validationSize: fc.oneof(count, fc.double({ min: 0.01, max: 0.9, noNaN: true })) },
);

const { layer } = fc.letrec((tie) => ({
  layer: fc.oneof(
    { maxDepth: 3 },
    some({ type: fc.constant("dense"), units }, { activation: outputActivation, initializer: init }),
    some({ type: fc.constant("activation"), activation }, {}),
    some({ type: fc.constant("dropout"), rate: share }, {}),
    typed("batchNormalization", {
      momentum: fc.double({ min: 0.01, max: 1, noNaN: true }),
      epsilon: positive,
    }),
    typed("standardize", {}),
    some(
      { type: fc.constant("auxiliary"), units, activation: outputActivation, loss: losses },
      { weight: positive },
    ),
    fc.record({
      type: fc.constant("residual"),
      layers: fc.array(tie("layer"), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

export const configs = some(
  {},
  {
    $schema: fc.webUrl(),
    dataset: fc.constantFrom("mnist", "synthetic"),
    dataDir: fc.string({ minLength: 1 }),
    labelColumn: fc.oneof(fc.integer(), fc.string({ minLength: 1 })),
    imageShape: fc.tuple(units, units),
    task: fc.constantFrom("classify", "regress"),
    selectedClasses: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 4 }),
    split: fc.constantFrom("chapter", "official"),
    splitSeed: fc.constant(123),
    preset: fc.constantFrom("modern", "adaline"),
    inputs: units,
    layers: fc.oneof(
      fc.array(units, { minLength: 2, maxLength: 4 }),
      fc.array(layer, { minLength: 1, maxLength: 4 }),
    ),
    hidden: fc.oneof(units, fc.array(units, { maxLength: 3 })),
    activation,
    output: fc.constantFrom("sigmoid", "softmax", "identity"),
    init,
    batchNorm: fc.boolean(),
    dropout: share,
    standardize: fc.boolean(),
    loss: fc.oneof(fc.constantFrom("huber", "crossEntropy"), losses),
    from: fc.string({ minLength: 1 }),
    freeze: fc.array(fc.string({ minLength: 1 }), { maxLength: 2 }),
    optimizer: fc.oneof(fc.constantFrom("sgd", "lbfgs"), optimizers),
    learningRate: positive,
    schedule: fc.oneof(fc.constantFrom("constant", "oneCycle"), anySchedule),
    metrics: fc.uniqueArray(fc.constantFrom("f1Macro", "logLoss", "top3Accuracy")),
    ...stoppings,
    groupColumn: fc.string({ minLength: 1 }),
    crossValidation: foldChoices,
    epochs: units,
    batchSize: fc.oneof(units, fc.constant("all")),
    classWeights: fc.constant("balanced"),
    alpha: atLeastZero,
    l1: atLeastZero,
    augment: fc.oneof(
      fc.record({ shift: share }),
      fc.record({ rotate: share, scale: fc.double({ min: 0, max: 0.9, noNaN: true }) }),
    ),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    dtype: fc.constantFrom("float32", "float64"),
    backend: fc.constantFrom("native", "js"),
    threads: units,
  },
);
