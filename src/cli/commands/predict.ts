import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../../backend/select.js";
import { createDataset, type Dataset, subset } from "../../data/dataset.js";
import type { OpenData } from "../../data/open-data.js";
import { type PreparedDigit, prepareDigit } from "../../data/readers/digit-image.js";
import { isStream } from "../../data/stream.js";
import { ModelFormatError, ShapeError } from "../../errors.js";
import { readPngAsGray } from "../../formats/png.js";
import { loadRunModel } from "../../runs/load-run-model.js";
import { openModelsData } from "../../runs/recorded-data.js";
import { printable } from "../../system/printable.js";
import type { LoadedModel } from "../../training/model-file.js";
import { predict } from "../../training/predict.js";
import { noticeDivergence, noticeOtherData } from "../model-notices.js";
import { dataOptions, readDataOptions } from "../options/data.js";
import { backendOptions, jsonOption, readBackendOptions, wholeNumber } from "../options/shared.js";
import { print, printJson, UsageError } from "../process.js";

const options = {
  row: { requiresArg: true, describe: "Position in the test set, from 0, instead of a picture" },
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
  let example: { dataset: Dataset; label: number | null; notes: readonly string[] };
  if (position !== undefined) {
    const data = await openModelsData(choice, loaded.metadata);
    noticeOtherData(loaded.metadata, data, model);
    example = { ...testExample(position, data), notes: [] };
    await data.close();
  } else {
    const shape = imageShapeOf(loaded, model);
    const digit = await readPicture(image as string, loaded, shape); // One of the two is given.
    example = { dataset: unlabelled(digit, loaded, shape), label: null, notes: notesOn(digit) };
  }
  const { classes, activations } = await predict(loaded.network, example.dataset);
  const outputs = [...activations];
  const names = classNamesOf(loaded, model);
  const nameOf = (label: number) => printable(names?.[label] ?? String(label)); // It comes from a file.
  const [predicted = 0] = classes;
  if (json) {
    const name = nameOf(predicted);
    printJson({ predicted, name, label: example.label, activations: outputs, notes: example.notes });
    return;
  }
  for (const note of example.notes) print(note);
  const truth = example.label === null ? "" : ` (true class: ${nameOf(example.label)})`;
  print(`Predicted: ${nameOf(predicted)}${truth}`);
  const ranked = outputs.map((activation, label) => ({ activation, label }));
  ranked.sort((a, b) => b.activation - a.activation);
  for (const { activation, label } of ranked.slice(0, 3)) {
    print(`  ${nameOf(label)}: activation ${activation.toFixed(4)}`);
  }
}

function testExample(row: number, { parts: { test } }: OpenData) {
  if (isStream(test)) {
    throw new UsageError(
      "Expected a picture, because the test set is too large for --row, which takes it in memory.",
    );
  }
  const position = test.rows[row];
  if (position === undefined) {
    throw new UsageError(
      `Expected a row from 0 to ${test.rows.length - 1}, the test set's, for --row but received ${row}.`,
    );
  }
  return { dataset: subset(test, Int32Array.of(position)), label: test.targets.labels[position] ?? null };
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

function unlabelled(
  digit: PreparedDigit,
  loaded: LoadedModel,
  imageShape: readonly [number, number],
): Dataset {
  const classes = loaded.network.sizes.at(-1) as number;
  return createDataset({
    images: digit.pixels,
    labels: new Uint8Array(1),
    imageShape,
    classes,
  });
}

/** From the metadata, or a square if the model does not say. */
function imageShapeOf({ network, metadata }: LoadedModel, model: string): readonly [number, number] {
  const inputs = network.sizes[0] as number;
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

function parseList(text = "null", model: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch (cause) {
    throw new ModelFormatError(
      `${model} has metadata that are not JSON where a list was expected: ${text}.`,
      {
        cause,
      },
    );
  }
}
