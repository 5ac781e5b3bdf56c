import { createDataset, hasImages, type ImageDataset } from "../../data/dataset.js";
import { type OpenData, OWN_DATA, UNKNOWN_FOLDER } from "../../data/open-data.js";
import { isStream } from "../../data/stream.js";
import { DownloadError, FileAccessError, InvalidArgumentError, MnistNativeError } from "../../errors.js";
import { type Run, readRun } from "../../runs/read-run.js";
import { kindOfData, loadRunData, openModelsData } from "../../runs/recorded-data.js";
import type { Part } from "../protocol.js";
import type { RunModel, SharedImages } from "../run-library.js";

/** The images that a run learns from and is tested on, by parts; they share memory. */
export type RunImages = ReadonlyMap<Part, ImageDataset>;

/** Keeps the images of the runs that were asked for last, so that all views of their models share them. */
export interface RunImagesStore {
  /**
   * @param metadata Of the model, for one that came without a run.
   * @throws FileAccessError when the images cannot be had here.
   * @throws InvalidArgumentError when they cannot be looked at: a table's rows, values, or more than memory holds.
   */
  of(model: RunModel, metadata: Metadata): Promise<RunImages>;
}

type Metadata = Readonly<Record<string, string>>;

/** So many sets of images are kept. Runs on the same data share one. */
const MOST_KEPT = 2;
const PARTS: readonly Part[] = ["train", "validation", "test"];

/** @param mnistDirectory Where MNIST is, for runs that tell no place of it and where it has not been fetched. */
export function createRunImagesStore(mnistDirectory: string | undefined): RunImagesStore {
  const kept = new Map<unknown, Promise<RunImages>>();
  const keep = (key: unknown, load: () => Promise<RunImages>): Promise<RunImages> => {
    const images = kept.get(key) ?? load();
    kept.delete(key);
    kept.set(key, images); // The last to go.
    images.catch(() => {
      if (kept.get(key) === images) kept.delete(key); // They may be there when they are asked for again.
    });
    for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest);
    return images;
  };
  const loadFor = async ({ folder, images }: RunModel, metadata: Metadata): Promise<RunImages> => {
    const run = folder === null ? undefined : await readRun(folder);
    if (run !== undefined) {
      return keep(keyOfRun(run), async () => partsOf(await openOfRun(run, mnistDirectory)));
    }
    if (images !== null) return keep(images, async () => new Map([["test", datasetOf(images)]] as const));
    return keep(
      JSON.stringify(Object.entries(metadata).filter(([name]) => DATA_METADATA.includes(name))),
      async () => partsOf(await openOfModel(metadata, mnistDirectory)),
    );
  };
  return {
    async of(model, metadata) {
      try {
        return await loadFor(model, metadata);
      } catch (error) {
        const { images } = model;
        // What the training has handed over is less than its files have, and better than nothing.
        if (images !== null && model.folder !== null) return loadFor({ ...model, folder: null }, metadata);
        throw error;
      }
    },
  };
}

/** What a model's metadata say of its data. */
const DATA_METADATA = ["dataset", "split", "crossValidation", "selectedClasses", "labelColumn", "imageShape"];

/** All that decides which images a run's folder leads to. */
function keyOfRun({ config, environment }: Run): string {
  const { dataset, dataDir, csv, labelColumn, npz, imageFolder, imageShape, split } = config;
  const { selectedClasses, crossValidation, table } = config;
  const own = { dataset, dataDir, csv, labelColumn, npz, imageFolder, imageShape, split };
  const { classNames } = (environment.data ?? {}) as { readonly classNames?: unknown };
  return JSON.stringify({ ...own, selectedClasses, crossValidation, table, classNames });
}

async function openOfRun(run: Run, mnistDirectory: string | undefined): Promise<OpenData> {
  const isMnist = kindOfData(run.config) === "mnist" && typeof run.config.dataDir !== "string";
  const open = (dataDir?: string) => loadRunData(run, { offline: true, dataDir });
  return withOther(open, isMnist ? mnistDirectory : undefined);
}

async function openOfModel(metadata: Metadata, mnistDirectory: string | undefined): Promise<OpenData> {
  const { dataset } = metadata;
  if (dataset === undefined) {
    throw new InvalidArgumentError(
      "The images of this model cannot be looked at, because its file does not say what it was trained on; what you draw can still be recognised.",
    );
  }
  if (OWN_DATA.some((name) => name === dataset) || dataset === UNKNOWN_FOLDER) {
    throw new InvalidArgumentError(
      "The images of this model cannot be looked at, because its file does not say where they are; open the folder of its run in place of the model alone. What you draw can still be recognised.",
    );
  }
  const open = (dataDir?: string) => openModelsData({ offline: true, dataDir }, metadata);
  return withOther(open, dataset === "mnist" ? mnistDirectory : undefined);
}

/** Opens data where they are known to be, or else in another folder, where there is one. */
async function withOther(
  open: (dataDir?: string) => Promise<OpenData>,
  other: string | undefined,
): Promise<OpenData> {
  try {
    return await open().catch((error: unknown) => {
      const isMissing = error instanceof FileAccessError || error instanceof DownloadError;
      if (!isMissing || other === undefined) throw error;
      return open(other);
    });
  } catch (error) {
    if (!(error instanceof MnistNativeError)) throw error;
    throw new FileAccessError(
      `The images of this model cannot be had here, though what you draw can still be recognised. (${error.message})`,
      { cause: error },
    );
  }
}

async function partsOf(data: OpenData): Promise<RunImages> {
  const parts = new Map<Part, ImageDataset>();
  for (const part of PARTS) {
    const dataset = data.parts[part];
    const fault = isStream(dataset)
      ? "are too many for memory, and are only read in windows while it learns"
      : !hasImages(dataset)
        ? "are rows of a table, and no images"
        : dataset.targets.kind !== "classes"
          ? "belong to values that are learned, and not to classes"
          : undefined;
    if (fault !== undefined) {
      await data.close();
      throw new InvalidArgumentError(`The examples of this run cannot be looked at here: they ${fault}.`);
    }
    parts.set(part, dataset as ImageDataset); // As just checked.
  }
  return parts;
}

function datasetOf({ pixels, labels, classes, classNames, imageShape }: SharedImages): ImageDataset {
  return createDataset({
    images: pixels,
    labels: new Int32Array(labels), // Another thread may change what it has shared.
    classes,
    imageShape,
    ...(classNames !== null && { classNames }),
  });
}
