import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { DATASETS, type DataChoice, dataSettings, type OpenData, SPLIT_SEED } from "../data/open-data.js";
import { DATASET_SPLITS } from "../data/split-dataset.js";
import { ModelFormatError, OutputError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { makeFolders } from "../system/files.js";
import { asOutputError } from "../system/system-error.js";
import type { LoadedModel } from "../training/model-file.js";
import { provenanceOf } from "../training/model-format.js";
import { classNamesOf, learnsValues, toldImageShape } from "../training/model-metadata.js";
import { describeData, type RunData, type RunEnvironment } from "./environment.js";
import { originOfModel } from "./import-origin.js";
import { recordRun, requireFreeFolder } from "./record-run.js";
import { knownColumns } from "./recorded-data.js";
import { MODEL_FILE } from "./run-folder.js";

/** A network that was imported, with all that is known of it. */
export interface ImportedRun {
  /** With its origin, as `importModel` gives it. */
  readonly model: LoadedModel;
  /** How data were asked for, and those; `undefined`: none were. */
  readonly tested: { readonly choice: DataChoice; readonly data: OpenData } | undefined;
  readonly environment: RunEnvironment;
  /** Figures of the test, where there was one, and of the machine. */
  readonly summary: Readonly<Record<string, unknown>>;
}

/**
 * Keeps an imported network as a run, which has no epochs. The folder is there when it is whole, and not before; one that is there already
 * is written to file by file, as for any run.
 *
 * @param signal When it is aborted before a new folder is whole, there is none, and its reason is thrown; one that is there is written to its end.
 * @throws OutputError when it cannot be written, or holds a run and `force` is not given.
 */
export async function recordImportedRun(
  directory: string,
  run: ImportedRun,
  { force, signal }: { readonly force: boolean; readonly signal?: AbortSignal },
): Promise<void> {
  requireFreeFolder(directory, { force });
  if (existsSync(directory)) return write(directory, run, force);
  const whole = resolve(directory);
  const parent = dirname(whole);
  const unfinished = join(parent, `.${basename(whole)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await makeFolders(parent);
    await write(unfinished, run, force);
    signal?.throwIfAborted();
    await rename(unfinished, whole);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {}); // The first error is the one to report.
    if (!(error instanceof OutputError)) throw asOutputError(error, directory);
    throw new OutputError(error.message.replaceAll(unfinished, directory), { cause: error }); // By the name that was given.
  }
}

async function write(directory: string, run: ImportedRun, force: boolean): Promise<void> {
  const { model, tested, environment, summary } = run;
  const { network, metadata } = model;
  const origin = originOfModel(metadata);
  if (origin === undefined) throw new ModelFormatError("The model does not tell where it was imported from.");
  const recorder = await recordRun(directory, {
    config: configOf(run),
    environment,
    data: dataOf(model, tested?.data),
    force,
    imported: { origin, metadata: provenanceOf(metadata) },
  });
  await recorder.keepResult(network, [], summary).finally(recorder.close);
}

/** A configuration that trains the network further, on the same data where they are known. */
function configOf({ model: { network, metadata }, tested }: ImportedRun) {
  const { inputs, layers, loss } = network.specification;
  const dataset = DATASETS.find((name) => name === metadata.dataset);
  const split = DATASET_SPLITS.find((name) => name === metadata.split);
  const recorded = dataset === undefined ? {} : { dataset, split, splitSeed: SPLIT_SEED };
  const data = tested === undefined ? recorded : dataSettings(tested.choice, tested.data);
  return { ...data, from: MODEL_FILE, inputs, layers, loss, dtype: network.dtype };
}

/** What the data are, or would have to be. */
function dataOf(model: LoadedModel, data: OpenData | undefined): Partial<RunData> {
  const known = {
    classes: learnsValues(model, "The model") ? undefined : classCount(model.network),
    imageShape: toldImageShape(model, "The model"),
    classNames: classNamesOf(model, "The model") ?? undefined,
    columns: knownColumns(model.metadata),
  };
  if (data === undefined) return known;
  const found = describeData(data);
  return { ...found, classNames: found.classNames ?? known.classNames };
}

function classCount({ outputs }: MultilayerPerceptron): number {
  return outputs === 1 ? 2 : outputs;
}
