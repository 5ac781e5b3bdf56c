// Data of one's own, in two forms that train takes: a CSV file, and a folder of PNG files for each class. The digits come
// from the program here; yours come from wherever you have them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { syntheticDigits } from "mnist-native";

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error("Name the folder to write to: node examples/own-data.mjs FOLDER");
  process.exit(2);
}

const { features, targets } = syntheticDigits({ count: 2000 });
const { data: images, imageShape } = features;
const { labels } = targets;
const [height, width] = imageShape;
const pixelsOf = (row) => images.subarray(row * height * width, (row + 1) * height * width);

// A line an image, with a header: the pixels row by row, 0 to 255, and the label in a column of its own.
const header = [...pixelsOf(0).keys()].map((pixel) => `pixel${pixel}`);
const lines = Array.from(labels, (label, row) => [...pixelsOf(row), label].join(","));
mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, "digits.csv"), `${[...header, "digit"].join(",")}\n${lines.join("\n")}\n`);

// The name of a picture's folder is its class.
for (const [row, label] of labels.entries()) {
  const folder = join(directory, "digits", String(label));
  mkdirSync(folder, { recursive: true });
  const png = encode({ width, height, channels: 1, depth: 8, data: pixelsOf(row) });
  writeFileSync(join(folder, `${row}.png`), png);
}
console.log(
  `Wrote ${labels.length} images to ${join(directory, "digits.csv")} and to ${join(directory, "digits")}.`,
);
