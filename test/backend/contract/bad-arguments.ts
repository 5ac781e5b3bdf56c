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
  callOf,
  emptied,
  isNumberArray,
  isOfFixedLength,
  type NumberArray,
  type Operation,
  operations,
} from "./right-arguments.js";

type Change = readonly [what: string, changed: Arguments, error: new (message: string) => MnistNativeError];

/** What can be wrong with one argument, whatever the operation. */
function wrongArguments(
  { valid, sizes = [], anyLength = [], alike = [], optional = [] }: Operation,
  dtype: DType,
): Change[] {
  const otherType = dtype === "float32" ? "float64" : "float32";
  return Object.entries(valid).flatMap(([name, value]): Change[] => {
    const invalid = (values: readonly unknown[]) =>
      values.map((wrong): Change => [`${name} = ${shown(wrong)}`, { [name]: wrong }, InvalidArgumentError]);
    if (sizes.includes(name)) {
      return invalid([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 31, "3", undefined, 3n]);
    }
    if (typeof value === "number") return invalid(["1", undefined, null, 1n]);
    if (typeof value === "boolean") return invalid([1, undefined, null, "true"]);
    if (typeof value === "string") return invalid(["swish", undefined, null, true, 1]);
    if (name === "ink") {
      const { images, width } = valid;
      const forged = [{}, { images, width, handle: {} }, { images, width, handle: null }, { images, width }];
      return invalid([undefined, 1, "ink", images, ...forged]);
    }
    if (value === null) return invalid([undefined, 1, "null", floats(dtype, 12)]);
    const array = value as NumberArray;
    const like = (length: number) => new (array.constructor as new (length: number) => NumberArray)(length);
    const alien = alike.includes(name) ? [floats(otherType, array)] : [];
    const missing = optional.includes(name) ? [] : [null];
    const ofOtherLength: Change[] = [
      [`${name} too short`, { [name]: array.slice(1) }, ShapeError],
      [`${name} too long`, { [name]: like(array.length + 1) }, ShapeError],
    ];
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
      ...(anyLength.includes(name) ? [] : ofOtherLength),
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

const words = [-1, 0.5, 2 ** 32] as const;

function wrongLosses(name: string, dtype: DType): Change[] {
  const weights = [-1, Number.NaN, Number.POSITIVE_INFINITY].map(
    (weight): Change => [
      `a weight of ${weight}`,
      { weights: floats(dtype, [1, 1, weight, 1]) },
      InvalidArgumentError,
    ],
  );
  const common: Change[] = [
    ...weights,
    ["no threshold", { threshold: 0 }, InvalidArgumentError],
    ["a smoothing of 1", { smoothing: 1 }, InvalidArgumentError],
    ["labels and values", { labels: new Uint8Array(4), values: floats(dtype, 12) }, InvalidArgumentError],
    ["neither labels nor values", { labels: null, values: null }, InvalidArgumentError],
    [
      "another activation",
      { output: name.includes("numbered") ? "softmax" : "sigmoid" },
      InvalidArgumentError,
    ],
  ];
  if (name === "loss of values") {
    return [...common, ["smoothing of values", { smoothing: 0.1 }, InvalidArgumentError]];
  }
  const List = name.includes("numbered") ? Int32Array : Uint8Array;
  const shared = new SharedArrayBuffer(4 * List.BYTES_PER_ELEMENT);
  return [
    ...common,
    ["a label as large as the number of classes", { labels: List.of(0, 2, 1, 3) }, LabelRangeError],
    ["the label 255", { labels: List.of(255, 2, 1, 0) }, LabelRangeError],
    ["a negative label", { labels: Int32Array.of(0, 2, -1, 0) }, LabelRangeError],
    [
      "the label 2 for one output",
      { outputs: 1, labels: List.of(0, 2, 1, 0), ...oneOutput(dtype) },
      name.includes("numbered") ? LabelRangeError : InvalidArgumentError,
    ],
    [
      "labels that another thread may change",
      { labels: name.includes("numbered") ? new Int32Array(shared) : new Uint8Array(shared) },
      InvalidArgumentError,
    ],
  ];
}

function oneOutput(dtype: DType): Arguments {
  return { a: floats(dtype, 4), z: floats(dtype, 4), delta: floats(dtype, 4) };
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
  if (name.startsWith("loss")) return wrongLosses(name, dtype);
  if (name === "dropout") {
    const outside = {
      rate: [-0.1, 1, Number.NaN],
      seed: words,
      stream: words,
      draw: [-1, 0.5, 2 ** 53],
      first: [-4, 2, 0.5],
    };
    return Object.entries(outside).flatMap(([key, values]) =>
      values.map((value): Change => [`${key} = ${value}`, { [key]: value }, InvalidArgumentError]),
    );
  }
  if (name === "normalizeBatch") {
    return [
      ["a batch of one", { rows: 1, x: floats(dtype, 4), out: floats(dtype, 4) }, InvalidArgumentError],
      ["no epsilon", { epsilon: 0 }, InvalidArgumentError],
      ["a momentum that is no number", { momentum: Number.NaN }, InvalidArgumentError],
      ["a momentum above 1", { momentum: 1.5 }, InvalidArgumentError],
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
  if (name === "gatherImages" || name === "gatherRows") {
    return [
      ["a row number as large as the number of rows", { rows: Int32Array.of(0, 1, 5) }, InvalidArgumentError],
      ["a negative row number", { rows: Int32Array.of(-1, 0, 1) }, InvalidArgumentError],
      [
        "rows that another thread may change",
        { rows: new Int32Array(new SharedArrayBuffer(12)) },
        InvalidArgumentError,
      ],
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
  if (name === "update") {
    return [
      ["a slot that the rule does not keep", { rule: "rmsprop" }, InvalidArgumentError],
      ["another such slot", { rule: "lion" }, InvalidArgumentError],
      ["no slot that the rule keeps", { rule: "rmsprop", first: null, second: null }, InvalidArgumentError],
      ["a rule in a list", { rule: ["adam"] }, InvalidArgumentError],
      ["a property of every object", { rule: "constructor" }, InvalidArgumentError],
    ];
  }
  if (name === "limitNorms") {
    return [
      ["inputs that lie in parts of lines", { ldw: 12 }, InvalidArgumentError],
      ["inputs closer than they are long", { ldw: 0 }, InvalidArgumentError],
      ["inputs that do not fit into the array", { ldw: 32 }, ShapeError],
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
      const names = Object.keys(empty).filter(
        (key) => ArrayBuffer.isView(empty[key]) && !isOfFixedLength(key),
      );
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

    it.each([...wrongArguments(operation, dtype), ...overlapping(operation), ...wrongContents(name, dtype)])(
      "refuses %s and leaves everything as it was",
      (_, changed, error) => {
        const args = { ...operation.valid, ...changed };
        const arrays = Object.values(args).filter(isNumberArray);
        const before = arrays.map((array) => array.slice());
        expect(() => operation.call(backend(), args)).toThrow(error);
        expect(() => operation.call(backend(), args)).toThrow(new RegExp(`^${callOf(name)}: .{10,}\\.$`));
        expect(arrays.every((array, i) => sameBytes(array, before[i] as NumberArray))).toBe(true);
      },
    );
  });
}
