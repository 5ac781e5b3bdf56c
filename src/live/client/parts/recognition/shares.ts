import type { Figure, Recognition } from "../../../protocol.js";
import { formatOutput, formatSureness } from "../format.js";

/** A class's output, such as `97 %`, or `0.97` for what is no share of a whole. */
export function formatShare(share: Figure, kind: Recognition["kind"]): string {
  return kind === "probability" && share !== null ? formatSureness(share) : formatOutput(share);
}

/** A stretch of a bar's width, both from 0 to 1. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/**
 * Where the bar of each value lies on a common scale. Values from 0 to 1 have that as their scale; others have one from the least to the
 * largest, 0 included, and their bars begin at 0. What is not a number has a bar of no length.
 */
export function barSpans(values: readonly (number | null)[]): readonly Span[] {
  const known = values.filter((value) => value !== null);
  const least = Math.min(0, ...known);
  const most = Math.max(1, ...known);
  const at = (value: number) => (value - least) / (most - least);
  return values.map((value) => {
    if (value === null) return { start: at(0), length: 0 };
    return { start: Math.min(at(0), at(value)), length: Math.abs(at(value) - at(0)) };
  });
}
