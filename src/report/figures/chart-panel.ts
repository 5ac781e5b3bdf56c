import { type Axis, epochAxis, linearAxis, logAxis, spansDecades } from "./axis.js";
import { textWidth } from "./svg.js";
import type { Palette } from "./theme.js";

/** In pixels. A smaller chart has larger text, seen from the same distance: the size of text does not change. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

export interface Panel {
  readonly xLabel: string;
  readonly yLabel: string;
  /** Whether the x axis counts epochs; else it starts at 0, or is logarithmic where the ends of the lines are decades apart. */
  readonly xCounts: boolean;
  /** Whether the y axis starts at 0; `unless flat`: not where values differ so little that they would lie on one line. */
  readonly yFromZero: boolean | "unless flat";
  /** Whether the y axis is logarithmic where values are decades apart. Default: `false`. */
  readonly yMayBeLog?: boolean;
  /** The largest value there can be: none gets room above it. */
  readonly yLimit: number;
  /** A line for each name. */
  readonly lines: readonly (readonly Point[])[];
}

/** A value that is not finite leaves a gap in the line; its place on the x axis remains. */
export interface Point {
  readonly x: number;
  readonly y: number;
  /** What the point says when the mouse rests on it. */
  readonly label: string;
}

export const TICK_SIZE = 13;
/** Of the plot from the edges of its panel. */
export const ABOVE = 20;
const BELOW = 62;
const BESIDE = 28;

/** A panel with its axes, and where its plot stands in the chart. */
export interface PlacedPanel extends Panel {
  readonly x: Axis;
  readonly y: Axis;
  readonly isLogX: boolean;
  readonly isLogY: boolean;
  readonly left: number;
  readonly top: number;
  readonly plotWidth: number;
  readonly plotHeight: number;
}

/** Chooses the axes of a panel whose upper edge is at `top`. */
export function placePanel(panel: Panel, top: number, { width, height }: ChartSize): PlacedPanel {
  const finite = panel.lines.map((points) =>
    points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)),
  );
  const values = finite.flatMap((points) => points.map(({ y }) => y));
  const isLogY = panel.yMayBeLog === true && spansDecades(values);
  const y = isLogY
    ? logAxis(values)
    : linearAxis(startsAtZero(panel, values) ? [0, ...values] : values, { limit: panel.yLimit });
  const left = yNameGap(y) + 24;
  const plotWidth = width - left - BESIDE;
  const ends = panel.lines.map((points) => points.map(({ x }) => x).filter(Number.isFinite));
  const isLogX = !panel.xCounts && spansDecades(ends.flatMap((xs) => xs.slice(-1)));
  const x = panel.xCounts
    ? epochAxis(largest(ends.flat()), plotWidth, TICK_SIZE)
    : isLogX
      ? logAxis(ends.flat())
      : linearAxis([0, ...ends.flat()]);
  const plotHeight = height - ABOVE - BELOW;
  return { ...panel, x, y, isLogX, isLogY, left, top: top + ABOVE, plotWidth, plotHeight };
}

/** Values that differ by less than this share of the largest look the same from 0. */
const FLAT = 0.1;

function startsAtZero({ yFromZero }: Panel, values: readonly number[]): boolean {
  if (yFromZero !== "unless flat") return yFromZero;
  const least = values.reduce((smallest, value) => Math.min(smallest, value), Number.POSITIVE_INFINITY);
  return !(values.length > 1 && least > (1 - FLAT) * largest(values));
}

export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** Where a point stands on its panel's axes. */
export function placeOf({ x, y }: PlacedPanel, point: Point): [number, number] {
  return [x.place(point.x), y.place(point.y)];
}

/** Whether the point has a place on both axes. */
export function isDrawn(panel: PlacedPanel, point: Point): boolean {
  return placeOf(panel, point).every(Number.isFinite);
}

/** How far the y axis' name is from it: beyond the widest of its numbers. */
export function yNameGap({ ticks, label }: Axis): number {
  const widths = ticks.map((tick) => textWidth(label(tick), TICK_SIZE));
  return Math.max(44, Math.ceil(largest(widths)) + 14);
}

/** Lines between the ticks of a logarithmic axis, thinner than those at them. */
export function minorGrid(
  { x, y, isLogX, left, top, plotWidth, plotHeight }: PlacedPanel,
  { rule }: Palette,
): string {
  const share = ({ min, max }: Axis, place: number) => (place - min) / (max - min);
  const round = (value: number) => Number(value.toFixed(2));
  const across = y.minor.map(
    (place) => `M${left} ${round(top + (1 - share(y, place)) * plotHeight)}h${plotWidth}`,
  );
  const up = (isLogX ? [...x.ticks, ...x.minor] : []).map(
    (place) => `M${round(left + share(x, place) * plotWidth)} ${top}v${plotHeight}`,
  );
  const path = [...across, ...up].join("");
  return path === ""
    ? ""
    : `<path class="minor" d="${path}" fill="none" stroke="${rule}" stroke-width="0.5"/>`;
}

/** What a reader has to know of the axes, and of the points that are not there. */
export function notesOf(panels: readonly PlacedPanel[]): readonly string[] {
  const [first] = panels;
  if (first === undefined) return [];
  const points = first.lines.flat();
  const isNumber = ({ y }: Point) => Number.isFinite(y);
  const unknown = points.filter((point) => !isNumber(point)).length;
  const zeros = first.isLogY ? points.filter((point) => isNumber(point) && point.y <= 0).length : 0;
  const axes = [
    ...(panels.some(({ isLogY }) => isLogY) ? ["vertical"] : []),
    ...(panels.some(({ isLogX }) => isLogX) ? ["time"] : []),
  ];
  const names = axes.map((axis) => `the ${axis} axis`).join(" and ");
  return [
    ...(axes.length === 0 ? [] : [`T${names.slice(1)} ${axes.length > 1 ? "are" : "is"} logarithmic.`]),
    ...(zeros === 0 ? [] : [`${leftOut(zeros, points.length)}: 0 and less has no place on it.`]),
    ...(unknown === 0 || unknown === points.length
      ? []
      : [`${leftOut(unknown, points.length)}: not a finite number.`]),
  ];
}

function leftOut(count: number, all: number): string {
  return `${count} of ${all} values ${count === 1 ? "is" : "are"} left out`;
}
