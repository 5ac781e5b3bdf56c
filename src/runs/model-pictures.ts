import { type PreparedDigit, prepareDigit } from "../data/readers/digit-image.js";
import { ModelFormatError, ShapeError } from "../errors.js";
import type { GrayImage } from "../formats/png.js";
import type { LoadedModel } from "../training/model-file.js";

// What a model that reads images makes of a picture, by what its file says of it.

type Shape = readonly [height: number, width: number];

/** Whether a model was trained on pictures of somebody's own, and so sees others as they are. */
export function takesPicturesAsTheyAre({ metadata }: Pick<LoadedModel, "metadata">): boolean {
  return metadata.dataset === "image-folder";
}

/**
 * A picture as the network's input wants it. A digit is fitted to how the data sets of digits show them. What was trained on pictures of
 * somebody's own sees a picture as it was trained: as it is.
 *
 * @param source Where the picture comes from, for the message.
 * @throws DataFormatError where no digit is found in it.
 * @throws ShapeError when it cannot be taken as it is, because it has another size.
 */
export function preparePicture(
  picture: GrayImage,
  model: Pick<LoadedModel, "metadata">,
  shape: Shape,
  source: string,
): PreparedDigit {
  if (!takesPicturesAsTheyAre(model)) return prepareDigit(picture, shape);
  const [height, width] = shape;
  if (picture.height !== height || picture.width !== width) {
    throw new ShapeError(
      `${source} has ${picture.width} x ${picture.height} pixels, but the model was trained on ${width} x ${height}; scale it.`,
    );
  }
  return { pixels: picture.pixels, inverted: false, fitted: false };
}

/** What was done to a picture, in sentences. */
export function notesOn({ inverted, fitted }: PreparedDigit): readonly string[] {
  return [
    ...(inverted
      ? ["The picture has dark ink on light paper; it was inverted, as the network knows bright ink."]
      : []),
    ...(fitted ? ["The picture was cropped, scaled and centred to the size that the network knows."] : []),
  ];
}

/**
 * From the metadata, or a square if the model does not say.
 *
 * @param name What a message calls the model.
 * @throws ModelFormatError when its inputs fill no square.
 */
export function imageShapeOf({ network, metadata }: LoadedModel, name: string): Shape {
  const inputs = network.inputs;
  const [height, width] = listOf(metadata.imageShape, name);
  if (typeof height === "number" && typeof width === "number" && height * width === inputs)
    return [height, width];
  const side = Math.sqrt(inputs);
  if (!Number.isInteger(side)) {
    throw new ModelFormatError(
      `${name} does not say how its ${inputs} inputs make an image; its metadata lack imageShape.`,
    );
  }
  return [side, side];
}

/** `null` where the classes have no names. */
export function classNamesOf(
  { metadata }: Pick<LoadedModel, "metadata">,
  name: string,
): readonly string[] | null {
  const names = listOf(metadata.classNames, name).filter((item) => typeof item === "string");
  return names.length > 0 ? names : null;
}

/** Whether the outputs are values, and not what tells classes apart. */
export function learnsValues({ network, metadata }: LoadedModel, name: string): boolean {
  const { target } = columnsOf(metadata, name);
  return target?.task === "regress" || !network.loss.targets.includes("classes");
}

/** What values are called that a model learns; `null` where they have no names. */
export function valueNamesOf(
  { metadata }: Pick<LoadedModel, "metadata">,
  name: string,
): readonly string[] | null {
  const { target } = columnsOf(metadata, name);
  return typeof target?.name === "string" ? [target.name] : null;
}

interface ColumnsOfModel {
  readonly target?: { readonly task?: unknown; readonly name?: unknown };
}

function columnsOf({ columns }: LoadedModel["metadata"], name: string): ColumnsOfModel {
  return (parse(columns, name) ?? {}) as ColumnsOfModel;
}

function listOf(text: string | undefined, name: string): readonly unknown[] {
  const value = parse(text, name);
  return Array.isArray(value) ? value : [];
}

function parse(text = "null", name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelFormatError(`${name} has metadata that are not JSON where they were expected: ${text}.`, {
      cause,
    });
  }
}
