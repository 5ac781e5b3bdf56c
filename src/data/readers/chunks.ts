import { InvalidArgumentError } from "../../errors.js";
import type { Shuffler } from "../minibatches.js";

/** How a file is divided: into chunks of consecutive rows, of which the last may have fewer. */
export interface Chunks {
  /** Rows in the file. */
  readonly count: number;
  readonly chunkRows: number;
  readonly chunkCount: number;
}

/** A part of the rows, by chunk. */
export interface Selection {
  /** How many rows of a chunk belong to it. */
  count(chunk: number): number;
  /** Which ones: rows of the file, in the order in which they were asked for. */
  rows(chunk: number): Int32Array;
}

/** The chunks of an epoch in their order; all draws of `shuffle` are made here. */
export function orderChunks({ chunkCount }: Chunks, chunks?: Int32Array, shuffle?: Shuffler): Int32Array {
  const order = chunks?.slice() ?? Int32Array.from({ length: chunkCount }, (_, i) => i);
  shuffle?.shuffle(order);
  return order;
}

/** How many rows a chunk has. */
export function rowCountOf(chunk: number, { count, chunkRows }: Chunks): number {
  return Math.min(chunkRows, count - chunk * chunkRows);
}

/** Every row of the file, in its order. */
export function selectAll(chunks: Chunks): Selection {
  const count = (chunk: number) => rowCountOf(chunk, chunks);
  return {
    count,
    rows: (chunk) => Int32Array.from({ length: count(chunk) }, (_, i) => chunk * chunks.chunkRows + i),
  };
}

/** Some rows of the file, sorted by chunk with their order kept within each (counting sort). */
export function selectRows(rows: Int32Array, { chunkRows, chunkCount }: Chunks): Selection {
  const ends = new Int32Array(chunkCount + 1);
  const chunkOf = (row: number) => Math.floor(row / chunkRows);
  for (const row of rows) {
    ends[chunkOf(row) + 1] = (ends[chunkOf(row) + 1] ?? 0) + 1;
  }
  for (let chunk = 1; chunk <= chunkCount; chunk++) {
    ends[chunk] = (ends[chunk] ?? 0) + (ends[chunk - 1] ?? 0);
  }
  const starts = ends.slice();
  const sorted = new Int32Array(rows.length);
  for (const row of rows) {
    const position = starts[chunkOf(row)] ?? 0;
    sorted[position] = row;
    starts[chunkOf(row)] = position + 1;
  }
  return {
    count: (chunk) => (ends[chunk + 1] ?? 0) - (ends[chunk] ?? 0),
    rows: (chunk) => sorted.subarray(ends[chunk], ends[chunk + 1]),
  };
}

/**
 * Checks numbers of rows or of chunks.
 *
 * @throws InvalidArgumentError for one that is negative or not below `limit`.
 */
export function checkNumbers(name: string, numbers: Int32Array, limit: number): void {
  const wrong = numbers.find((number) => number < 0 || number >= limit);
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`Expected ${name} from 0 to ${limit - 1} but received ${wrong}.`);
  }
}
