import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, chromiumPath, launchChromium, openAddress } from "../../support/chromium.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { newcomersPlace, type Place, runInAddress, serveHere, soon, stateOfRun } from "./live-page.js";
import { detailOf, eventually, tell } from "./served.js";

const folder = temporaryFolder();
const EPOCHS = 400;
const SETTINGS = {
  dataset: "mnist",
  hidden: [64],
  activation: "relu",
  loss: "crossEntropy",
  optimizer: "adam",
  learningRate: 0.001,
  batchSize: 10,
  epochs: EPOCHS,
  seed: 1,
  augment: false,
};

describe.skipIf(chromiumPath === null)("a server that is killed in the middle of a training", () => {
  let browser: Browser;
  let place: Place;
  beforeAll(async () => {
    place = await newcomersPlace(folder);
    browser = await launchChromium({ onlyLoopback: true });
  });
  afterAll(() => browser?.close());

  it("is started again, and its page goes on by itself, with the run and all its epochs", async () => {
    const killed = await serveHere(place);
    const { address } = killed;
    const { id } = await tell<{ id: string }>(address, "api/runs", SETTINGS);
    const { page } = await openAddress(browser, `${address}#train?run=${id}`);
    await eventually(
      () => detailOf(address, id),
      ({ epochs }) => epochs.length >= 2,
    );
    await soon(() => stateOfRun(page)).toBe("training");
    const before = await detailOf(address, id);
    await killed.kill();
    await page.locator('[data-connection="lost"]').waitFor({ state: "attached" });
    await soon(() => page.locator(".connection").textContent()).toContain("Start it again");

    await serveHere(place, ["--port", new URL(address).port]);
    await page.locator('[data-connection="open"]').waitFor({ state: "attached" });
    // The training is a process of its own, and has gone on.
    const after = await eventually(
      () => detailOf(address, id),
      ({ run }) => run.state === "finished" && run.testAccuracy !== null,
    );
    expect(after.epochs.slice(0, before.epochs.length)).toEqual(before.epochs);
    expect(after.epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: EPOCHS }, (_, i) => i + 1));
    await soon(() => stateOfRun(page)).toBe("finished");
    expect(runInAddress(page)).toBe(id);
  });
});
