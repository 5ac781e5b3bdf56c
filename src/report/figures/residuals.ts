import { requireKnownOptions } from "../../system/known-options.js";
import { linearAxis } from "./axis.js";
import { formatValue } from "./describe.js";
import { escapeXml } from "./svg.js";
import { FIGURE_OPTIONS, type FigureOptions } from "./theme.js";
import { drawValuePanels, type FigureValues, type ValuePair, type ValuePanel } from "./value-panels.js";

const MOST_BINS = 40;
const LEAST_BINS = 8;

/**
 * How the residuals of a regression, predicted minus true value, are distributed: a bar for each bin. About as many bins as the square root of
 * the number of examples, from 8 to 40, divide the range.
 *
 * @returns An SVG document. The bars have the attributes `data-lower`, `data-upper` and `data-count`.
 * @throws ShapeError when targets and predictions are not of as many examples.
 */
export function residualsFigure(values: FigureValues, options: FigureOptions = {}): string {
  requireKnownOptions("residualsFigure", options, FIGURE_OPTIONS, '{ theme: "light" }');
  const { theme = "auto", run, hasTitle } = options;
  return drawValuePanels(values, { title: "Residuals: predicted minus true", theme, run, hasTitle }, panelOf);
}

function panelOf(pairs: readonly ValuePair[], name: string): ValuePanel {
  const residuals = pairs.map(({ target, prediction }) => prediction - target);
  const x = linearAxis([0, ...residuals]);
  const bins = Math.min(MOST_BINS, Math.max(LEAST_BINS, Math.ceil(Math.sqrt(residuals.length))));
  const size = (x.max - x.min) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const residual of residuals) {
    const bin = Math.min(bins - 1, Math.floor((residual - x.min) / size));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const mean = residuals.reduce((sum, residual) => sum + residual, 0) / Math.max(1, residuals.length);
  return {
    x,
    y: linearAxis([0, ...counts], { minInterval: 1 }),
    xLabel: `Residual of ${name}`,
    yLabel: "Examples",
    description: `Residuals of ${name} of ${residuals.length} examples, in ${bins} bins from ${formatValue(x.min)} to ${formatValue(x.max)}; their mean is ${formatValue(mean)}.`,
    draw: (xOf, yOf, { blue, ink }) => {
      const bars = counts.map((count, i) => {
        if (count === 0) return "";
        const [lower, upper] = [x.min + i * size, x.min + (i + 1) * size];
        const label = `${formatValue(lower)} to ${formatValue(upper)}: ${count}`;
        const [left, top] = [xOf(lower) + 0.5, yOf(count)];
        return `<rect x="${left}" y="${top}" width="${Math.max(1, xOf(upper) - xOf(lower) - 1).toFixed(2)}" height="${(yOf(0) - top).toFixed(2)}" fill="${blue}" fill-opacity="0.55" data-lower="${lower}" data-upper="${upper}" data-count="${count}"><title>${escapeXml(label)}</title></rect>`;
      });
      const top = yOf(Math.max(...counts));
      const zero = `<path d="M${xOf(0)} ${yOf(0)}V${top}" fill="none" stroke="${ink}" stroke-width="1.5" stroke-dasharray="6 4"/>`;
      return [...bars, zero].join("");
    },
  };
}
