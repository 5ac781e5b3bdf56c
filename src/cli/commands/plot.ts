import { join } from "node:path";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { InvalidArgumentError } from "../../errors.js";
import { renderPng } from "../../report/rasterize.js";
import { readRun } from "../../runs/read-run.js";
import { prepareRunFolder } from "../../runs/run-folder.js";
import { writeFileAtomically } from "../../system/files.js";
import { dataOptions, readDataOptions } from "../options/data.js";
import { backendOptions, readableOption, readBackendOptions, wholeNumber } from "../options/shared.js";
import { print, UsageError } from "../process.js";
import { createDrawer, FIGURES, type FigureName } from "./figure-drawer.js";

/** Those of the chapter: its figures 11.4, 11.5, 11.7, 11.8 and 11.9. */
const CHAPTER: readonly FigureName[] = ["digits", "variants", "loss", "accuracy", "misclassified"];

/** Figures of data alone; all others tell of a run. */
const OF_DATA: readonly string[] = ["digits", "variants"];

/** Figures of several runs. */
const OF_RUNS: readonly string[] = ["convergence", "compare"];

/** Figures of examples, of which --part chooses some. */
const OF_EXAMPLES: readonly string[] = [...OF_DATA, "misclassified", "confusion", "predicted", "residuals"];

/** Pixels of a PNG for each of the figure's own, sharp on today's screens and in print. */
const PNG_SCALE = 2;

const options = {
  digit: readableOption("7", "For variants: which class"),
  part: {
    choices: ["train", "validation", "test"] as const,
    defaultDescription: "test; all for digits and variants",
    describe: "Which part of the data",
  },
  measure: {
    choices: ["accuracy", "loss"] as const,
    defaultDescription: "accuracy; loss where a run has none",
    describe: "For compare: what to show of the training and the validation set",
  },
  png: {
    type: "boolean",
    default: false,
    describe: "Write PNG instead of SVG, as for --out that ends in .png",
  },
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
      describe: "Folder that train --out wrote; convergence and compare take several",
    })
    .options(options)
    .group(Object.keys(dataOptions), "Data:")
    .example("$0 plot chapter runs/chapter --png", "the chapter's five figures of a run")
    .example("$0 plot variants --digit 4 --data-dir mnist", "the first 25 fours of the files in mnist")
    .example("$0 plot convergence runs/a runs/b", "how fast the loss of two runs falls")
    .example("$0 plot compare runs/plain runs/dropout", "which of two runs overfits")
    .example("$0 plot predicted runs/prices", "predicted against true values of a regression");
}

export async function handler({ figure, runs: directories = [], ...args }: PlotArguments): Promise<void> {
  checkRuns(figure, directories);
  checkPart(figure, args.part);
  if (args.measure !== undefined && figure !== "compare") {
    throw new UsageError(`Expected no --measure with plot ${figure}; it is for compare.`);
  }
  const isPng = writesPng(figure, args);
  const digit = wholeNumber("digit", args.digit, 0, 255);
  const names = figure === "chapter" ? CHAPTER : [figure];
  const runs = await Promise.all(directories.map(readRun));
  const draw = createDrawer(runs, {
    theme: args.theme,
    digit,
    part: args.part,
    measure: args.measure,
    choice: { ...readDataOptions(args), offline: args.offline },
    backend: readBackendOptions(args),
  });
  const extension = isPng ? "png" : "svg";
  const isFile = figure !== "chapter" && args.out !== undefined;
  const folder = (isFile ? undefined : args.out) ?? directories[0] ?? ".";
  // All are drawn before the first is written.
  const files: { readonly path: string; readonly content: string | Uint8Array }[] = [];
  for (const name of names) {
    const svg = await draw(name);
    files.push({
      path: isFile ? (args.out ?? "") : join(folder, `${name}.${extension}`),
      content: isPng ? await renderPng(svg, { width: PNG_SCALE * widthOf(svg) }) : svg,
    });
  }
  if (!isFile) await prepareRunFolder(folder);
  for (const { path, content } of files) {
    await writeFileAtomically(path, content);
    print(path);
  }
}

function checkRuns(figure: FigureName | "chapter", directories: readonly string[]): void {
  const count = directories.length;
  if (OF_RUNS.includes(figure) ? count >= 1 : count === 1) return;
  if (count === 0 && OF_DATA.includes(figure)) return;
  const expected = OF_RUNS.includes(figure) ? "one folder of a run or more" : "the folder of one run";
  throw new UsageError(
    `Expected ${expected} after plot ${figure} but received ${count}; train --out makes one.`,
  );
}

function checkPart(figure: string, part: string | undefined): void {
  if (part === undefined || OF_EXAMPLES.includes(figure)) return;
  throw new UsageError(`Expected no --part with plot ${figure}; it is for ${OF_EXAMPLES.join(", ")}.`);
}

/** By --png, or by the name of the file. */
function writesPng(figure: string, { png, out = "" }: Pick<PlotOptions, "png" | "out">): boolean {
  if (figure === "chapter") return png;
  if (png && /\.svg$/i.test(out)) {
    throw new UsageError(`Expected another name than ${out} with --png; leave out one of them.`);
  }
  const extension = /\.[a-z0-9]+$/i.exec(out)?.[0];
  if (extension !== undefined && !/^\.(svg|png)$/i.test(extension)) {
    throw new UsageError(`Expected a name that ends in .svg or .png for --out but received ${out}.`);
  }
  return png || /\.png$/i.test(out);
}

/** The width that the figure's own first tag says, in pixels. */
function widthOf(svg: string): number {
  const width = Number(/<svg[^>]* width="([\d.]+)"/.exec(svg)?.[1]);
  if (!(width > 0)) throw new InvalidArgumentError("Expected a figure that says its width.");
  return Math.round(width);
}
