import type { FloatArray } from "../../backend/backend.js";
import { floatView } from "../../formats/float-view.js";
import { bfloat16ToNumber, halfToNumber } from "../../formats/half.js";
import { type Fail, quoted } from "./failure.js";
import { DATA_TYPE, type OnnxTensor } from "./messages.js";

/** Numbers that a file tells outright, or that are computed of such. */
export interface Constant {
  readonly kind: "constant";
  readonly shape: readonly number[];
  /**
   * Row by row. Whole numbers and truth values are here as float64. NaN among them stands for the number of rows that are given to the
   * network, which a file may compute with.
   */
  readonly data: FloatArray;
  /** Whether they are float32 or float64, or narrower ones, and no whole numbers. */
  readonly isFloat: boolean;
}

export function constant(shape: readonly number[], data: FloatArray, isFloat: boolean): Constant {
  return { kind: "constant", shape, data, isFloat };
}

/** Of anything in a plain network. */
export const MOST_DIMENSIONS = 8;

interface ElementType {
  readonly bytes: number;
  readonly isFloat: boolean;
  /** Which of the tensor's lists holds the numbers that are not in its raw data. */
  readonly list: (tensor: OnnxTensor) => ArrayLike<number>;
  /** @param length In elements, as many as the bytes have. */
  readonly read: (bytes: Uint8Array, length: number) => FloatArray;
  /** From an element of the list. Default: the number itself. */
  readonly convert?: (element: number) => number;
}

const int32List = ({ int32Data }: OnnxTensor) => int32Data;
const int64List = ({ int64Data }: OnnxTensor) => int64Data;

/** Of elements that a view reads, little-endian. */
function reader(bytes: number, element: (view: DataView, at: number) => number) {
  return (data: Uint8Array, length: number): Float64Array => {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const numbers = new Float64Array(length);
    for (let i = 0; i < length; i++) numbers[i] = element(view, i * bytes);
    return numbers;
  };
}

function narrow(fromBits: (bits: number) => number): ElementType {
  return {
    bytes: 2,
    isFloat: true,
    list: int32List,
    convert: fromBits,
    read: (data, length) => {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      const numbers = new Float32Array(length);
      for (let i = 0; i < length; i++) numbers[i] = fromBits(view.getUint16(2 * i, true));
      return numbers;
    },
  };
}

const whole = (
  bytes: number,
  list: ElementType["list"],
  element: (view: DataView, at: number) => number,
): ElementType => ({ bytes, isFloat: false, list, read: reader(bytes, element) });

const TYPES: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [
    DATA_TYPE.float,
    {
      bytes: 4,
      isFloat: true,
      list: ({ floatData }) => floatData,
      read: (data) => floatView(data, 4),
    },
  ],
  [
    DATA_TYPE.double,
    {
      bytes: 8,
      isFloat: true,
      list: ({ doubleData }) => doubleData,
      read: (data) => floatView(data, 8),
    },
  ],
  [DATA_TYPE.float16, narrow(halfToNumber)],
  [DATA_TYPE.bfloat16, narrow(bfloat16ToNumber)],
  [DATA_TYPE.bool, whole(1, int32List, (view, at) => view.getUint8(at))],
  [DATA_TYPE.uint8, whole(1, int32List, (view, at) => view.getUint8(at))],
  [DATA_TYPE.int8, whole(1, int32List, (view, at) => view.getInt8(at))],
  [DATA_TYPE.int32, whole(4, int32List, (view, at) => view.getInt32(at, true))],
  [DATA_TYPE.int64, whole(8, int64List, (view, at) => Number(view.getBigInt64(at, true)))],
]);

/** @throws ModelFormatError when the shape is none, or when numbers of this type are not read. */
function typeAndCount(tensor: OnnxTensor, where: string, fail: Fail): readonly [ElementType, number] {
  const { dims, dataType } = tensor;
  const type = TYPES.get(dataType);
  if (type === undefined) {
    const [name = `number ${dataType}`] =
      Object.entries(DATA_TYPE).find(([, number]) => number === dataType) ?? [];
    throw fail(
      `${where} has elements of the type ${name}, and float, double, float16, bfloat16, bool, uint8, int8, int32 or int64 was expected`,
    );
  }
  if (dims.length > MOST_DIMENSIONS) {
    throw fail(`${where} has ${dims.length} dimensions, and at most ${MOST_DIMENSIONS} were expected`);
  }
  let count = 1;
  for (const size of dims) {
    count *= size;
    if (!Number.isSafeInteger(size) || size < 0 || !Number.isSafeInteger(count)) {
      throw fail(`${where} has the shape ${showShape(dims)}, which is none`);
    }
  }
  return [type, count];
}

/** How many bytes the elements of a tensor take as raw data. */
export function bytesOf(tensor: OnnxTensor, where: string, fail: Fail): number {
  const [{ bytes }, count] = typeAndCount(tensor, where, fail);
  return bytes * count;
}

/**
 * The numbers of a tensor.
 *
 * @param external Its bytes where it stands in another file.
 * @param where What a message calls it.
 * @throws ModelFormatError when shape and data do not meet, or when a real number is not finite.
 */
export function readTensor(
  tensor: OnnxTensor,
  external: Uint8Array | undefined,
  where: string,
  fail: Fail,
): Constant {
  const [type, count] = typeAndCount(tensor, where, fail);
  const data = numbersOf(tensor, external ?? tensor.rawData, type, count, where, fail);
  const wrong = type.isFloat ? data.findIndex((value: number) => !Number.isFinite(value)) : -1;
  if (wrong !== -1) throw fail(`${where} holds ${data[wrong]}, and finite numbers were expected`);
  return constant(tensor.dims, data, type.isFloat);
}

function numbersOf(
  tensor: OnnxTensor,
  raw: Uint8Array | undefined,
  type: ElementType,
  count: number,
  where: string,
  fail: Fail,
): FloatArray {
  const list = type.list(tensor);
  const isRaw = raw !== undefined && (raw.length > 0 || list.length === 0);
  const found = isRaw ? raw.length / type.bytes : list.length;
  if (found !== count) {
    const elements = isRaw ? `${raw.length} bytes` : `${list.length} numbers`;
    throw fail(`${where} has the shape ${showShape(tensor.dims)}, but its data are ${elements}`);
  }
  if (isRaw) return type.read(raw, count);
  if (type.convert === undefined && (list instanceof Float32Array || list instanceof Float64Array))
    return list;
  const convert = type.convert ?? ((element: number) => element);
  return type.isFloat
    ? Float32Array.from({ length: count }, (_, i) => convert(list[i] as number))
    : Float64Array.from({ length: count }, (_, i) => convert(list[i] as number));
}

/** A shape in a message; of one from a hostile file its beginning. */
export function showShape(shape: readonly number[]): string {
  const sizes = shape.slice(0, 8).map((size) => (Number.isNaN(size) ? "rows" : String(size)));
  return `[${sizes.join(", ")}${shape.length > 8 ? ", …" : ""}]`;
}

/** What a name of a tensor is called in a message. */
export function tensorLabel(name: string): string {
  return `the tensor ${quoted(name)}`;
}
