import { requireKnownOptions } from "../system/known-options.js";
import { OUTPUT_OPTION, type OutputOption, output } from "./output.js";
import type { Tensor } from "./tensor.js";

/** Which mask it is: each is a whole number, `seed` and `stream` below 2^32 and `draw` below 2^53. */
export interface MaskNumber {
  readonly seed: number;
  readonly stream: number;
  readonly draw: number;
  /** Which element of the mask the first one of the tensor is, a multiple of 4: of a part of something larger. Default: 0. */
  readonly first?: number;
}

/**
 * Numbers of a tensor set to 0 with a probability of `rate`, and the others divided by 1 - rate. `out` may be `x`.
 *
 * @param rate From 0 to less than 1.
 * @param mask The same numbers give the same mask, whatever computes it.
 */
export function dropout(x: Tensor, rate: number, mask: MaskNumber, options: OutputOption = {}): Tensor {
  requireKnownOptions("dropout", options, OUTPUT_OPTION, "{ out }");
  const result = output(x, x.shape, options.out);
  x.backend.dropout({
    x: x.data,
    out: result.data,
    rate,
    seed: mask.seed,
    stream: mask.stream,
    draw: mask.draw,
    first: mask.first ?? 0,
  });
  return result;
}
