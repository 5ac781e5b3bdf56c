import type { FloatArray } from "../backend/backend.js";
import { InvalidArgumentError, ModelFormatError } from "../errors.js";
import type { Safetensors, SafetensorsTensor } from "./safetensors.js";

// A tree of values as JSON and tensors of a safetensors file. JSON has no NaN, no infinities and no -0, and numbers by the million would
// not fit into a header: {"$number":"NaN"} stands for the first, {"$tensor":"name"} for an array.

/** A state that can be kept in a file: JSON, any numbers, and arrays of them. */
export type SavedState =
  | null
  | boolean
  | number
  | string
  | FloatArray
  | readonly SavedState[]
  | { readonly [name: string]: SavedState };

/**
 * Makes of a state JSON and tensors whose names begin with `prefix`.
 *
 * @throws InvalidArgumentError when it holds anything else than a {@link SavedState} may.
 */
export function packState(
  state: SavedState,
  prefix: string,
): { readonly json: string; readonly tensors: SafetensorsTensor[] } {
  const tensors: SafetensorsTensor[] = [];
  const pack = (value: unknown): unknown => {
    if (typeof value === "number") {
      const isJson = Number.isFinite(value) && !Object.is(value, -0);
      return isJson ? value : { $number: Object.is(value, -0) ? "-0" : String(value) };
    }
    if (value instanceof Float32Array || value instanceof Float64Array) {
      const name = `${prefix}.${tensors.length}`;
      const dtype = value instanceof Float32Array ? "F32" : "F64";
      tensors.push({ name, dtype, shape: [value.length], data: value });
      return { $tensor: name };
    }
    if (Array.isArray(value)) return value.map(pack);
    if (typeof value !== "object" || value === null) {
      if (value === null || typeof value === "boolean" || typeof value === "string") return value;
      throw new InvalidArgumentError(
        `A state cannot hold ${typeof value === "object" ? "this" : `a ${typeof value}`}.`,
      );
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new InvalidArgumentError(
        "A state holds plain objects, arrays, Float32Arrays and Float64Arrays alone.",
      );
    }
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    if (entries.some(([name]) => name.startsWith("$"))) {
      throw new InvalidArgumentError("No name in a state begins with $.");
    }
    return Object.fromEntries(entries.map(([name, entry]) => [name, pack(entry)]));
  };
  return { json: JSON.stringify(pack(state)), tensors };
}

/**
 * The state that {@link packState} made JSON and tensors of.
 *
 * @throws ModelFormatError when the JSON is none, or names a tensor that is not there.
 */
export function unpackState(json: string, { tensors }: Safetensors, fileName: string): SavedState {
  const fail = (fault: string, cause?: unknown) =>
    new ModelFormatError(`${fileName} is not a readable checkpoint: ${fault}.`, { cause });
  const unpack = (value: unknown): SavedState => {
    if (Array.isArray(value)) return value.map(unpack);
    if (typeof value !== "object" || value === null) return value as SavedState;
    const { $number: number, $tensor: name } = value as Readonly<Record<string, unknown>>;
    if (number !== undefined) return Number(number);
    if (name === undefined) {
      return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, unpack(entry)]));
    }
    const tensor = tensors.get(String(name));
    if (tensor === undefined) throw fail(`it has no tensor ${JSON.stringify(name)}`);
    return tensor.data;
  };
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw fail("its state is not JSON", cause);
  }
  return unpack(value);
}
