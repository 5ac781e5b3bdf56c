import { DataFormatError } from "../errors.js";
import type { ByteReader } from "./byte-source.js";
import { NPY_NUMBERS, type NpyDescription, readExactly, readNpyDescription } from "./npy.js";

// Whole arrays in NumPy's format, there and back: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

/** Numbers, row by row whatever the order in the file. */
export interface NpyNumbers {
  readonly kind: "numbers";
  /** [] for a single number. */
  readonly shape: readonly number[];
  /** A Float32Array where every number of the file's type is a float32. */
  readonly data: Float32Array | Float64Array;
}

export interface NpyTexts {
  readonly kind: "texts";
  readonly shape: readonly number[];
  readonly texts: readonly string[];
}

export type NpyArray = NpyNumbers | NpyTexts;

/** NumPy's own limit since 2.0. */
const MOST_DIMENSIONS = 64;
/** Far more than names and JSON of a network need. */
const MOST_TEXT_BYTES = 64 * 2 ** 20;
const MOST_TEXTS = 1 << 20;
/** The types whose numbers a float32 cannot hold. */
const WIDE = new Set(["i4", "u4", "i8", "u8", "f8"]);

/**
 * Reads an array of numbers or of texts.
 *
 * @param byteLength How many bytes there are from the header to the last element, which have to be no more than can be taken memory for.
 * @throws DataFormatError when it is not such an array, or has not the bytes that its header promises.
 */
export async function readNpyArray(read: ByteReader, name: string, byteLength: number): Promise<NpyArray> {
  const description = await readNpyDescription(read, name);
  const { type, shape, headerBytes } = description;
  const elementBytes = sizeOfElement(description);
  const count = shape.reduce((product, size) => product * size, 1);
  const isText = !NPY_NUMBERS.has(type);
  if (shape.length > MOST_DIMENSIONS || (isText && count > MOST_TEXTS)) {
    throw new DataFormatError(
      `${name} has ${shape.length} dimensions and ${count} elements, which no model needs; leave it out.`,
    );
  }
  const found = byteLength - headerBytes;
  if (count * elementBytes !== found) {
    throw new DataFormatError(
      `${name} has ${found} bytes after its header, but ${count} elements of the type ${type} have ${count * elementBytes}; save it again.`,
    );
  }
  if (isText && found > MOST_TEXT_BYTES) {
    throw new DataFormatError(`${name} has ${found} bytes of text, and at most ${MOST_TEXT_BYTES} are read.`);
  }
  const bytes = new Uint8Array(found);
  await readExactly(read, bytes, name);
  if ((await read(new Uint8Array(1))) > 0) {
    throw new DataFormatError(`${name} holds more than its shape promises; save it again.`);
  }
  const order = orderOf(description);
  return isText
    ? { kind: "texts", shape, texts: textsOf(bytes, description, order) }
    : { kind: "numbers", shape, data: numbersOf(bytes, description, order) };
}

function sizeOfElement({ name, type }: NpyDescription): number {
  if (NPY_NUMBERS.has(type)) return Number(type.slice(1));
  const [, kind, length] = /^([US])(\d+)$/.exec(type) ?? [];
  if (kind === undefined) {
    const found =
      type === "O" ? "Python objects" : type === "" ? "several types" : `the type ${type.slice(0, 20)}`;
    throw new DataFormatError(
      `${name} is an array of ${found}, and numbers or texts were expected; convert it with astype before saving it.`,
    );
  }
  return Number(length) * (kind === "U" ? 4 : 1);
}

/** Where in the file the element is that comes at a place when rows come one after the other. */
function orderOf({ byColumns, shape }: NpyDescription): (place: number) => number {
  if (!byColumns || shape.length < 2) return (place) => place;
  const strides = shape.map((_, d) => shape.slice(0, d).reduce((product, size) => product * size, 1));
  return (place) => {
    let rest = place;
    let found = 0;
    for (let d = shape.length - 1; d >= 0; d--) {
      const size = shape[d] as number; // d is below the number of dimensions, here and in the next line.
      found += (rest % size) * (strides[d] as number);
      rest = Math.floor(rest / size);
    }
    return found;
  };
}

function numbersOf(
  bytes: Uint8Array<ArrayBuffer>,
  { type, littleEndian, byColumns }: NpyDescription,
  order: (place: number) => number,
): Float32Array | Float64Array {
  if (littleEndian && !byColumns) {
    // Without a copy: machines that this package is built for are little-endian.
    if (type === "f4") return new Float32Array(bytes.buffer);
    if (type === "f8") return new Float64Array(bytes.buffer);
  }
  const elementAt = NPY_NUMBERS.get(type);
  if (elementAt === undefined) throw new TypeError(`There are no numbers of the type ${type}.`);
  const size = Number(type.slice(1));
  const view = new DataView(bytes.buffer);
  const numbers = new (WIDE.has(type) ? Float64Array : Float32Array)(bytes.length / size);
  for (let i = 0; i < numbers.length; i++) numbers[i] = elementAt(view, order(i) * size, littleEndian);
  return numbers;
}

function textsOf(
  bytes: Uint8Array<ArrayBuffer>,
  { name, type, littleEndian, shape }: NpyDescription,
  order: (place: number) => number,
): readonly string[] {
  const count = shape.reduce((product, size) => product * size, 1);
  const size = count === 0 ? 0 : bytes.length / count;
  return Array.from({ length: count }, (_, i) => {
    const element = bytes.subarray(order(i) * size, (order(i) + 1) * size);
    const text = type.startsWith("U")
      ? ofCodePoints(element, littleEndian, name)
      : new TextDecoder().decode(element);
    return text.replace(/\0+$/, "");
  });
}

/** UTF-32. */
function ofCodePoints(bytes: Uint8Array, littleEndian: boolean, name: string): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const characters: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const point = view.getUint32(at, littleEndian);
    if (point > 0x10ffff) throw new DataFormatError(`${name} holds text that is none; save it again.`);
    characters.push(String.fromCodePoint(point));
  }
  return characters.join("");
}

const PREAMBLE = Buffer.from("\x93NUMPY\x01\x00", "latin1");
/** Elements begin at a multiple of this. */
const ALIGNMENT = 64;
/** NumPy leaves room for the longest first size, so that an array could grow in its file. */
const GROWTH = 21;

/** An array of numbers as numpy.save writes it: version 1.0, row by row, little-endian. */
export function encodeNpy(
  data: Float32Array | Float64Array | Int32Array | Uint8Array,
  shape: readonly number[],
): Uint8Array {
  const type =
    data instanceof Float32Array
      ? "<f4"
      : data instanceof Float64Array
        ? "<f8"
        : data instanceof Int32Array
          ? "<i4"
          : "|u1";
  return encode(type, shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** A text as numpy.save writes `numpy.array(text)`: UTF-32, no dimensions. */
export function encodeNpyText(text: string): Uint8Array {
  const points = Uint32Array.from(text, (character) => character.codePointAt(0) as number); // None is empty.
  const data = points.length === 0 ? new Uint32Array(1) : points;
  return encode(`<U${data.length}`, [], new Uint8Array(data.buffer));
}

function encode(type: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const growth = shape.length === 0 ? 0 : Math.max(0, GROWTH - String(shape[0]).length);
  const least = PREAMBLE.length + 2 + dictionary.length + growth + 1;
  // As NumPy does it, a header that fills the last line exactly is followed by an empty one.
  const headerBytes = least + ALIGNMENT - (least % ALIGNMENT);
  const bytes = new Uint8Array(headerBytes + data.length).fill(0x20, 0, headerBytes);
  bytes.set(PREAMBLE);
  new DataView(bytes.buffer).setUint16(PREAMBLE.length, headerBytes - PREAMBLE.length - 2, true);
  bytes.set(Buffer.from(dictionary, "latin1"), PREAMBLE.length + 2);
  bytes[headerBytes - 1] = 0x0a;
  bytes.set(data, headerBytes);
  return bytes;
}
