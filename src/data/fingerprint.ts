import { createHash } from "node:crypto";
import type { Dataset } from "./dataset.js";
import { outputCount, targetCount } from "./targets.js";

/** One image in so many is looked at: enough to tell data sets apart, and less than a millisecond's work for MNIST. */
const STEP = 64;

/**
 * What tells one data set from another: the SHA-256, in hexadecimal digits, of the sizes, of every target and weight, and of every 64th
 * image; of a table, of every row. Which rows are selected does not matter, so that all parts of a split have one fingerprint.
 */
export function fingerprint({ features, targets, weights }: Dataset): string {
  const { width } = features;
  const count = targetCount(targets);
  const kinds = `${features.kind === "floats" ? " floats" : ""}${targets.kind === "values" ? " values" : ""}`;
  const hash = createHash("sha256").update(`${count} ${width} ${outputCount(targets)}${kinds}\n`);
  hash.update(targets.kind === "classes" ? targets.labels : targets.data);
  if (weights !== undefined) hash.update(weights);
  if (features.kind === "floats") return hash.update(features.data).digest("hex");
  for (let row = 0; row < count; row += STEP) {
    hash.update(features.data.subarray(row * width, (row + 1) * width));
  }
  return hash.digest("hex");
}
