import { type BackendOptions, selectBackend } from "../../backend/select.js";
import { type Dataset, subset } from "../../data/dataset.js";
import { type DataChoice, type OpenData, openData } from "../../data/open-data.js";
import type { DatasetParts } from "../../data/split-dataset.js";
import { type DatasetOrStream, isStream } from "../../data/stream.js";
import { FileAccessError, InvalidArgumentError } from "../../errors.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { accuracyFigure } from "../../report/figures/accuracy.js";
import { commonLossName, comparisonFigure } from "../../report/figures/comparison.js";
import { confusionFigure } from "../../report/figures/confusion.js";
import { convergenceFigure } from "../../report/figures/convergence.js";
import { digitsFigure } from "../../report/figures/digits.js";
import { lossFigure } from "../../report/figures/loss.js";
import { misclassifiedFigure } from "../../report/figures/misclassified.js";
import { predictedFigure } from "../../report/figures/predicted.js";
import { residualsFigure } from "../../report/figures/residuals.js";
import type { Theme } from "../../report/figures/theme.js";
import { variantsFigure } from "../../report/figures/variants.js";
import { weightsFigure } from "../../report/figures/weights.js";
import { matrixOf } from "../../report/page/tested-images.js";
import { firstLayer, type Tested, testAgain } from "../../report/test-again.js";
import type { Run } from "../../runs/read-run.js";
import { loadRunData } from "../../runs/recorded-data.js";
import { runSettings } from "../../runs/settings.js";
import { loadModel } from "../../training/model-file.js";
import { UsageError } from "../process.js";

export const FIGURES = [
  "digits",
  "variants",
  "loss",
  "accuracy",
  "misclassified",
  "confusion",
  "weights",
  "convergence",
  "compare",
  "predicted",
  "residuals",
] as const;

export type FigureName = (typeof FIGURES)[number];

export type Part = keyof DatasetParts;

export interface DrawerOptions {
  readonly theme: Theme;
  /** The class that `variants` shows. */
  readonly digit: number;
  /** Which images. Default: those of the test set; for `digits` and `variants` all there are, in the order of their files. */
  readonly part: Part | undefined;
  /** What `compare` shows. Default: the accuracy, and where a run has none, the loss. */
  readonly measure: "accuracy" | "loss" | undefined;
  /** The data, where they are not those of the run. */
  readonly choice: DataChoice;
  readonly backend: BackendOptions;
}

/**
 * What makes the figures of runs, or without a run those of data. Data and network are read when the first figure needs them.
 *
 * @param runs `convergence` and `compare` show all of them, every other figure the first.
 */
export function createDrawer(
  runs: readonly Run[],
  { theme, digit, part, measure, choice, backend }: DrawerOptions,
): (name: FigureName) => Promise<string> {
  const [run] = runs;
  const images = once(async (): Promise<Dataset> => {
    const { parts, close } = await (run === undefined ? openData(choice) : loadRunData(run, choice));
    await close();
    return part === undefined ? wholeDataset(parts) : inMemory(parts[part]);
  });
  const network = once(async (): Promise<MultilayerPerceptron> => {
    const { directory, modelPath } = existing(run);
    if (modelPath === null) {
      throw new FileAccessError(
        `There is no model.safetensors in ${directory}, which this figure needs; train to the end.`,
      );
    }
    return (await loadModel(modelPath, { backend: selectBackend(backend) })).network;
  });
  const tested = once(async (): Promise<Tested> => {
    const again = await testAgain(await network(), existing(run), choice, part);
    if (again.notice !== undefined) choice.listeners?.onNotice(again.notice);
    return again;
  });
  const classified = async () => {
    const again = await tested();
    if (again.kind === "classes") return again.tested;
    throw new InvalidArgumentError(
      `${existing(run).directory} is a run that learned values and no classes; plot loss, predicted and residuals show how it went.`,
    );
  };
  const predicted = async () => {
    const again = await tested();
    if (again.kind === "values") return again.values;
    throw new InvalidArgumentError(
      `${existing(run).directory} is a run that learned classes and no values; plot confusion shows what it takes them for.`,
    );
  };

  const common = { theme, run: run?.name };
  const drawings: Readonly<Record<FigureName, () => Promise<string>>> = {
    digits: async () => digitsFigure(await images(), { theme }),
    variants: async () => variantsFigure(await images(), digit, { theme }),
    loss: async () => lossFigure(trained(run).epochs, { ...common, lossName: lossNameOf([existing(run)]) }),
    accuracy: async () => accuracyFigure(withAccuracy(trained(run)).epochs, common),
    misclassified: async () => {
      const { dataset, predictions } = await classified();
      return misclassifiedFigure(dataset, predictions, common);
    },
    confusion: async () => {
      const examples = await classified();
      const { classNames } = examples.dataset.targets;
      return confusionFigure(matrixOf(examples), { ...common, ...(classNames && { classNames }) });
    },
    weights: async () => {
      const shown = existing(run);
      const hidden = firstLayer(await network(), runSettings(shown).imageShape);
      if (hidden === null) {
        throw new InvalidArgumentError(
          `The network was not trained on images of the size that ${shown.directory} tells, so that its weights are no pictures.`,
        );
      }
      return weightsFigure(hidden.weights, { imageShape: hidden.imageShape, ...common });
    },
    convergence: async () =>
      convergenceFigure(
        runs.map(trained).map((shown) => ({ name: legend(shown, runs), epochs: shown.epochs })),
        { theme, lossName: lossNameOf(runs) },
      ),
    compare: async () => {
      if (measure === "accuracy") runs.forEach(withAccuracy);
      const learnValues = runs.some((shown) => runSettings(shown).learns === "values");
      return comparisonFigure(
        runs.map(trained).map((shown) => ({ name: nameAmong(shown, runs), epochs: shown.epochs })),
        {
          measure: measure ?? (learnValues ? "loss" : "accuracy"),
          against: "epoch",
          lossName: lossNameOf(runs),
          size: COMPARED,
          theme,
        },
      );
    },
    predicted: async () => predictedFigure(await predicted(), common),
    residuals: async () => residualsFigure(await predicted(), common),
  };
  return (name) => drawings[name]();
}

function inMemory(part: DatasetOrStream): Dataset {
  if (isStream(part)) {
    throw new InvalidArgumentError(
      "The images are too many to hold in memory; name a smaller part by --part, or smaller files by --data-dir.",
    );
  }
  return part;
}

/** All images in the order of their files, as the chapter shows them. */
function wholeDataset({ train, validation, test }: OpenData["parts"]): Dataset {
  const parts = [train, validation, test].map(inMemory);
  const rows = Int32Array.from(parts.flatMap((part) => [...part.rows])).sort();
  return subset(inMemory(train), rows); // Parts of one data set share their images.
}

/** Wider than others: two lines for each run, and their names. */
const COMPARED = { width: 640, height: 400 };

function lossNameOf(runs: readonly Run[]): string {
  return commonLossName(runs.map((run) => runSettings(run).lossNames.long));
}

function withAccuracy(run: Run): Run {
  if (runSettings(run).learns === "classes") return run;
  throw new InvalidArgumentError(
    `${run.directory} is a run that learned values, of which there is no accuracy; plot loss shows how it went.`,
  );
}

/** The name of its folder; where several runs have the same, all of the path. */
function nameAmong(run: Run, runs: readonly Run[]): string {
  return runs.filter(({ name }) => name === run.name).length > 1 ? run.directory : run.name;
}

/** The size of the minibatches, which the figure is for; where several runs have the same, their folders. */
function legend(run: Run, runs: readonly Run[]): string {
  const { batchSize = 0 } = run.config; // One that was trained has it.
  if (runs.filter(({ config }) => config.batchSize === batchSize).length > 1) return run.directory;
  const count = runSettings(run).examples?.train ?? Number.POSITIVE_INFINITY;
  return `batch size ${batchSize.toLocaleString("en")}${batchSize >= count ? " (all)" : ""}`;
}

function existing(run: Run | undefined): Run {
  if (run === undefined) throw new UsageError("Expected the folder of a run.");
  return run;
}

/** A run with epochs to be drawn. */
function trained(run: Run | undefined): Run {
  const shown = existing(run);
  if (shown.origin === null) return shown;
  throw new InvalidArgumentError(
    `${shown.directory} holds a network that was imported from ${shown.origin.file}, of whose training nothing is known; plot confusion, misclassified and weights show what it does.`,
  );
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
