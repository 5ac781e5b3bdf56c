import { DataFormatError } from "../errors.js";
import type { ByteReader } from "./byte-source.js";
import { halfToNumber } from "./half.js";

// The NPY format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

/** What the first bytes of a NumPy array in a file say. */
export interface NpyHeader {
  /** Where the array is, for messages. */
  readonly name: string;
  readonly shape: readonly number[];
  /** `byte` and `integer`: whole numbers. `fraction`: floating-point numbers, or `False` and `True`. */
  readonly kind: "byte" | "integer" | "fraction";
  readonly elementBytes: number;
  /** The number at a place in the array's bytes. */
  readonly elementAt: (view: DataView, offset: number) => number;
}

/** What the first bytes say, before it is decided what can be read. */
export interface NpyDescription {
  readonly name: string;
  /** NumPy's type without the order of bytes, such as `f4`; empty where it is not one type, but a list of them. */
  readonly type: string;
  readonly littleEndian: boolean;
  /** Whether the first index runs fastest: Fortran order. */
  readonly byColumns: boolean;
  readonly shape: readonly number[];
  /** How many bytes stand before the first element. */
  readonly headerBytes: number;
}

const MAGIC = "\x93NUMPY";
/** Far more than an array of numbers needs, and harmless to allocate. */
const MAX_HEADER_BYTES = 1 << 20;
const BLOCK_ELEMENTS = 1 << 16;

export type ElementReader = (view: DataView, offset: number, littleEndian: boolean) => number;

/** By NumPy's type code: kind and bytes. */
export const NPY_NUMBERS: ReadonlyMap<string, ElementReader> = new Map<string, ElementReader>(
  Object.entries({
    b1: (view, offset) => view.getUint8(offset),
    u1: (view, offset) => view.getUint8(offset),
    i1: (view, offset) => view.getInt8(offset),
    u2: (view, offset, little) => view.getUint16(offset, little),
    i2: (view, offset, little) => view.getInt16(offset, little),
    u4: (view, offset, little) => view.getUint32(offset, little),
    i4: (view, offset, little) => view.getInt32(offset, little),
    u8: (view, offset, little) => Number(view.getBigUint64(offset, little)),
    i8: (view, offset, little) => Number(view.getBigInt64(offset, little)),
    f2: (view, offset, little) => halfToNumber(view.getUint16(offset, little)),
    f4: (view, offset, little) => view.getFloat32(offset, little),
    f8: (view, offset, little) => view.getFloat64(offset, little),
  } satisfies Record<string, ElementReader>),
);

/**
 * Reads the header of an array of numbers, and leaves `read` at its first element.
 *
 * @throws DataFormatError when it is not the header of such an array, or when the array is stored column by column.
 */
export async function readNpyHeader(read: ByteReader, name: string): Promise<NpyHeader> {
  const { type, littleEndian, byColumns, shape } = await readNpyDescription(read, name);
  const element = NPY_NUMBERS.get(type);
  if (element === undefined) {
    throw new DataFormatError(
      `${name} is not an array of plain numbers, which were expected; save it as uint8, for example.`,
    );
  }
  if (byColumns && shape.length > 1) {
    throw new DataFormatError(
      `${name} is stored column by column (Fortran order); save numpy.ascontiguousarray of it.`,
    );
  }
  return {
    name,
    shape,
    kind: type === "u1" ? "byte" : /^[bf]/.test(type) ? "fraction" : "integer",
    elementBytes: Number(type.slice(1)),
    elementAt: (view, offset) => element(view, offset, littleEndian),
  };
}

/**
 * Reads the header of any array, and leaves `read` at its first element.
 *
 * @throws DataFormatError when it is not the header of an array.
 */
export async function readNpyDescription(read: ByteReader, name: string): Promise<NpyDescription> {
  const preamble = Buffer.alloc(8);
  await readExactly(read, preamble, name);
  const version = preamble.readUInt8(6);
  if (preamble.toString("latin1", 0, 6) !== MAGIC || version < 1 || version > 3) {
    throw new DataFormatError(`${name} is not a NumPy array; save it with numpy.savez.`);
  }
  const lengthField = Buffer.alloc(version === 1 ? 2 : 4);
  await readExactly(read, lengthField, name);
  const length = lengthField.readUIntLE(0, lengthField.length);
  if (length > MAX_HEADER_BYTES) {
    throw new DataFormatError(`${name} claims a header of ${length} bytes; get the file again.`);
  }
  const text = Buffer.alloc(length);
  await readExactly(read, text, name);
  const headerBytes = preamble.length + lengthField.length + length;
  return { name, ...parseHeader(text.toString("latin1"), name), headerBytes };
}

/**
 * Reads the elements of an array as bytes. Bytes are read as they are.
 *
 * @param target One byte for each element, the output.
 * @param toByte The byte for any other number, or `undefined` for a number that has none.
 * @param fail The error for such a number, and its place in the array.
 * @throws DataFormatError when the array is shorter or longer than its shape. What `fail` returns.
 */
export async function readNpyAsBytes(
  read: ByteReader,
  header: NpyHeader,
  target: Uint8Array,
  toByte: (value: number) => number | undefined,
  fail: (value: number, index: number) => Error,
): Promise<void> {
  if (header.kind === "byte") {
    await readExactly(read, target, header.name);
  } else {
    await convert(read, header, target, toByte, fail);
  }
  if ((await read(new Uint8Array(1))) > 0) {
    throw new DataFormatError(`${header.name} holds more numbers than its shape promises; save it again.`);
  }
}

async function convert(
  read: ByteReader,
  { name, elementBytes, elementAt }: NpyHeader,
  target: Uint8Array,
  toByte: (value: number) => number | undefined,
  fail: (value: number, index: number) => Error,
): Promise<void> {
  const block = new Uint8Array(Math.min(target.length, BLOCK_ELEMENTS) * elementBytes);
  const view = new DataView(block.buffer);
  for (let start = 0; start < target.length; start += BLOCK_ELEMENTS) {
    const count = Math.min(BLOCK_ELEMENTS, target.length - start);
    await readExactly(read, block.subarray(0, count * elementBytes), name);
    for (let i = 0; i < count; i++) {
      const value = elementAt(view, i * elementBytes);
      const byte = toByte(value);
      if (byte === undefined) {
        throw fail(value, start + i);
      }
      target[start + i] = byte;
    }
  }
}

function parseHeader(text: string, name: string): Omit<NpyDescription, "name" | "headerBytes"> {
  const descr = /'descr': *'([<>|=])(\w+)'/.exec(text);
  const order = /'fortran_order': *(True|False)/.exec(text);
  const sizes = /'shape': *\(([\d, ]*)\)/.exec(text);
  if (order === null || sizes === null) {
    throw new DataFormatError(`${name} has no readable header; save it again with numpy.savez.`);
  }
  const [, endianness, type = ""] = descr ?? [];
  const shape = (sizes[1] ?? "")
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  return { type, littleEndian: endianness !== ">", byColumns: order[1] === "True", shape };
}

/** @throws DataFormatError when there are fewer bytes. */
export async function readExactly(read: ByteReader, target: Uint8Array, name: string): Promise<void> {
  const received = await read(target);
  if (received < target.length) {
    throw new DataFormatError(`${name} ends too early; save it again.`);
  }
}
