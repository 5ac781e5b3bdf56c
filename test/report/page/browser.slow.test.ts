import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { comparisonPage } from "../../../src/report/page/comparison-page.js";
import type { ReportedRun } from "../../../src/report/page/reported-run.js";
import { runPage } from "../../../src/report/page/run-page.js";
import { sweepPage } from "../../../src/report/page/sweep-page.js";
import {
  type Browser,
  brokenWords,
  chromiumPath,
  launchChromium,
  openFile,
  overflow,
  seriousFaults,
  stickingOut,
} from "../../support/chromium.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { type SampleOptions, sampleRun } from "./sample-run.js";
import { sampleSweep } from "./sample-sweep.js";

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
  [
    "class names of many kinds",
    () =>
      one({
        classes: 6,
        mistakeEvery: 2,
        classNames: ["T-shirt/top", "Trouser", "<b>&\"'", "سروال", "長袖シャツ", "Ankle boot"],
      }),
  ],
  ["one class", () => one({ classes: 1, mistakeEvery: 0 })],
  ["40 classes", () => one({ classes: 40, images: 400 })],
  ["a run in Arabic", () => one({ name: 'تجربة <1> & "x" 訓練' })],
  ["32 x 32 images", () => one({ imageShape: [32, 32] })],
  ["no mistakes", () => one({ mistakeEvery: 0 })],
  ["a loss that is not a number", () => runPage(diverged(), "")],
  ["no epoch", () => runPage({ ...sampleRun(), epochs: [], weights: null, test: null }, "")],
  [
    "eight runs",
    () =>
      comparisonPage(
        [...Array(8).keys()].map((i) => sampleRun({ name: `run ${i}`, epochs: 2 + i })),
        "",
      ),
  ],
  [
    "four runs",
    () =>
      comparisonPage(
        [2, 3, 4, 5].map((epochs) => sampleRun({ name: `${LONG}-${epochs}`, epochs })),
        "",
      ),
  ],
  ["a sweep", () => sweepPage(sampleSweep(), "Made by a test")],
  ["a sweep with halving", () => sweepPage(sampleSweep({ rungs: [1, 3, 9] }), "")],
  [
    "a sweep with seeds",
    () => sweepPage(sampleSweep({ seeds: 3, trials: 9, metric: "validation.loss" }), ""),
  ],
  [
    "a sweep with halving and seeds",
    () => sweepPage(sampleSweep({ seeds: 2, trials: 12, rungs: [1, 3, 9] }), ""),
  ],
  ["a sweep that has hardly begun", () => sweepPage(sampleSweep({ done: 1 }), "")],
  ["a sweep that has failed", () => sweepPage(sampleSweep({ failEvery: 1 }), "")],
  [
    "a sweep with names of many kinds",
    () => sweepPage(sampleSweep({ name: LONG.repeat(2), activations: [LONG, "<b>&\"'", "سروال"] }), ""),
  ],
  ["a sweep of 150 trials", () => sweepPage(sampleSweep({ trials: 150, rungs: [1, 3, 9, 27] }), "")],
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
    const { page, faults, requests } = await openFile(browser, path);
    for (const [width, colorScheme] of [
      [1280, "light"],
      [375, "dark"],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      expect(await overflow(page)).toBe(0);
      expect(await seriousFaults(page)).toEqual([]);
      expect(faults).toEqual([]);
      expect(requests).toEqual([]);
    }
  });

  it.each(PAGES)(
    "%s fits on telephones and on paper, with no word of ordinary length broken",
    async (name, draw) => {
      const path = join(folder, `${name} on a telephone.html`);
      writeFileSync(path, draw());
      // Opened once, which takes longer than all that follows: nothing in it asks for the width but its style sheet.
      // A4 has 210 mm, of which 28 are margins.
      const { page } = await openFile(browser, path, {
        viewport: { width: 687, height: 970 },
        colorScheme: "dark",
      });
      await page.emulateMedia({ media: "print" });
      expect([await overflow(page), await stickingOut(page)]).toEqual([0, []]);
      await page.emulateMedia({ media: "screen", colorScheme: "light" });
      await page.evaluate(
        "document.querySelectorAll('details').forEach((details) => { details.open = true; })",
      );
      for (const width of [320, 360, 375, 414]) {
        await page.setViewportSize({ width, height: 800 });
        expect([width, await overflow(page), await stickingOut(page), await brokenWords(page)]).toEqual([
          width,
          0,
          [],
          [],
        ]);
      }
    },
  );

  it("one run has charts whose text can be read on a telephone", async () => {
    const path = join(folder, "chart-text.html");
    writeFileSync(path, one({}));
    const { page } = await openFile(browser, path, { viewport: { width: 320, height: 800 } });
    const heights = await page.evaluate<number[]>(
      "[...document.querySelectorAll('figure svg text')].map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a || 99)",
    );
    expect(heights.length).toBeGreaterThan(50);
    expect(Math.min(...heights.filter((height) => height > 0))).toBeGreaterThanOrEqual(8.9);
  });

  it("one run of a name of 200 characters keeps its result on a telephone's first screen", async () => {
    const path = join(folder, "long-name.html");
    writeFileSync(path, one({ name: "experiment-with-".repeat(13) }));
    const { page } = await openFile(browser, path, { viewport: { width: 360, height: 800 } });
    const bottom = await page.evaluate("document.querySelector('.score').getBoundingClientRect().bottom");
    expect(bottom).toBeLessThan(640);
  });

  it("every figure has a caption of its own, and says it once", async () => {
    const path = join(folder, "captions.html");
    writeFileSync(path, one({}));
    const { page } = await openFile(browser, path);
    const captions = await page.locator("figure > figcaption").allTextContents();
    expect(captions).toHaveLength(await page.locator("figure").count());
    expect(new Set(captions).size).toBe(captions.length);
    expect(await page.locator("figure svg text[font-weight='600']").count()).toBe(0);
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
    const mayBreak = await page.evaluate(
      "[...document.querySelectorAll('figure, section p, tr, .matrix, pre')].filter((element) => getComputedStyle(element).breakInside !== 'avoid').length",
    );
    expect(mayBreak).toBe(0);
    expect(await page.evaluate("getComputedStyle(document.querySelector('.point.on')).fill")).toBe("none");
    expect((await page.pdf({ format: "A4" })).length).toBeGreaterThan(20_000);
  });
});
