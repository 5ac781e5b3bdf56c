import { describe, expect, it } from "vitest";
import type { Backend, DType } from "../../../src/backend/backend.js";
import {
  InvalidArgumentError,
  LabelRangeError,
  type MnistNativeError,
  ShapeError,
} from "../../../src/errors.js";
import { floats, sameBytes } from "../../support/guarded-memory.js";
import {
  type Arguments,
  emptied,
  isNumberArray,
  type NumberArray,
  type Operation,
  operations,
} from "./right-arguments.js";

type Change = readonly [what: string, changed: Arguments, error: new (message: string) => MnistNativeError];

/** What can be wrong with one argument, whatever the operation. */
function wrongArguments(call: string, { valid, sizes = [], alike = [] }: Operation, dtype: DType): Change[] {
  const otherType = dtype === "float32" ? "float64" : "float32";
  return Object.entries(valid).flatMap(([name, value]): Change[] => {
    const invalid = (values: readonly unknown[]) =>
      values.map((wrong): Change => [`${name} = ${shown(wrong)}`, { [name]: wrong }, InvalidArgumentError]);
    if (sizes.includes(name)) {
      return invalid([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 31, "3", undefined, 3n]);
    }
    if (typeof value === "number") return invalid(["1", undefined, null, 1n]);
    if (typeof value === "boolean") return invalid([1, undefined, null, "true"]);
    if (typeof value === "string") return invalid(["relu", undefined, null, true]);
    if (name === "ink") {
      const { images, width } = valid;
      const forged = [{}, { images, width, handle: {} }, { images, width, handle: null }, { images, width }];
      return invalid([undefined, 1, "ink", images, ...forged]);
    }
    const array = value as NumberArray;
    const like = (length: number) => new (array.constructor as new (length: number) => NumberArray)(length);
    const alien = alike.includes(name) ? [floats(otherType, array)] : [];
    const missing = name === "bias" && !call.includes("Descent") ? [] : [null];
    return [
      ...invalid([
        undefined,
        ...missing,
        1,
        [...array],
        new Int16Array(array),
        new DataView(array.buffer),
        ...alien,
      ]),
      [`${name} too short`, { [name]: array.slice(1) }, ShapeError],
      [`${name} too long`, { [name]: like(array.length + 1) }, ShapeError],
      [`${name} transferred elsewhere`, { [name]: detached(like(array.length)) }, ShapeError],
    ];
  });
}

function shown(value: unknown): string {
  return typeof value === "object" && value !== null
    ? `an instance of ${value.constructor.name}`
    : String(value);
}

function detached<T extends NumberArray>(array: T): T {
  structuredClone(array, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

/** Both arrays in one buffer, such that a part of one is a part of the other. */
function overlapping({ valid, separate }: Operation): Change[] {
  return separate.flatMap(([output, input, may]) => {
    const written = valid[output] as NumberArray;
    const read = valid[input] as NumberArray;
    const both = (writtenStart: number, readStart: number): Arguments => {
      const buffer = new ArrayBuffer(2048);
      return { [output]: placed(written, buffer, writtenStart), [input]: placed(read, buffer, readStart) };
    };
    const changes: Change[] = [
      [`the end of ${output} in ${input}`, both(0, lastAddress(written)), InvalidArgumentError],
      [`the end of ${input} in ${output}`, both(lastAddress(read), 0), InvalidArgumentError],
    ];
    if (may === undefined) {
      changes.push([`${output} where ${input} begins`, both(64, 64), InvalidArgumentError]);
    }
    return changes;
  });
}

/** The last place in the array where an array of any type may begin. */
function lastAddress(array: NumberArray): number {
  return Math.floor((array.byteLength - 1) / 8) * 8;
}

function placed(array: NumberArray, buffer: ArrayBuffer, start: number): NumberArray {
  const Type = array.constructor as new (buffer: ArrayBuffer, start: number, length: number) => NumberArray;
  const copy = new Type(buffer, start, array.length);
  copy.set(array);
  return copy;
}

function sideBySide(valid: Arguments, names: readonly string[]): Arguments {
  const buffer = new ArrayBuffer(2048);
  let end = 0;
  const arrays = names.flatMap((name) => {
    const array = valid[name];
    if (!isNumberArray(array)) return [];
    const start = Math.ceil(end / array.BYTES_PER_ELEMENT) * array.BYTES_PER_ELEMENT;
    end = start + array.byteLength;
    return [[name, placed(array, buffer, start)] as const];
  });
  return { ...valid, ...Object.fromEntries(arrays) };
}

/** What can be wrong with the contents of an array, or with several arguments at once. */
function wrongContents(name: string, dtype: DType): Change[] {
  if (name === "gemm") {
    return [
      ["rows of A closer than they are long", { lda: 1 }, InvalidArgumentError],
      ["rows of B closer than they are long", { ldb: 1 }, InvalidArgumentError],
      ["rows of C closer than they are long", { ldc: 4 }, InvalidArgumentError],
      ["rows of A that do not fit into it", { lda: 3 }, ShapeError],
      ["rows of B that do not fit into it", { ldb: 3 }, ShapeError],
      ["rows of C that do not fit into it", { ldc: 6 }, ShapeError],
      ["no elements behind the last row of A", { a: floats(dtype, 8), lda: 3 }, ShapeError],
    ];
  }
  if (name === "squaredError" || name === "outputDelta") {
    return [
      ["a label as large as the number of classes", { labels: Uint8Array.of(0, 2, 1, 3) }, LabelRangeError],
      ["the label 255", { labels: Uint8Array.of(255, 2, 1, 0) }, LabelRangeError],
      [
        "labels that another thread may change",
        { labels: new Uint8Array(new SharedArrayBuffer(4)) },
        InvalidArgumentError,
      ],
    ];
  }
  if (name === "linearDescent") {
    return [
      [
        "units that lie farther apart than a line",
        { ldw: 24 },
        dtype === "float32" ? InvalidArgumentError : ShapeError,
      ],
      ["inputs that lie in parts of lines", { ldw: 12 }, InvalidArgumentError],
      ["inputs closer than they are long", { ldw: 0 }, InvalidArgumentError],
    ];
  }
  if (name === "imageLinear" || name === "imageGradient" || name === "imageDescent") {
    const stride = name === "imageGradient" ? "ldo" : "ldw";
    return [
      ["pixels that lie in parts of lines", { [stride]: 12 }, InvalidArgumentError],
      ["pixels closer than they are long", { [stride]: 0 }, InvalidArgumentError],
      ["pixels that do not fit into the array", { [stride]: 32 }, ShapeError],
      ["a row number as large as the number of rows", { rows: Int32Array.of(0, 1, 5) }, InvalidArgumentError],
      ["a negative row number", { rows: Int32Array.of(-1, 0, 1) }, InvalidArgumentError],
      ["the largest row number there is", { rows: Int32Array.of(0, 2 ** 31 - 1, 1) }, InvalidArgumentError],
      [
        "rows that another thread may change",
        { rows: new Int32Array(new SharedArrayBuffer(12)) },
        InvalidArgumentError,
      ],
      ["rows of no images", { images: new Uint8Array(0) }, InvalidArgumentError],
    ];
  }
  if (name === "sgdUpdate") {
    const parameter = detached(floats(dtype, 7));
    const gradient = detached(floats(dtype, 7));
    return [["everything transferred elsewhere", { parameter, gradient }, ShapeError]];
  }
  return [];
}

export function describeBadArguments(backend: () => Backend, dtype: DType): void {
  describe.each(Object.entries(operations(dtype)))("%s", (name, operation) => {
    it("accepts the arguments that are made wrong below", () => {
      expect(() => operation.call(backend(), { ...operation.valid })).not.toThrow();
    });

    it("accepts arrays without elements, and refuses each whose memory was transferred elsewhere", () => {
      const empty = emptied(operation);
      expect(() => operation.call(backend(), empty)).not.toThrow();
      const names = Object.keys(empty).filter((key) => ArrayBuffer.isView(empty[key]) && key !== "totals");
      expect(names.length).toBeGreaterThan(0);
      for (const key of names) {
        const args = { ...empty, [key]: detached((operation.valid[key] as NumberArray).slice()) };
        expect(() => operation.call(backend(), args), key).toThrow(ShapeError);
        expect(() => operation.call(backend(), args), key).toThrow(`expected memory behind ${key}`);
      }
    });

    it("accepts arrays that lie side by side in one buffer, in either order", () => {
      for (const names of [Object.keys(operation.valid), Object.keys(operation.valid).reverse()]) {
        const adjacent = sideBySide(operation.valid, names);
        expect(() => operation.call(backend(), adjacent)).not.toThrow();
      }
    });

    it.each([
      ...wrongArguments(name, operation, dtype),
      ...overlapping(operation),
      ...wrongContents(name, dtype),
    ])("refuses %s and leaves everything as it was", (_, changed, error) => {
      const args = { ...operation.valid, ...changed };
      const arrays = Object.values(args).filter(isNumberArray);
      const before = arrays.map((array) => array.slice());
      expect(() => operation.call(backend(), args)).toThrow(error);
      expect(() => operation.call(backend(), args)).toThrow(new RegExp(`^${name}: .{10,}\\.$`));
      expect(arrays.every((array, i) => sameBytes(array, before[i] as NumberArray))).toBe(true);
    });
  });
}
