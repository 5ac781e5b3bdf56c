import type { ConfusionMatrix } from "../../metrics/confusion-matrix.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { checkClassNames, classLabel } from "./dataset-tiles.js";
import { drawFigure } from "./frame.js";
import { escapeXml, fitText, svgText, textWidth } from "./svg.js";
import { FIGURE_OPTIONS, type FigureOptions, type Palette, paletteOf } from "./theme.js";

export interface ConfusionFigureOptions extends FigureOptions {
  /** A name for each class. Default: its number. */
  readonly classNames?: readonly string[];
}

const OPTIONS: KnownOptions<ConfusionFigureOptions> = { ...FIGURE_OPTIONS, classNames: true };

/** Sizes in pixels. */
interface Layout {
  readonly cell: number;
  readonly labelSize: number;
  readonly labelWidth: number;
  readonly turnColumnLabels: boolean;
  /** Font size of the counts, or `null` where they would not be readable. */
  readonly countSize: number | null;
  readonly left: number;
  readonly top: number;
}

const TARGET_SIZE = 560;
/** Smaller cells come by the thousand, and their numbers would be a gray haze. */
const MIN_CELL_WITH_COUNT = 20;
const MAX_LABEL_WIDTH = 110;
const TITLE_SIZE = 14;
/** Of the key below, with a margin. */
const KEY_WIDTH = 440;
/** Numbers in the ink of the theme stay readable up to this share of colour, in light and in dark. */
const MAX_OPACITY = 0.55;
const MIN_OPACITY = 0.06;

/**
 * The confusion matrix: true classes in rows, predicted ones in columns. On the diagonal, the blue grows with the share of the class
 * that was found. Elsewhere, the orange grows with the share of the true class that was mistaken so, up to the largest such share, because
 * mistakes would all be pale on the scale of the diagonal. Cells with a count carry it in a tooltip and, where there is room, as a number.
 *
 * @returns An SVG document. The cells have the attributes `data-true` and `data-predicted`.
 * @throws ShapeError when there is not a class name for each class.
 */
export function confusionFigure(matrix: ConfusionMatrix, options: ConfusionFigureOptions = {}): string {
  requireKnownOptions("confusionFigure", options, OPTIONS, '{ theme: "light" }');
  const { theme = "auto", run, hasTitle, classNames } = options;
  const { classes, counts } = matrix;
  checkClassNames(classNames, classes);
  const labels = Array.from({ length: classes }, (_, c) => classLabel(classNames, c));
  const layout = layoutOf(matrix, labels);
  const palette = paletteOf(theme);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const correct = labels.reduce((sum, _, c) => sum + (counts[c * classes + c] ?? 0), 0);

  const { cell, left, top, labelWidth, labelSize, turnColumnLabels } = layout;
  const side = classes * cell;
  const bottom = top + side + (turnColumnLabels ? labelWidth : labelSize) + 12;
  const middle = left + side / 2;
  const keyX = middle - KEY_WIDTH / 2;
  const width = Math.max(left + side + 24, keyX + KEY_WIDTH);
  const body = [
    ...cells(matrix, labels, layout, palette),
    gridLines(classes, layout, palette),
    ...axisLabels(labels, layout, palette),
    svgText("Predicted class", { x: middle, y: bottom + 16, size: TITLE_SIZE, fill: palette.ink }),
    svgText("True class", {
      x: left - labelWidth - 18,
      y: top + side / 2,
      size: TITLE_SIZE,
      fill: palette.ink,
      rotate: -90,
    }),
    colourKey(keyX, bottom + 34, palette),
  ];
  return drawFigure(
    {
      width: Math.ceil(width),
      height: bottom + 62,
      title: "Confusion matrix",
      details: [
        `${correct.toLocaleString("en-US")} of ${total.toLocaleString("en-US")} examples are classified correctly.`,
      ],
      description: `True against predicted classes of ${total} examples in ${classes} classes; ${correct} on the diagonal are correct. ${worstMistake(matrix, labels)}`,
      theme,
      run,
      hasTitle,
    },
    body.join(""),
  );
}

function layoutOf({ classes, counts }: ConfusionMatrix, labels: readonly string[]): Layout {
  const cell = Math.min(classes > 5 ? 48 : 72, Math.max(11, Math.floor(TARGET_SIZE / classes)));
  const labelSize = Math.min(14, cell - 1);
  const widest = Math.max(...labels.map((label) => textWidth(label, labelSize)));
  const labelWidth = Math.min(MAX_LABEL_WIDTH, widest);
  const digits = String(counts.reduce((most, count) => Math.max(most, count), 0)).length;
  const countSize = Math.min(14, Math.floor((cell - 4) / textWidth("0".repeat(digits), 1)));
  return {
    cell,
    labelSize,
    labelWidth,
    turnColumnLabels: widest > cell - 4,
    countSize: cell >= MIN_CELL_WITH_COUNT && countSize >= 7 ? countSize : null,
    left: Math.ceil(Math.max(40 + labelWidth, (KEY_WIDTH - classes * cell) / 2)),
    top: 20,
  };
}

function cells(
  { classes, counts }: ConfusionMatrix,
  labels: readonly string[],
  { cell, countSize, left, top }: Layout,
  { blue, vermillion, ink, muted }: Palette,
): string[] {
  const shadeOf = cellShades({ classes, counts });

  return Array.from(counts, (count, i) => {
    const row = Math.floor(i / classes);
    const column = i % classes;
    const x = left + column * cell;
    const y = top + row * cell;
    const number =
      countSize === null
        ? ""
        : svgText(String(count), {
            x: x + cell / 2,
            y: y + cell / 2 + countSize * 0.36,
            size: countSize,
            fill: count === 0 ? muted : ink,
          });
    if (count === 0) {
      return number;
    }
    const { share, opacity } = shadeOf(row, column);
    const tooltip = `True ${labels[row]}, predicted ${labels[column]}: ${count} (${(share * 100).toFixed(1)} % of true ${labels[row]})`;
    return [
      `<g class="cell" data-true="${row}" data-predicted="${column}">`,
      `<title>${escapeXml(tooltip)}</title>`,
      `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="${row === column ? blue : vermillion}" fill-opacity="${opacity.toFixed(3)}"/>`,
      number,
      "</g>",
    ].join("");
  });
}

export interface CellShade {
  /** Which part of the true class the cell holds, 0 to 1. */
  readonly share: number;
  /** Of its colour, 0 to 1. */
  readonly opacity: number;
}

/** How strongly each cell is coloured: see {@link confusionFigure}. */
export function cellShades({
  classes,
  counts,
}: ConfusionMatrix): (trueClass: number, predicted: number) => CellShade {
  const all = Array.from({ length: classes }, (_, c) => c);
  const rowTotals = all.map((row) => sumOf(counts.subarray(row * classes, (row + 1) * classes)));
  const shareOf = (row: number, column: number) =>
    (counts[row * classes + column] ?? 0) / Math.max(1, rowTotals[row] ?? 0);
  const largestMistake = all
    .flatMap((row) => all.map((column) => (row === column ? 0 : shareOf(row, column))))
    .reduce((largest, share) => Math.max(largest, share), 0);
  return (row, column) => {
    const share = shareOf(row, column);
    const strength = row === column ? share : share / largestMistake;
    return { share, opacity: MIN_OPACITY + strength * (MAX_OPACITY - MIN_OPACITY) };
  };
}

function gridLines(classes: number, { cell, left, top }: Layout, { rule, muted }: Palette): string {
  const side = classes * cell;
  const lines = Array.from({ length: classes - 1 }, (_, i) => {
    const offset = (i + 1) * cell;
    return `M${left + offset} ${top}V${top + side}M${left} ${top + offset}H${left + side}`;
  });
  const frame = `<rect x="${left}" y="${top}" width="${side}" height="${side}" fill="none" stroke="${muted}"/>`;
  return (lines.length > 0 ? `<path d="${lines.join("")}" fill="none" stroke="${rule}"/>` : "") + frame;
}

function axisLabels(labels: readonly string[], layout: Layout, { ink }: Palette): string[] {
  const { cell, labelSize, labelWidth, turnColumnLabels, left, top } = layout;
  const side = labels.length * cell;
  return labels.flatMap((label, i) => {
    const text = fitText(label, labelWidth, labelSize);
    const centre = (i + 0.5) * cell;
    const drop = labelSize * 0.36;
    const common = { size: labelSize, fill: ink };
    return [
      svgText(text, { ...common, x: left - 7, y: top + centre + drop, anchor: "end" }),
      turnColumnLabels
        ? svgText(text, { ...common, x: left + centre + drop, y: top + side + 7, anchor: "end", rotate: -90 })
        : svgText(text, { ...common, x: left + centre, y: top + side + 6 + labelSize }),
    ];
  });
}

function colourKey(x: number, y: number, { blue, vermillion, ink }: Palette): string {
  const swatch = (at: number, colour: string) =>
    `<rect x="${at}" y="${y}" width="14" height="14" fill="${colour}" fill-opacity="${MAX_OPACITY}"/>`;
  const text = (at: number, content: string) =>
    svgText(content, { x: at, y: y + 12, size: 14, fill: ink, anchor: "start" });
  return [
    swatch(x + 16, blue),
    text(x + 36, "correct"),
    swatch(x + 110, vermillion),
    text(x + 130, "mistaken, by share of the true class"),
  ].join("");
}

function worstMistake({ classes, counts }: ConfusionMatrix, labels: readonly string[]): string {
  const mistakes = counts.map((count, i) => (i % (classes + 1) === 0 ? 0 : count));
  const most = mistakes.reduce((largest, count) => Math.max(largest, count), 0);
  if (most === 0) {
    return "There is no mistake.";
  }
  const cell = mistakes.indexOf(most);
  return `The most frequent mistake takes ${labels[Math.floor(cell / classes)]} for ${labels[cell % classes]}, ${most} times.`;
}

function sumOf(values: Uint32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
