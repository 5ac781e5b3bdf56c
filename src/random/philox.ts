// Multipliers of the rounds and increments of the keys.
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/**
 * Philox4x32-10, a generator without state: a key and a counter give four words of 32 random bits, and each other counter gives
 * others. So what is drawn depends on what it is for, and not on what was drawn before (J. Salmon, M. Moraes, R. Dror and
 * D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011).
 *
 * @param key0 The key: two integers of 32 bits.
 * @param a The counter: four integers of 32 bits.
 * @param out [4], overwritten.
 */
export function philox(
  key0: number,
  key1: number,
  a: number,
  b: number,
  c: number,
  d: number,
  out: Uint32Array,
): void {
  for (let round = 0; round < ROUNDS; round++) {
    const highA = multiplyHigh(a, MULTIPLIER_0);
    const highC = multiplyHigh(c, MULTIPLIER_1);
    const lowA = Math.imul(a, MULTIPLIER_0);
    const lowC = Math.imul(c, MULTIPLIER_1);
    a = highC ^ b ^ key0;
    b = lowC;
    c = highA ^ d ^ key1;
    d = lowA;
    key0 = (key0 + WEYL_0) | 0;
    key1 = (key1 + WEYL_1) | 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

/** The upper 32 bits of the product of two words, by halves of 16 bits. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  // Both sums are below 2^32, so that words hold them.
  const middle = (Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16)) >>> 0;
  const other = (Math.imul(a0, b1) + (middle & 0xffff)) >>> 0;
  return (Math.imul(a1, b1) + (middle >>> 16) + (other >>> 16)) | 0;
}
