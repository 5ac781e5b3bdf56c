import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { tensorBoard } from "../../../src/interchange/tensorboard/tensorboard.js";
import type { Callback } from "../../../src/training/callback.js";
import { decodeCheckpoint } from "../../../src/training/checkpoint-file.js";
import { pythonWith, runPython } from "../../support/python.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { ALL, make, run } from "./board-runs.js";

const root = temporaryFolder();
const python = pythonWith("tensorboard");

describe.skipIf(python === undefined)("TensorBoard's own reader", () => {
  it("finds in the files what was written", async () => {
    const folder = join(root, "read by TensorBoard");
    const backend = createJavaScriptBackend();
    const saved: Uint8Array[] = [];
    const keep: Callback = { onCheckpoint: (context) => void saved.push(context.encodeCheckpoint()) };
    await run(make(backend), [tensorBoard(folder, ALL), keep]);
    // Once more from the second epoch on, so that it has to take something back.
    const resume = decodeCheckpoint(saved[8] as Uint8Array, { backend });
    const { epochs } = await run(make(backend), [tensorBoard(folder, ALL), keep], { resume });
    const program = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
everything = {"scalars": 0, "histograms": 0, "images": 0}
events = EventAccumulator(sys.argv[1], size_guidance=everything).Reload()
histogram = lambda tag: [[e.step, e.histogram_value.num] for e in events.Histograms(tag)]
print(json.dumps({
  "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]},
  "histograms": {tag: histogram(tag) for tag in events.Tags()["histograms"]},
  "images": [[e.width, e.height] for tag in events.Tags()["images"] for e in events.Images(tag)],
  "hparams": sorted(events.SummaryMetadata(tag).plugin_data.plugin_name for tag in events.Tags()["tensors"]),
}))`;
    const found = JSON.parse(
      runPython(python as string, program, [folder])
        .trim()
        .split("\n")
        .at(-1) as string,
    );
    expect(found.scalars["loss/validation"]).toEqual(
      epochs.map(({ step, validLoss }) => [step, Math.fround(validLoss)]),
    );
    expect(found.histograms["gradients/layers.0.weight"]).toEqual([5, 10, 15].map((step) => [step, 36 * 9]));
    expect(found.scalars["loss/step"].map(([step]: readonly number[]) => step)).toEqual([
      2, 4, 6, 8, 10, 12, 14,
    ]);
    expect(found.images).toEqual(Array.from({ length: 12 }, () => [6, 6]));
    expect(found.hparams).toEqual(["hparams", "hparams"]);
  });
});
