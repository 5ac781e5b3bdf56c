import type { FloatArray } from "../float-array.js";
import {
  requireFloats,
  requireLength,
  requireSameOrDisjoint,
  requireSameType,
  requireSize,
} from "../requirements.js";

export interface SoftmaxOperations {
  /**
   * out[i, j] = exp(x[i, j]) / (sum over j of exp(x[i, j])), row by row. The row's largest element is subtracted first, so that no logit is
   * too large. A row with a NaN, with +Infinity, or of nothing but -Infinity becomes NaN as a whole.
   */
  softmax(args: SoftmaxArguments): void;
}

export interface SoftmaxArguments {
  /** [rows, columns]. */
  readonly x: FloatArray;
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns], the output; may be `x`. */
  readonly out: FloatArray;
}

function checkSoftmax({ x, rows, columns, out }: SoftmaxArguments): void {
  requireSize("softmax", "rows", rows, 0);
  requireSize("softmax", "columns", columns, 0);
  const dtype = requireFloats("softmax", "x", x);
  requireSameType("softmax", "out", out, dtype);
  requireLength("softmax", "x", x, rows * columns);
  requireLength("softmax", "out", out, rows * columns);
  requireSameOrDisjoint("softmax", "out", out, "x", x);
}

export const softmaxChecks: SoftmaxOperations = { softmax: checkSoftmax };
