import type { Locator, Page } from "../../support/chromium.js";
import { soon } from "./live-page.js";

const TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";

/** The Draw view's sheet, and what the page says of what is on it. */
export interface Sheet {
  readonly canvas: Locator;
  /** The class that the page takes the whole drawing for: the answer that no other follows. */
  answer(): Promise<string>;
  /** Takes a new sheet. */
  clear(): Promise<void>;
}

/** @param page Shows the Draw view, or will. */
export function sheetOf(page: Page): Sheet {
  const awaited = new Set<object>();
  page.on("request", (request) => {
    if (request.url().includes("/recognise")) awaited.add(request);
  });
  page.on("requestfinished", (request) => awaited.delete(request));
  page.on("requestfailed", (request) => awaited.delete(request));
  const isQuiet = async () => {
    await page.evaluate(TWO_FRAMES); // What has just been drawn is asked for, what was answered is shown.
    return awaited.size === 0;
  };
  return {
    canvas: page.getByRole("application", { name: /^Sheet to draw on/ }),
    async answer() {
      const headline = page.locator(".draw-headline[data-predicted]");
      await headline.waitFor();
      // An answer may be followed by the next question, which then is on its way two frames later.
      await soon(async () => (await isQuiet()) && (await isQuiet())).toBe(true);
      return (await headline.getAttribute("data-predicted")) ?? "";
    },
    async clear() {
      await page.getByRole("button", { name: "Clear", exact: true }).click();
      await page.getByText("What is it?").waitFor();
    },
  };
}
