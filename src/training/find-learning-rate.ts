import type { AugmentOptions } from "../data/augmentation/augmenter.js";
import { createBatchMemory } from "../data/batch-memory.js";
import { batches } from "../data/minibatches.js";
import { type DatasetOrStream, exampleCount, partRows, partsOf } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import type { Layer } from "../nn/layer.js";
import { createLossTotals } from "../nn/losses/loss.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import type { Optimizer } from "../optim/optimizer.js";
import { SGD } from "../optim/sgd.js";
import { RandomState } from "../random/random-state.js";
import { expectThat, expectWholeNumber, hasFunctions } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { sameLayout } from "../tensor/tensor.js";
import { createBatchAugmentation } from "./batch-augmentation.js";
import { type ClassWeights, weighClasses } from "./class-weights.js";
import { checkCounts, checkFits, checkSignal, checkSubjects } from "./compatibility.js";
import { type LearningRateRange, LossCurve } from "./learning-rate-range.js";
import { createPace } from "./pace.js";
import { learnStandardization } from "./standardization.js";

export interface FindLearningRateOptions {
  /** The first learning rate, a finite number above 0. Default: 1e-6. */
  readonly min?: number | undefined;
  /** The last, a finite number above `min`. Default: 10. */
  readonly max?: number | undefined;
  /** How many steps there are from the first to the last, a whole number of at least 10. Default: 100. */
  readonly steps?: number | undefined;
  /** The share of the old in the moving average of the loss, from 0 to below 1. Default: 0.9. */
  readonly smoothing?: number | undefined;
  /** What updates the parameters; one that takes learning rates. Default: a new {@link SGD}. */
  readonly optimizer?: Optimizer | undefined;
  /** Examples in a minibatch, a whole number of at least 1. Default: 100, as of `fit`. */
  readonly batchSize?: number | undefined;
  /** Seed of the shuffles. Default: 123, as of `fit`. */
  readonly shuffle?: number | undefined;
  /** As of `fit`. */
  readonly classWeights?: ClassWeights | undefined;
  /** As of `fit`. */
  readonly augment?: AugmentOptions | undefined;
  /** Ends the test after the current minibatch: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const OPTIONS: KnownOptions<FindLearningRateOptions> = {
  min: true,
  max: true,
  steps: true,
  smoothing: true,
  optimizer: true,
  batchSize: true,
  shuffle: true,
  classWeights: true,
  augment: true,
  signal: true,
};

/**
 * The learning rate range test: training goes on for some steps, while the learning rate grows from each to the next by the same factor. The
 * loss stays, falls, and at last grows without end; a good learning rate is one at which it falls. The test ends early where the smoothed
 * loss is above the first and above four times the lowest, or no finite number.
 *
 * L. Smith, "Cyclical learning rates for training neural networks", WACV 2017, section 3.3; rates that grow by a factor and the smoothing
 * are fast.ai's.
 *
 * Network and optimizer are as before when it ends, but for the gradients.
 *
 * @throws InvalidArgumentError when there is no such option, when one is out of range, or when the dataset is empty or weighs nothing.
 * @throws ShapeError when the network does not fit the dataset.
 */
export async function findLearningRate(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  options: FindLearningRateOptions = {},
): Promise<LearningRateRange> {
  requireKnownOptions("findLearningRate", options, OPTIONS, "{ max: 1 }");
  checkSubjects(network, dataset);
  const { min = 1e-6, max = 10, steps = 100, smoothing = 0.9 } = options;
  const { optimizer = new SGD(), batchSize = 100, classWeights, signal } = options;
  expectThat(Number.isFinite(min) && min > 0, "a finite number above 0", "min", min);
  expectThat(Number.isFinite(max) && max > min, `a finite number above min, ${min},`, "max", max);
  expectThat(Number.isSafeInteger(steps) && steps >= 10, "a whole number of at least 10", "steps", steps);
  const isShare = typeof smoothing === "number" && smoothing >= 0 && smoothing < 1;
  expectThat(isShare, "a number from 0 to below 1", "smoothing", smoothing);
  const optimizes = hasFunctions(optimizer, "step", "restore");
  expectThat(
    optimizes,
    "an optimizer that takes a learning rate, such as new SGD(),",
    "optimizer",
    optimizer,
  );
  expectWholeNumber("batchSize", batchSize);
  checkSignal(signal);
  checkFits(network, dataset);
  if (exampleCount(dataset) === 0) {
    throw new InvalidArgumentError("Expected at least one training example but received none.");
  }
  const examples = classWeights === undefined ? dataset : weighClasses(dataset, classWeights);
  checkCounts(examples);
  const restore = snapshotOf(network, optimizer);
  try {
    await learnStandardization(network, examples, signal);
    const curve = new LossCurve(smoothing);
    const rateOf = (step: number) => min * (max / min) ** (step / (steps - 1));
    await raiseRate(network, examples, curve, { ...options, optimizer, batchSize, steps, rateOf });
    return curve.result(steps);
  } finally {
    restore();
  }
}

interface Run extends Pick<FindLearningRateOptions, "shuffle" | "augment" | "signal"> {
  readonly optimizer: Optimizer;
  readonly batchSize: number;
  readonly steps: number;
  readonly rateOf: (step: number) => number;
}

/** Takes a step at each rate, until there are no more, or the loss grows without end. */
async function raiseRate(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  curve: LossCurve,
  { optimizer, batchSize, steps, rateOf, shuffle: seed = 123, augment, signal }: Run,
): Promise<void> {
  const { dtype, backend } = network;
  const shuffle = new RandomState(seed);
  const pace = createPace(signal);
  const augmentation = createBatchAugmentation(augment, dataset, batchSize, pace);
  const memory = createBatchMemory(partRows(dataset), batchSize, { dtype, backend, dataset });
  const slots = network.createSlots(Math.min(batchSize, partRows(dataset)));
  const totals = createLossTotals();
  for (let epoch = 1; ; epoch++) {
    for await (const part of partsOf(dataset, { shuffle, signal })) {
      for (const drawn of batches(part, { batchSize, shuffle, memory })) {
        const batch = augmentation === null ? drawn : await augmentation.distort(drawn, part, epoch);
        const rate = rateOf(curve.rates.length);
        network.trainStep(batch, slots, optimizer, rate, totals.fill(0));
        const [, , weight = 0] = totals;
        const goesOn = weight === 0 || curve.add(rate, network.loss.mean(totals, network.outputs)); // No weight, no loss.
        if (!goesOn || curve.rates.length === steps) return;
        if (pace.due()) await pace.rest();
      }
    }
  }
}

/** @returns What puts a network and its optimizer back into the state that they are in. */
function snapshotOf(network: MultilayerPerceptron, optimizer: Optimizer): () => void {
  const numbers = [...network.parameters, ...network.buffers].map(
    ({ value }) => [value.data, value.data.slice()] as const,
  );
  const draws = layersOf(network.layers).map((layer) => [layer, layer.draws] as const);
  const { steps } = optimizer;
  const slots = new Map(
    [...optimizer.slots].map(([name, slot]) => [name, sameLayout(slot, slot.data.slice())] as const),
  );
  return () => {
    for (const [data, copy] of numbers) data.set(copy);
    for (const [layer, count] of draws) if (count !== undefined) layer.draws = count;
    optimizer.restore(steps, slots);
  };
}

/** With those that blocks are made of. */
function layersOf(layers: readonly Layer[]): readonly Layer[] {
  return layers.flatMap((layer) => [layer, ...layersOf(layer.layers ?? [])]);
}
