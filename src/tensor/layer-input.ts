import type { ScaledImages } from "../backend/backend.js";
import type { Tensor } from "./tensor.js";

/** Rows of images as a matrix, [n_examples, n_inputs], that is never written out: x[i, :] = images[rows[i], :] * scale + offset. */
export interface ImageRows extends ScaledImages {
  /** [n_examples, n_inputs] */
  readonly shape: readonly [number, number];
}

/**
 * What a layer can read. The first layer of a network reads images, and its operations do so from bytes: the pixels are scaled on
 * the way, and a kernel may leave out what is background.
 */
export type LayerInput = Tensor | ImageRows;

/** Row numbers of `images`, [n_images, width], as a matrix of [rows.length, width] numbers. */
export function imageRows({ images, rows, width, scale, offset }: ScaledImages): ImageRows {
  return { shape: [rows.length, width], images, rows, width, scale, offset };
}

export function isImageRows(x: LayerInput): x is ImageRows {
  return "images" in x;
}
