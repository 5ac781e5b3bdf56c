import type { Figure, RunDetail, Sample } from "../../protocol.js";
import { formatFigure, formatPercent } from "../parts/format.js";
import { isGoingOn } from "../parts/run-state.js";
import { type Chart, type Curve, lookOf } from "./curve.js";

/**
 * The charts of a run; of several, the curves of all in the same charts, a colour for each run.
 *
 * @param runs The chosen one first. A chart that none of them has anything for is left out.
 */
export function chartsOfRuns(runs: readonly RunDetail[]): readonly Chart[] {
  const [chosen] = runs;
  if (chosen === undefined) return [];
  const isCompared = runs.length > 1;
  const all = (curvesOf: (detail: RunDetail, index: number) => readonly Curve[]) => runs.flatMap(curvesOf);
  const common = { format: formatFigure, xMost: Math.max(1, ...runs.map(reach)) };
  const charts: readonly Chart[] = [
    {
      ...common,
      id: "loss",
      title: `Loss (${chosen.run.loss})`,
      meaning: "How far the answers are from the right ones: the lower, the better.",
      curves: isCompared ? all(comparedEpochs("trainLoss", "validLoss")) : lossesOf(chosen),
      yLeast: 0,
      ...(isCompared ? {} : lossCeiling(chosen)),
    },
    {
      ...common,
      id: "accuracy",
      title: "Accuracy",
      meaning: "Which part of the images is read right. Validation images are never learned from.",
      curves: isCompared
        ? all(comparedEpochs("trainAccuracy", "validAccuracy"))
        : [
            epochCurve(chosen, "Training", "trainAccuracy", lookOf(0)),
            epochCurve(chosen, "Validation", "validAccuracy", lookOf(1)),
          ],
      format: (share: Figure) => formatPercent(share),
      formatAxis: formatShares,
      yMost: 1,
    },
    {
      ...common,
      id: "learning-rate",
      title: "Learning rate",
      meaning: "How large each correction is.",
      curves: all((detail, i) => [
        learningRate(detail, isCompared ? nameAmong(detail, runs) : "Learning rate", i),
      ]),
      yLeast: 0,
    },
    {
      ...common,
      id: "gradient-norms",
      title: "Gradients of each layer",
      meaning: "How strongly each layer is asked to change (the length of its gradient).",
      curves: all(norms("gradientNorms", runs)),
      yLeast: 0,
    },
    {
      ...common,
      id: "weight-norms",
      title: "Weights of each layer",
      meaning: "How large the numbers are that each layer has learned (the length of all its weights).",
      curves: all(norms("weightNorms", runs)),
      yLeast: 0,
    },
  ];
  return charts
    .map((chart) => ({ ...chart, curves: chart.curves.filter(hasPoints) }))
    .filter(({ curves }) => curves.length > 0);

  function comparedEpochs(
    train: "trainLoss" | "trainAccuracy",
    valid: "validLoss" | "validAccuracy",
  ): (detail: RunDetail, index: number) => readonly Curve[] {
    return (detail, index) => {
      const name = nameAmong(detail, runs);
      const { colour } = lookOf(index);
      const validation = epochCurve(detail, `${name}, validation`, valid, { colour });
      if (!hasPoints(validation)) return [epochCurve(detail, `${name}, training`, train, { colour })];
      return [validation, epochCurve(detail, `${name}, training`, train, { colour, dash: [6, 4] })];
    };
  }
}

/** What a run is called among others. Names of runs may be the same: then their beginnings tell them apart. */
export function nameAmong({ run }: RunDetail, runs: readonly RunDetail[]): string {
  const isAlone = runs.every((other) => other.run.id === run.id || other.run.name !== run.name);
  return isAlone ? run.name : `${run.name} (${run.id})`;
}

/** Epochs to which a run's curves reach: those that were asked for while it goes on, and those that it had afterwards. */
function reach(detail: RunDetail): number {
  const had = Math.max(detail.epochs.at(-1)?.epoch ?? 0, placesOf(detail).at(-1) ?? 0);
  return isGoingOn(detail.run) ? Math.max(detail.run.epochs, had) : had;
}

/** Of the losses of batches, so many are shown at least. */
const SHOWN_SHARE = 0.98;
/** Fewer losses than this have no outliers. */
const LEAST_LOSSES = 20;

/**
 * How high a chart of losses reaches. A network that has learned nothing has such losses in its first batches that every later curve would
 * lie flat on the axis: as high as epochs and nearly all batches after the first epoch are, or as nearly all batches while there is no epoch.
 */
function lossCeiling({ samples, epochs }: RunDetail): { readonly yCeiling?: number } {
  const ofEpochs = epochs
    .flatMap(({ trainLoss, validLoss }) => [trainLoss, validLoss])
    .filter((loss) => loss !== null);
  const known = samples.filter(({ epoch }) => ofEpochs.length === 0 || epoch > 1);
  const losses = known.flatMap(({ loss }) => (loss === null ? [] : [loss])).sort((a, b) => a - b);
  const isMany = losses.length >= LEAST_LOSSES;
  const ofBatches = isMany ? (losses[Math.ceil(SHOWN_SHARE * losses.length) - 1] ?? 0) : 0;
  const ceiling = Math.max(0, ofBatches, ...ofEpochs);
  const most = Math.max(0, ...samples.map(({ loss }) => loss ?? 0));
  return ceiling > 0 && ceiling < most ? { yCeiling: ceiling } : {};
}

/** Whole percents, unless they would be the same. */
function formatShares(shares: readonly number[]): readonly string[] {
  const isFine = shares.some((share) => Math.abs(share * 100 - Math.round(share * 100)) > 1e-6);
  return shares.map((share) => `${(share * 100).toFixed(isFine ? 1 : 0)} %`);
}

function hasPoints({ y }: Curve): boolean {
  return y.some((value) => value !== null);
}

/** Of a run without epochs of one length, such as one whose folder is read, there is no place for its samples: they are left out. */
function placesOf({ samples, stepsPerEpoch }: RunDetail): readonly number[] {
  return stepsPerEpoch === null || stepsPerEpoch === 0 ? [] : samples.map(({ step }) => step / stepsPerEpoch);
}

function sampleCurve(
  detail: RunDetail,
  name: string,
  read: (sample: Sample) => Figure,
  look: Pick<Curve, "colour" | "dash" | "isFaint">,
): Curve {
  const x = placesOf(detail);
  return { name, x, y: x.length === 0 ? [] : detail.samples.map(read), ...look };
}

function epochCurve(
  { epochs }: RunDetail,
  name: string,
  key: "trainLoss" | "validLoss" | "trainAccuracy" | "validAccuracy" | "learningRate",
  look: Pick<Curve, "colour" | "dash">,
): Curve {
  return { name, x: epochs.map(({ epoch }) => epoch), y: epochs.map((epoch) => epoch[key]), ...look };
}

function lossesOf(detail: RunDetail): readonly Curve[] {
  return [
    sampleCurve(detail, "Each batch", ({ loss }) => loss, { colour: "muted", isFaint: true }),
    epochCurve(detail, "Training, by epoch", "trainLoss", lookOf(0)),
    epochCurve(detail, "Validation", "validLoss", lookOf(1)),
  ];
}

function learningRate(detail: RunDetail, name: string, index: number): Curve {
  const samples = sampleCurve(detail, name, (sample) => sample.learningRate, lookOf(index));
  return hasPoints(samples) ? samples : epochCurve(detail, name, "learningRate", lookOf(index));
}

/** Of one run, a colour for each layer; of several, a colour for each run, and dashes for its layers. */
function norms(
  key: "gradientNorms" | "weightNorms",
  runs: readonly RunDetail[],
): (detail: RunDetail, index: number) => readonly Curve[] {
  return (detail, index) =>
    detail.layers.map((_, i) => {
      const isCompared = runs.length > 1;
      const name = isCompared ? `${nameAmong(detail, runs)}, ${layerName(i, detail)}` : layerName(i, detail);
      const look = isCompared ? { colour: lookOf(index).colour, dash: lookOf(i * 4).dash ?? [] } : lookOf(i);
      return sampleCurve(detail, name, (sample) => sample[key][i] ?? null, look);
    });
}

/** Layers as a reader counts them. */
function layerName(index: number, { layers }: RunDetail): string {
  return index === layers.length - 1 ? "Output layer" : `Layer ${index + 1}`;
}
