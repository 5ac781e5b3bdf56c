import type { PixelScale } from "../../interchange/imported-model.js";
import { UsageError } from "../process.js";

/**
 * Reads `--pixels`: what another program made of the bytes of pixels. `0..1` and the like say what 0 and 255 became; `0.1307,0.3081` is the
 * mean and the deviation that were taken from 0 to 1, as torchvision's Normalize does.
 */
export function readPixels(given: unknown): PixelScale {
  const text = String(given);
  const [first, second] = text.split(text.includes("..") ? ".." : ",").map(numberIn);
  if (first !== undefined && second !== undefined && text.split("..").length + text.split(",").length === 3) {
    if (text.includes("..")) {
      if (first < second) return { scale: (second - first) / 255, offset: first };
    } else if (second > 0) return { scale: 1 / (255 * second), offset: -first / second };
  }
  throw new UsageError(
    `Expected FROM..TO, such as 0..1, or MEAN,DEVIATION of pixels from 0 to 1, such as 0.1307,0.3081, for --pixels but received ${JSON.stringify(text)}.`,
  );
}

function numberIn(text: string): number | undefined {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
