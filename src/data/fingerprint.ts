import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Dataset } from "./dataset.js";
import { type DatasetOrStream, isStream } from "./stream.js";
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

/** Bytes that are hashed before the event loop gets its turn. */
const BYTES_A_TURN = 8 << 20;

/**
 * What tells these very examples, in their order, from others: the SHA-256 of all of their data and row numbers, about a second's work
 * for a gigabyte; of a stream what it says itself, or its sizes.
 *
 * @param known Digests of arrays that were made just before, added to: the parts of a split share their images.
 */
export async function examplesFingerprint(
  source: DatasetOrStream,
  known = new Map<ArrayBufferView, string>(),
): Promise<string> {
  if (isStream(source)) {
    const { count, features, targets, fingerprint: own } = source;
    return own === undefined ? JSON.stringify([count, features.width, outputCount(targets)]) : own();
  }
  const { features, targets, weights, rows } = source;
  const { data, ...format } = features;
  const { scale = 1, offset = 0 } = format.kind === "bytes" ? format : {};
  const hash = createHash("sha256").update(
    JSON.stringify([format.kind, format.width, scale, offset, targets.kind, outputCount(targets)]),
  );
  const arrays = [data, targets.kind === "classes" ? targets.labels : targets.data, weights, rows];
  for (const array of arrays) {
    if (array === undefined) continue;
    const digest = known.get(array) ?? (await digestOf(array));
    known.set(array, digest);
    hash.update(`${array.constructor.name} ${array.length} ${digest}\n`);
  }
  return hash.digest("hex");
}

async function digestOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Promise<string> {
  const hash = createHash("sha256");
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  for (let start = 0; start < bytes.length; start += BYTES_A_TURN) {
    hash.update(bytes.subarray(start, start + BYTES_A_TURN));
    await setImmediate();
  }
  return hash.digest("hex");
}
