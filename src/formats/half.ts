// Numbers of sixteen bits, which other programs keep weights in. Every one of them is a float32, too.

/** The number in the bits of an IEEE 754 binary16: NumPy's `f2`, safetensors' F16. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const BITS = new Uint32Array(1);
const FLOAT = new Float32Array(BITS.buffer);

/** The number in the bits of a bfloat16, the upper half of a float32: safetensors' BF16. */
export function bfloat16ToNumber(bits: number): number {
  BITS[0] = bits << 16;
  return FLOAT[0] as number; // It has one element.
}
