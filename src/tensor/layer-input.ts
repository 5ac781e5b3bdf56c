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

/** Row numbers of `images`, [n_images, width], as a matrix of [rows.length, width] numbers. `ink` may be left out. */
export function imageRows(x: Omit<ScaledImages, "ink"> & Partial<ScaledImages>): ImageRows {
  const { images, rows, width, scale, offset, ink = null } = x;
  return { shape: [rows.length, width], images, rows, width, scale, offset, ink };
}

export function isImageRows(x: LayerInput): x is ImageRows {
  return "images" in x;
}
