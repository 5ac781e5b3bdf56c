// What a run leaves, without the times: what a killed run must have in common with one that was not.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors } from "../../dist/formats/safetensors.js";
import { decodeCheckpoint } from "../../dist/training/checkpoint-file.js";

const LAST = join("checkpoints", "last.safetensors");
const BEST = join("checkpoints", "best.safetensors");
const read = (folder, name) => readFileSync(join(folder, name));

/** By file: text that is the same where the bits are. */
export function resultsIn(folder) {
  const lines = read(folder, "metrics.jsonl")
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => withoutTimes(line));
  return {
    names: readdirSync(folder, { recursive: true }).sort().join(" "),
    "model.safetensors": read(folder, "model.safetensors").toString("base64"),
    "metrics.jsonl": lines.join("\n"),
    "summary.json": withoutTimes(read(folder, "summary.json")),
    "config.json": read(folder, "config.json").toString(),
    [BEST]: networkIn(read(folder, BEST)),
    [LAST]: networkIn(read(folder, LAST)),
  };
}

/** The first file in which two runs differ; `undefined` where there is none. */
export function differenceOf(results, expected) {
  return Object.keys(expected).find((name) => results[name] !== expected[name]);
}

/** Where a killed run is. Throws when a file that it has is not whole. */
export function phaseOf(folder) {
  if (!existsSync(join(folder, "config.json"))) return "no settings";
  JSON.parse(read(folder, "config.json").toString());
  if (existsSync(join(folder, "summary.json"))) JSON.parse(read(folder, "summary.json").toString());
  if (existsSync(join(folder, "model.safetensors")))
    decodeSafetensors(read(folder, "model.safetensors"), "model");
  if (existsSync(join(folder, BEST))) decodeCheckpoint(read(folder, BEST));
  if (!existsSync(join(folder, LAST))) return "no checkpoint";
  const { isWithinEpoch } = decodeCheckpoint(read(folder, LAST)).state;
  return isWithinEpoch ? "within epoch" : "after epoch";
}

/** Names of what a killed process had begun to write. */
export function unfinishedIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).filter((name) => /\.tmp$|\.check-/.test(name));
}

/** The number of threads changes no bits either. */
function withoutTimes(json) {
  const { seconds: _, threads: __, ...others } = JSON.parse(json);
  return JSON.stringify(others);
}

function networkIn(bytes) {
  const { tensors } = decodeSafetensors(bytes, "checkpoint");
  const own = [...tensors].filter(([name]) => !name.startsWith("training."));
  return own
    .map(
      ([name, { data }]) =>
        `${name} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64")}`,
    )
    .join("\n");
}
