import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { selectBackend } from "../backend/select.js";
import { createDataset, type Dataset, subset } from "../data/dataset.js";
import { type PreparedDigit, prepareDigit } from "../data/digit-image.js";
import { ModelFormatError } from "../errors.js";
import { readPngAsGray } from "../formats/png.js";
import { type LoadedModel, loadModel } from "../training/checkpoint.js";
import { predict } from "../training/predict.js";
import { DATASETS, loadData } from "./data.js";
import { backendOptions, dataOptions, jsonOption, wholeNumber } from "./options.js";
import { print, printJson } from "./run.js";
import { UsageError } from "./usage.js";

const options = {
  row: {
    type: "string",
    requiresArg: true,
    coerce: wholeNumber("row", 0),
    describe: "Position in the test set, from 0, instead of a picture",
  },
  ...dataOptions,
  dataset: { choices: DATASETS, default: "mnist" as const, describe: "Which data set, for --row" },
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
    .options(options);
}

export async function handler({ model, image, row, json, ...args }: PredictArguments): Promise<void> {
  if ((image === undefined) === (row === undefined)) {
    throw new UsageError("Expected either a PNG file or --row N, one of the two.");
  }
  const loaded = await loadModel(model, { backend: selectBackend(args) });
  let example: { dataset: Dataset; label: number | null; notes: readonly string[] };
  if (image !== undefined) {
    const digit = prepareDigit(await readPngAsGray(image), imageShapeOf(loaded, model));
    example = { dataset: unlabelled(digit, loaded, model), label: null, notes: notesOn(digit) };
  } else {
    example = { ...(await testExample(row as number, args)), notes: [] }; // One of the two is given.
  }
  const { classes, activations } = await predict(loaded.network, example.dataset);
  const outputs = [...activations];
  const names = classNamesOf(loaded);
  const nameOf = (label: number) => names?.[label] ?? String(label);
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

async function testExample(row: number, args: Parameters<typeof loadData>[0]) {
  const { test } = await loadData(args);
  const position = test.rows[row];
  if (position === undefined) {
    throw new UsageError(
      `Expected a row from 0 to ${test.rows.length - 1}, the test set's, but received ${row}.`,
    );
  }
  return { dataset: subset(test, Int32Array.of(position)), label: test.labels[position] ?? null };
}

function notesOn({ inverted, fitted }: PreparedDigit): readonly string[] {
  return [
    ...(inverted
      ? ["The picture has dark ink on light paper; it was inverted, as the network knows bright ink."]
      : []),
    ...(fitted ? ["The picture was cropped, scaled and centred to the size that the network knows."] : []),
  ];
}

function unlabelled(digit: PreparedDigit, loaded: LoadedModel, model: string): Dataset {
  const classes = loaded.network.sizes.at(-1) as number;
  return createDataset({
    images: digit.pixels,
    labels: new Uint8Array(1),
    imageShape: imageShapeOf(loaded, model),
    classes,
  });
}

/** From the metadata, or a square if the model does not say. */
function imageShapeOf({ network, metadata }: LoadedModel, model: string): readonly [number, number] {
  const inputs = network.sizes[0] as number;
  const [height, width] = parseList(metadata.imageShape);
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

function classNamesOf({ metadata }: LoadedModel): readonly string[] | null {
  const names = parseList(metadata.classNames).filter((name) => typeof name === "string");
  return names.length > 0 ? names : null;
}

function parseList(text = "[]"): readonly unknown[] {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value : [];
}
