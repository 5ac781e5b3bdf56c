import { types } from "node:util";
import type { FloatArray } from "../float-array.js";
import {
  failType,
  type NumberArray,
  requireDisjoint,
  requireFloats,
  requireLength,
  requireNumber,
  requireRowNumbers,
  requireSameType,
  requireSize,
  requireUnshared,
  requireWholeRows,
} from "../requirements.js";

export interface RowOperations {
  /** out[i, :] = images[rows[i], :] * scale + offset */
  gatherImages(args: GatherImagesArguments): void;

  /** out[i, :] = x[rows[i], :] */
  gatherRows(args: GatherRowsArguments): void;
}

interface GatheredRows {
  /** Row numbers, each at least 0 and below the number of rows there are. */
  readonly rows: Int32Array;
  /** At least 1. */
  readonly width: number;
  /** [rows.length, width], the output. */
  readonly out: FloatArray;
}

export interface GatherImagesArguments extends GatheredRows {
  /** [n_images, width] bytes. */
  readonly images: Uint8Array;
  readonly scale: number;
  readonly offset: number;
}

export interface GatherRowsArguments extends GatheredRows {
  /** [n_rows, width] */
  readonly x: FloatArray;
}

function checkGatherImages(args: GatherImagesArguments): void {
  const { images, scale, offset, out } = args;
  requireNumber("gatherImages", "scale", scale);
  requireNumber("gatherImages", "offset", offset);
  if (!types.isUint8Array(images)) failType("gatherImages", "images", "a Uint8Array", images);
  requireFloats("gatherImages", "out", out);
  requireGathering("gatherImages", "images", images, "images", args);
}

function checkGatherRows(args: GatherRowsArguments): void {
  const { x, out } = args;
  requireSameType("gatherRows", "out", out, requireFloats("gatherRows", "x", x));
  requireGathering("gatherRows", "x", x, "rows", args);
}

function requireGathering(
  call: string,
  name: string,
  source: NumberArray,
  things: string,
  { rows, width, out }: GatheredRows,
): void {
  requireSize(call, "width", width, 1);
  if (!types.isInt32Array(rows)) failType(call, "rows", "an Int32Array", rows);
  requireUnshared(call, "rows", rows);
  requireLength(call, name, source, source.length);
  requireLength(call, "rows", rows, rows.length);
  requireWholeRows(call, name, source, width, things);
  requireLength(call, "out", out, rows.length * width);
  requireDisjoint(call, "out", out, name, source);
  requireDisjoint(call, "out", out, "rows", rows);
  requireRowNumbers(call, rows, source.length / width, things);
}

export const rowChecks: RowOperations = { gatherImages: checkGatherImages, gatherRows: checkGatherRows };
