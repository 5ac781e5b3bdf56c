import { Type } from "typebox";
import { DATASETS, type DatasetChoice, OWN_DATA, SPLIT_SEED, UNKNOWN_FOLDER } from "../../data/open-data.js";
import { TASKS } from "../../data/readers/table-columns.js";
import { DATASET_SPLITS } from "../../data/split-dataset.js";
import { choice, number, text } from "./fields.js";

/** A path, or as version 0.1.0 wrote it `null` for none. */
function place(description: string) {
  return Type.Optional(
    Type.Unsafe<string>({
      type: ["string", "null"],
      minLength: 1,
      description: `${description}. A relative path is taken from the folder that this file is in`,
    }),
  );
}

function count(description: string, minimum: number) {
  return Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER, description });
}

/** What data are learned, and how they are divided. At most one of the places is given. */
export const DATA = {
  dataset: Type.Optional(
    Type.Unsafe<DatasetChoice>({
      description: "Published data, or digits that the program draws",
      anyOf: [
        { enum: [...DATASETS] },
        { enum: [...OWN_DATA, UNKNOWN_FOLDER], deprecated: true, description: "As version 0.1.0 wrote it" },
      ],
    }),
  ),
  dataDir: place("Folder with four IDX files, raw or .gz"),
  csv: place("CSV file with an image a line"),
  labelColumn: Type.Optional(
    Type.Unsafe<string | number>({
      type: ["string", "integer", "null"],
      minLength: 1,
      description: "For csv: the labels' column by name or number, from 0, or from the end by -1",
    }),
  ),
  npz: place("NumPy archive"),
  imageFolder: place("Folder with a folder of PNG files for each class"),
  imageShape: Type.Optional(
    Type.Unsafe<[height: number, width: number]>({
      type: "array",
      items: { type: "integer", minimum: 1, maximum: 999_999_999 },
      minItems: 2,
      maxItems: 2,
      description: "For csv and npz: height and width, where rows of pixels do not say it",
    }),
  ),
  table: place("Table whose first line names the columns, numbers or texts"),
  targetColumn: Type.Optional(
    Type.String({ minLength: 1, description: "For table: the column to learn, by name" }),
  ),
  task: choice(TASKS, "For table: whether its target names classes, or is a number to learn"),
  groupColumn: text(
    "For table: the column whose rows with the same value stay in one fold; the network does not read it",
  ),
  selectedClasses: Type.Optional(
    Type.Array(Type.Union([Type.String({ minLength: 1 }), Type.Integer()]), {
      minItems: 2,
      uniqueItems: true,
      description: "Of images: learn these classes alone, by their names or numbers",
    }),
  ),
  split: choice(
    DATASET_SPLITS,
    "chapter: draw one row in seven for the test, of the rest one in twelve for validation; official: keep the data's own test set",
    "chapter",
  ),
  crossValidation: Type.Optional(
    Type.Object(
      {
        fold: count("The one that the run holds out, counted from 1 through all repeats", 1),
        folds: count("Into how many folds the training and validation examples are shared out", 2),
        repeats: count("How many times that is done", 1),
        stratified: Type.Boolean({ description: "Whether each class is shared out alike" }),
        seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1, description: "Of the folds" }),
        validationSize: number(
          "How many of the examples to train on are for validation instead, or below 1 which share; by default none, and validation is of the fold that is held out",
          { exclusiveMinimum: 0 },
        ),
      },
      {
        description: "Which fold of a cross-validation the run is, as cross-validate keeps it",
        additionalProperties: false,
      },
    ),
  ),
  splitSeed: Type.Optional(
    Type.Literal(SPLIT_SEED, {
      description: "The chapter's; there is no other, so that every run has the same test set",
    }),
  ),
} as const;
