import { DATASETS, type DataChoice, type OpenData, OWN_DATA, openData, ownData } from "../data/open-data.js";
import { DataFormatError, ModelFormatError } from "../errors.js";
import { asShape } from "./options/data.js";
import { SPLITS } from "./options/shared.js";
import { UsageError } from "./process.js";

type Metadata = Readonly<Record<string, string>>;

/**
 * Opens the data to hold a model against: those that `choice` names; and for what it leaves out, those that the model was
 * trained on, by its metadata. With another split, the model would be tested on images that it was trained on.
 *
 * @throws UsageError when no data are named and the model was trained on somebody's own, as it does not tell their place.
 * @throws DataFormatError when folders for classes have other names than the classes that the model knows.
 */
export async function openModelsData(choice: DataChoice, metadata: Metadata): Promise<OpenData> {
  const data = await openData(complete(choice, metadata));
  if (choice.imageFolder !== undefined) {
    checkClassNames(choice.imageFolder, data.parts.train.targets.classNames, parseJson(metadata.classNames));
  }
  return data;
}

function complete(choice: DataChoice, metadata: Metadata): DataChoice {
  const named = ownData(choice);
  const trained = OWN_DATA.find((name) => name === metadata.dataset);
  const others = choice.dataDir ?? choice.dataset;
  if (named === undefined && trained !== undefined && others === undefined) {
    throw new UsageError(`Expected --${trained} with the data that the model was trained on, or other data.`);
  }
  if (named !== trained) return choice; // The model knows nothing of these data.
  const split = choice.split ?? SPLITS.find((name) => name === metadata.split);
  if (named !== undefined) {
    const { labelColumn = metadata.labelColumn, imageShape = asShape(parseJson(metadata.imageShape)) } =
      choice;
    return { ...choice, split, labelColumn, imageShape };
  }
  const dataset = choice.dataset ?? DATASETS.find((name) => name === metadata.dataset);
  const isFolder = choice.dataDir !== undefined && dataset === "synthetic"; // Which are in none.
  return { ...choice, split, dataset: isFolder ? undefined : dataset };
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
      `The model has metadata that are not JSON where a list was expected: ${text}.`,
      {
        cause,
      },
    );
  }
}
