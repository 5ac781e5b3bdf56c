import { DataFormatError, ShapeError } from "../../errors.js";
import { byteReader, contentOf } from "../../formats/byte-source.js";
import { readIdxHeader, readIdxPieces } from "../../formats/idx.js";
import { type NpyHeader, readNpyHeader } from "../../formats/npy.js";
import { byteOfFraction, byteOfInteger } from "../readers/pixels.js";
import { type ExampleFormat, type ExamplePiece, type ReadExample, rowsOfPiece } from "./example.js";

/**
 * Every image of an IDX file, raw or compressed, piece by piece.
 *
 * @throws FileAccessError when the file cannot be read.
 * @throws DataFormatError when it is no such file, or is shorter or longer than it says.
 * @throws ShapeError when its images have not a pixel for each input.
 */
export async function* idxExamples(
  file: string,
  { inputs, isPixels }: ExampleFormat,
): AsyncGenerator<ExamplePiece, void> {
  const header = await readIdxHeader(file, "images", { mustFitInMemory: false });
  const [count = 0, height = 0, width = 0] = header.shape;
  if (height * width !== inputs || !isPixels) {
    const read = isPixels ? `reads ${inputs} pixels` : "does not read images";
    throw new ShapeError(`${file} has images of ${width} x ${height} pixels, but the model ${read}.`);
  }
  let first = 0;
  for await (const piece of readIdxPieces(header, rowsOfPiece(inputs))) {
    const examples = inRows(piece, inputs, first);
    first += examples.length;
    yield { examples, share: first / count };
  }
}

/**
 * Every row of an array that NumPy saved, raw or compressed, piece by piece. For a network that reads images, whole numbers are pixels from
 * 0 to 255 and fractions are pixels from 0 to 1, as in an archive of images; for any other, numbers are taken as they are.
 *
 * @throws FileAccessError when the file cannot be read.
 * @throws DataFormatError when it is no such file, when it is shorter or longer than it says, or when a number is no pixel.
 * @throws ShapeError when a row has not a number for each input.
 */
export async function* npyExamples(
  file: string,
  { inputs, isPixels }: ExampleFormat,
): AsyncGenerator<ExamplePiece, void> {
  const content = contentOf(file);
  try {
    const read = byteReader(content);
    const header = await readNpyHeader(read, file);
    const count = countOf(header, inputs);
    const convert = isPixels ? toPixels : toNumbers;
    const rows = rowsOfPiece(inputs * header.elementBytes);
    for (let first = 0; first < count; ) {
      const bytes = new Uint8Array(Math.min(rows, count - first) * inputs * header.elementBytes);
      if ((await read(bytes)) < bytes.length) {
        throw new DataFormatError(`${file} ends too early; save it again.`);
      }
      const examples = inRows(convert(bytes, header, inputs, first), inputs, first);
      first += examples.length;
      yield { examples, share: first / count };
    }
    if ((await read(new Uint8Array(1))) > 0) {
      throw new DataFormatError(`${file} holds more numbers than its shape promises; save it again.`);
    }
  } finally {
    await content.return();
  }
}

function countOf({ name, shape }: NpyHeader, inputs: number): number {
  const [count = 0, ...row] = shape;
  const width = row.reduce((product, size) => product * size, 1);
  if (row.length === 0 || width !== inputs) {
    throw new ShapeError(
      `Expected an array of [n_examples, ${inputs}], a number for each input of the network, but ${name} has the shape [${shape.join(", ")}].`,
    );
  }
  if (count === 0 || !Number.isSafeInteger(count * width)) {
    throw new DataFormatError(`${name} holds no examples: it has the shape [${shape.join(", ")}].`);
  }
  return count;
}

function toPixels(bytes: Uint8Array, header: NpyHeader, inputs: number, first: number): Uint8Array {
  const { kind, name } = header;
  if (kind === "byte") return bytes;
  const toByte = kind === "fraction" ? byteOfFraction : byteOfInteger;
  const pixels = new Uint8Array(bytes.length / header.elementBytes);
  const wrong = convertEach(bytes, header, (value, i) => {
    const byte = toByte(value);
    if (byte === undefined) return false;
    pixels[i] = byte;
    return true;
  });
  if (wrong === undefined) return pixels;
  const range = kind === "fraction" ? "fractions from 0 to 1" : "whole numbers from 0 to 255";
  throw new DataFormatError(
    `Expected pixels that are ${range} in ${name}, but row ${first + Math.floor(wrong.index / inputs)} has ${wrong.value}; scale them first.`,
  );
}

function toNumbers(bytes: Uint8Array, header: NpyHeader, inputs: number, first: number): Float64Array {
  const numbers = new Float64Array(bytes.length / header.elementBytes);
  const wrong = convertEach(bytes, header, (value, i) => {
    numbers[i] = value;
    return Number.isFinite(value);
  });
  if (wrong === undefined) return numbers;
  throw new DataFormatError(
    `Expected finite numbers in ${header.name}, but row ${first + Math.floor(wrong.index / inputs)} has ${wrong.value}.`,
  );
}

/** @returns The first number that `take` does not take. */
function convertEach(
  bytes: Uint8Array,
  { elementBytes, elementAt }: NpyHeader,
  take: (value: number, index: number) => boolean,
): { readonly value: number; readonly index: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < bytes.length / elementBytes; index++) {
    const value = elementAt(view, index * elementBytes);
    if (!take(value, index)) return { value, index };
  }
  return undefined;
}

function inRows(all: Uint8Array | Float64Array, width: number, first: number): readonly ReadExample[] {
  return Array.from({ length: all.length / width }, (_, i) => ({
    example: all.subarray(i * width, (i + 1) * width),
    id: first + i,
    isNamed: false,
    truth: null,
  }));
}
