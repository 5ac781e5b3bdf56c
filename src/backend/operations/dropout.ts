import type { FloatArray } from "../float-array.js";
import {
  requireFloats,
  requireLength,
  requireMultiple,
  requireSameOrDisjoint,
  requireSameType,
  requireShare,
  requireWhole,
} from "../requirements.js";

export interface DropoutOperations {
  /**
   * out[i] = x[i] / (1 - rate) where element i stays, and 0 where it is left out (inverted dropout: Srivastava et al., "Dropout: A
   * Simple Way to Prevent Neural Networks from Overfitting", 2014).
   *
   * Whether it stays depends on i, `seed`, `stream` and `draw` alone, and is the same on every backend and for every number of threads:
   * it does where a random number of 32 bits is at least rate * 2³². That number is word i % 4 of Philox4x32-10 (Salmon et al.,
   * "Parallel random numbers: as easy as 1, 2, 3", 2011) for the key (seed, stream) and the counter (floor(i / 4), draw), each of them
   * as two words, the lower one first. Where `first` is given, i counts from there.
   */
  dropout(args: DropoutArguments): void;
}

export interface DropoutArguments {
  readonly x: FloatArray;
  /** As long as `x`, the output. May be `x`. */
  readonly out: FloatArray;
  /** The share that is left out, from 0 to below 1. */
  readonly rate: number;
  /** A whole number of 32 bits. */
  readonly seed: number;
  /** A whole number of 32 bits: which of the dropout layers. */
  readonly stream: number;
  /** A whole number below 2⁵³: which of the masks. */
  readonly draw: number;
  /** Which element of the mask the first one of `x` is, a multiple of 4: where `x` is a part of something larger. Default: 0. */
  readonly first?: number;
}

const largestWord = 2 ** 32 - 1;

function checkDropout({ x, out, rate, seed, stream, draw, first = 0 }: DropoutArguments): void {
  requireShare("dropout", "rate", rate);
  requireWhole("dropout", "seed", seed, 0, largestWord);
  requireWhole("dropout", "stream", stream, 0, largestWord);
  requireWhole("dropout", "draw", draw, 0, Number.MAX_SAFE_INTEGER);
  requireWhole("dropout", "first", first, 0, 2 ** 52);
  requireMultiple("dropout", "first", first, 4);
  const dtype = requireFloats("dropout", "x", x);
  requireSameType("dropout", "out", out, dtype);
  requireLength("dropout", "x", x, x.length);
  requireLength("dropout", "out", out, x.length);
  requireSameOrDisjoint("dropout", "out", out, "x", x);
}

export const dropoutChecks: DropoutOperations = { dropout: checkDropout };
