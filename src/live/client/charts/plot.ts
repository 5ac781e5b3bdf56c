import uPlot from "uplot";
import type { Figure } from "../../protocol.js";
import type { Chart, Curve } from "./curve.js";

// How uPlot draws a chart.

/** Pixels, with the axes. */
export const HEIGHT = 240;

/** Where the pointer is: the epoch, and each curve's value nearest to it. */
export interface Pointed {
  readonly x: number;
  /** By the curves' names. */
  readonly values: ReadonlyMap<string, Figure>;
}

/** What is faint lies behind; of the others, the first lies on top. */
export function inDrawingOrder(curves: readonly Curve[]): readonly Curve[] {
  const isFaint = (curve: Curve) => curve.isFaint === true;
  return [...curves.filter(isFaint), ...curves.filter((curve) => !isFaint(curve)).reverse()];
}

/** All curves over the places of all of them. On a logarithmic axis there is no place for what is not above 0. */
export function alignedData(curves: readonly Curve[], isLog: boolean): uPlot.AlignedData {
  const tables = curves.map(
    ({ x, y }): uPlot.AlignedData => [
      [...x],
      isLog ? y.map((value) => (value !== null && value > 0 ? value : null)) : [...y],
    ],
  );
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}

export interface PlotSettings extends Chart {
  readonly latest: { readonly current: { readonly chart: Chart } };
  readonly isLog: boolean;
  readonly width: number;
  readonly onPoint: (pointed: Pointed | undefined) => void;
}

export function plotOptions({
  curves,
  latest,
  isLog,
  width,
  yLeast,
  yMost,
  format,
  formatAxis,
  onPoint,
}: PlotSettings): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: () => colourOf("muted"),
    font: "13px system-ui, sans-serif",
    grid: { stroke: () => colourOf("rule"), width: 1 },
    ticks: { stroke: () => colourOf("rule"), width: 1, size: 6 },
  };
  return {
    width,
    height: HEIGHT,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      dataIdx: (plot, series, closest) => nearestWithValue(plot.data[series], closest),
    },
    scales: {
      x: { time: false, range: () => [0, latest.current.chart.xMost] },
      y: isLog
        ? { distr: 3 }
        : {
            range: (_, least, most) => {
              const { yCeiling = Number.POSITIVE_INFINITY } = latest.current.chart;
              return verticalRange(least, most === null ? most : Math.min(most, yCeiling), yLeast, yMost);
            },
          },
    },
    axes: [
      {
        ...axis,
        label: "Epoch",
        labelFont: "13px system-ui, sans-serif",
        labelSize: 20,
        size: 34,
        incrs: WHOLE,
      },
      {
        ...axis,
        size: 58,
        values: (_, splits) => [
          ...(formatAxis?.(splits) ?? splits.map((split) => (split === null ? "" : format(split)))),
        ],
      },
    ],
    series: [
      {},
      ...curves.map(
        ({ colour, dash, isFaint, x }): uPlot.Series => ({
          stroke: () => colourOf(colour),
          width: isFaint ? 1 : 2,
          alpha: isFaint ? 0.6 : 1,
          ...(dash === undefined || dash.length === 0 ? {} : { dash: [...dash] }),
          points: {
            show: (plot, index) => !isFaint && x.every(Number.isInteger) && isSparse(plot.data[index]),
            size: 5,
            fill: () => colourOf(colour),
          },
        }),
      ),
    ],
    hooks: {
      setCursor: [
        (plot) => {
          const { idx, idxs } = plot.cursor;
          const x = typeof idx === "number" ? plot.data[0][idx] : undefined;
          onPoint(
            x === undefined
              ? undefined
              : {
                  x,
                  values: new Map(
                    curves.map(({ name }, i) => [name, plot.data[i + 1]?.[idxs?.[i + 1] ?? -1] ?? null]),
                  ),
                },
          );
        },
      ],
    },
  };
}

const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** With some room above and below, but for ends that are fixed. */
function verticalRange(
  least: number | null,
  most: number | null,
  fixedLeast: number | undefined,
  fixedMost: number | undefined,
): uPlot.Range.MinMax {
  const low = fixedLeast ?? least ?? 0;
  const high = Math.max(most ?? 1, low);
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [fixedLeast ?? low - room, fixedMost === undefined ? high + room : Math.min(fixedMost, high + room)];
}

/** The index next to `closest` at which there is a value: curves of epochs have few among those of steps. */
function nearestWithValue(values: uPlot.AlignedData[number] | undefined, closest: number): number {
  if (values === undefined) return closest;
  for (let away = 0; away < values.length; away++) {
    if (values[closest - away] != null) return closest - away;
    if (values[closest + away] != null) return closest + away;
  }
  return closest;
}

/** Dots of more epochs than this would hide the line. */
const MOST_DOTS = 60;

function isSparse(values: uPlot.AlignedData[number] | undefined): boolean {
  return [...(values ?? [])].filter((value) => value != null).length <= MOST_DOTS;
}

function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
