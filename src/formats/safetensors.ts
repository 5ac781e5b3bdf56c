import { InvalidArgumentError, ShapeError } from "../errors.js";
import { floatView } from "./float-view.js";
import { bfloat16ToNumber, halfToNumber } from "./half.js";
import {
  ELEMENT_BYTES,
  elementCount,
  type ForeignDType,
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  METADATA,
  quote,
  readLayout,
  type SafetensorsDType,
} from "./safetensors-layout.js";

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

export interface Safetensors {
  /** By name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A tensor of a file that another program wrote. */
export interface ForeignTensor {
  readonly name: string;
  readonly dtype: ForeignDType;
  readonly shape: readonly number[];
  /** The elements of F64 and I64 as a Float64Array, all others, which are float32 numbers, too, as a Float32Array. */
  readonly data: Float32Array | Float64Array;
}

export interface ForeignSafetensors {
  /** By name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, ForeignTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const ARRAYS = { F32: Float32Array, F64: Float64Array } as const;
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
 * @param checkMetadata Refuses a file by its metadata, before its tensors are looked at: theirs may be types of another time.
 * @throws ModelFormatError when the file is not in this format, or has a tensor of a type other than F32 and F64.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  fileName: string,
  checkMetadata?: (metadata: Safetensors["metadata"]) => void,
): Safetensors {
  const { located, data, metadata } = readLayout(bytes, fileName, ["F32", "F64"], checkMetadata);
  const tensors = new Map<string, SafetensorsTensor>();
  for (const { name, dtype, shape, begin, end } of located) {
    tensors.set(name, { name, dtype, shape, data: elements(data.subarray(begin, end), dtype) });
  }
  return { tensors, metadata };
}

/**
 * As {@link decodeSafetensors}, of a file that another program wrote, with the types that PyTorch's networks have.
 *
 * @throws ModelFormatError when the file is not in this format, or has a tensor of a type other than F16, BF16, F32, F64 and I64.
 */
export function decodeForeignSafetensors(bytes: Uint8Array, fileName: string): ForeignSafetensors {
  const types = ["F16", "BF16", "F32", "F64", "I64"] as const;
  const { located, data, metadata } = readLayout(bytes, fileName, types);
  const tensors = new Map<string, ForeignTensor>();
  for (const { name, dtype, shape, begin, end } of located) {
    const own = data.subarray(begin, end);
    const numbers = dtype === "F32" || dtype === "F64" ? elements(own, dtype) : converted(own, dtype);
    tensors.set(name, { name, dtype, shape, data: numbers });
  }
  return { tensors, metadata };
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

function elements(bytes: Uint8Array, dtype: SafetensorsDType): Float32Array | Float64Array {
  return dtype === "F32" ? floatView(bytes, 4) : floatView(bytes, 8);
}

/** Elements of a type that is no array's here. */
function converted(bytes: Uint8Array, dtype: "F16" | "BF16" | "I64"): Float32Array | Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length / ELEMENT_BYTES[dtype];
  const numbers = dtype === "I64" ? new Float64Array(count) : new Float32Array(count);
  const toNumber = dtype === "F16" ? halfToNumber : bfloat16ToNumber;
  for (let i = 0; i < count; i++) {
    numbers[i] =
      dtype === "I64" ? Number(view.getBigInt64(8 * i, true)) : toNumber(view.getUint16(2 * i, true));
  }
  return numbers;
}

function elementBytes(dtype: SafetensorsDType): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT;
}
