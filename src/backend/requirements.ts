import { types } from "node:util";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import { ACTIVATIONS, type Activation } from "./activation.js";
import { lineLength } from "./cache-line.js";
import type { DType, FloatArray } from "./float-array.js";

// What one argument of an operation must be. A ShapeError says that an array is too short, too long or transferred elsewhere, an
// InvalidArgumentError everything else. This runs in the minibatch loop, so nothing is allocated unless a requirement fails.

const largestSize = 2 ** 31 - 1;

export function requireActivation(call: string, activation: Activation): void {
  if (!ACTIVATIONS.includes(activation)) {
    failType(call, "activation", `one of ${ACTIVATIONS.map(shown).join(", ")}`, activation);
  }
}

export function requireBoolean(call: string, name: string, value: boolean): void {
  if (typeof value !== "boolean") failType(call, name, "true or false", value);
}

export function requireNumber(call: string, name: string, value: number): void {
  if (typeof value !== "number") failType(call, name, "a number", value);
}

export function requireSize(call: string, name: string, value: number, least: number): void {
  requireWhole(call, name, value, least, largestSize);
}

export function requireWhole(call: string, name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    failType(call, name, `a whole number from ${least} to ${most}`, value);
  }
}

export function requireMultiple(call: string, name: string, value: number, of: number): void {
  if (value % of !== 0) failType(call, name, `a multiple of ${of}`, value);
}

/** A leading dimension of at least `least` elements in whole lines of 64 bytes. */
export function requireLines(call: string, name: string, value: number, least: number, dtype: DType): void {
  requireSize(call, name, value, least);
  const line = lineLength(dtype);
  if (value % line !== 0) failType(call, name, `a multiple of ${line}`, value);
}

/** A number from 0 to below 1. */
export function requireShare(call: string, name: string, value: number): void {
  requireNumber(call, name, value);
  if (!(value >= 0 && value < 1)) failType(call, name, "a number from 0 to below 1", value);
}

export function requirePositive(call: string, name: string, value: number): void {
  requireNumber(call, name, value);
  if (!(value > 0)) failType(call, name, "a positive number", value);
}

export function requireFloats(call: string, name: string, value: FloatArray): DType {
  if (types.isFloat32Array(value)) return "float32";
  if (types.isFloat64Array(value)) return "float64";
  return failType(call, name, "a Float32Array or a Float64Array", value);
}

/** Inputs and outputs of one call have the same element type. */
export function requireSameType(call: string, name: string, value: FloatArray, dtype: DType): void {
  if (dtype === "float32" && !types.isFloat32Array(value)) {
    failType(call, name, "a Float32Array, as its other arrays are,", value);
  }
  if (dtype === "float64" && !types.isFloat64Array(value)) {
    failType(call, name, "a Float64Array, as its other arrays are,", value);
  }
}

export type NumberArray = FloatArray | Uint8Array | Int32Array;

/**
 * Bytes are counted, not elements: in Node 20, code that V8 has optimized for resizable buffers, too, gives an array that was transferred
 * the `length` that it had before.
 */
export function requireLength(call: string, name: string, array: NumberArray, length: number): void {
  const elements = array.byteLength / array.BYTES_PER_ELEMENT;
  if (elements === length && length > 0) return;
  if (isDetached(array)) {
    throw new ShapeError(
      `${call}: expected memory behind ${name}, but its buffer was transferred, by postMessage for example.`,
    );
  }
  if (elements !== length) {
    throw new ShapeError(`${call}: expected ${length} elements in ${name} but received ${elements}.`);
  }
}

/**
 * For numbers that are used as an index after they were checked: another thread could change them in between, where they lie in
 * shared memory.
 */
export function requireUnshared(call: string, name: string, array: NumberArray): void {
  if (types.isSharedArrayBuffer(array.buffer)) {
    fail(
      call,
      `expected ${name} that no other thread can change, but they are on a SharedArrayBuffer; pass a copy`,
    );
  }
}

/** Whole rows of a matrix, named for what they are. */
export function requireWholeRows(
  call: string,
  name: string,
  array: NumberArray,
  width: number,
  things: string,
): void {
  if (array.length % width !== 0) {
    throw new ShapeError(
      `${call}: expected ${things} of ${width} elements each in ${name} but received ${array.length} elements in all.`,
    );
  }
}

/** Rows of a matrix that has `count` of them, named for what they are. */
export function requireRowNumbers(call: string, rows: Int32Array, count: number, things: string): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (row < 0 || row >= count) {
      fail(call, `expected row numbers of ${count} ${things} but received ${row} at position ${i}`);
    }
  }
}

/** Asked of the buffer alone, see {@link requireLength}. */
function isDetached(array: NumberArray): boolean {
  try {
    new Uint8Array(array.buffer); // Throws just then. Node 20 has no ArrayBuffer.prototype.detached.
    return false;
  } catch {
    return true;
  }
}

export function requireDisjoint(
  call: string,
  outputName: string,
  output: NumberArray,
  name: string,
  input: NumberArray,
) {
  if (
    output.length > 0 &&
    input.length > 0 &&
    output.buffer === input.buffer &&
    output.byteOffset < input.byteOffset + input.byteLength &&
    input.byteOffset < output.byteOffset + output.byteLength
  ) {
    fail(call, `expected separate memory for ${outputName} but it overlaps with ${name}`);
  }
}

/** For element-wise operations, which may write exactly onto their input. */
export function requireSameOrDisjoint(
  call: string,
  outputName: string,
  output: NumberArray,
  name: string,
  input: NumberArray,
) {
  if (output.buffer !== input.buffer || output.byteOffset !== input.byteOffset) {
    requireDisjoint(call, outputName, output, name, input);
  }
}

export function failType(call: string, name: string, expected: string, received: unknown): never {
  fail(call, `expected ${expected} for ${name} but received ${shown(received)}`);
}

export function fail(call: string, what: string): never {
  throw new InvalidArgumentError(`${call}: ${what}.`);
}

/** A value in a message: `NaN`, `"relu"`, `undefined`, `an instance of Uint8Array`. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  return `an instance of ${value.constructor?.name ?? "Object"}`;
}
