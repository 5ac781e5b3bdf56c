import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { type Axis, linearAxis, logAxis } from "./axis.js";
import { drawFigure, drawNote } from "./frame.js";
import { escapeXml, fitText, svgText, textWidth, wrapText } from "./svg.js";
import { FIGURE_OPTIONS, type FigureOptions, type Palette, paletteOf } from "./theme.js";

/** What a line has at an axis: a number, or a name. */
export type Coordinate = number | string;

/** An upright axis. */
export interface CoordinateAxis {
  readonly name: string;
  /** `log` has no place for 0 and less. `categories` has one for each value that some line has there. */
  readonly scale: "linear" | "log" | "categories";
  /** `least`: values are drawn with the least at the top. Default: the largest. */
  readonly top?: "least" | "most";
}

/** A line through all axes. */
export interface CoordinateLine {
  /** What it says under the mouse, before its values. */
  readonly name: string;
  /** One for each axis. */
  readonly values: readonly Coordinate[];
}

export interface ParallelCoordinatesOptions extends FigureOptions {
  /** What stands above the figure, and what screen readers say of it. Default: `Parallel coordinates`. */
  readonly title?: string;
}

const OPTIONS: KnownOptions<ParallelCoordinatesOptions> = { ...FIGURE_OPTIONS, title: true };

const HEIGHT = 400;
const TOP = 58;
const BOTTOM = 24;
const TICK_SIZE = 13;
const NAME_SIZE = 14;
/** Between two axes, at least: a longer name is broken or cut. */
const BETWEEN = 150;
/** From this many values on, categories have no names of their own. */
const MOST_NAMES = 24;

/**
 * Parallel coordinates: an upright axis for each setting, and a line through them for each trial (A. Inselberg, "The plane with parallel
 * coordinates", The Visual Computer 1, 1985).
 *
 * @param axes At least one.
 * @param lines Best first: the first is drawn on top of all, in a colour of its own, and the others the paler, the later they come. A line
 *   whose value has no place on its axis is left out, and counted below the figure.
 * @returns An SVG document. Each line has the attributes `data-line`, its place in the list, and `data-values`.
 */
export function parallelCoordinatesFigure(
  axes: readonly CoordinateAxis[],
  lines: readonly CoordinateLine[],
  options: ParallelCoordinatesOptions = {},
): string {
  requireKnownOptions("parallelCoordinatesFigure", options, OPTIONS, '{ theme: "light" }');
  const { theme = "auto", run, hasTitle, title = "Parallel coordinates" } = options;
  const frame = { title, theme, run, hasTitle };
  const scales = axes.map((axis, i) =>
    scaleOf(
      axis,
      lines.map(({ values }) => values[i] ?? Number.NaN),
    ),
  );
  const placed = lines.map(({ values }) => scales.map((scale, i) => scale.share(values[i] ?? Number.NaN)));
  const drawn = [...lines.keys()].filter((i) => placed[i]?.every(Number.isFinite));
  if (drawn.length === 0 || axes.length === 0) return drawNote("There is no trial to draw yet.", frame);

  const palette = paletteOf(theme);
  const [first, last] = [scales[0], scales.at(-1)];
  const left = Math.max(labelRoom(first), 50);
  const width = Math.max(480, left + BETWEEN * Math.max(1, axes.length - 1) + Math.max(labelRoom(last), 70));
  const right = width - Math.max(labelRoom(last), 70);
  const xOf = (i: number) => round(left + (axes.length < 2 ? 0.5 : i / (axes.length - 1)) * (right - left));
  const yOf = (share: number) => round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP));
  const paths = drawn.map((i, rank) => {
    const line = lines[i] as CoordinateLine; // i is a place in the list.
    const points = (placed[i] ?? []).map((share, axis) => `${xOf(axis)} ${yOf(share)}`);
    const label = `${line.name}: ${axes.map(({ name }, axis) => `${name} ${line.values[axis]}`).join(", ")}`;
    return (
      `<path class="trial" d="M${points.join("L")}" fill="none" ${lookOf(rank, drawn.length, palette)}` +
      ` stroke-linejoin="round" data-line="${i}" data-values="${escapeXml(JSON.stringify(line.values))}"><title>${escapeXml(label)}</title></path>`
    );
  });
  const gone = lines.length - drawn.length;
  const between = width / Math.max(1, axes.length) - 10;
  const best = lines[drawn[0] ?? 0] as CoordinateLine;
  return drawFigure(
    {
      ...frame,
      width,
      height: HEIGHT,
      description: `${drawn.length} lines through the axes ${axes.map(({ name }) => name).join(", ")}. Best is ${best.name}: ${axes.map(({ name }, axis) => `${name} ${best.values[axis]}`).join(", ")}.`,
      notes:
        gone === 0
          ? []
          : [`${gone} of ${lines.length} trials are left out: a value has no place on its axis.`],
    },
    [
      // The best on top of all others.
      ...paths.toReversed(),
      ...scales.map((scale, i) => drawAxis(scale, xOf(i), yOf, palette, i === axes.length - 1)),
      ...axes.map(({ name }, i) => drawName(name, nameAt(i, axes.length, xOf(i), width), between, palette)),
    ].join(""),
  );
}

interface CoordinateScale {
  /** Where a value stands: 0 at the foot of the axis, 1 at its top; NaN where it has no place. */
  readonly share: (value: Coordinate) => number;
  readonly ticks: readonly { readonly share: number; readonly label: string }[];
}

function scaleOf({ scale, top = "most" }: CoordinateAxis, values: readonly Coordinate[]): CoordinateScale {
  const turned = (share: number) => (top === "least" ? 1 - share : share);
  if (scale === "categories") {
    // Numbers stand as they would on an axis of numbers.
    const names = [...new Set(values)].sort((a, b) =>
      typeof a === "number" && typeof b === "number" ? a - b : 0,
    );
    const shares = new Map(names.map((name, i) => [name, turned((i + 0.5) / names.length)]));
    const every = Math.ceil(names.length / MOST_NAMES);
    return {
      share: (value) => shares.get(value) ?? Number.NaN,
      ticks: names
        .filter((_, i) => i % every === 0)
        .map((name) => ({ share: shares.get(name) ?? 0, label: String(name) })),
    };
  }
  const numbers = values.filter((value) => typeof value === "number").filter(Number.isFinite);
  const log = scale === "log" && numbers.some((value) => value > 0) ? logAxis(numbers) : null;
  // Of a single value, a logarithmic axis has no length.
  const axis: Axis = log !== null && log.max > log.min ? log : linearAxis(numbers);
  const shareOf = (place: number) => turned((place - axis.min) / (axis.max - axis.min));
  return {
    share: (value) => (typeof value === "number" ? shareOf(axis.place(value)) : Number.NaN),
    ticks: axis.ticks.map((tick) => ({ share: shareOf(tick), label: axis.label(tick) })),
  };
}

/** The best in a colour of its own; of the others the better are darker and wider. */
function lookOf(rank: number, count: number, { blue, vermillion }: Palette): string {
  if (rank === 0) return `stroke="${vermillion}" stroke-width="3.5"`;
  const share = 1 - rank / count;
  // Of many lines a smaller share stands out, and the others are no darker together than few are.
  const least = Math.max(0.04, Math.min(0.25, 8 / count));
  const opacity = least + (0.85 - least) * share ** (2 + count / 60);
  return `stroke="${blue}" stroke-width="${round(1 + share)}" stroke-opacity="${round(opacity)}"`;
}

function drawAxis(
  { ticks }: CoordinateScale,
  x: number,
  yOf: (share: number) => number,
  { ink, muted, paper }: Palette,
  isLast: boolean,
): string {
  return [
    `<path d="M${x} ${yOf(0)}V${yOf(1)}" fill="none" stroke="${muted}" stroke-width="1.5"/>`,
    ...ticks.map(({ share, label }) => {
      const text = fitText(label, BETWEEN - 30, TICK_SIZE);
      const width = textWidth(text, TICK_SIZE) * 0.92 + 4;
      const y = yOf(share);
      // Lines go through behind the text, which stays readable.
      const ground = `<rect x="${round(isLast ? x + 6 : x - 6 - width)}" y="${round(y - 8)}" width="${round(width)}" height="16" rx="3" fill="${paper}" fill-opacity="0.75"/>`;
      const tick = `<path d="M${x} ${y}h${isLast ? 5 : -5}" fill="none" stroke="${muted}"/>`;
      const place = { x: isLast ? x + 8 : x - 8, y: y + 4.5, size: TICK_SIZE, fill: ink };
      return `${ground}${tick}${svgText(text, { ...place, anchor: isLast ? "start" : "end" })}`;
    }),
  ].join("");
}

interface NamePlace {
  readonly x: number;
  readonly anchor: "start" | "middle" | "end";
}

/** Above its axis; those at the edges stay inside. */
function nameAt(i: number, count: number, x: number, width: number): NamePlace {
  if (i === 0 && count > 1) return { x: 8, anchor: "start" };
  if (i === count - 1 && count > 1) return { x: width - 8, anchor: "end" };
  return { x, anchor: "middle" };
}

function drawName(name: string, { x, anchor }: NamePlace, room: number, { ink }: Palette): string {
  // A path of settings is broken before its last part; of words, between them.
  const path = /^(\S+\.)(\S+)$/.exec(name);
  const lines =
    path === null || textWidth(name, NAME_SIZE) <= room
      ? wrapText(name, room, NAME_SIZE, 2)
      : path.slice(1).map((part) => fitText(part, room, NAME_SIZE));
  return lines
    .map((line, i) =>
      svgText(line, {
        x,
        y: 22 + (i + (2 - lines.length)) * 17,
        size: NAME_SIZE,
        fill: ink,
        anchor,
      }),
    )
    .join("");
}

function labelRoom(scale: CoordinateScale | undefined): number {
  const widths = (scale?.ticks ?? []).map(({ label }) =>
    textWidth(fitText(label, BETWEEN - 30, TICK_SIZE), TICK_SIZE),
  );
  return Math.ceil(Math.max(0, ...widths)) + 20;
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
