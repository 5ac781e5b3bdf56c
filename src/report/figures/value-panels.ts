import { ShapeError } from "../../errors.js";
import type { Axis } from "./axis.js";
import { drawFigure, drawNote, type FigureFrame } from "./frame.js";
import { fitText, svgText, textWidth } from "./svg.js";
import { type Palette, paletteOf } from "./theme.js";

/** Predicted values beside the true ones, for figures of a regression. */
export interface FigureValues {
  /** How many values each example has. */
  readonly width: number;
  /** [n_examples, width] */
  readonly targets: ArrayLike<number>;
  /** [n_examples, width] */
  readonly predictions: ArrayLike<number>;
  /** What each value is called, [width]. */
  readonly names?: readonly string[];
}

/** The true and predicted value of an example. */
export interface ValuePair {
  readonly target: number;
  readonly prediction: number;
}

/** What is drawn of one value, in a panel of its own. */
export interface ValuePanel {
  readonly x: Axis;
  readonly y: Axis;
  readonly xLabel: string;
  readonly yLabel: string;
  /** SVG elements, by where a place on each axis stands. */
  readonly draw: (xOf: (place: number) => number, yOf: (place: number) => number, palette: Palette) => string;
  readonly description: string;
}

/** Of a panel, in pixels. */
export const PANEL_WIDTH = 480;
export const PANEL_HEIGHT = 400;
const TOP = 16;
const RIGHT = 24;
const BELOW = 60;
const TICK_SIZE = 13;
const TEXT_SIZE = 14;
/** Panels stand one below the other. */
const MOST_PANELS = 6;

/**
 * A figure with a panel for each value, of the examples whose values are finite.
 *
 * @throws ShapeError when targets and predictions are not of as many examples.
 */
export function drawValuePanels(
  { width, targets, predictions, names }: FigureValues,
  frame: Pick<FigureFrame, "title" | "theme" | "run" | "hasTitle">,
  panelOf: (pairs: readonly ValuePair[], name: string) => ValuePanel,
): string {
  const examples = targets.length / width;
  if (targets.length !== predictions.length || !Number.isInteger(examples)) {
    throw new ShapeError(
      `Expected ${width} predicted values and as many true ones for each example but received ${predictions.length} and ${targets.length} in all.`,
    );
  }
  const shown = Math.min(width, MOST_PANELS);
  const pairs = Array.from({ length: shown }, (_, output) =>
    Array.from({ length: examples }, (_, i) => ({
      target: targets[i * width + output] as number, // i is below examples.
      prediction: predictions[i * width + output] as number,
    })).filter(({ target, prediction }) => Number.isFinite(target) && Number.isFinite(prediction)),
  );
  if (pairs.every((ofOutput) => ofOutput.length === 0)) {
    return drawNote("There is no finite prediction to draw.", frame);
  }
  const palette = paletteOf(frame.theme);
  const nameOf = (output: number) => names?.[output] ?? (width === 1 ? "value" : `output ${output}`);
  const panels = pairs.map((ofOutput, output) => panelOf(ofOutput, nameOf(output)));
  const body = panels.map((panel, i) => drawPanel(panel, i * PANEL_HEIGHT, palette));
  const gone = examples * shown - pairs.flat().length;
  const notes = [
    ...(shown < width ? [`The first ${shown} of ${width} values of each example are shown.`] : []),
    ...(gone === 0 ? [] : [`${gone} of ${examples * shown} values are left out: not a finite number.`]),
  ];
  const description = panels.map((panel) => panel.description).join(" ");
  return drawFigure(
    { ...frame, width: PANEL_WIDTH, height: shown * PANEL_HEIGHT, description, notes },
    body.join(""),
  );
}

/** @param top Where the panel's upper edge is. */
export function drawPanel(panel: Omit<ValuePanel, "description">, top: number, palette: Palette): string {
  const { x, y, xLabel, yLabel, draw } = panel;
  const { ink, muted, rule } = palette;
  const widest = Math.max(...y.ticks.map((tick) => textWidth(y.label(tick), TICK_SIZE)));
  const left = Math.ceil(widest) + 46;
  const [plotTop, bottom, right] = [top + TOP, top + PANEL_HEIGHT - BELOW, PANEL_WIDTH - RIGHT];
  const round = (value: number) => Number(value.toFixed(2));
  const xOf = (place: number) => round(left + ((place - x.min) / (x.max - x.min)) * (right - left));
  const yOf = (place: number) => round(bottom - ((place - y.min) / (y.max - y.min)) * (bottom - plotTop));
  const room = (right - left) / x.ticks.length;
  const every = Math.ceil(Math.max(...x.ticks.map((tick) => textWidth(x.label(tick), TICK_SIZE) + 8)) / room);
  const middle = (plotTop + bottom) / 2;
  return [
    ...y.ticks.flatMap((tick) => [
      `<path d="M${left} ${yOf(tick)}H${right}" fill="none" stroke="${rule}"/>`,
      svgText(y.label(tick), { x: left - 8, y: yOf(tick) + 4.5, size: TICK_SIZE, fill: ink, anchor: "end" }),
    ]),
    ...x.ticks
      .filter((_, i) => i % every === 0)
      .flatMap((tick) => [
        `<path d="M${xOf(tick)} ${bottom}v5" fill="none" stroke="${muted}"/>`,
        svgText(x.label(tick), { x: xOf(tick), y: bottom + 20, size: TICK_SIZE, fill: ink }),
      ]),
    draw(xOf, yOf, palette),
    `<path d="M${left} ${plotTop}V${bottom}H${right}" fill="none" stroke="${muted}"/>`,
    svgText(fitText(xLabel, right - left, TEXT_SIZE), {
      x: (left + right) / 2,
      y: bottom + 44,
      size: TEXT_SIZE,
      fill: ink,
    }),
    svgText(fitText(yLabel, bottom - plotTop, TEXT_SIZE), {
      x: 20,
      y: middle,
      size: TEXT_SIZE,
      fill: ink,
      rotate: -90,
    }),
  ].join("");
}
