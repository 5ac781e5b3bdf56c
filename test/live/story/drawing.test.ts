import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareDigit } from "../../../src/data/readers/digit-image.js";
import type { Drawings, Overview } from "../../../src/live/protocol.js";
import { cli, expectSuccess, MAIN, startProgram } from "../../cli/harness.js";
import { testImage } from "../../cli/small-data.js";
import {
  type Browser,
  chromiumPath,
  launchChromium,
  type OpenedPage,
  openAddress,
} from "../../support/chromium.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { drawWithFinger, drawWithMouse } from "./hand.js";
import { button, newcomersPlace, type Place, serveHere, soon, trainSmall } from "./live-page.js";
import { rasteriseStrokes } from "./rasterise-strokes.js";
import { ask, tell } from "./served.js";
import { type Sheet, sheetOf } from "./sheet.js";
import { STROKE_SCRIPTS, strokeScript } from "./strokes.js";

const folder = temporaryFolder();
const run = join(folder, "runs", "small");
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

describe.skipIf(chromiumPath === null)("whoever draws a digit", () => {
  let browser: Browser;
  let place: Place;
  beforeAll(async () => {
    place = await newcomersPlace(folder);
    await trainSmall(place, run);
    browser = await launchChromium({ onlyLoopback: true });
  });
  afterAll(() => browser?.close());

  it("sees what the network reads it as, why, and what lights up in it; a reload keeps the drawing", async () => {
    const { page, sheet, faults, requests } = await openSheet();
    const answers: string[] = [];
    for (const digit of DIGITS) {
      await drawWithMouse(page, sheet.canvas, strokeScript(digit));
      answers.push(await sheet.answer());
      expect(await page.locator(".class-bars tbody tr").count()).toBe(10);
      if (digit < 9) await sheet.clear();
    }
    await page.getByRole("img", { name: /^The drawing as the network sees it, 28 by 28/ }).waitFor();
    await page.getByRole("img", { name: /^The pixels that speak for/ }).waitFor();
    await page.getByText("32 relu units").waitFor();
    await page.reload();
    expect(await sheet.answer()).toBe(answers.at(-1));
    expect([faults, requests]).toEqual([[], []]);
  });

  it("does so with a finger on a phone", async () => {
    const { page, sheet, faults } = await openSheet({
      viewport: { width: 375, height: 800 },
      hasTouch: true,
      isMobile: true,
    });
    const script = strokeScript(4, "open");
    await drawWithFinger(page, sheet.canvas, script);
    await sheet.answer();
    await page.getByRole("application", { name: "Sheet to draw on, 2 strokes" }).waitFor();
    expect(faults).toEqual([]);
  });

  it("is told the same of a picture as by predict", async () => {
    const { page, sheet, faults } = await openSheet();
    for (const row of [0, 1, 2]) {
      const path = join(folder, `digit-${row}.png`);
      const { pixels } = testImage(row);
      writeFileSync(path, encode({ width: 28, height: 28, channels: 1, depth: 8, data: pixels }));
      const model = join(run, "model.safetensors");
      const told = expectSuccess(await cli(["predict", model, path, "--json"], place.environment));
      await page.getByLabel("Upload a picture").and(page.locator("input")).setInputFiles(path);
      await page.getByRole("img", { name: `Given: digit-${row}.png` }).waitFor();
      expect(await sheet.answer()).toBe(String((JSON.parse(told) as { predicted: number }).predicted));
    }
    expect(faults).toEqual([]);
  });

  it("says what it was, and trains a network on such drawings", async () => {
    const served = await serveHere(place, [join(folder, "runs")]);
    const { page, faults } = await openAddress(browser, `${served.address}#draw`);
    const sheet = sheetOf(page);
    for (const digit of DIGITS) {
      await drawWithMouse(page, sheet.canvas, strokeScript(digit));
      await sheet.answer();
      await button(page, new RegExp(`^This was an? ${digit}$`)).click();
      const count = digit === 0 ? "There is 1 drawing of yours" : `There are ${digit + 1} drawings of yours`;
      await soon(() => page.locator("[data-kept]").textContent()).toContain(count);
      await button(page, "Draw the next one").click();
    }
    const byHand = await ask<Drawings>(served.address, "api/drawings");
    expect(byHand.perClass).toEqual(DIGITS.map(() => 1));
    const drawings = await drawMore(served.address);
    await page.reload();
    expect(await page.locator(".draw-command code").textContent()).toBe(drawings.command);
    const [program, name, ...args] = drawings.command?.split(" ") ?? [];
    expect([program, name]).toEqual(["npx", "mnist-native"]);
    // Where the server is, as its places begin there.
    const words = [MAIN, ...args, "--epochs", "1"];
    const { finished } = startProgram(process.execPath, words, place.environment, place.folder);
    expectSuccess(await finished);
    // It is kept where the page shows it.
    await soon(async () => (await ask<Overview>(served.address, "api/overview")).runs[0]?.dataset).toBe(
      "your drawings",
    );

    await button(page, "Take the last one back").click();
    await soon(() => page.locator("[data-kept]").textContent()).toContain(
      `There are ${drawings.count - 1} drawings of yours`,
    );
    expect(faults).toEqual([]);
  });

  async function openSheet(
    options: Parameters<typeof openAddress>[2] = {},
  ): Promise<OpenedPage & { readonly sheet: Sheet }> {
    const { address } = await serveHere(place, [run]);
    const opened = await openAddress(browser, `${address}#draw`, options);
    return { ...opened, sheet: sheetOf(opened.page) };
  }
});

/** A diligent person's drawings: as many as a training takes, and no more. */
async function drawMore(address: string): Promise<Drawings> {
  for (;;) {
    for (const script of STROKE_SCRIPTS) {
      const { pixels } = prepareDigit(rasteriseStrokes(script, 22), [28, 28]);
      const body = { width: 28, height: 28, pixels: Buffer.from(pixels).toString("base64") };
      const drawings = await tell<Drawings>(address, "api/drawings", { label: script.digit, ...body });
      if (drawings.command !== null) return drawings;
    }
  }
}
