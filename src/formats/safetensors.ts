import { InvalidArgumentError, ModelFormatError, ShapeError } from "../errors.js";

// The safetensors format (https://github.com/huggingface/safetensors): eight bytes with the length of the header, little-endian;
// the header, a JSON object that gives each tensor's type, shape and place; the tensors' elements, little-endian, without
// gaps. Elements are copied in the machine's byte order, which is little-endian on every platform this package is built for.

/** A named array of numbers. */
export interface SafetensorsTensor {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  /** Row-major; [] for a single number. */
  readonly shape: readonly number[];
  /** As many elements as the shape has: a Float32Array for F32, a Float64Array for F64. */
  readonly data: Float32Array | Float64Array;
}

export type SafetensorsDType = "F32" | "F64";

export interface Safetensors {
  /** By name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const ARRAYS = { F32: Float32Array, F64: Float64Array } as const;
const LENGTH_BYTES = 8;
/**
 * Room for tens of thousands of tensors. The reference implementation allows 100 MB, but that much JSON can be made to
 * use up the heap of Node.js, which ends the process.
 */
const MAX_HEADER_BYTES = 10_000_000;
const METADATA = "__metadata__";
const OPENING_BRACE = 0x7b;
const SPACE = 0x20;

/**
 * Writes tensors in the safetensors format, in the reference implementation's order: wider types first, then by name.
 * The header is padded so that every element is aligned.
 *
 * @throws InvalidArgumentError when a name is reserved or given twice, when the data are not of the type named, or when the
 *   header would exceed 10 MB.
 * @throws ShapeError when the data do not fill the shape.
 */
export function encodeSafetensors(
  tensors: readonly SafetensorsTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const ordered = tensors.toSorted(
    (a, b) => elementBytes(b.dtype) - elementBytes(a.dtype) || (a.name < b.name ? -1 : 1),
  );
  const names = new Set([METADATA]);
  const entries: [name: string, info: unknown][] = [];
  let end = 0;
  for (const tensor of ordered) {
    const { name, dtype, shape } = tensor;
    if (names.has(name)) {
      throw new InvalidArgumentError(`The tensor name ${quote(name)} is reserved or given twice.`);
    }
    names.add(name);
    checkTensor(tensor);
    const begin = end;
    end += tensor.data.byteLength;
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }

  const header = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries([[METADATA, metadata], ...entries])),
  );
  const headerBytes = Math.ceil(header.length / 8) * 8;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new InvalidArgumentError(
      `Names and metadata take ${headerBytes} bytes in the header, and at most ${MAX_HEADER_BYTES} are allowed.`,
    );
  }
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(SPACE, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  bytes.set(header, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerBytes;
  for (const { data } of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a file in the safetensors format. Nothing in it is trusted: a file that is accepted gives every byte after the header
 * to exactly one tensor.
 *
 * @param bytes The whole file. Tensors are views of it where its elements are aligned, and copies where they are not.
 * @param fileName The name of the file, for messages.
 * @throws ModelFormatError when the file is not in this format, or has a tensor of a type other than F32 and F64.
 */
export function decodeSafetensors(bytes: Uint8Array, fileName: string): Safetensors {
  checkIsSafetensors(bytes, fileName);
  const fail = (fault: string, cause?: unknown) =>
    new ModelFormatError(`${fileName} is not a readable safetensors model: ${fault}.`, { cause });
  const headerBytes = readHeaderLength(bytes, fail);
  const dataStart = LENGTH_BYTES + headerBytes;
  const { [METADATA]: metadata = {}, ...infos } = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), fail);
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw fail(`${METADATA} in its header is not an object of strings`);
  }

  const data = bytes.subarray(dataStart);
  const located = Object.entries(infos).map(([name, info]) => locate(name, info, data.length, fail));
  located.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of located) {
    if (begin !== position) {
      throw fail(
        `tensor ${quote(name)} begins at byte ${begin} of the data, and byte ${position} was expected`,
      );
    }
    position = end;
  }
  if (position !== data.length) {
    throw fail(`its tensors take ${position} bytes, but ${data.length} bytes follow the header`);
  }

  const tensors = new Map<string, SafetensorsTensor>();
  for (const { name, dtype, shape, begin, end } of located) {
    tensors.set(name, { name, dtype, shape, data: elements(data.subarray(begin, end), dtype) });
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

/** Makes the error to throw. */
type Fail = (fault: string, cause?: unknown) => ModelFormatError;

interface LocatedTensor {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** Offsets from the end of the header, in bytes. */
  readonly begin: number;
  readonly end: number;
}

function checkTensor({ name, dtype, shape, data }: SafetensorsTensor): void {
  if (!(data instanceof ARRAYS[dtype])) {
    throw new InvalidArgumentError(
      `Expected a ${ARRAYS[dtype].name} for tensor ${quote(name)} of type ${dtype}.`,
    );
  }
  if (elementCount(shape) !== data.length) {
    throw new ShapeError(
      `Expected ${elementCount(shape)} elements for tensor ${quote(name)} of shape [${shape.join(", ")}] but received ${data.length}.`,
    );
  }
}

/** A file of another format is told before its first bytes are taken for a length. */
function checkIsSafetensors(bytes: Uint8Array, fileName: string): void {
  if (bytes.length < LENGTH_BYTES || bytes[LENGTH_BYTES] !== OPENING_BRACE) {
    const fault =
      bytes.length < LENGTH_BYTES
        ? `it has only ${bytes.length} bytes`
        : "its header does not start with a brace";
    throw new ModelFormatError(`${fileName} is not a safetensors file: ${fault}.`);
  }
}

function readHeaderLength(bytes: Uint8Array, fail: Fail): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Rounding above 2^53 is harmless: such a length is refused.
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    throw fail(`it claims a header of ${length} bytes, and at most ${MAX_HEADER_BYTES} are allowed`);
  }
  if (length > bytes.length - LENGTH_BYTES) {
    throw fail(
      `it claims a header of ${length} bytes, but only ${bytes.length - LENGTH_BYTES} follow; it may be truncated`,
    );
  }
  return length;
}

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    throw fail("its header is not valid JSON", error);
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw fail(`its header has the key ${quote(duplicate)} twice`);
  }
  // JSON that is valid and starts with a brace is an object.
  return header as Record<string, unknown>;
}

/** The first key given twice in one object of valid JSON, which `JSON.parse` would pass over in silence. */
function findDuplicateKey(json: string): string | undefined {
  const scopes: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    if (json[i] === "{") {
      scopes.push(new Set());
    } else if (json[i] === "}") {
      scopes.pop();
    } else if (json[i] === '"') {
      const start = i;
      for (i++; json[i] !== '"'; i++) {
        if (json[i] === "\\") {
          i++;
        }
      }
      let next = i + 1;
      while (/\s/.test(json[next] ?? "")) {
        next++;
      }
      if (json[next] === ":") {
        const key: string = JSON.parse(json.slice(start, i + 1));
        const keys = scopes.at(-1);
        if (keys?.has(key)) {
          return key;
        }
        keys?.add(key);
      }
    }
  }
  return undefined;
}

function locate(name: string, info: unknown, dataBytes: number, fail: Fail): LocatedTensor {
  if (!isObject(info)) {
    throw fail(`tensor ${quote(name)} is not described by an object`);
  }
  const { dtype, shape, data_offsets: offsets } = info;
  if (dtype !== "F32" && dtype !== "F64") {
    throw fail(`tensor ${quote(name)} has the type ${quote(dtype)}, and F32 or F64 was expected`);
  }
  if (!isCountList(shape)) {
    throw fail(`tensor ${quote(name)} has the shape ${quote(shape)}, and a list of sizes was expected`);
  }
  const [begin, end] = isCountList(offsets) && offsets.length === 2 ? offsets : [];
  if (begin === undefined || end === undefined || begin > end || end > dataBytes) {
    throw fail(
      `tensor ${quote(name)} has the offsets ${quote(offsets)}, and two ascending ones up to ${dataBytes} were expected`,
    );
  }
  if (elementCount(shape) * elementBytes(dtype) !== end - begin) {
    throw fail(
      `tensor ${quote(name)} has ${end - begin} bytes, which do not fit its type ${dtype} and shape ${quote(shape)}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** A view of the bytes where their alignment allows one, otherwise of a copy. */
function elements(bytes: Uint8Array, dtype: SafetensorsDType): Float32Array | Float64Array {
  const size = elementBytes(dtype);
  // Not `slice()`, which makes no copy where the bytes are a Buffer.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset, byteLength } = aligned;
  return dtype === "F32"
    ? new Float32Array(buffer, byteOffset, byteLength / size)
    : new Float64Array(buffer, byteOffset, byteLength / size);
}

function elementBytes(dtype: SafetensorsDType): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT;
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCountList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** A value of the header, cut short in depth and length, because a hostile file may nest without end or fill the screen. */
function quote(value: unknown): string {
  const text = Array.isArray(value) ? `[${value.slice(0, 20).map(quoteScalar).join()}]` : quoteScalar(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function quoteScalar(value: unknown): string {
  return typeof value === "object" && value !== null ? "{…}" : String(JSON.stringify(value));
}
