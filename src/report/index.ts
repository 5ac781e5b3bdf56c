/**
 * Figures of data and of runs, and the page of a sweep, from a program: `import { lossFigure } from "mnist-native/report"`.
 *
 * A figure is a function from data to the text of an SVG document. What draws charts is loaded with the first chart, and what
 * makes PNG with the first picture.
 *
 * @module mnist-native/report
 */

export { type Run, type RunConfig, type RunSummary, readRun } from "../runs/read-run.js";
export type { EpochMetrics } from "../training/history.js";
export { type AccuracyFigureOptions, accuracyFigure } from "./figures/accuracy.js";
export type { ChartSize } from "./figures/chart-panel.js";
export { type ComparisonFigureOptions, comparisonFigure } from "./figures/comparison.js";
export { type ConfusionFigureOptions, confusionFigure } from "./figures/confusion.js";
export { convergenceFigure, type NamedRun } from "./figures/convergence.js";
export { digitsFigure } from "./figures/digits.js";
export { type EpochTimeFigureOptions, epochTimeFigure } from "./figures/epoch-time.js";
export { learningRateFigure } from "./figures/learning-rate.js";
export { type LossByEpochOptions, type LossFigureOptions, lossFigure } from "./figures/loss.js";
export { misclassifiedFigure } from "./figures/misclassified.js";
export {
  type Coordinate,
  type CoordinateAxis,
  type CoordinateLine,
  type ParallelCoordinatesOptions,
  parallelCoordinatesFigure,
} from "./figures/parallel-coordinates.js";
export { predictedFigure } from "./figures/predicted.js";
export { reliabilityFigure } from "./figures/reliability.js";
export { residualsFigure } from "./figures/residuals.js";
export type { FigureOptions, Theme } from "./figures/theme.js";
export type { FigureValues } from "./figures/value-panels.js";
export { variantsFigure } from "./figures/variants.js";
export { type WeightsFigureOptions, weightsFigure } from "./figures/weights.js";
export { type RenderPngOptions, renderPng } from "./rasterize.js";
export { sweepReport } from "./sweep-report.js";
