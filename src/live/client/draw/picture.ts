import { contextOf } from "../parts/canvas.js";

/** A picture that somebody has given, as it is sent. */
export interface Picture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** [height * width], 0 is black; what is transparent is white. */
  readonly gray: Uint8Array<ArrayBuffer>;
  /** A data URI of it in colour. */
  readonly uri: string;
}

/** Why a picture cannot be read: its message is a sentence for the person who gave it. */
export class UnreadablePictureError extends Error {}

/** Bytes of a file. */
const LARGEST_FILE = 20 * 2 ** 20;
/** Pixels of its longer side as it is sent. */
const LONGEST_SIDE = 400;

/**
 * Reads any picture that the browser can, turned as its camera says.
 *
 * @throws UnreadablePictureError saying what is wrong with the file, and what to do.
 */
export async function readPicture(file: Blob, name = "the pasted picture"): Promise<Picture> {
  if (file.size > LARGEST_FILE) {
    throw new UnreadablePictureError(
      `${named(name)} has ${Math.ceil(file.size / 2 ** 20)} MB, and at most 20 MB are read; make it smaller, or cut out the part with the digit.`,
    );
  }
  if (file.type !== "" && !file.type.startsWith("image/")) {
    throw new UnreadablePictureError(
      `${named(name)} is not a picture; give a PNG, JPEG or WebP file of one digit.`,
    );
  }
  const bitmap = await decode(file, name);
  try {
    return { name, ...toPicture(bitmap) };
  } finally {
    bitmap.close();
  }
}

async function decode(file: Blob, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (cause) {
    throw new UnreadablePictureError(
      `${named(name)} could not be read as a picture: it may be damaged, or of a kind that this browser does not know; give a PNG or JPEG file.`,
      { cause },
    );
  }
}

function named(name: string): string {
  return name.startsWith("the ") ? `T${name.slice(1)}` : `“${name}”`;
}

function toPicture(bitmap: ImageBitmap): Omit<Picture, "name"> {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = contextOf(canvas);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const gray = Uint8Array.from({ length: width * height }, (_, i) => luma(data, 4 * i));
  return { width, height, gray, uri: canvas.toDataURL("image/png") };
}

/** How bright a colour looks, by ITU-R BT.601, as Pillow's `convert("L")` has it. */
function luma(data: Uint8ClampedArray, at: number): number {
  const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
  return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
}
