import type { DropoutArguments } from "../operations/dropout.js";

// Philox4x32-10: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const KEY_STEPS = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

/** Replaces a counter of four words by four random ones. Words are taken and left as integers of 32 bits, signed or not. */
export function philox(counter: Int32Array, key0: number, key1: number): void {
  let c0 = counter[0] as number;
  let c1 = counter[1] as number;
  let c2 = counter[2] as number;
  let c3 = counter[3] as number;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = highWord(MULTIPLIERS[0], c0);
    const high1 = highWord(MULTIPLIERS[1], c2);
    const low0 = Math.imul(MULTIPLIERS[0], c0);
    const low1 = Math.imul(MULTIPLIERS[1], c2);
    c0 = high1 ^ c1 ^ k0;
    c2 = high0 ^ c3 ^ k1;
    c1 = low1;
    c3 = low0;
    k0 = (k0 + KEY_STEPS[0]) | 0;
    k1 = (k1 + KEY_STEPS[1]) | 0;
  }
  counter[0] = c0;
  counter[1] = c1;
  counter[2] = c2;
  counter[3] = c3;
}

/** The upper 32 bits of a product of unsigned words, from products of their halves. */
function highWord(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16); // below 2^32
  const other = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (other >>> 16)) | 0;
}

const words = new Int32Array(4);

/** out[i] = x[i] / (1 - rate) where it stays, else 0 */
export function dropout({ x, out, rate, seed, stream, draw }: DropoutArguments): void {
  const least = rate * 2 ** 32;
  const scale = 1 / (1 - rate);
  for (let first = 0; first < x.length; first += 4) {
    const block = first / 4;
    words[0] = block | 0;
    words[1] = Math.floor(block / 2 ** 32);
    words[2] = (draw % 2 ** 32) | 0;
    words[3] = Math.floor(draw / 2 ** 32);
    philox(words, seed, stream);
    const count = Math.min(4, x.length - first);
    for (let i = 0; i < count; i++) {
      const stays = (words[i] as number) >>> 0 >= least;
      out[first + i] = stays ? (x[first + i] as number) * scale : 0;
    }
  }
}
