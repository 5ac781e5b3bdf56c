import { philox } from "../../random/philox.js";
import type { DropoutArguments } from "../operations/dropout.js";

const words = new Uint32Array(4);

/** out[i] = x[i] / (1 - rate) where it stays, else 0 */
export function dropout({ x, out, rate, seed, stream, draw, first: start = 0 }: DropoutArguments): void {
  const least = rate * 2 ** 32;
  const scale = 1 / (1 - rate);
  const [drawLow, drawHigh] = [draw % 2 ** 32, Math.floor(draw / 2 ** 32)];
  for (let first = 0; first < x.length; first += 4) {
    const block = (start + first) / 4;
    philox(seed, stream, block, Math.floor(block / 2 ** 32), drawLow, drawHigh, words);
    const count = Math.min(4, x.length - first);
    for (let i = 0; i < count; i++) {
      const stays = (words[i] as number) >= least;
      out[first + i] = stays ? (x[first + i] as number) * scale : 0;
    }
  }
}
