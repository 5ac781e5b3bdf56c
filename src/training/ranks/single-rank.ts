import type { Dataset } from "../../data/dataset.js";
import { batches, minibatchCount } from "../../data/minibatches.js";
import { type DatasetStream, isStream } from "../../data/stream.js";
import type { Batch } from "../../tensor/batch.js";
import { createEvaluator } from "../evaluate.js";
import type { PartBatches, Ranks, Training } from "../training.js";

/** @param signal Ends the training. */
export function singleRank(signal: AbortSignal | undefined): Ranks {
  return {
    size: 1,
    signal,
    addsGradients: false,
    rowsOf: (batchSize) => batchSize,
    begin() {},
    draw(training, dataset, skip) {
      return isStream(dataset)
        ? drawParts(training, dataset, skip, signal)
        : [drawAll(training, dataset, skip)];
    },
    drawWhole({ batchSize, memory, ink }, dataset) {
      const [batch] = batches(dataset, { batchSize, memory, ink }) as Iterable<Batch>;
      return batch;
    },
    backward({ context: { network }, slots, totals }, batch) {
      network.forward(batch.x, slots);
      network.backward(batch, slots, totals);
      return batch.x.shape[0] as number;
    },
    evaluate(network, batch, slots, totals) {
      network.forward(batch.x, slots);
      network.backward(batch, slots, totals);
      return network.objectiveOf(batch, slots, totals);
    },
    isPaused: ({ control }) => control.paused,
    whilePaused: ({ control }) => control.whilePaused(signal),
    endEpoch() {},
    divide: () => undefined,
    createEvaluator: (network, dataset, ink, scorer) =>
      createEvaluator(network, dataset, undefined, ink, scorer),
  };
}

/** A part of a stream is as much as is in memory at a time. */
async function* drawParts(
  training: Training,
  stream: DatasetStream,
  skip: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<PartBatches, void> {
  let left = skip;
  for await (const part of stream.parts({ shuffle: training.shuffle, signal })) {
    yield drawAll(training, part, left);
    left -= Math.min(left, minibatchCount(part.rows.length, training));
  }
}

function drawAll(
  { batchSize, dropLast, shuffle, memory, ink }: Training,
  part: Dataset,
  skip: number,
): PartBatches {
  return { part, batches: batches(part, { batchSize, shuffle, dropLast, memory, ink, skip }) };
}
