import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readRun } from "../../src/runs/read-run.js";
import { loadCheckpoint } from "../../src/training/checkpoint-file.js";
import { loadModel } from "../../src/training/model-file.js";

/** What a run ended in, but for times: the same where the bits are. */
export async function resultOf(out: string) {
  const { epochs, config, summary } = await readRun(out);
  return {
    config,
    epochs: epochs.map((metrics) => ({ ...metrics, seconds: 0 })),
    summary: { ...summary, seconds: 0 },
    model: createHash("sha256")
      .update(readFileSync(join(out, "model.safetensors")))
      .digest("hex"),
    files: readdirSync(out, { recursive: true }).map(String).sort(),
  };
}

/** Reads every file of a run that is there; throws where one is not whole. */
export async function readAll(out: string): Promise<void> {
  const has = (...name: string[]) => existsSync(join(out, ...name));
  if (has("config.json")) await readRun(out);
  if (has("model.safetensors")) await loadModel(join(out, "model.safetensors"));
  for (const name of ["last.safetensors", "best.safetensors"]) {
    if (has("checkpoints", name)) await loadCheckpoint(join(out, "checkpoints", name));
  }
}
