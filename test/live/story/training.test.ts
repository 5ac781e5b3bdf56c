import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatPercent } from "../../../src/live/client/parts/format.js";
import {
  type Browser,
  chromiumPath,
  launchChromium,
  openAddress,
  type Page,
} from "../../support/chromium.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import {
  button,
  newcomersPlace,
  type Place,
  runInAddress,
  serveHere,
  soon,
  stateOfRun,
} from "./live-page.js";
import { detailOf, eventually, runsOf } from "./served.js";

const folder = temporaryFolder();

describe.skipIf(chromiumPath === null)("whoever has never trained a network", () => {
  let browser: Browser;
  let place: Place;
  beforeAll(async () => {
    place = await newcomersPlace(folder);
    browser = await launchChromium({ onlyLoopback: true });
  });
  afterAll(() => browser?.close());

  it("trains one from the page, steers another, loses nothing by a reload, and compares the two", async () => {
    const { address } = await serveHere(place);
    const { page, faults, requests } = await openAddress(browser, address);

    await page.getByRole("heading", { name: "Nothing trained yet" }).waitFor();
    await fillIn(page, { units: "16", epochs: "2" });
    await button(page, "Start training").click();
    await soon(() => stateOfRun(page)).toBe("finished");
    const first = runInAddress(page);
    const { epochs } = await detailOf(address, first);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
    await soon(() => accuracyTable(page)).toEqual(accuracies(epochs));

    await page.getByRole("link", { name: "New run" }).click();
    await fillIn(page, { units: "24", epochs: "1000" });
    await button(page, "Start training").click();
    await soon(async () => (await runsOf(address)).length).toBe(2);
    await soon(async () => runInAddress(page)).not.toBe(first);
    const second = runInAddress(page);
    await eventually(
      () => detailOf(address, second),
      ({ epochs: had }) => had.length >= 2,
    );
    // In the middle of it.
    await page.reload();
    await button(page, "Pause").click();
    await soon(() => stateOfRun(page)).toBe("paused");
    const paused = await detailOf(address, second);
    expectWhole(paused);
    await soon(() => accuracyTable(page)).toEqual(accuracies(paused.epochs));

    await button(page, "One epoch").click();
    await eventually(
      () => detailOf(address, second),
      ({ run }) => run.epoch > paused.run.epoch && run.state === "paused",
    );
    await soon(() => stateOfRun(page)).toBe("paused");
    const stepped = await detailOf(address, second);
    expect(stepped.run.epoch - paused.run.epoch).toBe(1);

    await page.reload();
    await soon(() => stateOfRun(page)).toBe("paused");
    await soon(() => accuracyTable(page)).toEqual(accuracies(stepped.epochs));

    await button(page, "Go on").click();
    await eventually(
      () => detailOf(address, second),
      ({ run }) => run.epoch > stepped.run.epoch,
    );
    await button(page, "Stop").click();
    await soon(() => stateOfRun(page)).toBe("stopped");
    expectWhole(await detailOf(address, second));

    await page.getByRole("checkbox", { name: /^compare/ }).check();
    const names = (await runsOf(address)).map(({ name }) => name);
    const accuracy = page.locator(".chart-accuracy");
    for (const name of names) {
      await accuracy
        .getByRole("listitem")
        .filter({ hasText: `${name}, validation` })
        .waitFor();
    }
    expect(await page.evaluate("location.hash")).toContain(`with=${first}`);
    // A link shows the same.
    const linked = await openAddress(browser, page.url());
    await linked.page
      .locator(".chart-accuracy")
      .getByRole("listitem")
      .filter({ hasText: `${names[1]}, validation` })
      .waitFor();
    expect([faults, requests, linked.faults, linked.requests]).toEqual([[], [], [], []]);
  });
});

async function fillIn(page: Page, { units, epochs }: { units: string; epochs: string }): Promise<void> {
  await page.getByLabel("Units of hidden layer 1").fill(units);
  await page.getByLabel("Epochs", { exact: true }).fill(epochs);
  await page.getByLabel("Vary the images").uncheck();
}

type Detail = Awaited<ReturnType<typeof detailOf>>;

/** No epoch is missing, none is there twice, and samples are in order. */
function expectWhole({ epochs, samples, run }: Detail): void {
  expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: run.epoch }, (_, i) => i + 1));
  const steps = samples.map(({ step }) => step);
  expect(steps.length).toBeGreaterThan(0);
  expect(steps).toEqual([...new Set(steps)].toSorted((a, b) => a - b));
}

/** What the page's table of accuracies says, row by row; it leaves some out where there are many. */
async function accuracyTable(page: Page): Promise<string[][]> {
  const chart = page.locator(".chart-accuracy");
  if ((await chart.locator("details[open]").count()) === 0) await chart.locator("summary").click();
  await chart.locator("table").waitFor();
  return page.evaluate(`[...document.querySelectorAll(".chart-accuracy tbody tr")].map((row) =>
    [...row.cells].map((cell) => cell.textContent))`);
}

function accuracies(epochs: Detail["epochs"]): string[][] {
  const step = Math.max(1, Math.ceil(epochs.length / 60));
  return epochs
    .filter(({ epoch }) => epoch % step === 0 || epoch === epochs.length)
    .map(({ epoch, trainAccuracy, validAccuracy }) => [
      String(epoch),
      formatPercent(trainAccuracy),
      formatPercent(validAccuracy),
    ]);
}
