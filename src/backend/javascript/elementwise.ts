import type { ElementwiseOperations, FloatArray } from "../backend.js";

/** 1 / (1 + exp(-x)). exp is only taken of a number that is not positive, so nothing overflows and tiny results stay exact. */
export function sigmoidOf(x: number): number {
  if (x < 0) {
    const e = Math.exp(x);
    return e / (1 + e);
  }
  return 1 / (1 + Math.exp(-x));
}

/** out = 1 / (1 + exp(-x)) */
function sigmoid(x: FloatArray, out: FloatArray): void {
  for (let i = 0; i < out.length; i++) {
    out[i] = sigmoidOf(x[i] as number);
  }
}

/** out = upstream * a * (1 - a) */
function sigmoidBackward(upstream: FloatArray, a: FloatArray, out: FloatArray): void {
  for (let i = 0; i < out.length; i++) {
    const value = a[i] as number;
    out[i] = (upstream[i] as number) * (value * (1 - value));
  }
}

/** parameter -= learningRate * gradient */
export function sgdUpdate(parameter: FloatArray, gradient: FloatArray, learningRate: number): void {
  for (let i = 0; i < parameter.length; i++) {
    parameter[i] = (parameter[i] as number) - learningRate * (gradient[i] as number);
  }
}

export const elementwise: ElementwiseOperations = { sigmoid, sigmoidBackward };
