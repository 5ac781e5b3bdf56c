import {
  type Activation,
  type Backend,
  type DType,
  ELEMENTWISE,
  type ElementwiseName,
  type FloatArray,
} from "../../../src/backend/backend.js";
import { UPDATE_RULES, type UpdateRule } from "../../../src/backend/operations/updates.js";
import { floats, randomFloats, randomIntegers } from "../../support/guarded-memory.js";
import { updateState } from "./updates.js";

export interface Result {
  readonly name: string;
  /** The bytes of everything that the operation writes. */
  compute(backend: Backend): Buffer[];
}

// Small, the chapter's, and large enough to be split among threads in every direction.
const products: readonly (readonly [m: number, n: number, k: number])[] = [
  [1, 1, 1],
  [7, 5, 3],
  [100, 50, 784],
  [100, 10, 50],
  [784, 50, 100],
  [50, 784, 100],
  [1, 1000, 784],
  [2000, 3, 300],
  [3, 2000, 300],
  [263, 2051, 33],
  [131, 129, 1031],
  [512, 512, 512],
];
const shapes: readonly (readonly [rows: number, columns: number])[] = [
  [1, 1],
  [100, 10],
  [257, 7],
  [1000, 784],
  [60_000, 10],
  [3, 50_001],
];
const lengths = [1, 39_200, 100_003, 1_000_001];
const normShapes: readonly (readonly [inputs: number, units: number])[] = [
  [1, 1],
  [784, 50],
  [500, 333],
];

/** Results of every operation, to be computed by two backends. */
export function results(dtype: DType): Result[] {
  return [
    ...products.flatMap(([m, n, k]) =>
      [false, true].flatMap((transposed) =>
        (["sigmoid", "gelu"] as const).map((activation) => gemm(dtype, m, n, k, transposed, activation)),
      ),
    ),
    ...lengths.map((length) => elementwise(dtype, length)),
    ...lengths.map((length) => updates(dtype, length)),
    ...normShapes.map(([inputs, units]) => limitedNorms(dtype, inputs, units)),
    ...lengths.map((length) => dropout(dtype, length)),
    ...shapes.filter(([rows]) => rows > 1).map(([rows, columns]) => normalization(dtype, rows, columns)),
    ...shapes.map(([rows, columns]) => alongRows(dtype, rows, columns)),
  ];
}

function gemm(
  dtype: DType,
  m: number,
  n: number,
  k: number,
  transposed: boolean,
  activation: Activation,
): Result {
  return {
    name: `gemm of ${m} x ${n} x ${k}${transposed ? ", transposed" : ""}, ${activation}`,
    compute(backend) {
      const c = randomFloats(dtype, m * n, 4);
      const options = { alpha: 0.7, beta: 0.3, activation } as const;
      backend.gemm({
        ...{ transposeA: transposed, transposeB: transposed, m, n, k, ...options, c },
        ...{ lda: transposed ? m : k, ldb: transposed ? k : n, ldc: n },
        a: randomFloats(dtype, m * k, 1),
        b: randomFloats(dtype, k * n, 2),
        bias: randomFloats(dtype, n, 3),
      });
      return [bytes(c)];
    },
  };
}

function elementwise(dtype: DType, length: number): Result {
  return {
    name: `element-wise operations on ${length} elements`,
    compute(backend) {
      const x = randomFloats(dtype, length, 1).map((value) => 20 * value);
      const upstream = randomFloats(dtype, length, 2);
      const activations = floats(dtype, length);
      const gradient = floats(dtype, length);
      const parameter = randomFloats(dtype, length, 3);
      backend.sigmoid(x, activations);
      backend.sigmoidBackward(upstream, activations, gradient);
      backend.sgdUpdate(parameter, gradient, 0.1);
      const others = (Object.keys(ELEMENTWISE) as ElementwiseName[]).map((name) => {
        const out = floats(dtype, Math.min(length, 100_003));
        const operation = backend[name] as (...arrays: readonly FloatArray[]) => void;
        const inputs = [x, upstream].slice(0, ELEMENTWISE[name].length);
        operation(...inputs.map((input) => input.subarray(0, out.length)), out);
        return out;
      });
      return [activations, gradient, parameter, ...others].map(bytes);
    },
  };
}

function updates(dtype: DType, length: number): Result {
  return {
    name: `updates, penalties and squares of ${length} elements`,
    compute(backend) {
      const outputs = (Object.keys(UPDATE_RULES) as UpdateRule[]).flatMap((rule) => {
        const state = updateState(rule, dtype, length);
        const coefficients = Float64Array.of(0.1, 0.2, 0.01, 1.5, 1e-8, 0.7);
        const terms = { gradientScale: 0.9, clip: 0.5, decay: 0.01 };
        backend.update({ rule, ...state, coefficients, ...terms });
        return [state.parameter, state.first, state.second].filter((array) => array !== null);
      });
      const [parameter, gradient] = [randomFloats(dtype, length, 1), randomFloats(dtype, length, 2)];
      const totals = new Float64Array(1);
      backend.addPenalty({ parameter, gradient, l2: 0.1, l1: 0.01 });
      backend.sumOfSquares({ x: gradient, totals });
      return [...outputs, gradient, totals].map(bytes);
    },
  };
}

function limitedNorms(dtype: DType, inputs: number, units: number): Result {
  return {
    name: `limited norms of ${inputs} x ${units}`,
    compute(backend) {
      const ldw = Math.ceil(units / 16) * 16;
      const weight = randomFloats(dtype, inputs * ldw, 1);
      backend.limitNorms({ weight, inputs, ldw, units, most: Math.sqrt(inputs / 3) });
      return [bytes(weight)];
    },
  };
}

function dropout(dtype: DType, length: number): Result {
  return {
    name: `dropout of ${length} elements`,
    compute(backend) {
      const x = randomFloats(dtype, length, 1);
      backend.dropout({ x, out: x, rate: 0.3, seed: 1, stream: 2, draw: 3 });
      return [bytes(x)];
    },
  };
}

function normalization(dtype: DType, rows: number, columns: number): Result {
  return {
    name: `batch normalisation and gathered rows of ${rows} x ${columns}`,
    compute(backend) {
      const x = randomFloats(dtype, rows * columns, 1);
      const upstream = randomFloats(dtype, rows * columns, 2);
      const column = (seed: number) => randomFloats(dtype, columns, seed);
      const [mean, inverseDeviation, out] = [column(3), column(4), floats(dtype, x.length)];
      const batch = { x, rows, columns, gamma: column(5), mean, inverseDeviation, out };
      const [runningMean, runningVariance, scaled] = [column(6), column(7), floats(dtype, x.length)];
      const moving = { momentum: 0.1, runningMean, runningVariance };
      backend.normalizeBatch({ ...batch, ...moving, beta: column(8), epsilon: 1e-5 });
      const [gammaGradient, betaGradient] = [column(9), column(10)];
      backend.normalizeBatchBackward({ ...batch, upstream, gammaGradient, betaGradient, out: upstream });
      backend.scaleColumns({ x, rows, columns, scale: mean, offset: inverseDeviation, out: scaled });
      const gathered = floats(dtype, x.length);
      const next = randomIntegers(rows);
      const order = Int32Array.from({ length: rows }, () => next() % rows);
      backend.gatherRows({ x, rows: order, width: columns, out: gathered });
      const statistics = [mean, inverseDeviation, runningMean, runningVariance];
      return [...statistics, out, upstream, gammaGradient, betaGradient, scaled, gathered].map(bytes);
    },
  };
}

function alongRows(dtype: DType, rows: number, columns: number): Result {
  return {
    name: `operations along the rows of ${rows} x ${columns}`,
    compute(backend) {
      const x = randomFloats(dtype, rows * columns, 1);
      const next = randomIntegers(rows);
      const classes = columns === 1 ? 2 : columns;
      const labels = Uint8Array.from({ length: rows }, () => next() % Math.min(classes, 256));
      const order = Int32Array.from({ length: rows }, () => next() % rows);
      const images = Uint8Array.from({ length: rows * columns }, next);
      const totals = new Float64Array(3);
      const delta = floats(dtype, x.length);
      const sums = floats(dtype, columns);
      const winners = new Int32Array(rows);
      const probabilities = floats(dtype, x.length);
      backend.softmax({ x, rows, columns, out: probabilities });
      const of = { rows, outputs: columns, a: x, labels, values: null, threshold: 1, scale: 0.01, totals };
      const weights = randomFloats(dtype, rows, 4).map(Math.abs);
      const [square, entropy] = [
        { ...of, kind: "squaredError", output: "sigmoid", z: null, smoothing: 0, weights: null },
        { ...of, kind: "binaryCrossEntropy", output: "sigmoid", z: x, smoothing: 0.1, weights },
      ] as const;
      backend.loss({ ...square, delta });
      const entropyDelta = floats(dtype, x.length);
      backend.loss({ ...entropy, delta: entropyDelta });
      if (columns > 1) backend.loss({ ...entropy, kind: "crossEntropy", output: "softmax", delta: null });
      const gathered = floats(dtype, x.length);
      backend.gatherImages({
        images,
        rows: order,
        width: columns,
        scale: 2 / 255,
        offset: -1,
        out: gathered,
      });
      backend.columnSums({ x, rows, columns, out: sums });
      backend.argmaxRows({ x, rows, columns, out: winners });
      const scaled = { images, rows: order, width: columns, scale: 2 / 255, offset: -1, units: 3, ink: null };
      const lines = 16;
      const weight = randomFloats(dtype, lines * columns, 2);
      const activations = floats(dtype, 3 * rows);
      const gradient = floats(dtype, lines * columns);
      const layer = { weight, ldw: lines, bias: null, activation: "sigmoid" } as const;
      backend.imageLinear({ ...scaled, ...layer, out: activations });
      backend.imageGradient({ ...scaled, delta: activations, out: gradient, ldo: lines });
      const [descended, bias] = [weight.slice(), randomFloats(dtype, 3, 3)];
      const step = { delta: activations, learningRate: 0.01, weight: descended, ldw: lines, bias };
      backend.imageDescent({ ...scaled, ...step });
      backend.linearDescent({ ...step, x, examples: rows, inputs: columns, units: 3 });
      return [
        delta,
        entropyDelta,
        totals,
        gathered,
        sums,
        winners,
        probabilities,
        activations,
        gradient,
        descended,
        bias,
      ].map(bytes);
    },
  };
}

function bytes(array: FloatArray | Int32Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
