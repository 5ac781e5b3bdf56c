import { decodeDrawing } from "../../../../src/live/client/draw/drawing-code.js";
import { type Browser, type ContextOptions, openAddress, type Page } from "../../../support/chromium.js";
import type { MadeUpServer } from "./made-up-server.js";
import { type Line, penFor } from "./pen.js";

export const SEVEN: Line = [
  [0.25, 0.2],
  [0.75, 0.2],
  [0.45, 0.85],
];
export const BAR: Line = [
  [0.35, 0.5],
  [0.7, 0.5],
];

export const strokesIn = async (page: Page) =>
  decodeDrawing(
    new URLSearchParams((await page.evaluate<string>("location.hash")).split("?")[1]).get("drawing") ?? "",
  );

/** How many pixels of the sheet have ink. */
export const inkOn = (page: Page) =>
  page.evaluate<number>(`(() => {
    const canvas = document.querySelector(".draw-canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 3 && value > 127).length;
  })()`);

export const headline = (page: Page) => page.locator("[data-predicted='7']");

/** Draws upright lines by a pen that is pressed so hard, 0 to 1, at a place from the left. */
export async function penBy(page: Page) {
  const box = await page.locator(".draw-canvas").boundingBox();
  if (box === null) throw new Error("The sheet is not to be seen.");
  const pen = await page.context().newCDPSession(page);
  return async (pointerType: "pen" | "mouse", left: number, force: number) => {
    const x = box.x + left * box.width;
    for (const [type, top, buttons] of [
      ["mousePressed", 0.2, 1],
      ["mouseMoved", 0.5, 1],
      ["mouseMoved", 0.8, 1],
      ["mouseReleased", 0.8, 0],
    ] as const) {
      const y = box.y + top * box.height;
      await pen.send("Input.dispatchMouseEvent", {
        type,
        x,
        y,
        button: "left",
        buttons,
        clickCount: 1,
        pointerType,
        force,
      });
    }
  };
}

/** Waits until the test's own condition holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Opens the Draw view in a window of its own, with a pen over its sheet: a finger where there is touch. */
export async function openSheet(
  browser: Browser,
  server: MadeUpServer,
  options: ContextOptions = {},
  hash = "#draw",
) {
  const opened = await openAddress(browser, `${server.url}${hash}`, options);
  return { ...opened, pen: await penFor(opened.page, options.hasTouch ? "finger" : "mouse") };
}
