import { ModelFormatError } from "../errors.js";

// What the beginning of a safetensors file says, and where its tensors are.

export type SafetensorsDType = "F32" | "F64";

/** What another program may write. */
export type ForeignDType = SafetensorsDType | "F16" | "BF16" | "I64";

export const ELEMENT_BYTES: Readonly<Record<ForeignDType, number>> = {
  F16: 2,
  BF16: 2,
  F32: 4,
  F64: 8,
  I64: 8,
};
export const LENGTH_BYTES = 8;
/**
 * Room for tens of thousands of tensors. The reference implementation allows 100 MB, but that much JSON can be made to
 * use up the heap of Node.js, which ends the process.
 */
export const MAX_HEADER_BYTES = 10_000_000;
export const METADATA = "__metadata__";
const OPENING_BRACE = 0x7b;

export interface Layout<DType> {
  /** In the order of their bytes. */
  readonly located: readonly LocatedTensor<DType>[];
  /** What follows the header. */
  readonly data: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
}

export function readLayout<DType extends ForeignDType>(
  bytes: Uint8Array,
  fileName: string,
  types: readonly DType[],
  checkMetadata?: (metadata: Readonly<Record<string, string>>) => void,
): Layout<DType> {
  checkIsSafetensors(bytes, fileName);
  const fail = (fault: string, cause?: unknown) =>
    new ModelFormatError(`${fileName} is not a readable safetensors model: ${fault}.`, { cause });
  const headerBytes = readHeaderLength(bytes, fail);
  const dataStart = LENGTH_BYTES + headerBytes;
  const { [METADATA]: metadata = {}, ...infos } = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), fail);
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw fail(`${METADATA} in its header is not an object of strings`);
  }
  checkMetadata?.(metadata as Record<string, string>);

  const data = bytes.subarray(dataStart);
  const located = Object.entries(infos).map(([name, info]) =>
    locate(name, info, { dataBytes: data.length, types, fail }),
  );
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

  return { located, data, metadata: metadata as Record<string, string> };
}

/** Makes the error to throw. */
type Fail = (fault: string, cause?: unknown) => ModelFormatError;

export interface LocatedTensor<DType> {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Offsets from the end of the header, in bytes. */
  readonly begin: number;
  readonly end: number;
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

function locate<DType extends ForeignDType>(
  name: string,
  info: unknown,
  {
    dataBytes,
    types,
    fail,
  }: { readonly dataBytes: number; readonly types: readonly DType[]; readonly fail: Fail },
): LocatedTensor<DType> {
  if (!isObject(info)) {
    throw fail(`tensor ${quote(name)} is not described by an object`);
  }
  const { dtype: given, shape, data_offsets: offsets } = info;
  const dtype = types.find((type) => type === given);
  if (dtype === undefined) {
    const expected = `${types.slice(0, -1).join(", ")} or ${types.at(-1)}`;
    throw fail(`tensor ${quote(name)} has the type ${quote(given)}, and ${expected} was expected`);
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
  if (elementCount(shape) * ELEMENT_BYTES[dtype] !== end - begin) {
    throw fail(
      `tensor ${quote(name)} has ${end - begin} bytes, which do not fit its type ${dtype} and shape ${quote(shape)}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCountList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** A value of the header, cut short in depth and length, because a hostile file may nest without end or fill the screen. */
export function quote(value: unknown): string {
  const text = Array.isArray(value) ? `[${value.slice(0, 20).map(quoteScalar).join()}]` : quoteScalar(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function quoteScalar(value: unknown): string {
  return typeof value === "object" && value !== null ? "{…}" : String(JSON.stringify(value));
}
