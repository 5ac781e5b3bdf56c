import type { Activation, DType, FloatArray } from "../../src/backend/backend.js";
import { dtypeOf, type Expected } from "./reference.js";

// Activations in double, by other formulas than the backends use, with how far a result may be off.

type Nonlinear = Exclude<Activation, "identity">;

interface Reference {
  readonly value: (z: number) => number;
  /** What the interface allows, in ulp. */
  readonly ulps: number;
}

export const referenceActivations: Readonly<Record<Exclude<Nonlinear, "sigmoid">, Reference>> = {
  tanh: { value: Math.tanh, ulps: 4 },
  relu: { value: (z) => (Number.isNaN(z) ? z : Math.max(0, z)), ulps: 0 },
  leakyRelu: { value: (z) => (z > 0 ? z : 0.01 * z), ulps: 2 },
  elu: { value: (z) => (z > 0 ? z : Math.expm1(z)), ulps: 2 },
  gelu: { value: (z) => (z === Number.NEGATIVE_INFINITY ? 0 : z * normalDistribution(z)), ulps: 7 },
  silu: { value: (z) => (z === Number.NEGATIVE_INFINITY ? 0 : z * logistic(z)), ulps: 4 },
};

interface Derivative {
  /** What stands beside `upstream`: the activation's value or its input. */
  readonly from: "a" | "z";
  readonly value: (saved: number) => number;
  /** The sum of the magnitudes of terms that cancel; the derivative itself where none do. */
  readonly magnitude?: (saved: number) => number;
}

export const referenceDerivatives: Readonly<Record<`${Exclude<Nonlinear, "sigmoid">}Backward`, Derivative>> =
  {
    tanhBackward: { from: "a", value: (a) => (1 - a) * (1 + a) },
    reluBackward: { from: "a", value: (a) => (Number.isNaN(a) ? a : Number(a > 0)) },
    leakyReluBackward: { from: "a", value: (a) => (Number.isNaN(a) ? a : a > 0 ? 1 : 0.01) },
    eluBackward: { from: "a", value: (a) => (a > 0 ? 1 : a + 1) },
    geluBackward: {
      from: "z",
      value: (z) => (Number.isFinite(z) ? normalDistribution(z) + z * density(z) : normalDistribution(z)),
      magnitude: (z) => normalDistribution(z) + (Number.isFinite(z) ? Math.abs(z) * density(z) : 0),
    },
    siluBackward: {
      from: "z",
      value: (z) => (Number.isFinite(z) ? logistic(z) * (1 + z * logistic(-z)) : logistic(z)),
      magnitude: (z) => (Number.isFinite(z) ? logistic(z) * (1 + Math.abs(z) * logistic(-z)) : logistic(z)),
    },
  };

const units = { float32: 2 ** -24, float64: 2 ** -53 } as const;
const smallest = { float32: 2 ** -126, float64: 2 ** -1022 } as const;

/** An ulp is at most two units; `referenceUnits` is the error of the reference itself, in units of double. */
export function expectedActivations(
  x: FloatArray,
  { value, ulps }: Reference,
  referenceUnits = 16,
): Expected {
  const dtype = dtypeOf(x);
  const values = Float64Array.from(x, value);
  return { values, tolerances: values.map((y) => tolerance(Math.abs(y), 2 * ulps, referenceUnits, dtype)) };
}

export function expectedDerivatives(upstream: FloatArray, saved: FloatArray, of: Derivative): Expected {
  const dtype = dtypeOf(upstream);
  const values = Float64Array.from(upstream, (u, i) => u * of.value(saved[i] as number));
  const tolerances = values.map((y, i) => {
    const magnitude = of.magnitude?.(saved[i] as number);
    const size = magnitude === undefined ? Math.abs(y) : Math.abs(upstream[i] as number) * magnitude;
    return tolerance(size, 14, 32, dtype);
  });
  return { values, tolerances };
}

function tolerance(size: number, own: number, referenceUnits: number, dtype: DType): number {
  return (own * units[dtype] + referenceUnits * units.float64) * size + 16 * smallest[dtype];
}

function logistic(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

/** φ, with the square in two parts, whose rounding would otherwise be hundreds of ulp. */
function density(x: number): number {
  const high = Math.fround(x);
  return (
    Math.exp((-high * high) / 2) * Math.exp((-(x - high) * (x + high)) / 2) * Math.sqrt(1 / (2 * Math.PI))
  );
}

/** Φ: by its Taylor series near 0, and else by Laplace's continued fraction, φ(t) / (t + 1 / (t + 2 / (t + 3 / ...))). */
export function normalDistribution(x: number): number {
  const t = Math.abs(x);
  if (t > 40) return x < 0 ? 0 : 1;
  if (t < 1) {
    let [term, sum] = [x, x];
    for (let k = 3; k < 60; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 + density(x) * sum;
  }
  let fraction = t;
  for (let k = t > 5 ? 60 : 400; k > 0; k--) fraction = t + k / fraction;
  const tail = density(t) / fraction;
  return x < 0 ? tail : 1 - tail;
}

/** Row by row; the subtraction of the largest is rounded, which the exponential makes a relative error. */
export function referenceSoftmax(x: FloatArray, rows: number, columns: number): Expected {
  const dtype = dtypeOf(x);
  const values = new Float64Array(x.length);
  const tolerances = new Float64Array(x.length);
  for (let i = 0; i < rows; i++) {
    const row = Float64Array.from(x.subarray(i * columns, (i + 1) * columns));
    const largest = Math.max(...row);
    const sum = row.reduce((total, z) => total + Math.exp(z - largest), 0);
    for (const [j, z] of row.entries()) {
      const value = Math.exp(z - largest) / sum;
      const roundings = 10 + Math.min(1000, largest - z);
      values[i * columns + j] = value;
      tolerances[i * columns + j] =
        roundings * units[dtype] * value + columns * units.float64 * value + smallest[dtype];
    }
  }
  return { values, tolerances };
}
