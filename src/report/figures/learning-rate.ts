import { requireKnownOptions } from "../../system/known-options.js";
import { formatRate, type LearningRateRange } from "../../training/learning-rate-range.js";
import { linearAxis, logAxis } from "./axis.js";
import { formatValue } from "./describe.js";
import { drawFigure, drawNote } from "./frame.js";
import { LOSS_OPTIONS, type LossFigureOptions } from "./loss.js";
import { escapeXml, svgText } from "./svg.js";
import { type Palette, paletteOf } from "./theme.js";
import { drawPanel, PANEL_HEIGHT, PANEL_WIDTH } from "./value-panels.js";

const LEGEND_SIZE = 13;
const LEGEND_LINE = 20;
const MARK_WIDTH = 28;

/** A line of the figure, or a learning rate that is marked in it. */
interface Entry {
  readonly name: string;
  readonly stroke: string;
  /** Attributes of its stroke. */
  readonly look: string;
  /** Where a rate is marked. */
  readonly rate?: number;
}

/**
 * The curve of a learning rate range test: the loss of each minibatch by the learning rate of its step, on a logarithmic axis, its moving
 * average, and the learning rates that follow from it. A loss that grows without end is drawn as far as it tells something.
 *
 * @param range From `findLearningRate`.
 * @returns An SVG document. The marked rates are paths with the attribute `data-rate`.
 */
export function learningRateFigure(range: LearningRateRange, options: LossFigureOptions = {}): string {
  requireKnownOptions("learningRateFigure", options, LOSS_OPTIONS, '{ theme: "light" }');
  const { theme = "auto", lossName = "mean squared error", run, hasTitle } = options;
  const { rates, losses, smoothedLosses, suggestions } = range;
  const title = "Loss by learning rate";
  if (rates.length === 0) {
    return drawNote("The loss was no finite number at the first learning rate.", {
      theme,
      title,
      run,
      hasTitle,
    });
  }
  const palette = paletteOf(theme);
  const ceiling = ceilingOf(losses, smoothedLosses);
  const shown = (values: readonly number[]) => values.map((value) => Math.min(value, ceiling));
  const entries = entriesOf(range, palette);
  const [first = 0] = rates;
  const x = logAxis(rates.length === 1 ? [first / 2, first * 2] : rates);
  const y = linearAxis([...shown(losses), ...shown(smoothedLosses)]);
  const panel = drawPanel(
    {
      x,
      y,
      xLabel: "Learning rate",
      yLabel: `Loss (${lossName})`,
      draw: (xOf, yOf) => {
        const pathOf = (values: readonly number[]) =>
          shown(values)
            .map((value, i) => `${i === 0 ? "M" : "L"}${xOf(x.place(rates[i] as number))} ${yOf(value)}`)
            .join("");
        return entries
          .map(({ stroke, look, rate }, i) => {
            const mark = rate === undefined ? "" : ` data-rate="${rate}"`;
            const d =
              rate === undefined
                ? pathOf(i === 0 ? losses : smoothedLosses)
                : `M${xOf(x.place(rate))} ${yOf(y.min)}V${yOf(y.max)}`;
            return `<path d="${d}" fill="none" stroke="${stroke}" ${look}${mark}/>`;
          })
          .concat(
            rates.map((rate, i) =>
              hoverTarget(
                rate,
                losses[i] as number,
                smoothedLosses[i] as number,
                xOf(x.place(rate)),
                yOf(shown(smoothedLosses)[i] as number),
              ),
            ),
          )
          .join("");
      },
    },
    entries.length * LEGEND_LINE,
    palette,
  );
  const over = losses.filter((loss) => loss > ceiling).length;
  return drawFigure(
    {
      title,
      details: [rangeInWords(range)],
      description: describe(range),
      theme,
      run,
      hasTitle,
      width: PANEL_WIDTH,
      height: entries.length * LEGEND_LINE + PANEL_HEIGHT,
      notes: [
        "The horizontal axis is logarithmic.",
        ...(over === 0
          ? []
          : [`${over} of ${losses.length} losses are above ${formatValue(ceiling)}, and cut off there.`]),
        ...(suggestions === null ? [VERDICTS[range.outcome as "flat" | "diverged"]] : []),
      ],
    },
    legend(entries, palette) + panel,
  );
}

/** Why there is no suggestion. */
const VERDICTS: Readonly<Record<"flat" | "diverged", string>> = {
  flat: "The loss hardly fell at any learning rate.",
  diverged: "The loss grew without end before it fell.",
};

/** Half as much above the losses before the lowest as these are above it. */
function ceilingOf(losses: readonly number[], smoothed: readonly number[]): number {
  const lowest = smoothed.indexOf(Math.min(...smoothed));
  const before = Math.max(...losses.slice(0, lowest + 1));
  return before + Math.max((before - (smoothed[lowest] as number)) / 2, Math.abs(before) / 10);
}

function entriesOf(
  { suggestions }: LearningRateRange,
  { muted, blue, vermillion, green }: Palette,
): readonly Entry[] {
  const marks: readonly Entry[] =
    suggestions === null
      ? []
      : [
          {
            name: `Falls most steeply at ${formatRate(suggestions.steepest)}`,
            stroke: vermillion,
            look: 'stroke-width="2" stroke-dasharray="7 4"',
            rate: suggestions.steepest,
          },
          {
            name: `A tenth of the lowest's rate: ${formatRate(suggestions.minimumTenth)}`,
            stroke: green,
            look: 'stroke-width="2" stroke-dasharray="2 3"',
            rate: suggestions.minimumTenth,
          },
        ];
  return [
    { name: "Loss of each minibatch", stroke: muted, look: 'stroke-width="1" stroke-opacity="0.6"' },
    { name: "Its moving average", stroke: blue, look: 'stroke-width="2.5"' },
    ...marks,
  ];
}

function legend(entries: readonly Entry[], { ink }: Palette): string {
  return entries
    .map(({ name, stroke, look }, i) => {
      const y = 12 + i * LEGEND_LINE;
      const text = svgText(name, {
        x: 60 + MARK_WIDTH + 8,
        y: y + 4.5,
        size: LEGEND_SIZE,
        fill: ink,
        anchor: "start",
      });
      return `<path d="M60 ${y}h${MARK_WIDTH}" fill="none" stroke="${stroke}" ${look}/>${text}`;
    })
    .join("");
}

function hoverTarget(rate: number, loss: number, smoothed: number, x: number, y: number): string {
  const label = `Learning rate ${formatValue(rate)}: ${formatValue(loss)}, moving average ${formatValue(smoothed)}`;
  return [
    `<circle class="point" cx="${x}" cy="${y}" r="5" fill="none" pointer-events="all" data-x="${rate}" data-y="${smoothed}">`,
    `<title>${escapeXml(label)}</title></circle>`,
  ].join("");
}

function rangeInWords({ rates, divergedAt }: LearningRateRange): string {
  const [first, last] = [rates[0], rates.at(-1)].map((rate) => formatValue(rate as number));
  const steps = `${rates.length} ${rates.length === 1 ? "step" : "steps"} from ${first} to ${last}`;
  return divergedAt === null ? steps : `${steps}, where the loss grew without end`;
}

function describe(range: LearningRateRange): string {
  const { rates, losses, smoothedLosses, suggestions } = range;
  const lowest = smoothedLosses.indexOf(Math.min(...smoothedLosses));
  const course = `${rangeInWords(range)}. The loss begins at ${formatValue(losses[0] as number)}; its moving average is lowest, ${formatValue(smoothedLosses[lowest] as number)}, at ${formatValue(rates[lowest] as number)}.`;
  if (suggestions === null) return course;
  return `${course} It falls most steeply at ${formatRate(suggestions.steepest)}; a tenth of the rate of the lowest is ${formatRate(suggestions.minimumTenth)}.`;
}
