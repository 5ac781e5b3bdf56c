import type { ScaledImages } from "../backend/backend.js";
import {
  type LinearOptions,
  linear,
  matmul,
  matrix,
  type OutputOption,
  output,
  requireShape,
  type Tensor,
} from "./tensor.js";

// The first layer of a network reads images, and its operations do so from bytes: the pixels are scaled on the way, and a
// kernel may leave out what is background.

/** Rows of images as a matrix, [n_examples, n_inputs], that is never written out: x[i, :] = images[rows[i], :] * scale + offset. */
export interface ImageRows extends ScaledImages {
  /** [n_examples, n_inputs] */
  readonly shape: readonly [number, number];
}

/** What a layer can read. */
export type LayerInput = Tensor | ImageRows;

/** Row numbers of `images`, [n_images, width], as a matrix of [rows.length, width] numbers. */
export function imageRows({ images, rows, width, scale, offset }: ScaledImages): ImageRows {
  return { shape: [rows.length, width], images, rows, width, scale, offset };
}

/**
 * One layer: activation(x weightᵀ + bias), as {@link linear}, for numbers or images.
 *
 * @param x [n_examples, n_inputs]
 * @returns [n_examples, n_outputs]
 * @throws ShapeError when the shapes do not fit together.
 */
export function layer(x: LayerInput, weight: Tensor, bias: Tensor, options: LinearOptions = {}): Tensor {
  if (!isImageRows(x)) return linear(x, weight, bias, options);
  const { activation = "identity" } = options;
  const [units] = matrix(weight);
  requireShape("the weights", weight, [units, x.width]);
  requireShape("the bias", bias, [units]);
  const { images, rows, width, scale, offset } = x; // Not spread: copying an object of unknown fields takes microseconds.
  const out = output(weight, [rows.length, units], options.out);
  weight.backend.imageLinear({
    images,
    rows,
    width,
    scale,
    offset,
    units,
    weight: weight.data,
    bias: bias.data,
    activation,
    out: out.data,
  });
  return out;
}

/**
 * deltaᵀ x: the gradient of a layer's weights.
 *
 * @param delta [n_examples, n_outputs]
 * @param x [n_examples, n_inputs]
 * @returns [n_outputs, n_inputs]
 * @throws ShapeError when the shapes do not fit together.
 */
export function weightGradient(delta: Tensor, x: LayerInput, options: OutputOption = {}): Tensor {
  if (!isImageRows(x)) return matmul(delta, x, { transposeA: true, out: options.out });
  const [, units] = matrix(delta);
  requireShape("delta", delta, [x.rows.length, units]);
  const { images, rows, width, scale, offset } = x;
  const out = output(delta, [units, width], options.out);
  delta.backend.imageGradient({
    images,
    rows,
    width,
    scale,
    offset,
    units,
    delta: delta.data,
    out: out.data,
  });
  return out;
}

function isImageRows(x: LayerInput): x is ImageRows {
  return "images" in x;
}
