import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../backend/select.js";
import type { Dataset } from "../data/dataset.js";
import { isStream } from "../data/stream.js";
import { FileAccessError, InvalidArgumentError } from "../errors.js";
import { writeFileAtomically } from "../formats/run-folder.js";
import { confusionMatrix } from "../metrics/confusion-matrix.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { accuracyFigure } from "../report/figures/accuracy.js";
import { confusionFigure } from "../report/figures/confusion.js";
import { convergenceFigure } from "../report/figures/convergence.js";
import { digitsFigure } from "../report/figures/digits.js";
import { lossFigure } from "../report/figures/loss.js";
import { misclassifiedFigure } from "../report/figures/misclassified.js";
import { variantsFigure } from "../report/figures/variants.js";
import { weightsFigure } from "../report/figures/weights.js";
import type { TestedImages } from "../report/page/tested-images.js";
import { renderPng } from "../report/rasterize.js";
import { type Run, readRun } from "../report/run.js";
import { asOutputError } from "../system-error.js";
import { loadModel } from "../training/checkpoint.js";
import { openData } from "./data.js";
import { dataOptions, readDataOptions } from "./data-options.js";
import { backendOptions, readableOption, readBackendOptions, wholeNumber } from "./options.js";
import { print } from "./run.js";
import { loadRunData } from "./run-data.js";
import { firstLayer, testAgain } from "./run-network.js";
import { UsageError } from "./usage.js";

const FIGURES = [
  "digits",
  "variants",
  "loss",
  "accuracy",
  "misclassified",
  "confusion",
  "weights",
  "convergence",
] as const;

type FigureName = (typeof FIGURES)[number];

/** Those of the chapter: its figures 11.4, 11.5, 11.7, 11.8 and 11.9. */
const CHAPTER: readonly FigureName[] = ["digits", "variants", "loss", "accuracy", "misclassified"];

/** Figures of data alone; all others tell of a run. */
const OF_DATA: readonly FigureName[] = ["digits", "variants"];

/** Pixels of a PNG for each of the figure's own, sharp on today's screens and in print. */
const PNG_SCALE = 2;

const options = {
  digit: readableOption("7", "For variants: which class"),
  png: { type: "boolean", default: false, describe: "Write PNG instead of SVG" },
  theme: {
    choices: ["auto", "light", "dark"] as const,
    default: "auto" as const,
    describe: "Colours; auto follows the reader's screen, and is light in PNG",
  },
  out: {
    type: "string",
    requiresArg: true,
    defaultDescription: "KIND.svg in the run's folder, or where you are",
    describe: "File to write; for chapter, the folder",
  },
  ...dataOptions,
  dataset: { ...dataOptions.dataset, defaultDescription: "the one of the run, or mnist" },
  split: { ...dataOptions.split, defaultDescription: "the one of the run, or chapter" },
  offline: { type: "boolean", default: false, describe: "Download nothing" },
  ...backendOptions,
} as const;

type PlotOptions = InferredOptionTypes<typeof options>;

type PlotArguments = ArgumentsCamelCase<
  PlotOptions & {
    readonly figure: FigureName | "chapter";
    readonly runs?: readonly string[];
  }
>;

export function builder(yargs: Argv) {
  return yargs
    .positional("figure", {
      choices: [...FIGURES, "chapter"] as const,
      demandOption: true,
      describe: "Which figure; chapter makes the chapter's five",
    })
    .positional("runs", {
      type: "string",
      array: true,
      describe: "Folder that train --out wrote; convergence takes several",
    })
    .options(options)
    .group(Object.keys(dataOptions), "Data:")
    .example("$0 plot chapter runs/chapter --png", "the chapter's five figures of a run")
    .example("$0 plot variants --digit 4 --data-dir mnist", "the first 25 fours of the files in mnist")
    .example("$0 plot convergence runs/a runs/b", "how fast the loss of two runs falls");
}

export async function handler({ figure, runs: directories = [], ...args }: PlotArguments): Promise<void> {
  checkRuns(figure, directories);
  const digit = wholeNumber("digit", args.digit, 0, 255);
  const names = figure === "chapter" ? CHAPTER : [figure];
  const runs = await Promise.all(directories.map(readRun));
  const drawer = createDrawer(runs, args, digit);
  const extension = args.png ? "png" : "svg";
  const folder = (figure === "chapter" ? args.out : undefined) ?? directories[0] ?? ".";
  // All are drawn before the first is written.
  const files: { readonly path: string; readonly content: string | Uint8Array }[] = [];
  for (const name of names) {
    const svg = await drawer(name);
    const path =
      figure !== "chapter" && args.out !== undefined ? args.out : join(folder, `${name}.${extension}`);
    files.push({ path, content: args.png ? await renderPng(svg, { width: PNG_SCALE * widthOf(svg) }) : svg });
  }
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw asOutputError(error, folder);
  });
  for (const { path, content } of files) {
    await writeFileAtomically(path, content);
    print(path);
  }
}

function checkRuns(figure: FigureName | "chapter", directories: readonly string[]): void {
  const count = directories.length;
  if (figure === "convergence" ? count >= 1 : count === 1) return;
  if (count === 0 && figure !== "chapter" && OF_DATA.includes(figure)) return;
  const expected = figure === "convergence" ? "one folder of a run or more" : "the folder of one run";
  throw new UsageError(
    `Expected ${expected} after plot ${figure} but received ${count}; train --out makes one.`,
  );
}

/** What makes a figure from the runs; data and network are read when the first figure needs them. */
function createDrawer(
  runs: readonly Run[],
  args: PlotOptions,
  digit: number,
): (name: FigureName) => Promise<string> {
  const { theme } = args;
  const run = runs[0];
  const choice = { ...readDataOptions(args), offline: args.offline };
  const trainingData = once(async (): Promise<Dataset> => {
    const { parts, close } =
      run === undefined
        ? await openData({ ...choice, split: choice.split ?? "chapter" })
        : await loadRunData(run, choice);
    await close();
    if (isStream(parts.train)) {
      throw new InvalidArgumentError(
        "The images are too many to hold in memory; name a smaller file by --data-dir.",
      );
    }
    return parts.train;
  });
  const network = once(async (): Promise<MultilayerPerceptron> => {
    const { directory, modelPath } = runOf(run);
    if (modelPath === null) {
      throw new FileAccessError(
        `There is no model.safetensors in ${directory}, which this figure needs; train to the end.`,
      );
    }
    return (await loadModel(modelPath, { backend: selectBackend(readBackendOptions(args)) })).network;
  });
  const tested = once(async (): Promise<TestedImages> => testAgain(await network(), runOf(run), choice));

  const drawings: Readonly<Record<FigureName, () => Promise<string>>> = {
    digits: async () => digitsFigure(await trainingData(), { theme }),
    variants: async () => variantsFigure(await trainingData(), digit, { theme }),
    loss: async () => lossFigure(runOf(run).epochs, { theme }),
    accuracy: async () => accuracyFigure(runOf(run).epochs, { theme }),
    misclassified: async () => {
      const { dataset, predictions } = await tested();
      return misclassifiedFigure(dataset, predictions, { theme });
    },
    confusion: async () => {
      const { dataset, predictions } = await tested();
      const { labels, rows, classes, classNames } = dataset;
      const truth = Array.from(rows, (row) => labels[row] as number); // Rows of a dataset have labels.
      const matrix = confusionMatrix(truth, predictions, classes);
      return confusionFigure(matrix, classNames === undefined ? { theme } : { theme, classNames });
    },
    weights: async () => {
      const { imageShape } = await trainingData();
      const hidden = firstLayer(await network(), imageShape);
      if (hidden === null) {
        throw new InvalidArgumentError(
          `The network was not trained on images of ${imageShape.join(" x ")} pixels; name its data by --data-dir.`,
        );
      }
      return weightsFigure(hidden.weights, { imageShape, theme });
    },
    convergence: async () =>
      convergenceFigure(
        runs.map(({ config, directory, epochs }) => ({
          name: legend(config.batchSize, directory, runs),
          epochs,
        })),
        { theme },
      ),
  };
  return (name) => drawings[name]();
}

/** The size of the minibatches, which the figure is for; where two runs have the same, their folders. */
function legend(batchSize: number, directory: string, runs: readonly Run[]): string {
  const isUnique = runs.filter(({ config }) => config.batchSize === batchSize).length === 1;
  return isUnique ? `batch size ${batchSize}` : directory;
}

function runOf(run: Run | undefined): Run {
  if (run === undefined) throw new UsageError("Expected the folder of a run.");
  return run;
}

/** The width that the figure's own first tag says, in pixels. */
function widthOf(svg: string): number {
  const width = Number(/<svg[^>]* width="([\d.]+)"/.exec(svg)?.[1]);
  if (!(width > 0)) throw new InvalidArgumentError("Expected a figure that says its width.");
  return Math.round(width);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
