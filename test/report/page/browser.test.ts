import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { comparisonPage } from "../../../src/report/page/comparison-page.js";
import type { ReportedRun } from "../../../src/report/page/reported-run.js";
import { runPage } from "../../../src/report/page/run-page.js";
import {
  type Browser,
  chromiumPath,
  launchChromium,
  openFile,
  overflow,
  seriousFaults,
} from "../../support/chromium.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { type SampleOptions, sampleRun } from "./sample-run.js";

const LONG = "a-class-with-a-name-that-is-much-longer-than-anybody-would-wish-for";

function diverged(): ReportedRun {
  const run = sampleRun();
  const epochs = run.epochs.map((epoch) => ({ ...epoch, trainLoss: Number.NaN, validLoss: Number.NaN }));
  const test = run.test && { ...run.test, confidences: new Float64Array(120).fill(Number.NaN) };
  return { ...run, epochs, test };
}

const one = (options: SampleOptions) => runPage(sampleRun(options), "Made by a test");
const PAGES: readonly [name: string, page: () => string][] = [
  ["one run", () => one({})],
  ["one epoch", () => one({ epochs: 1 })],
  ["two classes", () => one({ classes: 2, classNames: ["cat", "dog"] })],
  ["62 classes", () => one({ classes: 62, images: 620 })],
  ["long names", () => one({ name: LONG.repeat(3), classes: 3, classNames: [LONG, "b", "c"] })],
  ["32 x 32 images", () => one({ imageShape: [32, 32] })],
  ["no mistakes", () => one({ mistakeEvery: 0 })],
  ["a loss that is not a number", () => runPage(diverged(), "")],
  ["no epoch", () => runPage({ ...sampleRun(), epochs: [], weights: null, test: null }, "")],
  [
    "four runs",
    () =>
      comparisonPage(
        [2, 3, 4, 5].map((epochs) => sampleRun({ name: `${LONG}-${epochs}`, epochs })),
        "",
      ),
  ],
];

describe.skipIf(chromiumPath === null)("in a browser, a page of", () => {
  const folder = temporaryFolder();
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it.each(PAGES)("%s works, fits, and can be read by everybody", async (name, draw) => {
    const path = join(folder, `${name}.html`);
    writeFileSync(path, draw());
    for (const [width, colorScheme] of [
      [1280, "light"],
      [375, "dark"],
    ] as const) {
      const options = { viewport: { width, height: 900 }, colorScheme };
      const { page, faults, requests } = await openFile(browser, path, options);
      expect(await overflow(page)).toBe(0);
      expect(await seriousFaults(page)).toEqual([]);
      expect(faults).toEqual([]);
      expect(requests).toEqual([]);
    }
  });

  it("one run is whole without its script, but for values under the pointer and the images of other cells", async () => {
    const path = join(folder, "without-script.html");
    writeFileSync(path, one({}));
    const { page, faults } = await openFile(browser, path, { javaScriptEnabled: false });
    expect(faults).toEqual([]);
    expect(await page.locator(".behind > div:visible").count()).toBe(1);
    expect(await page.locator(".hint:visible, .scrub:visible").count()).toBe(0);
    expect(await page.locator("svg.mnist-figure:visible").count()).toBe(4);
  });

  it("one run can be printed, on white paper", async () => {
    const path = join(folder, "print.html");
    writeFileSync(path, one({}));
    const { page } = await openFile(browser, path, { colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    const paper = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(paper).toBe("rgb(255, 255, 255)");
    expect(await page.locator("nav:visible").count()).toBe(0);
    expect((await page.pdf({ format: "A4" })).length).toBeGreaterThan(20_000);
  });
});
