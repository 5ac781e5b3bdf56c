import { type Backend, type DType, ELEMENTWISE, type ElementwiseName } from "../../../src/backend/backend.js";
import { floats } from "../../support/guarded-memory.js";

// Right arguments for every operation of a backend, for the tests that make them wrong.

export type NumberArray = Float32Array | Float64Array | Uint8Array | Int32Array;
export type Arguments = Readonly<Record<string, unknown>>;

export interface Operation {
  /** Calls with arguments that TypeScript would not let pass. */
  readonly call: (backend: Backend, args: Arguments) => void;
  readonly valid: Arguments;
  readonly sizes?: readonly string[];
  /** Arrays of any length. */
  readonly anyLength?: readonly string[];
  /** The smallest that a size can be; 0 where it is not said. */
  readonly least?: Readonly<Record<string, number>>;
  /** What may also be `null`. */
  readonly optional?: readonly string[];
  /** Arrays that share an element type. */
  readonly alike?: readonly string[];
  /** Pairs that must not overlap; those that may be the very same array are marked. */
  readonly separate: readonly (readonly [output: string, input: string, may?: "be the same"])[];
}

/** Every operation with right arguments, made afresh. */
export function operations(dtype: DType): Readonly<Record<string, Operation>> {
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
      optional: ["bias"],
      alike: ["a", "b", "c", "bias"],
      separate: [
        ["c", "a"],
        ["c", "b"],
        ["c", "bias"],
      ],
    },
    ...elementwise(dtype),
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
      least: { width: 1 },
      optional: ["bias"],
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
      least: { width: 1 },
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
      least: { width: 1 },
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
    softmax: {
      call: (backend, args) => backend.softmax(args as never),
      valid: { x: floats(dtype, 12), rows: 3, columns: 4, out: floats(dtype, 12) },
      sizes: ["rows", "columns"],
      alike: ["x", "out"],
      separate: [["out", "x", "be the same"]],
    },
    sgdUpdate: {
      call: (backend, { parameter, gradient, learningRate }) =>
        backend.sgdUpdate(parameter as never, gradient as never, learningRate as never),
      valid: { parameter: floats(dtype, 7), gradient: floats(dtype, 7), learningRate: 1 },
      alike: ["parameter", "gradient"],
      separate: [["parameter", "gradient"]],
    },
    update: {
      call: (backend, args) => backend.update(args as never),
      valid: {
        ...{ rule: "adam", parameter: floats(dtype, 7), gradient: floats(dtype, 7) },
        ...{ first: floats(dtype, 7), second: floats(dtype, 7), gradientScale: 1, clip: 1, decay: 0.5 },
        coefficients: Float64Array.of(0.1, 0.1, 0.001, 1, 1e-8, 0),
      },
      alike: ["parameter", "gradient", "first", "second"],
      separate: [
        ["parameter", "gradient"],
        ["parameter", "first"],
        ["parameter", "second"],
        ["parameter", "coefficients"],
        ["first", "gradient"],
        ["first", "second"],
        ["first", "coefficients"],
        ["second", "gradient"],
        ["second", "coefficients"],
      ],
    },
    addPenalty: {
      call: (backend, args) => backend.addPenalty(args as never),
      valid: { parameter: floats(dtype, 7), gradient: floats(dtype, 7), l2: 0.5, l1: 0.25 },
      alike: ["parameter", "gradient"],
      separate: [["gradient", "parameter"]],
    },
    sumOfSquares: {
      call: (backend, args) => backend.sumOfSquares(args as never),
      valid: { x: floats(dtype, 7), totals: Float64Array.of(1) },
      anyLength: ["x"],
      separate: [["totals", "x"]],
    },
    limitNorms: {
      call: (backend, args) => backend.limitNorms(args as never),
      valid: { weight: floats(dtype, 48), inputs: 3, ldw: 16, units: 2, most: 1 },
      sizes: ["inputs", "ldw", "units"],
      separate: [],
    },
    argmaxRows: {
      call: (backend, args) => backend.argmaxRows(args as never),
      valid: { x: floats(dtype, 12), rows: 3, columns: 4, out: new Int32Array(3) },
      sizes: ["rows", "columns"],
      least: { columns: 1 },
      separate: [["out", "x"]],
    },
    ...rightLosses(dtype),
    ...rightDropout(dtype),
    ...rightNormalizations(dtype),
    ...rightGatherings(dtype),
  };
}

/** The operation that a key of {@link operations} stands for: its first word. */
export function callOf(key: string): string {
  return key.split(" ")[0] as string;
}

function rightLosses(dtype: DType): Readonly<Record<string, Operation>> {
  const a = [0.9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.1, 0.2];
  const loss = {
    call: (backend: Backend, args: Arguments) => backend.loss(args as never),
    sizes: ["rows", "outputs"],
    optional: ["weights", "delta"],
    alike: ["a", "z", "values", "weights", "delta"],
  };
  const common = () => ({
    rows: 4,
    outputs: 3,
    a: floats(dtype, a),
    weights: floats(dtype, [1, 0, 2, 3]),
    threshold: 1,
    scale: 1,
    totals: Float64Array.of(1, 2, 3),
    delta: floats(dtype, 12),
  });
  const separate = (others: readonly string[]): Operation["separate"] => [
    ["totals", "a"],
    ["delta", "a", "be the same"],
    ["delta", "totals"],
    ...others.flatMap((other) => [["totals", other] as const, ["delta", other] as const]),
  ];
  return {
    "loss of values": {
      ...loss,
      valid: {
        ...common(),
        ...{
          kind: "huber",
          output: "identity",
          z: null,
          labels: null,
          values: floats(dtype, 12),
          smoothing: 0,
        },
      },
      least: { outputs: 1 },
      separate: separate(["values", "weights"]),
    },
    "loss of classes": {
      ...loss,
      valid: {
        ...common(),
        ...{ kind: "crossEntropy", output: "softmax", z: floats(dtype, 12), values: null, smoothing: 0.1 },
        labels: Uint8Array.of(0, 2, 1, 0),
      },
      least: { outputs: 2 },
      separate: separate(["z", "labels", "weights"]),
    },
    "loss of numbered classes": {
      ...loss,
      valid: {
        ...common(),
        ...{
          kind: "binaryCrossEntropy",
          output: "sigmoid",
          z: floats(dtype, 12),
          values: null,
          smoothing: 0,
        },
        labels: Int32Array.of(0, 2, 1, 0),
      },
      least: { outputs: 1 },
      separate: separate(["z", "labels", "weights"]),
    },
  };
}

/** All element-wise operations, by the names of their inputs. */
function elementwise(dtype: DType): Record<string, Operation> {
  const entries = (Object.keys(ELEMENTWISE) as ElementwiseName[]).map((name): [string, Operation] => {
    const names = [...ELEMENTWISE[name], "out"];
    return [
      name,
      {
        call: (backend, args) => {
          const operation = backend[name] as (...arrays: readonly unknown[]) => void;
          operation(...names.map((key) => args[key]));
        },
        valid: Object.fromEntries(names.map((key) => [key, floats(dtype, 7)])),
        alike: names,
        separate: ELEMENTWISE[name].map((input) => ["out", input, "be the same"] as const),
      },
    ];
  });
  return Object.fromEntries(entries);
}

function rightDropout(dtype: DType): Readonly<Record<string, Operation>> {
  return {
    dropout: {
      call: (backend, args) => backend.dropout(args as never),
      valid: { x: floats(dtype, 7), out: floats(dtype, 7), rate: 0.5, seed: 1, stream: 2, draw: 3 },
      alike: ["x", "out"],
      separate: [["out", "x", "be the same"]],
    },
  };
}

function rightNormalizations(dtype: DType): Readonly<Record<string, Operation>> {
  const columns = (...names: string[]) => Object.fromEntries(names.map((name) => [name, floats(dtype, 4)]));
  const matrices = (...names: string[]) => Object.fromEntries(names.map((name) => [name, floats(dtype, 12)]));
  const size = { rows: 3, columns: 4 };
  const common = { sizes: ["rows", "columns"], least: { rows: 2 } };
  const pairs = (outputs: readonly string[], inputs: readonly string[]): Operation["separate"] =>
    outputs.flatMap((output, i) =>
      [...outputs.slice(i + 1), ...inputs].map((other) => [output, other] as const),
    );
  const statistics = ["mean", "inverseDeviation", "runningMean", "runningVariance"];
  const gradients = ["gammaGradient", "betaGradient"];
  return {
    normalizeBatch: {
      call: (backend, args) => backend.normalizeBatch(args as never),
      valid: {
        ...{ ...size, epsilon: 1e-5, momentum: 0.1 },
        ...matrices("x", "out"),
        ...columns("gamma", "beta", ...statistics),
      },
      ...common,
      alike: ["x", "out", "gamma", "beta", ...statistics],
      separate: pairs([...statistics, "out"], ["x", "gamma", "beta"]),
    },
    normalizeBatchBackward: {
      call: (backend, args) => backend.normalizeBatchBackward(args as never),
      valid: {
        ...size,
        ...matrices("x", "upstream", "out"),
        ...columns("gamma", "mean", "inverseDeviation", ...gradients),
      },
      ...common,
      alike: ["x", "upstream", "out", "gamma", "mean", "inverseDeviation", ...gradients],
      separate: [
        ...pairs([...gradients, "out"], ["x", "gamma", "mean", "inverseDeviation"]),
        ...gradients.map((gradient) => [gradient, "upstream"] as const),
        ["out", "upstream", "be the same"],
      ],
    },
    scaleColumns: {
      call: (backend, args) => backend.scaleColumns(args as never),
      valid: { ...size, ...matrices("x", "out"), ...columns("scale", "offset") },
      sizes: ["rows", "columns"],
      alike: ["x", "out", "scale", "offset"],
      separate: [["out", "x", "be the same"], ...pairs(["out"], ["scale", "offset"])],
    },
  };
}

function rightGatherings(dtype: DType): Readonly<Record<string, Operation>> {
  const rows = () => ({ rows: Int32Array.of(3, 0, 4), width: 4, out: floats(dtype, 12) });
  const common = { sizes: ["width"], least: { width: 1 } };
  return {
    gatherImages: {
      call: (backend, args) => backend.gatherImages(args as never),
      valid: { ...rows(), images: new Uint8Array(20), scale: 1, offset: 0 },
      ...common,
      separate: [
        ["out", "images"],
        ["out", "rows"],
      ],
    },
    gatherRows: {
      call: (backend, args) => backend.gatherRows(args as never),
      valid: { ...rows(), x: floats(dtype, 20) },
      ...common,
      alike: ["x", "out"],
      separate: [
        ["out", "x"],
        ["out", "rows"],
      ],
    },
  };
}

/** The arguments with every size as small as it may be, and arrays without elements. */
export function emptied({ valid, sizes = [], least = {} }: Operation): Arguments {
  const changed = Object.entries(valid).map(([name, value]) => {
    if (sizes.includes(name)) return [name, least[name] ?? 0];
    return [name, isNumberArray(value) && !isOfFixedLength(name) ? value.slice(0, 0) : value];
  });
  return Object.fromEntries(changed);
}

/** Whether this is not as long as the numbers that an operation is about. */
export function isOfFixedLength(name: string): boolean {
  return name === "totals" || name === "coefficients";
}

export function isNumberArray(value: unknown): value is NumberArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && value.byteLength > 0;
}
