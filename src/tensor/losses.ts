import type { LossKind, LossOutput } from "../backend/operations/losses.js";
import { ShapeError } from "../errors.js";
import type { BatchTargets } from "./batch.js";
import { matrix, requireShape, type Tensor } from "./tensor.js";

export interface LossOptions {
  readonly kind: LossKind;
  /** What made `a` of z. */
  readonly output: LossOutput;
  /** For the kinds that read it. */
  readonly z: Tensor | null;
  readonly smoothing: number;
  readonly threshold: number;
  /** What the gradient is multiplied by. */
  readonly scale: number;
  /** Added to: [loss, correct examples, examples]. */
  readonly totals: Float64Array;
  /** Where the gradient with respect to z goes, or `null` for none. May be `a`. */
  readonly delta: Tensor | null;
}

/**
 * The loss of some examples, and its gradient with respect to z of the output layer.
 *
 * @param a Activations of the output layer, [n_examples, n_outputs].
 * @throws LabelRangeError for a label that has no output.
 * @throws ShapeError when the arguments do not fit together.
 */
export function lossOf(a: Tensor, targets: BatchTargets, options: LossOptions): void {
  const [rows, outputs] = matrix(a);
  const { kind, output, z, smoothing, threshold, scale, totals, delta } = options;
  const { values, weights } = targets;
  const isLabels = values instanceof Uint8Array || values instanceof Int32Array;
  if (!isLabels) requireShape("the targets", values, a.shape);
  if (isLabels && values.length !== rows) {
    throw new ShapeError(`Expected ${rows} labels, one for each example, but received ${values.length}.`);
  }
  if (delta !== null) requireShape("delta", delta, a.shape);
  a.backend.loss({
    kind,
    output,
    a: a.data,
    z: z === null ? null : z.data,
    labels: isLabels ? values : null,
    values: isLabels ? null : values.data,
    weights: weights ?? null,
    rows,
    outputs,
    smoothing,
    threshold,
    scale,
    totals,
    delta: delta === null ? null : delta.data,
  });
}
