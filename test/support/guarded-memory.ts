import { expect } from "vitest";
import type { DType, FloatArray } from "../../src/backend/backend.js";

export const dtypes = ["float32", "float64"] as const satisfies readonly DType[];

type NumberArray = FloatArray | Uint8Array | Int32Array;

// Five elements in front put the array at an address that no vector's width divides.
const guardElements = 5;

/**
 * Arrays that lie inside larger buffers, as views do. What lies around them is checked: bytes of 255, which are NaN to whoever reads
 * them as float, and which nobody may write to.
 */
export class GuardedMemory {
  readonly #guards: Uint8Array[] = [];
  readonly #inputs: { readonly array: NumberArray; readonly copy: NumberArray }[] = [];

  /** An array that an operation only reads. */
  input<T extends NumberArray>(values: T): T {
    const array = this.output(values);
    this.#inputs.push({ array, copy: values.slice() });
    return array;
  }

  /** An array that an operation may write to, with these values in it. */
  output<T extends NumberArray>(values: T): T {
    const guardBytes = guardElements * values.BYTES_PER_ELEMENT;
    const buffer = new ArrayBuffer(values.byteLength + 2 * guardBytes);
    const front = new Uint8Array(buffer, 0, guardBytes).fill(255);
    const back = new Uint8Array(buffer, guardBytes + values.byteLength).fill(255);
    this.#guards.push(front, back);
    const array = new (values.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T)(
      buffer,
      guardBytes,
      values.length,
    );
    array.set(values);
    return array;
  }

  expectIntact(context: string): void {
    if (this.#guards.some((guard) => guard.some((byte) => byte !== 255))) {
      expect.fail(`${context} wrote outside an array.`);
    }
    if (this.#inputs.some(({ array, copy }) => !sameBytes(array, copy))) {
      expect.fail(`${context} wrote to an input.`);
    }
  }
}

/** Whether two arrays hold the same bits: NaN is like NaN, and 0 is not like -0. */
export function sameBytes(x: NumberArray, y: NumberArray): boolean {
  return Buffer.compare(bytesOf(x), bytesOf(y)) === 0;
}

function bytesOf(array: NumberArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

export function floats(dtype: DType, values: number | ArrayLike<number>): FloatArray {
  const FloatArrayOf = dtype === "float32" ? Float32Array : Float64Array;
  return typeof values === "number" ? new FloatArrayOf(values) : FloatArrayOf.from(values);
}

/** The longest array of each element type and seed so far, of which others are the beginning: making them takes most of some tests' time. */
const made = new Map<string, FloatArray>();
const MOST_KEPT = 64;

/** Numbers from -1 to 1 that look random and are always the same. */
export function randomFloats(dtype: DType, length: number, seed: number): FloatArray {
  const key = `${dtype} ${seed}`;
  const longest = made.get(key);
  if (longest !== undefined && longest.length >= length) return longest.slice(0, length);
  const next = randomIntegers(seed);
  const array = floats(dtype, length).map(() => next() / 2 ** 31 - 1);
  if (longest !== undefined || made.size < MOST_KEPT) made.set(key, array.slice());
  return array;
}

/** A generator of whole numbers from 0 to 2^32 - 1: a Weyl sequence, mixed as in MurmurHash3's finalizer. */
export function randomIntegers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
}
