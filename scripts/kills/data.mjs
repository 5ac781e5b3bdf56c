// Small data that a network learns within a second.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { syntheticDigits } from "../../dist/data/synthetic/synthetic-digits.js";
import { encodeIdxHeader } from "../../dist/formats/idx.js";

const PIXELS = 28 * 28;
const COUNTS = { train: 840, t10k: 120 };
const ROWS = 400;

/** Writes digits as four IDX files, and tables with a class and with a number to learn; tells where they are. */
export function writeData(folder) {
  const mnist = join(folder, "mnist");
  mkdirSync(mnist);
  const { features, targets } = syntheticDigits({ count: COUNTS.train + COUNTS.t10k });
  let start = 0;
  for (const [part, count] of Object.entries(COUNTS)) {
    const images = features.data.subarray(start * PIXELS, (start + count) * PIXELS);
    const labels = Uint8Array.from(targets.labels.subarray(start, start + count));
    writeFileSync(
      join(mnist, `${part}-images-idx3-ubyte`),
      Buffer.concat([encodeIdxHeader("images", [count, 28, 28]), images]),
    );
    writeFileSync(
      join(mnist, `${part}-labels-idx1-ubyte`),
      Buffer.concat([encodeIdxHeader("labels", [count]), labels]),
    );
    start += count;
  }
  const table = join(folder, "table.csv");
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const [x, y] = [Math.sin(i) * 3, Math.cos(i * i)];
    const colour = ["red", "green", "blue"][i % 3];
    return [x, y, colour, x * y + (i % 3), x > y ? "above" : "below"].join(",");
  });
  writeFileSync(table, `x,y,colour,value,side\n${rows.join("\n")}\n`);
  return { mnist, table };
}
