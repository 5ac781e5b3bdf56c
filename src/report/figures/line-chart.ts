import { type Axis, epochAxis } from "./axis.js";
import {
  ABOVE,
  type ChartSize,
  isDrawn,
  largest,
  minorGrid,
  notesOf,
  type Panel,
  type PlacedPanel,
  type Point,
  placeOf,
  placePanel,
  TICK_SIZE,
  yNameGap,
} from "./chart-panel.js";
import { openChart } from "./echarts.js";
import { drawFigure } from "./frame.js";
import {
  LEGEND_SIZE,
  type LineLook,
  legendHeight,
  legendOption,
  lineLook,
  pairedLook,
} from "./line-legend.js";
import { escapeXml, FONT_FAMILY, fitText, svgText } from "./svg.js";
import { type FigureOptions, type Palette, paletteOf, type Theme } from "./theme.js";

export interface LineChart extends FigureOptions {
  readonly title: string;
  readonly details?: readonly string[];
  readonly description: string;
  readonly theme: Theme;
  /** One below the other. */
  readonly panels: readonly Panel[];
  /** The names of the lines, the same in every panel. One line needs no legend and gets none. */
  readonly names: readonly string[];
  /** Whether lines belong together by twos: both in one colour, the first dashed. Default: `false`. */
  readonly paired?: boolean;
  /** Of each panel. Default: 480 x 340 pixels, which keeps text readable on a telephone. */
  readonly size?: ChartSize | undefined;
}

const PANEL_SIZE: ChartSize = { width: 480, height: 340 };
const TEXT_SIZE = LEGEND_SIZE;
/** A chart of one or more lines, or of several panels of them, by Apache ECharts. */
export function drawLineChart(chart: LineChart): string {
  const { names, theme, size = PANEL_SIZE, paired = false } = chart;
  const palette = paletteOf(theme);
  const { width } = size;
  const legend = legendHeight(names, width);
  const height = chart.panels.length * size.height + legend;
  const panels = chart.panels.map((panel, i) => placePanel(panel, legend + i * size.height, size));
  const isMarked = markedPoints(panels);

  const instance = openChart(width, height);
  try {
    instance.setOption({
      animation: false,
      textStyle: { fontFamily: FONT_FAMILY, fontSize: TEXT_SIZE, color: palette.ink },
      legend: legendOption(names, palette),
      grid: panels.map(({ left, top, plotWidth, plotHeight }) => ({
        left,
        top,
        width: plotWidth,
        height: plotHeight,
        outerBoundsMode: "none",
      })),
      xAxis: panels.map(({ x, xLabel, plotWidth }, i) => ({
        ...axisOption(x, fitText(xLabel, plotWidth, TEXT_SIZE), 36, i, palette),
        splitLine: { show: false },
      })),
      yAxis: panels.map(({ y, yLabel, plotHeight }, i) => ({
        ...axisOption(y, fitText(yLabel, plotHeight + ABOVE, TEXT_SIZE), yNameGap(y), i, palette),
        splitLine: { show: true, lineStyle: { color: palette.rule, width: 1 } },
      })),
      series: panels.flatMap((panel, i) =>
        panel.lines.map((_, k) =>
          seriesOption(panel, i, k, isMarked, paired ? pairedLook(k, palette) : lineLook(k, palette)),
        ),
      ),
    });
    const svg = instance.renderToSVGString();
    const targets = panels.flatMap((panel, gridIndex) =>
      panel.lines.flatMap((points, line) =>
        points.map((point, index) => {
          if (!isDrawn(panel, point)) return "";
          const [x, y] = instance.convertToPixel({ gridIndex }, placeOf(panel, point));
          return hoverTarget(point, { x, y, gridIndex, line, index });
        }),
      ),
    );
    const minor = panels.map((panel) => minorGrid(panel, palette));
    const empty = panels.flatMap((panel) =>
      panel.lines.some((points) => points.some((point) => isDrawn(panel, point)))
        ? []
        : [emptyNote(panel, palette)],
    );
    const body = [...minor, contentOf(svg), ...targets, ...empty].join("");
    return drawFigure({ ...chart, width, height, notes: notesOf(panels) }, body);
  } finally {
    instance.dispose();
  }
}

/**
 * Which points carry a marker, in every panel the same: those that stand over a tick of the epochs. Where no panel counts epochs, those
 * that would.
 */
function markedPoints(panels: readonly PlacedPanel[]): (line: number, index: number) => boolean {
  const counting = panels.find(({ xCounts }) => xCounts);
  const [first] = panels;
  if (counting !== undefined) {
    const ticks = new Set(counting.x.ticks);
    return (line, index) => ticks.has(counting.lines[line]?.[index]?.x ?? Number.NaN);
  }
  const longest = largest((first?.lines ?? []).map((points) => points.length));
  const ticks = new Set(epochAxis(longest, first?.plotWidth ?? 0, TICK_SIZE).ticks);
  return (_, index) => ticks.has(index + 1);
}

function seriesOption(
  panel: PlacedPanel,
  axisIndex: number,
  k: number,
  isTick: (line: number, index: number) => boolean,
  { color, dash, marker }: LineLook,
): Readonly<Record<string, unknown>> {
  const points = panel.lines[k] ?? [];
  const drawn = points.map((point) => isDrawn(panel, point));
  // A point without neighbours is its marker alone.
  const isMarked = (i: number) => isTick(k, i) || !(drawn[i - 1] || drawn[i + 1]);
  return {
    type: "line",
    // Two runs may have the same name, so that a number stands for it here; the legend puts the name in.
    name: String(k),
    xAxisIndex: axisIndex,
    yAxisIndex: axisIndex,
    silent: true,
    showAllSymbol: true,
    symbol: marker,
    symbolSize: 7,
    lineStyle: { color, width: 2, type: dash },
    itemStyle: { color },
    data: points.map((point, i) => {
      const [x, y] = placeOf(panel, point);
      return { value: [x, drawn[i] ? y : null], symbol: isMarked(i) ? marker : "none" };
    }),
  };
}

function axisOption(
  { min, max, ticks, label }: Axis,
  name: string,
  nameGap: number,
  gridIndex: number,
  { ink, muted }: Palette,
): Readonly<Record<string, unknown>> {
  return {
    type: "value",
    gridIndex,
    min,
    max,
    name,
    nameLocation: "middle",
    nameGap,
    nameMoveOverlap: false,
    nameTextStyle: { fontFamily: FONT_FAMILY, fontSize: TEXT_SIZE, color: ink },
    silent: true,
    axisLine: { show: true, onZero: false, lineStyle: { color: muted } },
    axisTick: { show: true, customValues: ticks, lineStyle: { color: muted } },
    axisLabel: {
      fontFamily: FONT_FAMILY,
      fontSize: TICK_SIZE,
      color: ink,
      customValues: ticks,
      formatter: label,
      hideOverlap: false,
    },
  };
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

function emptyNote({ left, top, plotWidth, plotHeight }: PlacedPanel, { muted }: Palette): string {
  const place = { x: left + plotWidth / 2, y: top + plotHeight / 2, size: TEXT_SIZE, fill: muted };
  return svgText("No finite value to draw", place);
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
