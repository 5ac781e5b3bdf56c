import { distanceOf, gaussian, normalTailRatio } from "./normal-tail.js";

// Activations of a number and their derivatives. NaN stays NaN in each.

/** 1 / (1 + exp(-x)). exp is only taken of a number that is not positive, so nothing overflows and tiny results stay exact. */
export function sigmoid(x: number): number {
  if (x < 0) {
    const e = Math.exp(x);
    return e / (1 + e);
  }
  return 1 / (1 + Math.exp(-x));
}

/** upstream * a * (1 - a) */
export function sigmoidBackward(upstream: number, a: number): number {
  return upstream * (a * (1 - a));
}

export const tanh = Math.tanh;

/** upstream * (1 - a²), as a product, so that nothing cancels where a is near 1 or -1. */
export function tanhBackward(upstream: number, a: number): number {
  return upstream * ((1 - a) * (1 + a));
}

/** max(0, x) */
export function relu(x: number): number {
  return x <= 0 ? 0 : x;
}

/** upstream * (a > 0 ? 1 : 0) */
export function reluBackward(upstream: number, a: number): number {
  return timesSlope(upstream, a, 0);
}

/** PyTorch's default. */
const leakySlope = 0.01;

/** x > 0 ? x : 0.01 x */
export function leakyRelu(x: number): number {
  return x > 0 ? x : leakySlope * x;
}

/** upstream * (a > 0 ? 1 : 0.01) */
export function leakyReluBackward(upstream: number, a: number): number {
  return timesSlope(upstream, a, leakySlope);
}

/** x > 0 ? x : exp(x) - 1 */
export function elu(x: number): number {
  return x > 0 ? x : Math.expm1(x);
}

/** upstream * (a > 0 ? 1 : a + 1) */
export function eluBackward(upstream: number, a: number): number {
  return timesSlope(upstream, a, a + 1);
}

/** x Φ(x). As Φ(x) = 1 - Φ(-x), it is x less its value in the mirror. */
export function gelu(x: number): number {
  const t = distanceOf(x);
  const tail = t * normalTailRatio(t) * gaussian(t);
  return x < 0 ? -tail : x - tail;
}

/** upstream * (Φ(z) + z φ(z)) */
export function geluBackward(upstream: number, z: number): number {
  const densityAt0 = 0.3989422804014327; // 1 / √(2π)
  const t = distanceOf(z);
  const tail = (normalTailRatio(t) - t * densityAt0) * gaussian(t);
  return upstream * (z < 0 ? tail : 1 - tail);
}

/** exp of it, and even x exp(x), is below half the smallest double. */
const lowest = -753;

/** x / (1 + exp(-x)). As sigmoid(x) = 1 - sigmoid(-x), it is x more than its value in the mirror. */
export function silu(x: number): number {
  const m = Math.max(-Math.abs(x), lowest);
  const e = Math.exp(m);
  const mirrored = (m * e) / (1 + e);
  return x < 0 ? mirrored : x + mirrored;
}

/** upstream * s * (1 + z (1 - s)), where s = sigmoid(z) */
export function siluBackward(upstream: number, z: number): number {
  const m = Math.max(-Math.abs(z), lowest);
  const e = Math.exp(m);
  const oneLessS = 1 / (1 + e);
  const mirrored = e * (oneLessS * (1 + m * oneLessS));
  return upstream * (z < 0 ? mirrored : 1 - mirrored);
}

function timesSlope(upstream: number, a: number, below: number): number {
  return upstream * (a > 0 ? 1 : a <= 0 ? below : a);
}
