import { expect } from "vitest";
import type {
  ArgmaxRowsArguments,
  ColumnSumsArguments,
  DType,
  FloatArray,
  GemmArguments,
  ImageGradientArguments,
  ImageLinearArguments,
} from "../../src/backend/backend.js";

/**
 * What an operation computes, by its definition and in double, with how far a result may be off: the rounding errors that an
 * implementation in the element type may make.
 */
export interface Expected {
  readonly values: Float64Array;
  readonly tolerances: Float64Array;
}

export const doubleUnit = 2 ** -53;
/** The largest relative error of rounding once. */
export const roundingUnits = { float32: 2 ** -24, float64: doubleUnit } as const;
/** The smallest normal number: for results below it the addon may write 0. */
export const smallest = { float32: 2 ** -126, float64: 2 ** -1022 } as const;

export function dtypeOf(array: FloatArray): DType {
  return array instanceof Float32Array ? "float32" : "float64";
}

/** Every value by a function that returns it and the sum of the magnitudes of its terms, each of which is rounded `roundings` times. */
export function expected(
  length: number,
  dtype: DType,
  roundings: number,
  compute: (i: number) => { value: number; magnitude: number },
): Expected {
  const values = new Float64Array(length);
  const tolerances = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const { value, magnitude } = compute(i);
    values[i] = value;
    tolerances[i] = roundings * roundingUnits[dtype] * magnitude + roundings * smallest[dtype];
  }
  return { values, tolerances };
}

export function referenceGemm(args: GemmArguments): Expected {
  const { transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, bias, activation } = args;
  const dtype = dtypeOf(c);
  // Products and sums round k + 1 times; scaling by alpha and beta, rounding these, and three additions a few times more.
  const linear = expected(m * n, dtype, k + 8, (index) => {
    const i = Math.floor(index / n);
    const j = index % n;
    let sum = 0;
    let magnitude = 0;
    if (alpha !== 0) {
      for (let p = 0; p < k; p++) {
        const product =
          at(a, transposeA ? p * lda + i : i * lda + p) * at(b, transposeB ? j * ldb + p : p * ldb + j);
        sum += product;
        magnitude += Math.abs(product);
      }
    }
    const old = beta === 0 ? 0 : beta * at(c, i * ldc + j);
    const shift = bias === null ? 0 : at(bias, j);
    return {
      value: alpha * sum + old + shift,
      magnitude: Math.abs(alpha) * magnitude + Math.abs(old) + Math.abs(shift),
    };
  });
  if (activation === "identity") return linear;
  const result = referenceSigmoid(linear.values, dtype);
  // The sigmoid's slope is at most 1/4.
  return { ...result, tolerances: result.tolerances.map((own, i) => own + at(linear.tolerances, i) / 4) };
}

/** With the 4 ulp that the interface allows, each of which is at most two units, and the error of the reference itself. */
export function referenceSigmoid(x: FloatArray, dtype: DType): Expected {
  const values = Float64Array.from(x, (value) => {
    const e = Math.exp(-Math.abs(value));
    return value < 0 ? e / (1 + e) : 1 / (1 + e);
  });
  const relative = 8 * roundingUnits[dtype] + 4 * doubleUnit;
  return { values, tolerances: values.map((value) => relative * value + 4 * smallest[dtype]) };
}

export function referenceSigmoidBackward(upstream: FloatArray, a: FloatArray): Expected {
  return expected(a.length, dtypeOf(a), 4, (i) => {
    const value = at(upstream, i) * at(a, i) * (1 - at(a, i));
    return { value, magnitude: Math.abs(value) };
  });
}

/** Without an activation. The bytes and the sum of the weights may be multiplied and rounded apart. */
export function referenceImageLinear(args: ImageLinearArguments): Expected {
  const { images, rows, width, scale, offset, units, weight, ldw, bias, out } = args;
  return expected(rows.length * units, dtypeOf(out), width + 8, (e) => {
    const image = at(rows, Math.floor(e / units)) * width;
    const j = e % units;
    let value = bias === null ? 0 : at(bias, j);
    let magnitude = Math.abs(value);
    for (let p = 0; p < width; p++) {
      const scaled = at(images, image + p) * scale;
      value += (scaled + offset) * at(weight, p * ldw + j);
      magnitude += (Math.abs(scaled) + Math.abs(offset)) * Math.abs(at(weight, p * ldw + j));
    }
    return { value, magnitude };
  });
}

/** As {@link referenceImageLinear}. */
export function referenceImageGradient(args: ImageGradientArguments): Expected {
  const { images, rows, width, scale, offset, units, delta, out, ldo } = args;
  return expected(width * ldo, dtypeOf(out), rows.length + 8, (e) => {
    const p = Math.floor(e / ldo);
    const j = e % ldo;
    if (j >= units) return { value: 0, magnitude: 0 };
    let value = 0;
    let magnitude = 0;
    for (let i = 0; i < rows.length; i++) {
      const scaled = at(images, at(rows, i) * width + p) * scale;
      value += (scaled + offset) * at(delta, i * units + j);
      magnitude += (Math.abs(scaled) + Math.abs(offset)) * Math.abs(at(delta, i * units + j));
    }
    return { value, magnitude };
  });
}

/** The sums run in double; only their result is rounded. */
export function referenceColumnSums({ x, rows, columns }: ColumnSumsArguments): Expected {
  const magnitudes = new Float64Array(columns);
  const result = expected(columns, dtypeOf(x), 3, (j) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      sum += at(x, i * columns + j);
      magnitudes[j] = at(magnitudes, j) + Math.abs(at(x, i * columns + j));
    }
    return { value: sum, magnitude: Math.abs(sum) };
  });
  return {
    ...result,
    tolerances: result.tolerances.map((own, j) => own + 2 * rows * doubleUnit * at(magnitudes, j)),
  };
}

export function referenceSgdUpdate(
  parameter: FloatArray,
  gradient: FloatArray,
  learningRate: number,
): Expected {
  return expected(parameter.length, dtypeOf(parameter), 4, (i) => {
    const step = learningRate * at(gradient, i);
    return { value: at(parameter, i) - step, magnitude: Math.abs(at(parameter, i)) + Math.abs(step) };
  });
}

/** As numpy.argmax(x, axis=1): the first NaN, or else the first of the largest. */
export function referenceArgmax({ x, rows, columns }: Omit<ArgmaxRowsArguments, "out">): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => {
    const row = [...x.subarray(i * columns, (i + 1) * columns)];
    const firstNaN = row.findIndex(Number.isNaN);
    return firstNaN === -1 ? row.indexOf(Math.max(...row)) : firstNaN;
  });
}

/** NaN must be NaN and an infinity the same infinity. */
export function expectClose(actual: FloatArray, { values, tolerances }: Expected, context: string): void {
  expect(actual.length).toBe(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = at(actual, i);
    const wanted = at(values, i);
    const close = Number.isFinite(wanted)
      ? Math.abs(value - wanted) <= at(tolerances, i)
      : Object.is(value, wanted);
    if (!close) {
      expect.fail(
        `${context}: element ${i} is ${value}, more than ${tolerances[i]} away from the expected ${wanted}.`,
      );
    }
  }
}

export function at(array: ArrayLike<number>, i: number): number {
  const value = array[i];
  if (value === undefined) throw new RangeError(`There is no element ${i} of ${array.length}.`);
  return value;
}
