import { UsageError } from "../process.js";

/** Consecutive rows, counted from 0, the last included. */
export interface RowRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads what --row names: `3`, or `0-99,205`.
 *
 * @throws UsageError when it is something else.
 */
export function readRowRanges(given: unknown): readonly RowRange[] {
  const text = String(given);
  return text.split(",").map((part) => {
    const [, from = "", to = from] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part.trim()) ?? [];
    const range = { first: Number(from), last: Number(to) };
    if (from === "" || range.first > range.last) {
      throw new UsageError(
        `Expected rows from 0, such as 3 or 0-99,205, for --row but received ${JSON.stringify(text)}.`,
      );
    }
    return range;
  });
}

/** Whether one row is asked for, and no list. */
export function isSingleRow(ranges: readonly RowRange[]): boolean {
  const [only] = ranges;
  return ranges.length === 1 && only?.first === only?.last;
}

/** @throws UsageError when one is not below `count`. */
export function positionsIn(ranges: readonly RowRange[], count: number, whose: string): Int32Array {
  const over = ranges.find(({ last }) => last >= count);
  if (over !== undefined) {
    const received = over.first === over.last ? over.first : `${over.first}-${over.last}`;
    throw new UsageError(
      `Expected a row from 0 to ${count - 1}, ${whose}, for --row but received ${received}.`,
    );
  }
  return Int32Array.from(
    ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
  );
}
