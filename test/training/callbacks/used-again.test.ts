import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import type { Callback } from "../../../src/training/callback.js";
import { adaptive } from "../../../src/training/callbacks/adaptive.js";
import { checkpointing } from "../../../src/training/callbacks/checkpointing.js";
import { csvLog } from "../../../src/training/callbacks/csv-log.js";
import { earlyStopping } from "../../../src/training/callbacks/early-stopping.js";
import { jsonlLog } from "../../../src/training/callbacks/jsonl-log.js";
import { reduceOnPlateau } from "../../../src/training/callbacks/reduce-on-plateau.js";
import { type FitOptions, fit } from "../../../src/training/fit.js";
import { encodeModel } from "../../../src/training/model-file.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { quarters } from "../datasets.js";

const folder = temporaryFolder();
const backend = createJavaScriptBackend();

/** What came out of a training, without its times. */
async function outcome(callback: Callback, options: FitOptions) {
  const network = new MultilayerPerceptron({ layers: [16, 5, 4], backend });
  const { epochs, stopReason } = await fit(network, quarters(20), {
    epochs: 8,
    batchSize: 5,
    callbacks: [callback],
    ...options,
  });
  return {
    epochs: epochs.map(({ seconds: _, ...figures }) => figures),
    stopReason,
    model: encodeModel(network),
  };
}

const GOOD: FitOptions = { validation: quarters(12, 2) };
/** Makes no gain, and no figure of it is as good as those of a good one. */
const POOR: FitOptions = { validation: quarters(8, 3), learningRate: 1e-9 };

describe("a callback in a second training", () => {
  it.each<readonly [string, () => Callback]>([
    ["earlyStopping", () => earlyStopping({ patience: 2, minDelta: 1e-4 })],
    ["reduceOnPlateau", () => reduceOnPlateau({ patience: 1, cooldown: 1 })],
    ["adaptive", () => adaptive({ nIterNoChange: 1 })],
  ])("begins anew: %s", async (_, create) => {
    const callback = create();
    await outcome(callback, GOOD);
    expect(await outcome(callback, POOR)).toEqual(await outcome(create(), POOR));
  });

  it("says that there is no validation set, though there was one in the first", async () => {
    const callback = earlyStopping({ patience: 2 });
    await outcome(callback, GOOD);
    await expect(outcome(callback, {})).rejects.toThrow("The training has no validation set to measure");
  });

  it("writes the best of its own epochs", async () => {
    const written: string[] = [];
    const callback = checkpointing({ write: async (name) => void written.push(name) });
    await outcome(callback, { ...GOOD, epochs: 1 });
    written.length = 0;
    await outcome(callback, { ...POOR, epochs: 1 });
    expect(written).toEqual(["best.safetensors", "last.safetensors"]);
    written.length = 0;
    await outcome(callback, { epochs: 1 }); // By the loss of the training set.
    expect(written).toEqual(["best.safetensors", "last.safetensors"]);
  });

  it.each([csvLog, jsonlLog])("has the rows of the second: %o", async (log) => {
    const path = join(folder, log.name);
    const callback = log(path);
    await outcome(callback, GOOD);
    await outcome(callback, { epochs: 1 });
    const rows = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(rows).toHaveLength(log === csvLog ? 2 : 1);
  });
});
