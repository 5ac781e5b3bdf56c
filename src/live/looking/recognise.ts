import type { PreparedDigit } from "../../data/readers/digit-image.js";
import { prepareDigit } from "../../data/readers/digit-image.js";
import { DataFormatError, InvalidArgumentError } from "../../errors.js";
import type { GrayImage } from "../../formats/png.js";
import { inkOnPaper } from "../../report/figures/image.js";
import { notesOn, preparePicture, takesPicturesAsTheyAre } from "../../runs/model-pictures.js";
import type { Tensor } from "../../tensor/tensor.js";
import { chooseClasses } from "../../training/choose-classes.js";
import { hasConfidences, outputsByClass } from "../../training/confidence.js";
import type { DrawnImage, HiddenActivations, Recognition } from "../protocol.js";
import { figureOf } from "./answers.js";
import { explain } from "./explanation.js";
import type { HiddenLayer } from "./hidden-layers.js";
import type { Turns } from "./turns.js";
import { namesOfClasses, type ViewedModel } from "./viewed-model.js";

/** Of either side of a picture. */
const MOST_PIXELS = 512;
/** Of a layer, whose activations are shown. */
const MOST_UNITS = 512;

/** @throws InvalidArgumentError where the picture is out of bounds. */
export async function recognisePicture(
  model: ViewedModel,
  picture: GrayImage,
  turns: Turns,
): Promise<Recognition> {
  checkPicture(picture);
  if (picture.pixels.every((value) => value === picture.pixels[0])) {
    return nothingIn(model, "There is nothing in the picture that stands out from its paper.");
  }
  await turns.next(true);
  const prepared = prepare(model, picture);
  return typeof prepared === "string"
    ? nothingIn(model, prepared)
    : recognisePixels(model, prepared.pixels, prepared.notes, turns);
}

/** @param pixels Of one image as the network reads it, [height * width]. */
export async function recognisePixels(
  model: ViewedModel,
  pixels: Uint8Array,
  notes: readonly string[],
  turns: Turns,
): Promise<Recognition> {
  const { network, format, kind, version, hiddenLayers } = model;
  const inputs = { features: { ...format, data: pixels }, rows: Int32Array.of(0) };
  const predicted = Int32Array.of(0);
  let outputs: readonly number[] = [];
  let hidden: readonly HiddenActivations[] = [];
  await model.forward(
    inputs,
    (activations) => {
      const output = activations.at(-1) as Tensor; // A network has at least one layer.
      chooseClasses(output, predicted);
      outputs = [...output.data.subarray(0, network.outputs)];
      hidden = hiddenLayers.map((layer) => hiddenActivations(layer, activations[layer.index] as Tensor));
    },
    true,
  );
  const [label = 0] = predicted;
  const isNumber = outputs.every(Number.isFinite);
  const explanation = isNumber ? await explain(model, pixels, label, turns) : null;
  return {
    modelVersion: version,
    predicted: isNumber ? label : null,
    classes: sharesOf(model, outputs),
    kind,
    input: drawnImage(pixels, format.imageShape),
    hidden,
    explanation,
    notes: isNumber
      ? notes
      : [
          ...notes,
          "The network's outputs are not numbers any more: its training has diverged. A smaller learning rate may help.",
        ],
  };
}

function checkPicture({ width, height, pixels }: GrayImage): void {
  const isSide = (side: number) => Number.isInteger(side) && side >= 1 && side <= MOST_PIXELS;
  if (!isSide(width) || !isSide(height)) {
    throw new InvalidArgumentError(
      `Expected a picture of 1 to ${MOST_PIXELS} pixels in width and height but received one of ${width} x ${height}; scale it down.`,
    );
  }
  if (pixels.length !== width * height) {
    throw new InvalidArgumentError(
      `Expected ${width * height} bytes for a picture of ${width} x ${height} pixels but received ${pixels.length}.`,
    );
  }
}

/** As `predict` does it, or a sentence that says why there is no digit in it. */
function prepare(
  model: ViewedModel,
  picture: GrayImage,
): { readonly pixels: Uint8Array; readonly notes: readonly string[] } | string {
  const { imageShape } = model.format;
  const [height, width] = imageShape;
  const hasItsSize = picture.height === height && picture.width === width;
  const isFitted = takesPicturesAsTheyAre(model) && !hasItsSize;
  try {
    const prepared: PreparedDigit = isFitted
      ? prepareDigit(picture, imageShape)
      : preparePicture(picture, model, imageShape);
    const notes = isFitted
      ? [
          "The network was trained on pictures as they are; this one was cropped, scaled and centred, in bright ink on dark, which may not be how it knows them.",
        ]
      : notesOn(prepared);
    return { pixels: prepared.pixels, notes };
  } catch (error) {
    if (error instanceof DataFormatError) return error.message; // No digit in it: to be said, but nothing is wrong.
    throw error;
  }
}

function nothingIn({ version, classes, classNames, kind }: ViewedModel, note: string): Recognition {
  return {
    modelVersion: version,
    predicted: null,
    classes: namesOfClasses(classes, classNames).map((name) => ({ name, share: null })),
    kind,
    input: null,
    hidden: [],
    explanation: null,
    notes: [note],
  };
}

function sharesOf({ network, classes, classNames }: ViewedModel, outputs: readonly number[]) {
  // Of a single output that is no share, there is none for the other class.
  const ofClasses =
    network.outputs === 1 && !hasConfidences(network)
      ? [Number.NaN, outputs[0] ?? Number.NaN]
      : outputsByClass(outputs);
  return namesOfClasses(classes, classNames).map((name, c) => ({ name, share: figureOf(ofClasses[c]) }));
}

function hiddenActivations({ name, units, bound }: HiddenLayer, { data }: Tensor): HiddenActivations {
  const all = data.subarray(0, units);
  let largest = 0;
  for (const value of all) largest = Math.max(largest, Math.abs(value)); // NaN stays NaN.
  return {
    name,
    units,
    activations: Array.from(all.subarray(0, MOST_UNITS), figureOf),
    largest: bound ?? (Number.isFinite(largest) && largest > 0 ? largest : 1),
  };
}

function drawnImage(pixels: Uint8Array, shape: readonly [number, number]): DrawnImage {
  return { ...inkOnPaper(pixels, shape), pixels: Buffer.from(pixels).toString("base64") };
}
