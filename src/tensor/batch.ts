import type { FloatArray } from "../backend/backend.js";
import type { LayerInput } from "./layer-input.js";
import type { Tensor } from "./tensor.js";

/** What the outputs for some examples should have been. */
export interface BatchTargets {
  /** The class of each example, [n_examples]; or what each output should be, [n_examples, n_outputs]. */
  readonly values: Tensor | Uint8Array | Int32Array;
  /** How much each example counts, [n_examples]. Default: all the same. */
  readonly weights?: FloatArray;
  /**
   * What the sum over these examples is divided by where they are a part of a minibatch, and the gradients of all parts are added up.
   * Default: what these examples weigh, so that it is their mean.
   */
  readonly divisor?: number | undefined;
}

/** Examples as a network takes them. */
export interface Batch extends BatchTargets {
  /** [n_examples, n_inputs] */
  readonly x: LayerInput;
}
