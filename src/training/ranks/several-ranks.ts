import type { Communicator } from "../../communicator/communicator.js";
import { gatherBatch } from "../../data/batch-memory.js";
import type { Dataset } from "../../data/dataset.js";
import { minibatches } from "../../data/minibatches.js";
import { type DatasetOrStream, type DatasetStream, dealtParts, isStream } from "../../data/stream.js";
import { CommunicatorError, InvalidArgumentError } from "../../errors.js";
import { BatchNormalization } from "../../nn/batch-normalization.js";
import { type Layer, learns } from "../../nn/layer.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { RandomState } from "../../random/random-state.js";
import type { Batch } from "../../tensor/batch.js";
import { createEvaluator, type Divided, type Evaluation, type Evaluator } from "../evaluate.js";
import type { PartBatches, Ranks, Training } from "../training.js";
import { agreeOnBeginning, agreeOnEpoch } from "./agreement.js";
import { createGradientMessage } from "./gradient-message.js";
import { longestShare, type Share, shareOf } from "./share.js";

/** What a rank says that must go on waiting, or stop, when a pause has ended. */
const GO_ON = 0;
const STOP = 1;

/**
 * Several processes that train one network: each takes its share of the rows of every minibatch, and what they have found is added up, by one
 * message a step.
 *
 * @param own Of this process; when it is aborted, all stop after the same step.
 * @throws InvalidArgumentError for a network whose layers look at a whole minibatch.
 */
export function severalRanks(
  communicator: Communicator,
  network: MultilayerPerceptron,
  own: AbortSignal | undefined,
): Ranks {
  const { rank, size } = communicator;
  requireNoStatistics(network.layers, size);
  const share: Share = { rank, size, rowStep: network.rowStep };
  const all = new AbortController();
  const { signal } = all;
  const message = createGradientMessage(communicator, network);
  /** Of the minibatch that was drawn last. */
  let firstRow = 0;
  let isPaused = false;
  const isAborted = () => own?.aborted === true;
  const hear = (interruptions: number) => {
    if (interruptions === 0 || signal.aborted) return;
    all.abort(isAborted() ? own?.reason : new CommunicatorError("Another rank was interrupted."));
  };
  /** Adds up some figures of every rank, and hears who was interrupted. */
  const addUp = async (sums: Float64Array) => {
    const told = new Float64Array(sums.length + 1);
    told.set(sums);
    told[sums.length] = isAborted() ? 1 : 0;
    await communicator.sum(told);
    sums.set(told.subarray(0, sums.length));
    hear(told[sums.length] as number); // It has one more than the sums.
  };
  const divide = (dataset: DatasetOrStream): Divided => ({
    parts: (signal) =>
      isStream(dataset)
        ? dealtParts(dataset, { signal, share })
        : [rowsOfShare(dataset, { ...share, rowStep: 1 })],
    async addUp(sums) {
      await addUp(sums);
      signal.throwIfAborted(); // Here, as a rank without examples comes to no other place that does.
    },
  });
  const shareOfRows = ({ memory, ink }: Training, part: Dataset, rows: Int32Array): Batch => {
    const { start, end } = shareOf(rows.length, share);
    firstRow = start;
    return { ...gatherBatch(part, rows.subarray(start, end), memory, ink), divisor: rows.length };
  };
  function* drawFromMemory(training: Training, dataset: Dataset, skip: number): Generator<Batch, void> {
    const { batchSize, shuffle, dropLast, memory } = training;
    const scratch = memory.order;
    for (const rows of minibatches(dataset.rows, { batchSize, shuffle, dropLast, skip, scratch })) {
      yield shareOfRows(training, dataset, rows);
    }
  }
  async function* drawFromStream(
    training: Training,
    stream: DatasetStream,
    skip: number,
  ): AsyncGenerator<PartBatches, void> {
    const { batchSize, memory, shuffle } = training;
    const { start, end } = shareOf(batchSize, share);
    const rowsOfBatch = end - start;
    // Ranks draw orders of different lengths: so the generator that all have in common must not be used for them.
    const seed = shuffle.randint(0, 2 ** 31 - 1);
    const ownShuffle = new RandomState(seed + rank);
    const told = new Float64Array(1);
    const batchOf = async (part: Dataset, rows: Int32Array): Promise<Batch | undefined> => {
      told[0] = rows.length;
      await addUp(told);
      firstRow = start;
      const [divisor = 0] = told;
      return divisor === 0 ? undefined : { ...gatherBatch(part, rows, memory, null), divisor };
    };
    let left = skip;
    for await (const part of dealtParts(stream, { shuffle, signal, share })) {
      const options = { batchSize: rowsOfBatch, shuffle: ownShuffle, scratch: memory.order, skip: left };
      for (const rows of minibatches(part.rows, options)) {
        const batch = await batchOf(part, rows);
        if (batch !== undefined) yield { part, batches: [batch] };
      }
      left -= Math.min(left, Math.ceil(part.rows.length / rowsOfBatch));
    }
    // Others may have some more examples.
    const nothing = emptyPart(stream);
    for (;;) {
      const batch = await batchOf(nothing, nothing.rows);
      if (batch === undefined) return;
      yield { part: nothing, batches: [batch] };
    }
  }
  return {
    size,
    signal,
    addsGradients: true,
    rowsOf: (batchSize) => longestShare(batchSize, share),
    async begin(training) {
      await agreeOnBeginning(communicator, training);
    },
    draw(training, dataset, skip) {
      if (!isStream(dataset)) return [{ part: dataset, batches: drawFromMemory(training, dataset, skip) }];
      requireRowsForAll(training.batchSize, share);
      return drawFromStream(training, dataset, skip);
    },
    drawWhole: (training, dataset) => shareOfRows(training, dataset, dataset.rows),
    async backward(training, batch) {
      const { slots, totals, context, control } = training;
      const step = await message.exchange(batch, slots, totals, {
        firstRow,
        learningRate: context.learningRate,
        isInterrupted: isAborted(),
        isPaused: control.paused,
      });
      context.learningRate = step.learningRate;
      isPaused = step.isPaused;
      hear(step.interruptions);
      return step.examples;
    },
    async evaluate(network, batch, slots, totals) {
      const isEmpty = batch.x.shape[0] === 0;
      await message.addGradients(batch, slots, totals);
      const sums = Float64Array.of(...totals, isEmpty ? 0 : network.addedLossOf(batch, slots));
      await addUp(sums); // In double, which the search for a step needs.
      totals.set(sums.subarray(0, totals.length));
      const examples = batch.divisor as number; // Every batch that is drawn here has it.
      message.finish(totals, examples, examples);
      const [, , weight = 0] = totals;
      const added = weight === 0 ? 0 : ((sums[3] as number) * examples) / weight;
      return network.objectiveOfWhole(totals, added, examples);
    },
    isPaused: () => isPaused,
    async whilePaused({ control }) {
      const word = new Int32Array(1);
      if (rank === 0) {
        // Where this rank is told to stop, so are the others, which wait for its word.
        await control.whilePaused(own).catch((error: unknown) => {
          if (!isAborted()) throw error;
          word[0] = STOP;
        });
      }
      await communicator.broadcast(word);
      isPaused = false;
      hear(word[0] === GO_ON ? 0 : 1);
      signal.throwIfAborted();
    },
    async endEpoch(training) {
      const decided = await agreeOnEpoch(communicator, training, isAborted());
      isPaused = decided.isPaused;
      training.control.restore(decided.scale, decided.stopReason ?? undefined);
      hear(decided.interruptions);
    },
    divide,
    createEvaluator(network, dataset, ink, scorer) {
      if (scorer === null) return createEvaluator(network, dataset, undefined, ink, null, divide(dataset));
      // Named metrics need the outputs for all examples in one place.
      return sharedByRankZero(communicator, createEvaluator(network, dataset, undefined, ink, scorer));
    },
  };
}

/** Rank 0 evaluates, and tells the others. */
function sharedByRankZero(communicator: Communicator, evaluator: Evaluator): Evaluator {
  return async () => {
    const own = communicator.rank === 0 ? await evaluator() : undefined;
    const [told = ""] = await communicator.gather(
      own === undefined ? "" : JSON.stringify(own, withEveryNumber),
    );
    return own ?? (JSON.parse(told, everyNumber) as Evaluation);
  };
}

/** JSON has no NaN. */
function withEveryNumber(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function everyNumber(_: string, value: unknown): unknown {
  return typeof value === "string" ? Number(value) : value;
}

function rowsOfShare(dataset: Dataset, share: Share): Dataset {
  const { start, end } = shareOf(dataset.rows.length, share);
  return { ...dataset, rows: dataset.rows.subarray(start, end) };
}

function emptyPart({ features, targets }: DatasetStream): Dataset {
  return {
    features: { ...features, data: new Uint8Array(0) },
    targets: { ...targets, labels: new Uint8Array(0) },
    rows: new Int32Array(0),
  };
}

/** Otherwise some rank would never learn from what it is dealt. */
function requireRowsForAll(batchSize: number, { size, rowStep }: Share): void {
  if (batchSize >= size * rowStep) return;
  throw new InvalidArgumentError(
    `Expected a batchSize of at least ${size * rowStep} for a stream that ${size} ranks share, so that each has examples in a minibatch, but received ${batchSize}.`,
  );
}

/** The statistics of a minibatch are those of all of its examples, and a rank sees but some. */
function requireNoStatistics(layers: readonly Layer[], size: number): void {
  for (const layer of layers) {
    requireNoStatistics(layer.layers ?? [], size);
    if (layer instanceof BatchNormalization && learns(layer)) {
      throw new InvalidArgumentError(
        `Expected a network without batch normalisation for ${size} ranks, as each sees a share of a minibatch, and its statistics are those of all; leave out those layers, freeze them, or train in one process.`,
      );
    }
  }
}
