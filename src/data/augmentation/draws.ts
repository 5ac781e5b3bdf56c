import { philox } from "../../random/philox.js";

/** Numbers in a block of random bits: two of 16 bits in each of its four words. */
const BLOCK = 8;

const words = new Uint32Array(4);

/** @returns Memory for at least `count` draws, in whole blocks. */
export function createDraws(count: number): Float64Array {
  return new Float64Array(Math.ceil(count / BLOCK) * BLOCK);
}

/**
 * Draws numbers uniformly from (-1, 1), each a multiple of 2^-16, which depend on the arguments alone.
 *
 * @param seed As the number of an image, the epoch and the purpose, an integer of 32 bits.
 * @param out By {@link createDraws}, overwritten.
 */
export function drawUniform(
  seed: number,
  image: number,
  epoch: number,
  purpose: number,
  out: Float64Array,
): void {
  for (let i = 0, block = 0; i < out.length; block++) {
    philox(seed, 0, image, epoch, block, purpose, words);
    for (let j = 0; j < 4; j++) {
      const word = words[j] as number; // j is below 4.
      out[i++] = ((word & 0xffff) + 0.5) * 2 ** -15 - 1;
      out[i++] = ((word >>> 16) + 0.5) * 2 ** -15 - 1;
    }
  }
}
