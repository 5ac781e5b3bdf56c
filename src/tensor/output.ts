import type { KnownOptions } from "../system/known-options.js";
import {
  requireMatrix,
  requireSameLayout,
  requireShape,
  type Tensor,
  tensor,
  toArray,
  zeros,
  zerosByColumns,
} from "./tensor.js";

// Where results of operations go.

export interface OutputOption {
  /** Where the result goes; a new tensor if left out. Must have the shape and type of the result. */
  readonly out?: Tensor | undefined;
}

export const OUTPUT_OPTION: KnownOptions<OutputOption> = { out: true };

/** The tensor for a result of this shape: `out` after a check, or a new one of the kind of `like`. */
export function output(like: Tensor, shape: readonly number[], out: Tensor | undefined): Tensor {
  if (out === undefined) return zeros(shape, like);
  requireShape("the output", out, shape);
  return out;
}

/** As {@link output} for a matrix, without an array for its shape. */
export function matrixOutput(like: Tensor, rows: number, columns: number, out: Tensor | undefined): Tensor {
  if (out === undefined) return zeros([rows, columns], like);
  requireMatrix("the output", out, rows, columns);
  return out;
}

/** As {@link output} for what is computed element by element, wherever an element lies. */
export function elementwiseOutput(like: Tensor, out: Tensor | undefined): Tensor {
  if (out === undefined)
    return like.order === "rows" ? zeros(like.shape, like) : zerosByColumns(like.shape, like);
  requireShape("the output", out, like.shape);
  requireSameLayout("the output", out, like);
  return out;
}

/** The tensor itself, or a copy that lies row by row. */
export function byRows(x: Tensor): Tensor {
  return x.order === "rows" ? x : tensor(toArray(x), x.shape, { backend: x.backend });
}
