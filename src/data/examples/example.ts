import type { TableColumns } from "../readers/table-columns.js";

/** An example to predict, as a file or a line gives it. */
export interface ReadExample {
  /** [n_inputs]: bytes are pixels, 0 to 255; other numbers are as a network takes them. */
  readonly example: Uint8Array | Float64Array;
  /** What tells it from others: its row, counted from 0, or the id that came with it. */
  readonly id: string | number;
  /** Whether the id came with it. */
  readonly isNamed: boolean;
  /** The class, or the value, that it really has; `null` where that is not told. */
  readonly truth: number | null;
}

/** Examples that were read together. */
export interface ExamplePiece {
  readonly examples: readonly ReadExample[];
  /** The share of the file that has been read, 0 to 1; `null` where that is not known. */
  readonly share: number | null;
}

/** What a network reads of each example. */
export interface ExampleFormat {
  readonly inputs: number;
  /** Whether they are pixels, 0 to 255. */
  readonly isPixels: boolean;
  /** Of a table: its columns. */
  readonly columns: TableColumns | undefined;
  /** How many classes it tells apart; `null` where it learns values. */
  readonly classes: number | null;
  readonly classNames: readonly string[] | null;
}

/** Bytes read at once: for some ten of the largest images, as each piece takes a pass over the weights. */
const PIECE_BYTES = 1 << 22;

/** The rows of files of arrays that are read at once. */
export function rowsOfPiece(rowBytes: number): number {
  return Math.max(1, Math.min(1024, Math.floor(PIECE_BYTES / rowBytes)));
}
