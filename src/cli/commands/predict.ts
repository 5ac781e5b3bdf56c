import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../../backend/select.js";
import { createDataset, type Dataset, type Inputs } from "../../data/dataset.js";
import type { OpenData } from "../../data/open-data.js";
import type { PreparedDigit } from "../../data/readers/digit-image.js";
import { isStream } from "../../data/stream.js";
import { labelsOfRows } from "../../data/targets.js";
import { readPngAsGray } from "../../formats/png.js";
import { loadRunModel } from "../../runs/load-run-model.js";
import {
  classNamesOf,
  imageShapeOf,
  learnsValues,
  notesOn,
  preparePicture,
  valueNamesOf,
} from "../../runs/model-pictures.js";
import { openModelsData, openUnlabelledRows } from "../../runs/recorded-data.js";
import { printable } from "../../system/printable.js";
import { givesProbabilities, hasConfidences, outputsByClass } from "../../training/confidence.js";
import { significant } from "../../training/history.js";
import type { LoadedModel } from "../../training/model-file.js";
import { predict } from "../../training/predict.js";
import { trueValues } from "../../training/true-values.js";
import { noticeDivergence, noticeOtherData } from "../model-notices.js";
import { dataOptions, readDataOptions } from "../options/data.js";
import { backendOptions, jsonOption, readBackendOptions, wholeNumber } from "../options/shared.js";
import { print, printJson, UsageError } from "../process.js";

const options = {
  row: {
    requiresArg: true,
    describe: "Position in the test set, or in a table without its target, from 0, instead of a picture",
  },
  ...dataOptions,
  dataset: { ...dataOptions.dataset, defaultDescription: "the one it was trained on" },
  split: { ...dataOptions.split, defaultDescription: "the one it was trained with" },
  ...backendOptions,
  json: jsonOption,
} as const;

type PredictArguments = ArgumentsCamelCase<
  InferredOptionTypes<typeof options> & { model: string; image: string | undefined }
>;

export function builder(yargs: Argv) {
  return yargs
    .positional("model", {
      type: "string",
      demandOption: true,
      describe: "A model.safetensors that train wrote",
    })
    .positional("image", { type: "string", describe: "A PNG file with one digit" })
    .options(options)
    .group(Object.keys(dataOptions), "Data, for --row:");
}

export async function handler({ model, image, row, json, ...args }: PredictArguments): Promise<void> {
  if ((image === undefined) === (row === undefined)) {
    throw new UsageError("Expected either a PNG file or --row N, one of the two.");
  }
  const choice = readDataOptions(args);
  const position = row === undefined ? undefined : wholeNumber("row", row, 0);
  const loaded = await loadRunModel(model, { backend: selectBackend(readBackendOptions(args)) });
  noticeDivergence(loaded.network, model);
  let example: Example;
  const unlabelled = position === undefined ? undefined : await openUnlabelledRows(choice, loaded.metadata);
  if (position !== undefined && unlabelled !== undefined) {
    example = { dataset: rowOf(unlabelled, position, "the table's"), truth: [], notes: [] };
  } else if (position !== undefined) {
    const data = await openModelsData(choice, loaded.metadata);
    noticeOtherData(loaded.metadata, data, model);
    example = { ...testExample(position, data), notes: [] };
    await data.close();
  } else {
    if (loaded.metadata.dataset === "table") {
      throw new UsageError("Expected --table FILE --row N, because the model reads tables and not pictures.");
    }
    const shape = imageShapeOf(loaded, model);
    const path = image as string; // One of the two is given.
    const digit = preparePicture(await readPngAsGray(path), loaded, shape, path);
    example = { dataset: datasetOf(digit, loaded, shape), truth: [], notes: notesOn(digit) };
  }
  const { classes, activations } = await predict(loaded.network, example.dataset);
  const asked: Answered = { ...example, loaded, model, outputs: [...activations] };
  if (learnsValues(loaded, model)) tellValues(asked, json);
  else tellClass(asked, classes[0] ?? 0, json);
}

interface Example {
  readonly dataset: Inputs;
  /** The class, or the values, that it really has; empty where nobody knows. */
  readonly truth: readonly number[];
  readonly notes: readonly string[];
}

interface Answered extends Example {
  readonly loaded: LoadedModel;
  readonly model: string;
  readonly outputs: readonly number[];
}

function tellValues({ loaded, model, outputs, truth, notes }: Answered, json: boolean): void {
  const names = valueNamesOf(loaded, model);
  if (json) {
    printJson({ values: outputs, names, target: truth.length === 0 ? null : truth, notes });
    return;
  }
  for (const note of notes) print(note);
  for (const [i, value] of outputs.entries()) {
    const name = names?.[i] ?? (outputs.length === 1 ? "" : `output ${i}`);
    const trueValue = truth[i] === undefined ? "" : ` (true value: ${truth[i]})`;
    print(`Predicted: ${name === "" ? "" : `${printable(name)} `}${significant(value)}${trueValue}`);
  }
}

function tellClass(
  { loaded, model, outputs, truth, notes }: Answered,
  predicted: number,
  json: boolean,
): void {
  const names = classNamesOf(loaded, model);
  const nameOf = (label: number) => printable(names?.[label] ?? String(label)); // It comes from a file.
  const [label = null] = truth;
  if (json) {
    printJson({ predicted, name: nameOf(predicted), label, activations: outputs, notes });
    return;
  }
  for (const note of notes) print(note);
  print(`Predicted: ${nameOf(predicted)}${label === null ? "" : ` (true class: ${nameOf(label)})`}`);
  const isSure = hasConfidences(loaded.network);
  const word = givesProbabilities(loaded.network) ? "probability" : isSure ? "activation" : "output";
  // Of a single output that is no share, there is no second one for the other class.
  const byClass = isSure ? outputsByClass(outputs) : outputs;
  const ranked = byClass.map((activation, c) => ({
    activation,
    label: byClass.length === 1 ? predicted : c,
  }));
  ranked.sort((a, b) => b.activation - a.activation);
  for (const { activation, label: c } of ranked.slice(0, 3)) {
    print(`  ${nameOf(c)}: ${word} ${activation.toFixed(4)}`);
  }
}

function testExample(row: number, { parts: { test } }: OpenData) {
  if (isStream(test)) {
    throw new UsageError(
      "Expected a picture, because the test set is too large for --row, which takes it in memory.",
    );
  }
  const dataset = rowOf(test, row, "the test set's");
  const { targets } = test;
  const { rows } = dataset;
  const truth = targets.kind === "classes" ? labelsOfRows(targets.labels, rows) : trueValues(dataset);
  return { dataset, truth: [...truth] };
}

/** The example at a position, counted from 0. */
function rowOf<I extends Inputs>(inputs: I, row: number, whose: string): I {
  const position = inputs.rows[row];
  if (position === undefined) {
    throw new UsageError(
      `Expected a row from 0 to ${inputs.rows.length - 1}, ${whose}, for --row but received ${row}.`,
    );
  }
  return { ...inputs, rows: Int32Array.of(position) };
}

function datasetOf(
  digit: PreparedDigit,
  loaded: LoadedModel,
  imageShape: readonly [number, number],
): Dataset {
  const classes = Math.max(2, loaded.network.outputs); // One output tells two apart.
  return createDataset({
    images: digit.pixels,
    labels: new Uint8Array(1),
    imageShape,
    classes,
  });
}
