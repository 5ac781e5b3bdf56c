import { requireKnownOptions } from "../../system/known-options.js";
import { linearAxis } from "./axis.js";
import { formatValue } from "./describe.js";
import { escapeXml } from "./svg.js";
import { FIGURE_OPTIONS, type FigureOptions, type Palette } from "./theme.js";
import { drawValuePanels, type FigureValues, type ValuePair, type ValuePanel } from "./value-panels.js";

/** More points are no more to see, and make a figure of megabytes. */
const MOST_POINTS = 2000;

/**
 * The predicted against the true values of a regression: a point for each example, and the line on which perfect predictions lie. Both axes are
 * the same. Of more than 2,000 examples, as many at even distances are shown.
 *
 * @returns An SVG document. The points have the attributes `data-x`, the true value, and `data-y`, the predicted one.
 * @throws ShapeError when targets and predictions are not of as many examples.
 */
export function predictedFigure(values: FigureValues, options: FigureOptions = {}): string {
  requireKnownOptions("predictedFigure", options, FIGURE_OPTIONS, '{ theme: "light" }');
  const { theme = "auto", run, hasTitle } = options;
  return drawValuePanels(values, { title: "Predicted against true values", theme, run, hasTitle }, panelOf);
}

function panelOf(pairs: readonly ValuePair[], name: string): ValuePanel {
  const axis = linearAxis(pairs.flatMap(({ target, prediction }) => [target, prediction]));
  const step = Math.max(1, Math.ceil(pairs.length / MOST_POINTS));
  const shown = pairs.filter((_, i) => i % step === 0);
  const part = step === 1 ? "" : `, of which every ${step}th is drawn`;
  return {
    x: axis,
    y: axis,
    xLabel: `True ${name}`,
    yLabel: `Predicted ${name}`,
    description: `Predicted against true ${name} of ${pairs.length} examples${part}; perfect predictions lie on the diagonal.`,
    draw: (xOf, yOf, palette) =>
      [
        `<path d="M${xOf(axis.min)} ${yOf(axis.min)}L${xOf(axis.max)} ${yOf(axis.max)}" fill="none" stroke="${palette.ink}" stroke-width="1.5" stroke-dasharray="6 4"/>`,
        ...shown.map((pair) => point(pair, xOf(pair.target), yOf(pair.prediction), palette)),
      ].join(""),
  };
}

function point({ target, prediction }: ValuePair, x: number, y: number, { blue }: Palette): string {
  const label = `True ${formatValue(target)}, predicted ${formatValue(prediction)}`;
  return `<circle cx="${x}" cy="${y}" r="3.5" fill="${blue}" fill-opacity="0.55" data-x="${target}" data-y="${prediction}"><title>${escapeXml(label)}</title></circle>`;
}
