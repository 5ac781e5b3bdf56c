import { type PreparedDigit, prepareDigit } from "../data/readers/digit-image.js";
import { ShapeError } from "../errors.js";
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
 * @param path Its file, for the message, where it has one.
 * @throws DataFormatError where no digit is found in it.
 * @throws ShapeError when it cannot be taken as it is, because it has another size.
 */
export function preparePicture(
  picture: GrayImage,
  model: Pick<LoadedModel, "metadata">,
  shape: Shape,
  path?: string,
): PreparedDigit {
  if (!takesPicturesAsTheyAre(model)) return prepareDigit(picture, shape, path);
  const [height, width] = shape;
  if (picture.height !== height || picture.width !== width) {
    throw new ShapeError(
      `${path ?? "The picture"} has ${picture.width} x ${picture.height} pixels, but the model was trained on ${width} x ${height}; scale it.`,
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
