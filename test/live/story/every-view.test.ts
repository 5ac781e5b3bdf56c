import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  accessibilityFaults,
  type Browser,
  brokenWords,
  chromiumPath,
  launchChromium,
  openAddress,
  overflow,
  type Page,
  stickingOut,
} from "../../support/chromium.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { drawWithMouse } from "./hand.js";
import { button, goTo, newcomersPlace, type Place, serveHere, trainSmall } from "./live-page.js";
import { runsOf } from "./served.js";
import { strokeScript } from "./strokes.js";

const folder = temporaryFolder();
const WIDTHS = [375, 768, 1280, 1920];

describe.skipIf(chromiumPath === null)("every view", () => {
  let browser: Browser;
  let place: Place;
  beforeAll(async () => {
    place = await newcomersPlace(folder);
    await trainSmall(place, join(folder, "runs", "small"));
    await trainSmall(place, join(folder, "runs", "smaller"), ["--hidden", "8"]);
    browser = await launchChromium({ onlyLoopback: true });
  });
  afterAll(() => browser?.close());

  it.each(["light", "dark"] as const)(
    "is clean in %s, from phone to desktop, and asks nobody else",
    async (colorScheme) => {
      const { address } = await serveHere(place, [join(folder, "runs")]);
      const { page, faults, requests } = await openAddress(browser, address, { colorScheme });
      const [newest, other] = (await runsOf(address)).map(({ id }) => id);
      for (const [name, show] of Object.entries(viewsOf(newest ?? "", other ?? ""))) {
        await show(page);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          // Charts take their new width in the frame after.
          await page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
          );
          const place = `${name}, ${width} px`;
          expect({ place, faults: await accessibilityFaults(page) }).toEqual({ place, faults: [] });
          expect({ place, out: await stickingOut(page) }).toEqual({ place, out: [] });
          expect(await overflow(page), place).toBeLessThanOrEqual(0);
          expect({ place, broken: await brokenWords(page) }).toEqual({ place, broken: [] });
        }
      }
      expect([faults, requests]).toEqual([[], []]);
    },
    120_000,
  );

  it("is clean where there is nothing yet", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    const { address } = await serveHere(place, [empty]);
    const { page, faults, requests } = await openAddress(browser, address);
    for (const view of ["train", "draw", "look"]) {
      await goTo(page, `#${view}`);
      await page
        .locator(`nav a[aria-current="page"]`)
        .filter({ hasText: new RegExp(view, "i") })
        .waitFor();
      await page.locator("main h1").waitFor();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        const place = `${view}, ${width} px`;
        expect({ place, faults: await accessibilityFaults(page) }).toEqual({ place, faults: [] });
        expect(await overflow(page), place).toBeLessThanOrEqual(0);
        expect({ place, broken: await brokenWords(page) }).toEqual({ place, broken: [] });
      }
    }
    expect([faults, requests]).toEqual([[], []]);
  });
});

/** How each view is come to, and waits until all of it is there. */
function viewsOf(run: string, other: string): Record<string, (page: Page) => Promise<void>> {
  return {
    "a run": async (page) => {
      await goTo(page, `#train?run=${run}`);
      await page.locator(".weights-picture").waitFor();
      await page.locator("table.confusion").waitFor();
      await page.locator(".mistakes img").first().waitFor();
    },
    "two runs compared": async (page) => {
      await goTo(page, `#train?run=${run}&with=${other}`);
      await page
        .getByText(/, validation$/)
        .nth(1)
        .waitFor();
      await page.locator(".weights-picture").waitFor();
    },
    "the form for a new run": async (page) => {
      await goTo(page, `#train?run=${run}&new=quick`);
      await page.getByRole("heading", { name: "Start a new run" }).waitFor();
    },
    "an empty sheet": async (page) => {
      await goTo(page, `#draw?run=${run}`);
      await page.getByText("What is it?").waitFor();
    },
    "a drawing": async (page) => {
      await drawWithMouse(
        page,
        page.getByRole("application", { name: /^Sheet to draw on/ }),
        strokeScript(7),
      );
      await page.getByRole("img", { name: /^The pixels that speak for/ }).waitFor();
    },
    images: async (page) => {
      await goTo(page, `#look?run=${run}`);
      await page.locator(".image-tile img").first().waitFor();
    },
    "one image": async (page) => {
      await page.locator(".image-tile").first().click();
      await page.locator(".nearest-images .image-tile").first().waitFor();
    },
    "a map": async (page) => {
      await button(page.getByRole("dialog"), "Close").click();
      await goTo(page, `#look?run=${run}&map=pca`);
      await page.locator('.map-progress[data-state="finished"]').waitFor({ state: "attached" });
    },
  };
}
