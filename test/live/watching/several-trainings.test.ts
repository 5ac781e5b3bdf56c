import { afterAll, describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import type { Overview, RunDetail } from "../../../src/live/protocol.js";
import { liveView } from "../../../src/live/watching/live-view.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import type { Callback } from "../../../src/training/callback.js";
import { fit } from "../../../src/training/fit.js";
import { quarters } from "../../training/datasets.js";

const dataset = quarters(30);
const network = () => new MultilayerPerceptron({ layers: [16, 3, 4], backend: createJavaScriptBackend() });

describe("a program that trains again and again with one live view", () => {
  const live = liveView({ port: 0, images: dataset, name: "Mine" });
  afterAll(() => live.close());

  const get = async (path: string): Promise<unknown> => (await fetch(new URL(path, live.address))).json();
  /** Once there are so many runs, and the newest of them has ended. */
  const runsOf = async (count: number) => {
    for (;;) {
      const { runs } = (await get("api/overview")) as Overview;
      const isOver = runs.length === count && ["finished", "failed"].includes(runs[0]?.state ?? "");
      if (isOver) return runs;
    }
  };

  it("shows each training as a run of its own, with all of its epochs", async () => {
    await fit(network(), dataset, { epochs: 2, callbacks: [live] });
    await fit(network(), dataset, { epochs: 3, callbacks: [live] });
    const runs = await runsOf(2);
    expect(runs.map(({ name, epoch, state, hasModel }) => [name, epoch, state, hasModel])).toEqual([
      [expect.stringContaining("Mine"), 3, "finished", true],
      ["Mine", 2, "finished", true],
    ]);
    const detail = (await get(`api/runs/${runs[0]?.id}`)) as RunDetail;
    expect(detail.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(detail.samples.length).toBeGreaterThan(0);
  });

  it("does not say of one that was cut short that it goes on", async () => {
    const failing: Callback = {
      onEpochEnd() {
        throw new Error("Enough.");
      },
    };
    await expect(fit(network(), dataset, { callbacks: [live, failing] })).rejects.toThrow("Enough.");
    await fit(network(), dataset, { epochs: 1, callbacks: [live] });
    const runs = await runsOf(4);
    expect(runs.slice(0, 2).map(({ state, isSteerable }) => [state, isSteerable])).toEqual([
      ["finished", false],
      ["failed", false],
    ]);
  });
});
