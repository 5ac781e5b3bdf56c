import { DATASETS, type DataChoice, type DatasetChoice, OWN_DATA } from "../../data/open-data.js";
import { TASKS, type Task } from "../../data/readers/table-columns.js";
import { DATASET_SPLITS, type DatasetSplit } from "../../data/split-dataset.js";
import { dataListeners } from "../data-listeners.js";
import { UsageError } from "../process.js";
import { dataDirOption } from "./shared.js";

const splitOption = {
  choices: DATASET_SPLITS,
  describe:
    "chapter: draw one row in seven for the test, of the rest one in twelve for validation, by class in equal shares; official: keep the data's own test set",
} as const;

/** The options that name data, for every command that works on them. */
export const dataOptions = {
  "data-dir": dataDirOption,
  csv: {
    type: "string",
    requiresArg: true,
    describe:
      "CSV file of your own, separated by commas, semicolons or tabs: an image a line, its label and its pixels, 0 to 255",
  },
  "label-column": {
    requiresArg: true,
    defaultDescription: "label or class, the only one of texts, or the first",
    describe: "For --csv: the labels' column by name or number, from 0, or from the end by -1",
  },
  npz: {
    type: "string",
    requiresArg: true,
    describe: "NumPy archive of your own: x_train, y_train, x_test and y_test; images and labels; or x and y",
  },
  "image-folder": {
    type: "string",
    requiresArg: true,
    describe: "Folder of your own with a folder of PNG files for each class",
  },
  "image-shape": {
    requiresArg: true,
    defaultDescription: "square",
    describe: "For --csv and --npz: HEIGHTxWIDTH where rows of pixels do not say it",
  },
  table: {
    type: "string",
    requiresArg: true,
    describe:
      "Table of your own, separated by commas, semicolons or tabs: its first line names the columns, numbers or texts",
  },
  "target-column": {
    type: "string",
    requiresArg: true,
    defaultDescription: "the one that the model learned",
    describe: "For --table: the column to learn, by name",
  },
  task: {
    choices: TASKS,
    defaultDescription: "the model's",
    describe: "For --table: whether its target names classes, or is a number to learn",
  },
  dataset: { choices: DATASETS, describe: "Published data, or digits that the program draws" },
  split: splitOption,
} as const;

const SOURCES = ["data-dir", ...OWN_DATA] as const;

/** Data of which no rows are known to be for the test. */
export const WITHOUT_TEST_SET: readonly string[] = ["csv", "image-folder", "table"];

/** The values of {@link dataOptions}; `undefined` where one was not given. */
export interface DataArguments {
  readonly "data-dir"?: string | undefined;
  readonly csv?: string | undefined;
  readonly "label-column"?: unknown;
  readonly npz?: string | undefined;
  readonly "image-folder"?: string | undefined;
  readonly "image-shape"?: unknown;
  readonly table?: string | undefined;
  readonly "target-column"?: string | undefined;
  readonly task?: Task | undefined;
  readonly dataset?: DatasetChoice | undefined;
  readonly split?: DatasetSplit | undefined;
}

/**
 * Reads {@link dataOptions}.
 *
 * @throws UsageError when they contradict each other.
 */
export function readDataOptions(args: DataArguments): DataChoice {
  const { csv, npz, dataset, split } = args;
  const [first, second] = SOURCES.filter((name) => args[name] !== undefined);
  if (second !== undefined) {
    throw new UsageError(
      `Expected one source of data but received --${first} and --${second}; leave one out.`,
    );
  }
  if (dataset !== undefined && first !== undefined && (first !== "data-dir" || dataset === "synthetic")) {
    const meaning = dataset === "synthetic" ? "draws digits" : "is published data";
    throw new UsageError(`Expected no --${first}, because --dataset ${dataset} ${meaning}; leave one out.`);
  }
  if (args["label-column"] !== undefined && csv === undefined) {
    throw new UsageError("Expected --csv with --label-column, which names one of its columns.");
  }
  if (args["image-shape"] !== undefined && csv === undefined && npz === undefined) {
    throw new UsageError("Expected --csv or --npz with --image-shape; other data say it themselves.");
  }
  if (args.table === undefined) {
    const alone = (["target-column", "task"] as const).find((name) => args[name] !== undefined);
    if (alone !== undefined)
      throw new UsageError(`Expected --table with --${alone}, which tells what to learn from it.`);
  }
  if (split === "official" && first !== undefined && WITHOUT_TEST_SET.includes(first)) {
    throw new UsageError(
      `Expected --split chapter with --${first}, which has no test set of its own for --split official.`,
    );
  }
  return {
    dataDir: args["data-dir"],
    csv,
    labelColumn: args["label-column"] === undefined ? undefined : String(args["label-column"]),
    npz,
    imageFolder: args["image-folder"],
    imageShape: args["image-shape"] === undefined ? undefined : readImageShape(args["image-shape"]),
    table: args.table,
    targetColumn: args["target-column"],
    task: args.task,
    dataset,
    split,
    listeners: dataListeners(),
  };
}

/** Reads `--image-shape`. */
export function readImageShape(given: unknown): readonly [height: number, width: number] {
  const [, height, width] = /^([1-9]\d{0,8})x([1-9]\d{0,8})$/.exec(String(given)) ?? [];
  if (height === undefined || width === undefined) {
    throw new UsageError(
      `Expected HEIGHTxWIDTH, such as 28x28, for --image-shape but received ${JSON.stringify(String(given))}.`,
    );
  }
  return [Number(height), Number(width)];
}

/** Reads `--classes`. */
export function readClasses(given: unknown): readonly string[] {
  const names = [given].flat().flatMap((part) =>
    String(part)
      .split(",")
      .map((name) => name.trim()),
  );
  if (names.length < 2 || names.includes("") || new Set(names).size < names.length) {
    throw new UsageError(
      `Expected at least two different classes, such as 3,8, for --classes but received ${JSON.stringify([given].flat().join(","))}.`,
    );
  }
  return names;
}
