import { catalogEntry } from "../data/catalog/catalog.js";
import type { Inputs } from "../data/dataset.js";
import { asFoldChoice } from "../data/folds/fold-choice.js";
import {
  DATASETS,
  type DataChoice,
  loadUnlabelledRows,
  type OpenData,
  OWN_DATA,
  openData,
  ownData,
  UNKNOWN_FOLDER,
} from "../data/open-data.js";
import { asTableColumns, TASKS, type TableColumns } from "../data/readers/table-columns.js";
import { DATASET_SPLITS } from "../data/split-dataset.js";
import { DataFormatError, InvalidArgumentError, ModelFormatError } from "../errors.js";
import { type ImportOrigin, originOfModel } from "./import-origin.js";
import type { Run } from "./read-run.js";

// The data that a run or a model was made with, by what it says of them.

/**
 * Opens the data that a run was trained on, or those that `choice` names, split as for the run.
 *
 * @throws as `openData`, when they cannot be had.
 * @throws InvalidArgumentError when no data are named, and the run's network was imported without any.
 */
export async function loadRunData(
  run: Pick<Run, "config" | "environment"> & Partial<Pick<Run, "origin">>,
  choice: DataChoice = {},
): Promise<OpenData> {
  const recorded = { ...dataOfRun(run.config), classNames: classNamesOfCsv(run), columns: columnsOfRun(run) };
  const isNamed =
    choice.dataDir !== undefined || choice.dataset !== undefined || ownData(choice) !== undefined;
  if (!isNamed && run.origin != null && kindOfData(run.config) === undefined) throw withoutData(run.origin);
  if (!isNamed) return openData({ ...choice, ...recorded, split: choice.split ?? recorded.split });
  const { split, dataset, labelColumn, classNames, imageShape, columns } = recorded;
  const { selectedClasses, crossValidation, groupColumn } = recorded;
  return openData({
    ...choice,
    selectedClasses,
    crossValidation,
    groupColumn: choice.table === undefined ? undefined : groupColumn,
    split: choice.split ?? split,
    dataset: choice.dataset ?? (choice.dataDir === undefined ? undefined : nameOfFormat(dataset)),
    labelColumn: choice.labelColumn ?? (choice.csv === undefined ? undefined : labelColumn),
    classNames,
    columns,
    imageShape: choice.imageShape ?? ((choice.csv ?? choice.npz) === undefined ? undefined : imageShape),
  });
}

/**
 * What a run's data are called: those of the user's own by the option that named them, others by their name. A config.json names only the
 * place of data of one's own, because a name is no setting of theirs.
 */
export function kindOfData(config: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof config.dataset === "string") return config.dataset;
  return ownData(dataOfRun(config)) ?? (typeof config.dataDir === "string" ? UNKNOWN_FOLDER : undefined);
}

/** The data of a run, by its config.json. */
function dataOfRun(config: Readonly<Record<string, unknown>>): DataChoice {
  const text = (name: string) => (typeof config[name] === "string" ? config[name] : undefined);
  const dataDir = text("dataDir");
  const dataset = DATASETS.find((name) => name === config.dataset);
  const choice = {
    dataDir,
    csv: text("csv"),
    labelColumn: text("labelColumn"),
    npz: text("npz"),
    imageFolder: text("imageFolder"),
    table: text("table"),
    targetColumn: text("targetColumn"),
    task: TASKS.find((name) => name === config.task),
    groupColumn: text("groupColumn"),
    selectedClasses: asNames(config.selectedClasses),
    dataset: dataDir === undefined ? dataset : nameOfFormat(dataset), // Version 0.1 called any four IDX files mnist.
    split: DATASET_SPLITS.find((name) => name === config.split),
    crossValidation: asFoldChoice(config.crossValidation),
  };
  return ownData(choice) === undefined ? choice : { ...choice, imageShape: asShape(config.imageShape) };
}

/**
 * The name by which files in a folder are to be read: that of a data set whose files have peculiarities of their own. Any others are
 * called what they turn out to be, and digits that are drawn are in no folder.
 */
export function nameOfFormat(dataset: DataChoice["dataset"]): DataChoice["dataset"] {
  if (dataset === undefined || dataset === "synthetic") return undefined;
  const { labelKind, firstLabel, transposed } = catalogEntry(dataset);
  return labelKind === undefined && firstLabel === undefined && transposed !== true ? undefined : dataset;
}

/** The order of a CSV file's classes: another file, which may lack one, has to keep it. */
function classNamesOfCsv({ config, environment }: Pick<Run, "config" | "environment">) {
  const { classNames } = (environment.data ?? {}) as { readonly classNames?: unknown };
  // Those of a selection are not all that the file has.
  return kindOfData(config) === "csv" && config.selectedClasses === undefined
    ? asNames(classNames)
    : undefined;
}

/** The columns of a table, as the run's network knows them. */
function columnsOfRun({ environment }: Pick<Run, "environment">): TableColumns | undefined {
  return asTableColumns((environment.data as { readonly columns?: unknown } | undefined)?.columns);
}

function asNames(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((name) => typeof name === "string") ? value : undefined;
}

/** The shape of images, as a run's config.json and a model's metadata have it. */
export function asShape(value: unknown): DataChoice["imageShape"] {
  const [height, width] = Array.isArray(value) ? (value as unknown[]) : [];
  return isSide(height) && isSide(width) ? [height, width] : undefined;
}

type Metadata = Readonly<Record<string, string>>;

/**
 * Opens the data to hold a model against: those that `choice` names; and for what it leaves out, those that the model was
 * trained on, by its metadata. With another split, the model would be tested on images that it was trained on.
 *
 * @throws InvalidArgumentError when no data are named and the model was trained on somebody's own, as it does not tell their place, or
 *   imported without any.
 * @throws DataFormatError when folders for classes have other names than the classes that the model knows.
 */
export async function openModelsData(choice: DataChoice, metadata: Metadata): Promise<OpenData> {
  const data = await openData({ ...complete(choice, metadata), selectedClasses: classesOfModel(metadata) });
  if (choice.imageFolder !== undefined) {
    const { targets } = data.parts.train;
    const found = targets.kind === "classes" ? targets.classNames : undefined;
    checkClassNames(choice.imageFolder, found, parseJson(metadata.classNames));
  }
  return data;
}

/** The classes that a model was trained on, where they are not all of its data. */
export function classesOfModel({ selectedClasses }: Metadata): readonly string[] | undefined {
  return asNames(parseJson(selectedClasses));
}

function complete(choice: DataChoice, metadata: Metadata): DataChoice {
  const named = ownData(choice);
  const trained = OWN_DATA.find((name) => name === metadata.dataset);
  const isUnknown = metadata.dataset === UNKNOWN_FOLDER;
  const others = choice.dataDir ?? choice.dataset;
  if (named === undefined && (trained !== undefined || isUnknown) && others === undefined) {
    throw new InvalidArgumentError(
      `Expected --${trained ?? UNKNOWN_FOLDER} with the data that the model was trained on, or other data.`,
    );
  }
  const origin = originOfModel(metadata);
  if (origin !== undefined && metadata.dataset === undefined && (named ?? others) === undefined) {
    throw withoutData(origin);
  }
  if (named === "table" && trained !== named) columnsOfModel(metadata); // Says what the model was trained on.
  if (named !== trained) return choice; // The model knows nothing of these data.
  const split = choice.split ?? DATASET_SPLITS.find((name) => name === metadata.split);
  const crossValidation = asFoldChoice(parseJson(metadata.crossValidation));
  if (named === "table") {
    const { groupColumn } = metadata;
    return { ...choice, split, crossValidation, groupColumn, columns: columnsOfModel(metadata) };
  }
  if (named !== undefined) {
    const { labelColumn = metadata.labelColumn, imageShape = knownShape(metadata) } = choice;
    const isWhole = named === "csv" && metadata.selectedClasses === undefined;
    const classNames = isWhole ? asNames(parseJson(metadata.classNames)) : undefined;
    return { ...choice, split, crossValidation, labelColumn, classNames, imageShape };
  }
  const recorded = DATASETS.find((name) => name === metadata.dataset);
  const dataset = choice.dataset ?? (choice.dataDir === undefined ? recorded : nameOfFormat(recorded));
  return { ...choice, split, crossValidation, dataset };
}

/**
 * The rows of a table that `choice` names and the model can predict, where they have no target, so that no part of them is the test set;
 * `undefined` where they have one, and for all other data.
 *
 * @throws ModelFormatError when the model does not tell its columns, and as `loadTable`.
 */
export async function openUnlabelledRows(
  choice: DataChoice,
  metadata: Metadata,
): Promise<Inputs | undefined> {
  if (choice.table === undefined) return undefined;
  return loadUnlabelledRows({ ...choice, columns: columnsOfModel(metadata) });
}

/** Height and width of a model's images; `undefined` where it does not tell. */
function knownShape({ imageShape }: Metadata): DataChoice["imageShape"] {
  return asShape(parseJson(imageShape));
}

/** What a model knows of the columns of the table that it was trained on, for training it further; `undefined` of other models. */
export function knownColumns({ columns }: Metadata): TableColumns | undefined {
  return asTableColumns(parseJson(columns));
}

/** @throws ModelFormatError when a model does not tell which columns of a table it reads. */
export function columnsOfModel(metadata: Metadata): TableColumns {
  const { columns, dataset } = metadata;
  const known = asTableColumns(parseJson(columns));
  if (known !== undefined) return known;
  const isImported = originOfModel(metadata) !== undefined;
  const end = isImported
    ? "; import it with --table FILE --target-column NAME --task classify or regress, so that it knows them"
    : dataset === undefined || dataset === "table"
      ? ""
      : `; it was trained on ${dataset}`;
  throw new ModelFormatError(`The model does not tell which columns of a table it reads${end}.`);
}

/** MNIST is for networks that were trained here, and no guess at what others learned. */
function withoutData({ file }: ImportOrigin): InvalidArgumentError {
  return new InvalidArgumentError(
    `Expected data, such as --dataset mnist --split official, because the network was imported from ${file} without any, and nothing tells what it learned.`,
  );
}

/** The number of a class is the place of its folder among the others, so that they must be the same. */
function checkClassNames(folder: string, found: readonly string[] = [], known: unknown): void {
  if (Array.isArray(known) && known.join("\n") !== found.join("\n")) {
    throw new DataFormatError(
      `${folder} has folders for the classes ${found.join(", ")}, but the model knows ${known.join(", ")}; they must be the same.`,
    );
  }
}

/** A value other than text in a model's metadata is JSON. */
function parseJson(text = "null"): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelFormatError(
      `The model has metadata that are not JSON where they were expected: ${text}.`,
      {
        cause,
      },
    );
  }
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}
