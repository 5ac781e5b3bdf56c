import type { Backend, DType } from "../../../src/backend/backend.js";
import { floats } from "../../support/guarded-memory.js";

// Right arguments for every operation of a backend, for the tests that make them wrong.

export type NumberArray = Float32Array | Float64Array | Uint8Array | Int32Array;
export type Arguments = Readonly<Record<string, unknown>>;

export interface Operation {
  /** Calls with arguments that TypeScript would not let pass. */
  readonly call: (backend: Backend, args: Arguments) => void;
  readonly valid: Arguments;
  readonly sizes?: readonly string[];
  /** Arrays that share an element type. */
  readonly alike?: readonly string[];
  /** Pairs that must not overlap; those that may be the very same array are marked. */
  readonly separate: readonly (readonly [output: string, input: string, may?: "be the same"])[];
}

/** Every operation with right arguments, made afresh. */
export function operations(dtype: DType): Readonly<Record<string, Operation>> {
  const loss = {
    a: floats(dtype, [0.9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.1, 0.2]),
    labels: Uint8Array.of(0, 2, 1, 0),
    classes: 3,
    totals: Float64Array.of(1, 2),
  };
  return {
    gemm: {
      call: (backend, args) => backend.gemm(args as never),
      valid: {
        ...{
          transposeA: false,
          transposeB: true,
          m: 3,
          n: 5,
          k: 2,
          lda: 2,
          ldb: 2,
          ldc: 5,
          alpha: 1,
          beta: 1,
          activation: "sigmoid",
        },
        ...{ a: floats(dtype, 6), b: floats(dtype, 10), c: floats(dtype, 15), bias: floats(dtype, 5) },
      },
      sizes: ["m", "n", "k", "lda", "ldb", "ldc"],
      alike: ["a", "b", "c", "bias"],
      separate: [
        ["c", "a"],
        ["c", "b"],
        ["c", "bias"],
      ],
    },
    sigmoid: {
      call: (backend, { x, out }) => backend.sigmoid(x as never, out as never),
      valid: { x: floats(dtype, 7), out: floats(dtype, 7) },
      alike: ["x", "out"],
      separate: [["out", "x", "be the same"]],
    },
    sigmoidBackward: {
      call: (backend, { upstream, a, out }) =>
        backend.sigmoidBackward(upstream as never, a as never, out as never),
      valid: { upstream: floats(dtype, 7), a: floats(dtype, 7), out: floats(dtype, 7) },
      alike: ["upstream", "a", "out"],
      separate: [
        ["out", "upstream", "be the same"],
        ["out", "a", "be the same"],
      ],
    },
    squaredError: {
      call: (backend, args) => backend.squaredError(args as never),
      valid: loss,
      sizes: ["classes"],
      separate: [
        ["totals", "a"],
        ["totals", "labels"],
      ],
    },
    outputDelta: {
      call: (backend, args) => backend.outputDelta(args as never),
      valid: { ...loss, totals: Float64Array.of(1, 2), scale: 1, delta: floats(dtype, 12) },
      sizes: ["classes"],
      alike: ["a", "delta"],
      separate: [
        ["totals", "a"],
        ["totals", "labels"],
        ["delta", "a", "be the same"],
        ["delta", "labels"],
        ["delta", "totals"],
      ],
    },
    imageLinear: {
      call: (backend, args) => backend.imageLinear(args as never),
      valid: {
        ...{
          images: new Uint8Array(20),
          rows: Int32Array.of(3, 0, 4),
          width: 4,
          scale: 1,
          offset: 0,
          ink: null,
        },
        ...{ units: 2, weight: floats(dtype, 64), ldw: 16, bias: floats(dtype, 2), activation: "sigmoid" },
        out: floats(dtype, 6),
      },
      sizes: ["width", "units", "ldw"],
      alike: ["weight", "bias", "out"],
      separate: [
        ["out", "images"],
        ["out", "rows"],
        ["out", "weight"],
        ["out", "bias"],
      ],
    },
    imageGradient: {
      call: (backend, args) => backend.imageGradient(args as never),
      valid: {
        ...{
          images: new Uint8Array(20),
          rows: Int32Array.of(3, 0, 4),
          width: 4,
          scale: 1,
          offset: 0,
          ink: null,
        },
        ...{ units: 2, delta: floats(dtype, 6), out: floats(dtype, 64), ldo: 16 },
      },
      sizes: ["width", "units", "ldo"],
      alike: ["delta", "out"],
      separate: [
        ["out", "images"],
        ["out", "rows"],
        ["out", "delta"],
      ],
    },
    linearDescent: {
      call: (backend, args) => backend.linearDescent(args as never),
      valid: {
        ...{ x: floats(dtype, 12), delta: floats(dtype, 6), examples: 3, inputs: 4, units: 2 },
        ...{ learningRate: 0.1, weight: floats(dtype, 64), ldw: 16, bias: floats(dtype, 2) },
      },
      sizes: ["examples", "inputs", "units", "ldw"],
      alike: ["x", "delta", "weight", "bias"],
      separate: [
        ["weight", "x"],
        ["weight", "delta"],
        ["weight", "bias"],
        ["bias", "x"],
        ["bias", "delta"],
      ],
    },
    imageDescent: {
      call: (backend, args) => backend.imageDescent(args as never),
      valid: {
        ...{
          images: new Uint8Array(20),
          rows: Int32Array.of(3, 0, 4),
          width: 4,
          scale: 1,
          offset: 0,
          ink: null,
        },
        ...{ units: 2, delta: floats(dtype, 6), learningRate: 0.1 },
        ...{ weight: floats(dtype, 64), ldw: 16, bias: floats(dtype, 2) },
      },
      sizes: ["width", "units", "ldw"],
      alike: ["delta", "weight", "bias"],
      separate: [
        ["weight", "images"],
        ["weight", "rows"],
        ["weight", "delta"],
        ["weight", "bias"],
        ["bias", "images"],
        ["bias", "rows"],
        ["bias", "delta"],
      ],
    },
    columnSums: {
      call: (backend, args) => backend.columnSums(args as never),
      valid: { x: floats(dtype, 12), rows: 3, columns: 4, out: floats(dtype, 4) },
      sizes: ["rows", "columns"],
      alike: ["x", "out"],
      separate: [["out", "x"]],
    },
    sgdUpdate: {
      call: (backend, { parameter, gradient, learningRate }) =>
        backend.sgdUpdate(parameter as never, gradient as never, learningRate as never),
      valid: { parameter: floats(dtype, 7), gradient: floats(dtype, 7), learningRate: 1 },
      alike: ["parameter", "gradient"],
      separate: [["parameter", "gradient"]],
    },
    argmaxRows: {
      call: (backend, args) => backend.argmaxRows(args as never),
      valid: { x: floats(dtype, 12), rows: 3, columns: 4, out: new Int32Array(3) },
      sizes: ["rows", "columns"],
      separate: [["out", "x"]],
    },
  };
}

/** The arguments with every size 0 that may be, and arrays without elements. */
export function emptied({ valid, sizes = [] }: Operation): Arguments {
  const least = (name: string) => (name === "width" || name === "classes" ? 1 : 0);
  const changed = Object.entries(valid).map(([name, value]) => {
    if (sizes.includes(name))
      return [name, name === "columns" ? (valid.out instanceof Int32Array ? 1 : 0) : least(name)];
    return [name, isNumberArray(value) && name !== "totals" ? value.slice(0, 0) : value];
  });
  return Object.fromEntries(changed);
}

export function isNumberArray(value: unknown): value is NumberArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && value.byteLength > 0;
}
