// The tails of the standard normal distribution, which gelu is made of, as in native/kernels/normal_tail.h: scripts/fit-normal-tail.py fits
// the coefficients up to `farthest`. From there on t² exp(-t² / 2) is below half the smallest double.
export const farthest = 38.8;
export const numerator = [
  0.5, 0.7748020861143684, 0.5939400243523386, 0.2892552681353629, 0.0976639116567874, 0.023611351027208644,
  0.004086899365269369, 0.0004900572369046524, 3.722016224087443e-5, 1.3841049039029417e-6,
] as const;
export const denominator = [
  1, 2.347488733031593, 2.5609050654495684, 1.714034303422783, 0.7818184702498522, 0.25486485389563296,
  0.060406332967499386, 0.010337634604369192, 0.001231860762900513, 9.329711105717688e-5,
  3.4694364871889515e-6,
] as const;

/** |x|, and `farthest` at most. */
export function distanceOf(x: number): number {
  return Math.min(Math.abs(x), farthest);
}

/** Φ(-t) exp(t² / 2), for t from 0 to `farthest`. All coefficients are positive, so nothing cancels. */
export function normalTailRatio(t: number): number {
  return polynomial(numerator, t) / polynomial(denominator, t);
}

/** exp(-t² / 2), with the square in two parts, as its rounding would be hundreds of ulp of the result: t² = high² + (t - high) (t + high). */
export function gaussian(t: number): number {
  const high = Math.fround(t); // Half of the digits: its square is exact.
  return Math.exp(-0.5 * high * high) * Math.exp(-0.5 * (t - high) * (t + high));
}

function polynomial(coefficients: readonly number[], t: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) {
    sum = sum * t + (coefficients[i] as number);
  }
  return sum;
}
