// What a full-batch optimizer computes with vectors of all parameters. Those of one call have one length.

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** out = a + factor * b; `out` may be either. */
export function addScaled(a: Float64Array, factor: number, b: Float64Array, out: Float64Array): Float64Array {
  for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) + factor * (b[i] as number);
  return out;
}

/** out = factor * a; `out` may be `a`. */
export function scaled(factor: number, a: Float64Array, out: Float64Array): Float64Array {
  for (let i = 0; i < out.length; i++) out[i] = factor * (a[i] as number);
  return out;
}

/** The largest absolute value, 0 where there is none; NaN where one is NaN. */
export function largestOf(a: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] as number));
  return largest;
}
