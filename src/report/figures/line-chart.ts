import { niceScale, type Scale, tickFormat } from "./axis-scale.js";
import { openChart } from "./echarts.js";
import { cleanText, drawFigure, escapeXml, FONT_FAMILY, fitText, svgText, textWidth } from "./svg.js";
import { type Palette, paletteOf, type Theme } from "./theme.js";

export interface LineChart {
  readonly title: string;
  readonly description: string;
  readonly theme: Theme;
  /** Side by side. */
  readonly panels: readonly Panel[];
  /** The names of the lines, the same in every panel. One line needs no legend and gets none. */
  readonly names: readonly string[];
  /** Of each panel. Default: 640 x 400 pixels, or 480 x 400 where there are several. */
  readonly size?: ChartSize | undefined;
}

/** In pixels. A smaller chart has larger text, seen from the same distance: the size of text does not change. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

export interface Panel {
  readonly xLabel: string;
  readonly yLabel: string;
  /** Whether the x axis counts something: then its ticks are whole numbers. */
  readonly xCounts: boolean;
  /** Whether the y axis starts at 0. */
  readonly yFromZero: boolean;
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

const PANEL_SIZE: ChartSize = { width: 480, height: 400 };
const SINGLE_PANEL_SIZE: ChartSize = { width: 640, height: 400 };
const TEXT_SIZE = 14;
const TICK_SIZE = 13;
const LEGEND_MARK_WIDTH = 42;
/** Between entries, and between lines of them. */
const LEGEND_GAP = 16;
const LEGEND_LINE = TEXT_SIZE + LEGEND_GAP;
const LEGEND_NAME_WIDTH = 280;

const DASHES: readonly (string | readonly number[])[] = ["solid", [8, 4], [2, 3], [10, 3, 2, 3], [5, 2]];
const MARKERS = ["circle", "rect", "triangle", "diamond"];

/** A chart of one or more lines, or of several panels of them, by Apache ECharts. */
export function drawLineChart(chart: LineChart): string {
  const { panels, names, theme } = chart;
  const palette = paletteOf(theme);
  const { size = panels.length === 1 ? SINGLE_PANEL_SIZE : PANEL_SIZE } = chart;
  const panelWidth = size.width;
  const width = panels.length * panelWidth;
  const legendHeight = names.length > 1 ? legendLines(names, width) * LEGEND_LINE + 8 : 0;
  const height = size.height + legendHeight;

  const instance = openChart(width, height);
  try {
    instance.setOption({
      animation: false,
      textStyle: { fontFamily: FONT_FAMILY, fontSize: TEXT_SIZE, color: palette.ink },
      legend: legendOption(names, palette),
      grid: panels.map((panel, i) => ({
        left: i * panelWidth + yNameGap(panel) + 24,
        width: panelWidth - yNameGap(panel) - 24 - 28,
        top: legendHeight + 20,
        bottom: 62,
        outerBoundsMode: "none",
      })),
      xAxis: panels.map((panel, i) => xAxisOption(panel, i, palette)),
      yAxis: panels.map((panel, i) => yAxisOption(panel, i, palette)),
      series: panels.flatMap((panel, i) =>
        panel.lines.map((points, k) => seriesOption(points, k, i, names.length, palette)),
      ),
    });
    const svg = instance.renderToSVGString();
    const targets = panels.flatMap((panel, gridIndex) =>
      panel.lines.flatMap((points, line) =>
        points.map((point, index) => {
          if (!isFinitePoint(point)) return "";
          const [x, y] = instance.convertToPixel({ gridIndex }, [point.x, point.y]);
          return hoverTarget(point, { x, y, gridIndex, line, index });
        }),
      ),
    );
    const notes = panels.flatMap((panel, i) =>
      panel.lines.some((points) => points.some(isFinitePoint))
        ? []
        : [emptyNote((i + 0.5) * panelWidth, legendHeight + size.height / 2, palette)],
    );
    return drawFigure({ ...chart, width, height }, [contentOf(svg), ...targets, ...notes].join(""));
  } finally {
    instance.dispose();
  }
}

/** The look of line k: neighbours differ in colour, dash and marker alike; 20 lines pass before a look comes again. */
function lineLook(k: number, { blue, vermillion, green, purple }: Palette) {
  const colours = [blue, vermillion, green, purple];
  return {
    color: colours[k % colours.length],
    dash: DASHES[k % DASHES.length],
    marker: MARKERS[k % MARKERS.length],
  };
}

function seriesOption(
  points: readonly Point[],
  k: number,
  panel: number,
  lineCount: number,
  palette: Palette,
): Readonly<Record<string, unknown>> {
  const { color, dash, marker } = lineLook(k, palette);
  // About ten markers a line, set off against those of the other lines; a point without neighbours is its marker alone.
  const step = Math.max(1, Math.ceil(points.length / 10));
  const offset = Math.floor((k * step) / lineCount);
  const drawn = (i: number) => points[i] !== undefined && isFinitePoint(points[i]);
  const isMarked = (i: number) => i % step === offset || !(drawn(i - 1) || drawn(i + 1));
  return {
    type: "line",
    // Two runs may have the same name, so that a number stands for it here; the legend puts the name in.
    name: String(k),
    xAxisIndex: panel,
    yAxisIndex: panel,
    silent: true,
    showAllSymbol: true,
    symbol: marker,
    symbolSize: 7,
    lineStyle: { color, width: 2, type: dash },
    itemStyle: { color },
    data: points.map((point, i) => ({
      value: [point.x, isFinitePoint(point) ? point.y : null],
      symbol: isMarked(i) ? marker : "none",
    })),
  };
}

function legendOption(names: readonly string[], { ink, paper }: Palette): Readonly<Record<string, unknown>> {
  return {
    show: names.length > 1,
    top: 8,
    left: "center",
    width: "94%",
    itemWidth: LEGEND_MARK_WIDTH,
    itemHeight: 9,
    itemGap: LEGEND_GAP,
    borderColor: paper,
    silent: true,
    selectedMode: false,
    textStyle: { fontFamily: FONT_FAMILY, fontSize: TEXT_SIZE, color: ink },
    formatter: (name: string) => legendName(names[Number(name)] ?? name),
  };
}

function legendName(name: string): string {
  return fitText(name, LEGEND_NAME_WIDTH, TEXT_SIZE);
}

/** How many lines the legend takes, a little generously. */
function legendLines(names: readonly string[], width: number): number {
  const widths = names.map(
    (name) => LEGEND_MARK_WIDTH + 5 + LEGEND_GAP + textWidth(legendName(name), TEXT_SIZE),
  );
  let lines = 1;
  let used = 0;
  for (const itemWidth of widths) {
    if (used > 0 && used + itemWidth > 0.9 * width) {
      lines += 1;
      used = 0;
    }
    used += itemWidth;
  }
  return lines;
}

function xAxisOption(panel: Panel, gridIndex: number, palette: Palette): Readonly<Record<string, unknown>> {
  const ends = panel.lines.flatMap((points) => points.map(({ x }) => x)).filter(Number.isFinite);
  const scale = panel.xCounts ? niceScale([0, 2, ...ends], { minInterval: 1 }) : niceScale([0, ...ends]);
  return { ...axisOption(panel.xLabel, 36, gridIndex, palette, scale), splitLine: { show: false } };
}

function yAxisOption(panel: Panel, gridIndex: number, palette: Palette): Readonly<Record<string, unknown>> {
  return {
    ...axisOption(panel.yLabel, yNameGap(panel), gridIndex, palette, yScale(panel)),
    splitLine: { show: true, lineStyle: { color: palette.rule, width: 1 } },
  };
}

function yScale({ lines, yFromZero, yLimit }: Panel): Scale {
  const values = lines.flatMap((points) => points.filter(isFinitePoint).map(({ y }) => y));
  return niceScale(yFromZero ? [0, ...values] : values, { limit: yLimit });
}

/** How far the y axis' name is from it: beyond the widest of its numbers. */
function yNameGap(panel: Panel): number {
  const { min, max, interval } = yScale(panel);
  const widths = [min, min + interval, max].map((tick) => textWidth(tickFormat(interval)(tick), TICK_SIZE));
  return Math.max(54, Math.ceil(Math.max(...widths)) + 14);
}

function axisOption(
  name: string,
  nameGap: number,
  gridIndex: number,
  { ink, muted }: Palette,
  { min, max, interval }: Scale,
): Readonly<Record<string, unknown>> {
  return {
    type: "value",
    gridIndex,
    min,
    max,
    interval,
    name: cleanText(name),
    nameLocation: "middle",
    nameGap,
    nameMoveOverlap: false,
    nameTextStyle: { fontFamily: FONT_FAMILY, fontSize: TEXT_SIZE, color: ink },
    silent: true,
    axisLine: { show: true, onZero: false, lineStyle: { color: muted } },
    axisTick: { show: true, lineStyle: { color: muted } },
    axisLabel: { fontFamily: FONT_FAMILY, fontSize: TICK_SIZE, color: ink, formatter: tickFormat(interval) },
  };
}

function isFinitePoint({ x, y }: Point): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

/** An invisible dot that carries the point's exact values and its place in its line, and shows its label under the mouse. */
function hoverTarget(
  point: Point,
  place: Readonly<Record<"x" | "y" | "gridIndex" | "line" | "index", number>>,
): string {
  const { x, y, gridIndex, line, index } = place;
  const round = (value: number) => Number(value.toFixed(2));
  return [
    `<circle class="point" cx="${round(x)}" cy="${round(y)}" r="5" fill="none" pointer-events="all"`,
    ` data-panel="${gridIndex}" data-line="${line}" data-index="${index}" data-x="${point.x}" data-y="${point.y}">`,
    `<title>${escapeXml(point.label)}</title></circle>`,
  ].join("");
}

function emptyNote(x: number, y: number, { muted }: Palette): string {
  return svgText("No finite value to draw", { x, y, size: TEXT_SIZE, fill: muted });
}

/**
 * What stands between the root's tags: the root with its title is ours. Clip paths and hover rules go, and what refers to them: the axes hold all
 * points, nothing is clickable, and their names would clash between figures in one page, because they count the charts of a process.
 */
function contentOf(svg: string): string {
  return svg
    .slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"))
    .replaceAll(/<(defs|style)[^>]*>[\s\S]*?<\/\1>/g, "")
    .replaceAll(/ (class|clip-path|ecmeta_\w+)="[^"]*"| pointer-events="visible"|\n/g, "");
}
