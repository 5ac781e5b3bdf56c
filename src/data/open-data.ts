import { resolve } from "node:path";
import { DataFormatError, DownloadError, FileAccessError, InvalidArgumentError } from "../errors.js";
import { catalogEntry, DATASET_NAMES, type DatasetName } from "./catalog/catalog.js";
import type { DownloadProgress } from "./catalog/download.js";
import { identifyDataset } from "./catalog/identify.js";
import type { ImageDataset, Inputs } from "./dataset.js";
import type { FoldChoice } from "./folds/fold-choice.js";
import { BY_LABEL_COLUMN } from "./readers/csv-columns.js";
import { isLargeQuartet, openLargeQuartet } from "./readers/large-quartet.js";
import { loadMnist } from "./readers/mnist.js";
import type { NpzDataset } from "./readers/npz.js";
import { findQuartet, MNIST_FILE_NAMES } from "./readers/quartet.js";
import type { TableColumns, Task } from "./readers/table-columns.js";
import { type DatasetParts, type DatasetSplit, splitDataset } from "./split-dataset.js";
import type { DatasetOrStream } from "./stream.js";

/** Digits that the program draws, and the data sets of the catalogue. */
export const DATASETS = [...DATASET_NAMES, "synthetic"] as const;
export type DatasetChoice = DatasetName | "synthetic";

/** What four IDX files are called that the catalogue does not know. */
export const UNKNOWN_FOLDER = "data-dir";

/** What `config.json` and a model call data that are the user's own, by the option that named them. */
export const OWN_DATA = ["csv", "npz", "image-folder", "table"] as const;
export type OwnData = (typeof OWN_DATA)[number];

/** The chapter's; no command lets it be chosen, so that every run has the same test set. */
export const SPLIT_SEED = 123;

/** The data that options, a run or a model name. At most one of `dataDir`, `csv`, `npz`, `imageFolder` and `table` is given. */
export interface DataChoice {
  readonly dataDir?: string | undefined;
  readonly csv?: string | undefined;
  readonly labelColumn?: string | undefined;
  readonly npz?: string | undefined;
  readonly imageFolder?: string | undefined;
  /** For `csv` with labels that are texts: these, in the order of their classes. */
  readonly classNames?: readonly string[] | undefined;
  /** For `csv` and `npz`. */
  readonly imageShape?: readonly [height: number, width: number] | undefined;
  readonly table?: string | undefined;
  /** For `table`, unless `columns` tell. */
  readonly targetColumn?: string | undefined;
  readonly task?: Task | undefined;
  /** For `table`: what a network that reads it knows of its columns. */
  readonly columns?: TableColumns | undefined;
  /** For `table`: the column that tells which rows folds keep together. */
  readonly groupColumn?: string | undefined;
  readonly dataset?: DatasetChoice | undefined;
  /** Of images: examples of these classes alone, by their names or numbers, see `selectClasses`. */
  readonly selectedClasses?: readonly string[] | undefined;
  readonly split?: DatasetSplit | undefined;
  readonly seed?: number | undefined;
  /** The fold of a cross-validation, whose training and validation examples are others than the split's. */
  readonly crossValidation?: FoldChoice | undefined;
  readonly offline?: boolean | undefined;
  readonly listeners?: DataListeners | undefined;
}

/** Who is told how the data are got. */
export interface DataListeners {
  /** A whole sentence for a person. */
  readonly onNotice: (sentence: string) => void;
  readonly onProgress: (progress: DownloadProgress) => void;
}

/** Data to train on, of which some may stay in their file. */
export interface OpenData {
  readonly dataset: DatasetChoice | OwnData | typeof UNKNOWN_FOLDER;
  readonly split: DatasetSplit;
  readonly parts: { readonly [part in keyof DatasetParts]: DatasetOrStream };
  /** Of a table, what a network that learns from it has to know. */
  readonly columns?: TableColumns;
  /** Of a table with a `groupColumn`, what each of its rows belongs to, [n_rows]. */
  readonly groups?: readonly string[] | undefined;
  close(): Promise<void>;
}

type DataInMemory = Pick<OpenData, "dataset" | "columns" | "groups"> & { readonly parts: DatasetParts };

/** The data that `choice` names, in memory; MNIST if it names none. */
export async function loadData(choice: DataChoice): Promise<DataInMemory> {
  const { dataDir, dataset = "mnist", split = "chapter", seed = SPLIT_SEED, offline } = choice;
  if (ownData(choice) !== undefined || (dataDir !== undefined && choice.dataset === undefined)) {
    return loadFiles(choice);
  }
  if (dataset === "synthetic") {
    const { loadSynthetic } = await import("./synthetic/synthetic-digits.js");
    return { dataset, parts: await loadSynthetic({ split, seed }) };
  }
  const { loadDataset } = await import("./catalog/datasets.js"); // It brings the HTTP client, which most commands do without.
  const parts = await loadDataset(dataset, {
    directory: dataDir,
    split,
    seed,
    ...(offline && { offline }),
    ...choice.listeners,
  });
  return { dataset, parts };
}

type OnNotice = DataListeners["onNotice"] | undefined;

/** Files that the user named. What is odd about them is said when they can be used; where they cannot, the error says more. */
async function loadFiles(choice: DataChoice): Promise<DataInMemory> {
  const { table, listeners } = choice;
  const notices: string[] = [];
  const onNotice = listeners && ((sentence: string) => notices.push(sentence));
  const data = await (table === undefined
    ? loadImages(choice, onNotice)
    : loadTableFile({ ...choice, table }, onNotice));
  for (const sentence of notices) listeners?.onNotice(sentence);
  return data;
}

async function loadImages(choice: DataChoice, onNotice: OnNotice): Promise<DataInMemory> {
  const { dataDir, split = "chapter", seed = SPLIT_SEED } = choice;
  const own = await loadOwnImages(choice, onNotice);
  if (own === undefined) {
    return named(await loadMnist({ directory: dataDir as string, split, seed, onNotice })); // Named, as no other data are.
  }
  checkSeveralClasses(own.dataset, choice);
  return {
    dataset: own.option,
    parts: splitDataset(own.dataset, { split, seed, trainCount: own.trainCount }),
  };
}

type TableChoice = DataChoice & { readonly table: string };

async function loadTableFile(choice: TableChoice, onNotice: OnNotice): Promise<DataInMemory> {
  const { split = "chapter", seed = SPLIT_SEED } = choice;
  const { splitTable } = await import("./readers/encode-table.js");
  const table = await readTable(choice, onNotice);
  return { dataset: "table", ...splitTable(table, { split, seed, onNotice }), groups: table.groups };
}

async function readTable(choice: TableChoice, onNotice: OnNotice) {
  const { table, targetColumn, task, columns, groupColumn } = choice;
  const { loadTable } = await import("./readers/table.js"); // At use, as what reads other kinds.
  return loadTable(table, { targetColumn, task, columns, groupColumn, onNotice });
}

/** All rows of the table that `choice` names, where it lacks its target, so that they can only be predicted; `undefined` elsewhere. */
export async function loadUnlabelledRows(choice: DataChoice): Promise<Inputs | undefined> {
  const { table, listeners } = choice;
  if (table === undefined) return undefined;
  const { encodeTable } = await import("./readers/encode-table.js");
  const read = await readTable({ ...choice, table }, listeners?.onNotice);
  return read.targets === undefined ? encodeTable(read).inputs : undefined;
}

/** Four IDX files, whatever they hold. Where the catalogue knows them, they get their name, and names for their classes. */
function named(parts: DatasetParts<ImageDataset>): DataInMemory {
  const dataset = identifyDataset(parts.train);
  if (dataset === undefined) return { dataset: UNKNOWN_FOLDER, parts };
  const { classNames } = catalogEntry(dataset);
  const withNames = (part: ImageDataset) => ({ ...part, targets: { ...part.targets, classNames } });
  const { train, validation, test } = parts;
  return {
    dataset,
    parts: { train: withNames(train), validation: withNames(validation), test: withNames(test) },
  };
}

/** As {@link loadData}; but IDX files that are too large for memory stay where they are, and are read in windows. */
export async function openData(choice: DataChoice): Promise<OpenData> {
  const { selectedClasses, crossValidation } = choice;
  const data = await openAllClasses(choice);
  let { parts } = data;
  try {
    if (selectedClasses !== undefined) {
      const { selectClasses } = await import("./select-classes.js");
      parts = selectClasses(parts, selectedClasses);
    }
    if (crossValidation !== undefined) {
      const { foldParts } = await import("./folds/fold-parts.js");
      parts = foldParts(parts, crossValidation, data.groups);
    }
    return { ...data, parts };
  } catch (error) {
    await data.close();
    throw error;
  }
}

async function openAllClasses(choice: DataChoice): Promise<OpenData> {
  const { dataDir, dataset, seed = SPLIT_SEED } = choice;
  if (dataDir !== undefined && dataset === undefined) {
    const paths = await findQuartet(dataDir, MNIST_FILE_NAMES);
    if (await isLargeQuartet(paths)) {
      if (choice.split === "chapter") {
        throw new InvalidArgumentError(
          `The images in ${dataDir} are too large for memory, and --split chapter would have to mix those of both files; use --split official.`,
        );
      }
      const { close, ...parts } = await openLargeQuartet(paths, {
        seed,
        onNotice: choice.listeners?.onNotice,
      });
      return { dataset: UNKNOWN_FOLDER, split: "official", parts, close };
    }
  }
  return { ...(await loadData(choice)), split: choice.split ?? "chapter", close: async () => {} };
}

/** As {@link openData}; but where no data are named and MNIST cannot be had, this is said, and the program draws digits. */
export async function openDataOrDraw(choice: DataChoice): Promise<OpenData> {
  const { dataDir, dataset } = choice;
  if (dataDir !== undefined || dataset !== undefined || ownData(choice) !== undefined)
    return openData(choice);
  try {
    return await openData(choice);
  } catch (error) {
    if (!(error instanceof FileAccessError || error instanceof DownloadError)) throw error;
    choice.listeners?.onNotice(
      `MNIST cannot be had, so this run uses digits drawn by the program; name a folder by --data-dir. (${error.message})`,
    );
    return openData({ ...choice, dataset: "synthetic" });
  }
}

/** What `config.json` says about the data, so that they are found and read again: as they were asked for, with places that hold anywhere. */
export function dataSettings(choice: DataChoice, { dataset, split }: Pick<OpenData, "dataset" | "split">) {
  const { dataDir, csv, labelColumn, npz, imageFolder, imageShape, table, targetColumn, task } = choice;
  const { selectedClasses, crossValidation, groupColumn } = choice;
  const place = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  return {
    dataset: DATASETS.find((name) => name === dataset),
    dataDir: place(dataDir),
    csv: place(csv),
    labelColumn,
    npz: place(npz),
    imageFolder: place(imageFolder),
    imageShape,
    table: place(table),
    targetColumn,
    task,
    groupColumn,
    selectedClasses,
    split,
    splitSeed: SPLIT_SEED,
    crossValidation,
  };
}

/** Which option names data of the user's own; `undefined` where none does. */
export function ownData({ csv, npz, imageFolder, table }: DataChoice): OwnData | undefined {
  if (csv !== undefined) return "csv";
  if (npz !== undefined) return "npz";
  if (table !== undefined) return "table";
  return imageFolder === undefined ? undefined : "image-folder";
}

type OwnDataset = NpzDataset & { readonly option: OwnData };

/** Images of the user's own, where `choice` names some. What reads a kind is imported when it is used. */
async function loadOwnImages(choice: DataChoice, onNotice: OnNotice): Promise<OwnDataset | undefined> {
  const { csv, labelColumn, classNames, npz, imageFolder, imageShape } = choice;
  if (csv !== undefined) {
    const { loadCsv } = await import("./readers/csv.js");
    const dataset = await loadCsv({ file: csv, labelColumn, classNames, imageShape, onNotice });
    return { option: "csv", dataset };
  }
  if (npz !== undefined) {
    const { loadNpz } = await import("./readers/npz.js");
    return { option: "npz", ...(await loadNpz({ file: npz, imageShape, onNotice })) };
  }
  if (imageFolder === undefined) return undefined;
  const { loadImageFolder } = await import("./readers/image-folder.js");
  return { option: "image-folder", dataset: await loadImageFolder({ directory: imageFolder }) };
}

/** A wrong column of labels often shows in that all of them are the same. */
function checkSeveralClasses({ targets: { labels, classNames } }: ImageDataset, { csv }: DataChoice): void {
  const [first = 0] = labels;
  if (labels.every((label) => label === first)) {
    const advice =
      csv === undefined ? "check which labels are meant" : `name their column ${BY_LABEL_COLUMN}`;
    throw new DataFormatError(
      `All ${labels.length} images have the label ${classNames?.[first] ?? first}, and a network tells classes apart; ${advice}.`,
    );
  }
}
