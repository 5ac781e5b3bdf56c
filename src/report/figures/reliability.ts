import type { ReliabilityBin } from "../../metrics/calibration.js";
import { requireKnownOptions } from "../../system/known-options.js";
import { formatPercent } from "./describe.js";
import { drawFigure } from "./frame.js";
import { escapeXml, svgText } from "./svg.js";
import { FIGURE_OPTIONS, type FigureOptions, type Palette, paletteOf } from "./theme.js";

/** Sizes in pixels. The counts stand below the plot. */
const WIDTH = 400;
const LEFT = 78;
const TOP = 16;
const PLOT_WIDTH = WIDTH - LEFT - 28;
const PLOT_HEIGHT = 290;
const PLOT_BOTTOM = TOP + PLOT_HEIGHT;
const COUNTS_TOP = PLOT_BOTTOM + 14;
const COUNTS_HEIGHT = 56;
const BOTTOM = COUNTS_TOP + COUNTS_HEIGHT;
const HEIGHT = BOTTOM + 104;
const TEXT_SIZE = 14;
const TICK_SIZE = 13;
const TICKS = [0, 20, 40, 60, 80, 100];

/**
 * How sure the network is against how often it is right: for each bin of confidences a bar as high as the accuracy of its
 * predictions, the line that perfect calibration would follow, and below, how many predictions each bin holds.
 *
 * @param bins From `reliabilityBins` of `mnist-native`.
 * @returns An SVG document. The bars have the attributes `data-lower` and `data-upper`.
 */
export function reliabilityFigure(bins: readonly ReliabilityBin[], options: FigureOptions = {}): string {
  requireKnownOptions("reliabilityFigure", options, FIGURE_OPTIONS, '{ theme: "light" }');
  const { theme = "auto", run, hasTitle } = options;
  const palette = paletteOf(theme);
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const body = [
    ...TICKS.map((tick) => gridLine(tick, palette)),
    ...bins.map((bin) => accuracyBar(bin, palette)),
    `<path d="M${xOf(0)} ${yOf(0)}L${xOf(1)} ${yOf(1)}" fill="none" stroke="${palette.ink}" stroke-width="1.5" stroke-dasharray="6 4"/>`,
    ...bins.map((bin) => countBar(bin, total, palette)),
    `<path d="M${LEFT} ${TOP}V${PLOT_BOTTOM}H${LEFT + PLOT_WIDTH}M${LEFT} ${BOTTOM}H${LEFT + PLOT_WIDTH}" fill="none" stroke="${palette.muted}"/>`,
    ...axisTexts(palette),
    key(palette),
  ];
  return drawFigure(
    {
      width: WIDTH,
      height: HEIGHT,
      title: "How sure the network is, and how often it is right",
      description: describe(bins, total),
      theme,
      run,
      hasTitle,
    },
    body.join(""),
  );
}

function xOf(confidence: number): number {
  return LEFT + confidence * PLOT_WIDTH;
}

function yOf(accuracy: number): number {
  return TOP + (1 - accuracy) * PLOT_HEIGHT;
}

function gridLine(percent: number, { rule, ink }: Palette): string {
  const y = yOf(percent / 100);
  const x = xOf(percent / 100);
  return [
    percent === 0 ? "" : `<path d="M${LEFT} ${y}H${LEFT + PLOT_WIDTH}" fill="none" stroke="${rule}"/>`,
    svgText(String(percent), { x: LEFT - 8, y: y + 4.5, size: TICK_SIZE, fill: ink, anchor: "end" }),
    svgText(String(percent), { x, y: BOTTOM + 18, size: TICK_SIZE, fill: ink }),
  ].join("");
}

function accuracyBar(
  { lower, upper, count, accuracy, confidence }: ReliabilityBin,
  { blue }: Palette,
): string {
  if (accuracy === null || confidence === null) return "";
  const label = `${binName(lower, upper)}: ${count.toLocaleString("en-US")} predictions, ${formatPercent(confidence * 100)} sure on average, ${formatPercent(accuracy * 100)} right`;
  const height = Math.max(1, accuracy * PLOT_HEIGHT);
  return [
    `<g class="bin" data-lower="${lower}" data-upper="${upper}"><title>${escapeXml(label)}</title>`,
    `<rect x="${xOf(lower) + 1}" y="${PLOT_BOTTOM - height}" width="${(upper - lower) * PLOT_WIDTH - 2}" height="${height}" fill="${blue}" fill-opacity="0.35"/>`,
    `<path d="M${xOf(lower) + 1} ${PLOT_BOTTOM - height}H${xOf(upper) - 1}" fill="none" stroke="${blue}" stroke-width="2.5"/>`,
    "</g>",
  ].join("");
}

function countBar({ lower, upper, count }: ReliabilityBin, total: number, { muted }: Palette): string {
  if (count === 0) return "";
  const height = Math.max(1, (count / total) * COUNTS_HEIGHT);
  return `<rect x="${xOf(lower) + 1}" y="${BOTTOM - height}" width="${(upper - lower) * PLOT_WIDTH - 2}" height="${height}" fill="${muted}" fill-opacity="0.6"/>`;
}

function axisTexts({ ink, muted }: Palette): string[] {
  return [
    svgText("How often it is right (%)", {
      x: 24,
      y: TOP + PLOT_HEIGHT / 2,
      size: TEXT_SIZE,
      fill: ink,
      rotate: -90,
    }),
    svgText("share", {
      x: LEFT - 8,
      y: BOTTOM - COUNTS_HEIGHT / 2 + 4,
      size: 13,
      fill: muted,
      anchor: "end",
    }),
    svgText("How sure it is (%)", { x: LEFT + PLOT_WIDTH / 2, y: BOTTOM + 40, size: TEXT_SIZE, fill: ink }),
  ];
}

function key({ blue, ink }: Palette): string {
  const y = BOTTOM + 66;
  const text = (content: string, line: number) =>
    svgText(content, { x: LEFT + 38, y: y + 4 + line, size: 13, fill: ink, anchor: "start" });
  return [
    `<rect x="${LEFT}" y="${y - 6}" width="28" height="12" fill="${blue}" fill-opacity="0.35"/>`,
    text("how often it is right", 0),
    `<path d="M${LEFT} ${y + 22}h28" fill="none" stroke="${ink}" stroke-width="1.5" stroke-dasharray="6 4"/>`,
    text("as often right as sure", 22),
  ].join("");
}

function describe(bins: readonly ReliabilityBin[], total: number): string {
  if (total === 0) return "There is no prediction to draw.";
  const parts = bins.flatMap(({ lower, upper, count, accuracy }) =>
    accuracy === null ? [] : [`${binName(lower, upper)}: right ${formatPercent(accuracy * 100)} of ${count}`],
  );
  return `${total} predictions by confidence. ${parts.join("; ")}.`;
}

function binName(lower: number, upper: number): string {
  return `${(lower * 100).toFixed(0)} to ${(upper * 100).toFixed(0)} %`;
}
