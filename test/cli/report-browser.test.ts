import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { loadMnist } from "../../src/data/readers/mnist.js";
import { readRun } from "../../src/runs/read-run.js";
import type { EpochMetrics } from "../../src/training/history.js";
import { loadModel } from "../../src/training/model-file.js";
import { predict } from "../../src/training/predict.js";
import { type Browser, chromiumPath, launchChromium, openFile } from "../support/chromium.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const run = join(folder, "run");

describe.skipIf(chromiumPath === null)("the report of a run, in a browser,", { concurrent: false }, () => {
  const data = writeSmallData(folder, "data");
  const path = join(run, "report.html");
  let browser: Browser;
  let epochs: readonly EpochMetrics[];

  beforeAll(async () => {
    const options = ["--epochs", "5", "--learning-rate", "0.5", "--out", run];
    expectSuccess(await cli(["train", "--data-dir", data, ...options]));
    expectSuccess(await cli(["report", run]));
    ({ epochs } = await readRun(run));
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  /** What the page must say of an epoch, by metrics.jsonl. */
  function expected(index: number) {
    const { trainLoss, validLoss, trainAccuracy, validAccuracy, seconds } = epochs[index] as EpochMetrics;
    const short = (value: number) => String(Number(value.toPrecision(4)));
    const percent = (share: number) => `${(share * 100).toFixed(2)}\u00A0%`; // On one line.
    const place = `Epoch ${index + 1}: `;
    return {
      loss: `${place}Training ${short(trainLoss)} · Validation ${short(validLoss)}`,
      accuracy: `${place}Training ${percent(trainAccuracy)} · Validation ${percent(validAccuracy)}`,
      time: `${place}${short(seconds)}\u00A0s`,
    };
  }

  it("shows the values that metrics.jsonl holds, under the pointer", async () => {
    const { page, faults, requests } = await openFile(browser, path);
    const readouts = page.locator(".readout");
    const point = (figure: number, line: number, index: number) =>
      page.locator(`figure >> nth=${figure} >> .point[data-line="${line}"][data-index="${index}"]`);
    const last = expected(4);
    expect(await readouts.allTextContents()).toEqual([last.loss, last.accuracy, last.time]);
    for (const index of [0, 1, 3]) {
      const { loss, accuracy, time } = expected(index);
      await point(0, 0, index).hover({ force: true });
      expect((await readouts.allTextContents()).slice(0, 2)).toEqual([loss, accuracy]);
      await point(3, 0, index).hover({ force: true });
      expect(await readouts.nth(2).textContent()).toBe(time);
    }
    await point(1, 1, 2).hover({ force: true });
    expect(await readouts.nth(1).textContent()).toBe(expected(2).accuracy);
    expect([faults, requests]).toEqual([[], []]);
  });

  it("shows them by keyboard, to screen readers as well", async () => {
    const { page } = await openFile(browser, path);
    const slider = page.locator("#curves input");
    await slider.focus();
    await page.keyboard.press("ArrowLeft");
    const { loss, accuracy } = expected(3);
    expect((await page.locator(".readout").allTextContents()).slice(0, 2)).toEqual([loss, accuracy]);
    expect(await slider.getAttribute("aria-valuetext")).toBe(`${loss}. ${accuracy}`);
    await page.keyboard.press("Home");
    expect(await page.locator(".readout").nth(0).textContent()).toBe(expected(0).loss);
  });

  it("opens the images behind a cell, and those alone, by click and by Enter", async () => {
    const { network } = await loadModel(join(run, "model.safetensors"), {
      backend: createJavaScriptBackend(),
    });
    const { test } = await loadMnist({ directory: data });
    const { classes } = await predict(network, test);
    const positionsIn = (trueClass: number, predicted: number) =>
      [...test.rows.keys()].filter(
        (i) => test.targets.labels[test.rows[i] as number] === trueClass && classes[i] === predicted,
      );
    const { page, faults } = await openFile(browser, path);
    const shown = async () => {
      const numbers = await page.locator(".behind > div:not([hidden]) small").allTextContents();
      return numbers.map((text) => Number(text.replace("no. ", ""))).toSorted((a, b) => a - b);
    };
    const button = (trueClass: number, predicted: number) =>
      page.locator(`td[data-true="${trueClass}"][data-predicted="${predicted}"] button`);

    let opened = 0;
    for (let trueClass = 0; trueClass < 10; trueClass++) {
      for (let predicted = 0; predicted < 10; predicted++) {
        const positions = positionsIn(trueClass, predicted);
        expect(await button(trueClass, predicted).count()).toBe(positions.length > 0 ? 1 : 0);
        // A cell of correct images shows no more than 24 of them.
        if (positions.length === 0 || positions.length > 24) continue;
        await button(trueClass, predicted).click();
        expect(await shown()).toEqual(positions);
        expect(await button(trueClass, predicted).getAttribute("aria-current")).toBe("true");
        opened += 1;
      }
    }
    expect(opened).toBeGreaterThan(10);

    // From the first cell of some row to the next one in it, with the keyboard.
    const row = Array.from({ length: 10 }, (_, t) =>
      Array.from({ length: 10 }, (__, p) => p).filter((p) => positionsIn(t, p).length > 0),
    );
    const trueClass = row.findIndex((filled) => filled.length > 1);
    const [first = 0, second = 0] = row[trueClass] ?? [];
    await button(trueClass, first).click();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    expect(await page.locator(".behind > div:not([hidden])").getAttribute("data-cell")).toBe(
      `${trueClass},${second}`,
    );
    expect(await page.locator(".matrix button[tabindex='0']").count()).toBe(1);
    expect(faults).toEqual([]);
  });
});
