import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../../backend/select.js";
import { createDataset, type Dataset, type Inputs } from "../../data/dataset.js";
import type { OpenData } from "../../data/open-data.js";
import { type PreparedDigit, prepareDigit } from "../../data/readers/digit-image.js";
import { isStream } from "../../data/stream.js";
import { labelsOfRows } from "../../data/targets.js";
import { ModelFormatError, ShapeError } from "../../errors.js";
import { readPngAsGray } from "../../formats/png.js";
import { loadRunModel } from "../../runs/load-run-model.js";
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
    const digit = await readPicture(image as string, loaded, shape); // One of the two is given.
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

/** Whether the outputs are values, and not what tells classes apart. */
function learnsValues({ network, metadata }: LoadedModel, model: string): boolean {
  const { target } = columnsOf(metadata, model);
  return target?.task === "regress" || !network.loss.targets.includes("classes");
}

function valueNamesOf({ metadata }: LoadedModel, model: string): readonly string[] | null {
  const { target } = columnsOf(metadata, model);
  return typeof target?.name === "string" ? [target.name] : null;
}

interface ColumnsOfModel {
  readonly target?: { readonly task?: unknown; readonly name?: unknown };
}

function columnsOf({ columns }: LoadedModel["metadata"], model: string): ColumnsOfModel {
  return (parse(columns, model) ?? {}) as ColumnsOfModel;
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

/**
 * A digit is fitted to how the data sets of digits show them. What was trained on pictures of somebody's own sees a picture
 * as it was trained: as it is.
 */
async function readPicture(
  path: string,
  { metadata }: LoadedModel,
  shape: readonly [height: number, width: number],
): Promise<PreparedDigit> {
  const picture = await readPngAsGray(path);
  if (metadata.dataset !== "image-folder") return prepareDigit(picture, shape);
  const [height, width] = shape;
  if (picture.height !== height || picture.width !== width) {
    throw new ShapeError(
      `${path} has ${picture.width} x ${picture.height} pixels, but the model was trained on ${width} x ${height}; scale it.`,
    );
  }
  return { pixels: picture.pixels, inverted: false, fitted: false };
}

function notesOn({ inverted, fitted }: PreparedDigit): readonly string[] {
  return [
    ...(inverted
      ? ["The picture has dark ink on light paper; it was inverted, as the network knows bright ink."]
      : []),
    ...(fitted ? ["The picture was cropped, scaled and centred to the size that the network knows."] : []),
  ];
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

/** From the metadata, or a square if the model does not say. */
function imageShapeOf({ network, metadata }: LoadedModel, model: string): readonly [number, number] {
  const inputs = network.inputs;
  const [height, width] = parseList(metadata.imageShape, model);
  if (typeof height === "number" && typeof width === "number" && height * width === inputs)
    return [height, width];
  const side = Math.sqrt(inputs);
  if (!Number.isInteger(side)) {
    throw new ModelFormatError(
      `${model} does not say how its ${inputs} inputs make an image; its metadata lack imageShape.`,
    );
  }
  return [side, side];
}

function classNamesOf({ metadata }: LoadedModel, model: string): readonly string[] | null {
  const names = parseList(metadata.classNames, model).filter((name) => typeof name === "string");
  return names.length > 0 ? names : null;
}

function parseList(text: string | undefined, model: string): readonly unknown[] {
  const value = parse(text, model);
  return Array.isArray(value) ? value : [];
}

function parse(text = "null", model: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelFormatError(`${model} has metadata that are not JSON where they were expected: ${text}.`, {
      cause,
    });
  }
}
