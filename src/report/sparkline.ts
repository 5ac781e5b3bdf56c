const BARS = "▁▂▃▄▅▆▇█";
const GAP = " ";

export interface SparklineOptions {
  /** The most characters, a whole number of at least 1. More values are thinned out evenly, the last kept. Default: 50. */
  readonly width?: number;
}

/**
 * A curve in one line of characters, from `▁` for the smallest value to `█` for the largest. A value that is not finite leaves a
 * gap; values that are all equal stand at the middle.
 */
export function sparkline(values: readonly number[], { width = 50 }: SparklineOptions = {}): string {
  const columns = Math.min(width, values.length);
  const shown = Array.from({ length: columns }, (_, column) => {
    const last = columns === 1 ? 1 : column / (columns - 1);
    return values[Math.round(last * (values.length - 1))] as number; // An index of `values`.
  });
  const finite = shown.filter(Number.isFinite);
  const least = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return shown
    .map((value) => {
      if (!Number.isFinite(value)) return GAP;
      // Halves, because the difference of two large numbers may overflow.
      const height = most > least ? (value / 2 - least / 2) / (most / 2 - least / 2) : 0.5;
      return BARS[Math.round(height * (BARS.length - 1))];
    })
    .join("");
}
