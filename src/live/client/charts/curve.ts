import type { Figure } from "../../protocol.js";

/** A colour of the page by its custom property, such as `blue` of `--blue`. */
export type CurveColour = "blue" | "vermillion" | "green" | "purple" | "muted";

/** A line of a chart. */
export interface Curve {
  readonly name: string;
  /** In epochs, each larger than the one before. */
  readonly x: readonly number[];
  /** A gap where it is `null`. */
  readonly y: readonly Figure[];
  readonly colour: CurveColour;
  /** Lengths of dashes and gaps in pixels; none for a whole line. */
  readonly dash?: readonly number[];
  /** Of many points that jump about: drawn thin, behind the others. */
  readonly isFaint?: boolean;
}

export interface Chart {
  /** Letters and dashes. */
  readonly id: string;
  readonly title: string;
  /** A sentence for who has never seen such a chart. */
  readonly meaning: string;
  readonly curves: readonly Curve[];
  readonly format: (value: Figure) => string;
  /** Of the marks of the vertical axis, where that is not `format`. */
  readonly formatAxis?: (values: readonly number[]) => readonly string[];
  /** Epochs to which the chart reaches, so that nothing moves sideways as it fills. */
  readonly xMost: number;
  /** Where the vertical axis begins and ends at least; what is left out follows the curves. */
  readonly yLeast?: number;
  readonly yMost?: number;
  /** Where a vertical axis that is not logarithmic ends, though a few points lie higher. */
  readonly yCeiling?: number;
}

const COLOURS = ["blue", "vermillion", "green", "purple"] as const;
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]] as const;

/** How the line of number `index` looks: sixteen that differ, by colour first. */
export function lookOf(index: number): Pick<Curve, "colour" | "dash"> {
  return {
    colour: COLOURS[index % COLOURS.length] ?? "blue",
    dash: DASHES[Math.floor(index / COLOURS.length) % DASHES.length] ?? [],
  };
}

/** @returns The curve's last value at or before `x`; `null` where it has none yet. */
export function valueAt({ x: places, y }: Pick<Curve, "x" | "y">, x: number): Figure {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? x) <= x) low = middle + 1;
    else high = middle;
  }
  return y[low - 1] ?? null;
}

/** @returns Epochs at which a table shows the curves: each whole one, thinned to about `most`, and the last moment. */
export function tableRows(curves: readonly Curve[], most = 60): readonly number[] {
  const last = Math.max(0, ...curves.map(({ x }) => x.at(-1) ?? 0));
  const step = Math.max(1, Math.ceil(last / most));
  const rows = Array.from({ length: Math.floor(last / step) }, (_, i) => (i + 1) * step);
  return last > (rows.at(-1) ?? 0) ? [...rows, last] : rows;
}

/** What lies above the ceiling of a chart, in a sentence; empty where nothing does. */
export function beyondInWords({
  curves,
  yCeiling,
  format,
}: Pick<Chart, "curves" | "yCeiling" | "format">): string {
  if (yCeiling === undefined) return "";
  const highest = Math.max(0, ...curves.flatMap(({ y }) => y.map((value) => value ?? 0)));
  return highest > yCeiling ? `A few batches lie higher than is shown, up to ${format(highest)}.` : "";
}

/** What a chart shows, in sentences: for who cannot see it. */
export function describeCurves({ curves, format }: Pick<Chart, "curves" | "format">): string {
  const sentences = curves.flatMap(({ name, x, y }) => {
    const points = x.flatMap((place, i) => {
      const value = y[i] ?? null;
      return value === null ? [] : [{ place, value }];
    });
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined) return [];
    if (points.length === 1) return [`${name}: ${format(first.value)} at epoch ${formatEpoch(first.place)}.`];
    const lowest = points.reduce((so, point) => (point.value < so.value ? point : so));
    const highest = points.reduce((so, point) => (point.value > so.value ? point : so));
    return [
      `${name}: from ${format(first.value)} at epoch ${formatEpoch(first.place)} to ${format(last.value)} at epoch ${formatEpoch(last.place)}; lowest ${format(lowest.value)}, highest ${format(highest.value)}.`,
    ];
  });
  return sentences.length === 0 ? "There is nothing to show yet." : sentences.join(" ");
}

/** `3`, or `3.4` within the fourth epoch. */
export function formatEpoch(epoch: number): string {
  return String(Number(epoch.toFixed(1)));
}
