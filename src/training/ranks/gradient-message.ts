import type { FloatArray } from "../../backend/backend.js";
import { lineLength } from "../../backend/cache-line.js";
import type { Communicator } from "../../communicator/communicator.js";
import type { LossTotals } from "../../nn/losses/loss.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import type { NetworkSlots } from "../../nn/slots.js";
import type { Batch } from "../../tensor/batch.js";
import type { Parameter } from "../../tensor/parameter.js";
import { fill } from "../../tensor/tensor.js";

/** What a rank says with the gradients of a step, beside what it has computed. */
interface StepWords {
  /** Which row of the minibatch its share begins with. */
  readonly firstRow: number;
  readonly learningRate: number;
  readonly isInterrupted: boolean;
  readonly isPaused: boolean;
}

/** What all have said. */
export interface StepNews {
  /** Of the minibatch. */
  readonly examples: number;
  /** Rank 0's, to the bit. */
  readonly learningRate: number;
  /** How many ranks were interrupted. */
  readonly interruptions: number;
  /** Whether rank 0 wants all to wait after the step. */
  readonly isPaused: boolean;
}

/** Where in the line of numbers before the gradients, which has room for `HEADER_LENGTH`, each stands; the totals are first. */
const EXAMPLES = 3;
const INTERRUPTIONS = 4;
const PAUSE = 5;
const LEARNING_RATE = 6;

export interface GradientMessage {
  /** A pass over this rank's share, and all gradients and totals summed: what `backward` gives for the whole minibatch. */
  exchange(batch: Batch, slots: NetworkSlots, totals: LossTotals, words: StepWords): Promise<StepNews>;
  /** The same without the totals, and before {@link finish}. */
  addGradients(batch: Batch, slots: NetworkSlots, totals: LossTotals): Promise<void>;
  /**
   * Makes of summed gradients those of the minibatch.
   *
   * @param totals Those of all ranks.
   * @param divisor What the sums were divided by.
   */
  finish(totals: LossTotals, divisor: number, examples: number): void;
}

/** The one message of a step: all gradients of a network as they lie in memory, and before them what else has to be known. */
export function createGradientMessage(
  communicator: Communicator,
  network: MultilayerPerceptron,
): GradientMessage {
  const { rank } = communicator;
  const { gradients } = network;
  /** Of the header, where the totals are. */
  const sums = gradients.subarray(0, 3);
  const scale = createScaling(network);
  let learned: readonly Parameter[] = [];
  /** Of a share without rows they are 0; those of frozen parameters, which nobody writes, are left from elsewhere. */
  const clear = (isEmpty: boolean) => {
    if (isEmpty) gradients.fill(0);
    else if (learned !== network.trainable) {
      for (const { gradient, frozen } of network.parameters) if (frozen === true) fill(gradient, 0);
    }
    learned = network.trainable;
  };
  const pass = (batch: Batch, slots: NetworkSlots, totals: LossTotals) => {
    const isEmpty = batch.x.shape[0] === 0;
    clear(isEmpty);
    if (isEmpty) {
      // A mask is drawn for every minibatch, by everybody.
      network.draws = network.draws.map((draws) => draws + 1);
      return;
    }
    network.forward(batch.x, slots);
    network.backwardPart(batch, slots, totals);
  };
  const finish = (totals: LossTotals, divisor: number, examples: number) => {
    const [, , weight = 0] = totals;
    if (weight !== divisor && weight !== 0) scale(divisor / weight);
    network.regularize(examples);
  };
  return {
    finish,
    async exchange(batch, slots, totals, { firstRow, learningRate, isInterrupted, isPaused }) {
      network.firstRow = firstRow;
      pass(batch, slots, totals);
      gradients.set(totals);
      gradients[EXAMPLES] = batch.x.shape[0] as number;
      gradients[INTERRUPTIONS] = isInterrupted ? 1 : 0;
      gradients[PAUSE] = rank === 0 && isPaused ? 1 : 0;
      putExactly(gradients, LEARNING_RATE, rank === 0 ? learningRate : 0);
      await communicator.sum(gradients);
      totals.set(sums);
      const news = {
        examples: gradients[EXAMPLES] as number, // There is room for all of these.
        learningRate: takeExactly(gradients, LEARNING_RATE),
        interruptions: gradients[INTERRUPTIONS] as number,
        isPaused: gradients[PAUSE] !== 0,
      };
      finish(totals, batch.divisor as number, news.examples); // As every batch that ranks draw has it.
      return news;
    },
    async addGradients(batch, slots, totals) {
      pass(batch, slots, totals);
      await communicator.sum(gradients);
    },
  };
}

/** A double as up to three numbers of a message in single precision, which add up to it. */
function putExactly(to: FloatArray, at: number, value: number): void {
  let rest = value;
  for (let i = at; i < at + 3; i++) {
    to[i] = rest;
    rest -= to[i] as number; // It was just written.
  }
}

function takeExactly(from: FloatArray, at: number): number {
  return (from[at + 2] as number) + (from[at + 1] as number) + (from[at] as number); // The smallest first.
}

/** What multiplies all gradients by a number. They fill whole lines of the cache, which are the rows here. */
function createScaling({ gradients, backend, dtype }: MultilayerPerceptron): (by: number) => void {
  const columns = lineLength(dtype);
  const scale = backend.allocate(dtype, columns);
  const offset = backend.allocate(dtype, columns);
  const rows = gradients.length / columns;
  return (by) => {
    scale.fill(by);
    backend.scaleColumns({ x: gradients, rows, columns, scale, offset, out: gradients });
  };
}
