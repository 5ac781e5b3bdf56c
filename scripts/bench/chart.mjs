// A line chart with logarithmic axes, on white, as a PNG of twice its size.
import { openChart } from "../../dist/report/figures/echarts.js";
import { FONT_FAMILY } from "../../dist/report/figures/svg.js";
import { paletteOf } from "../../dist/report/figures/theme.js";
import { renderPng } from "../../dist/report/rasterize.js";

const WIDTH = 720;
const HEIGHT = 460;
const PNG_SCALE = 2;
const TEXT_SIZE = 15;
const LINE_MARK = "path://M0,0h42v2h-42z";
const DASHED_MARK = "path://M0,0h10v2h-10z M16,0h10v2h-10z M32,0h10v2h-10z";

export const palette = paletteOf("light");

/** Ticks of 1, 2 and 5 times powers of ten that hold the values, all above 0. @param {readonly number[]} values */
export function logTicks(values) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    ticks.push(...[1, 2, 5].map((factor) => Number(`${factor}e${power}`)));
  }
  const first = ticks.findLastIndex((tick) => tick <= low);
  const last = ticks.findIndex((tick) => tick >= high);
  return ticks.slice(first, last + 1);
}

/**
 * @typedef {{ label: string, ticks?: readonly number[], log: boolean }} Axis With the unit in its label.
 * @typedef {{
 *   name: string, color: string, points: readonly (readonly [x: number, y: number])[],
 *   dash?: "solid" | "dashed" | "dotted", symbol?: string,
 * }} Line
 *
 * @param {{ x: Axis, y: Axis, lines: readonly Line[] }} chart A line without a symbol is thin: a limit, not a measurement.
 * @returns {Promise<Uint8Array>} A PNG file.
 */
export async function drawChart({ x, y, lines }) {
  const chart = openChart(WIDTH, HEIGHT);
  const text = { fontFamily: FONT_FAMILY, fontSize: TEXT_SIZE, color: palette.ink };
  try {
    chart.setOption({
      animation: false,
      backgroundColor: palette.paper,
      textStyle: text,
      legend: {
        top: 10,
        left: 70,
        right: 20,
        itemWidth: 42,
        itemGap: 18,
        textStyle: text,
        // A line without a symbol would get a circle.
        data: lines.map(({ name, symbol, dash }) =>
          symbol === undefined ? { name, icon: dash === "dashed" ? DASHED_MARK : LINE_MARK } : { name },
        ),
      },
      grid: { left: 86, right: 28, top: 84, bottom: 62, outerBoundsMode: "none" },
      xAxis: { ...axisOption(x, text), nameGap: 36, splitLine: { show: false } },
      yAxis: { ...axisOption(y, text), nameGap: 58, splitLine: { lineStyle: { color: palette.rule } } },
      series: lines.map(({ name, color, points, dash = "solid", symbol = "none" }) => ({
        type: "line",
        name,
        data: points,
        symbol,
        symbolSize: 8,
        showAllSymbol: true,
        itemStyle: { color },
        lineStyle: { color, type: dash, width: symbol === "none" ? 1.5 : 2.5 },
      })),
    });
    return await renderPng(chart.renderToSVGString(), { width: PNG_SCALE * WIDTH });
  } finally {
    chart.dispose();
  }
}

function axisOption({ label, ticks, log }, text) {
  const own = ticks === undefined ? {} : { customValues: ticks };
  return {
    type: log ? "log" : "value",
    ...(ticks === undefined ? {} : { min: ticks[0], max: ticks.at(-1) }),
    name: label,
    nameLocation: "middle",
    nameTextStyle: text,
    axisLine: { show: true, onZero: false, lineStyle: { color: palette.muted } },
    axisTick: { show: true, lineStyle: { color: palette.muted }, ...own },
    axisLabel: { ...text, ...own, formatter: (value) => value.toLocaleString("en-US") },
  };
}
