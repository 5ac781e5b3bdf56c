import type { Box, Locator, Page } from "../../support/chromium.js";
import { CANVAS_SIDE, type Point, type StrokeScript } from "./strokes.js";

/** Draws with the mouse, on a canvas of any size. */
export async function drawWithMouse(page: Page, canvas: Locator, script: StrokeScript): Promise<void> {
  const place = await placeOn(canvas);
  for (const stroke of script.strokes) {
    const [first, ...others] = stroke.map(place);
    if (first === undefined) continue;
    await page.mouse.move(...first);
    await page.mouse.down();
    // A mouse waits for no page: several of its places come in one frame.
    await Promise.all(others.map((point) => page.mouse.move(...point)));
    await page.mouse.up();
  }
}

/** Draws with a finger, in a window that has touch. */
export async function drawWithFinger(page: Page, canvas: Locator, script: StrokeScript): Promise<void> {
  const place = await placeOn(canvas);
  const debuggerOfPage = await page.context().newCDPSession(page);
  const touch = (type: string, points: readonly Point[]) =>
    debuggerOfPage.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: points.map(([x, y]) => ({ x, y })),
    });
  for (const stroke of script.strokes) {
    const [first, ...others] = stroke.map(place);
    if (first === undefined) continue;
    await touch("touchStart", [first]);
    await Promise.all(others.map((point) => touch("touchMove", [point])));
    await touch("touchEnd", []);
  }
}

async function placeOn(canvas: Locator): Promise<(point: Point) => Point> {
  await canvas.scrollIntoViewIfNeeded();
  const box: Box | null = await canvas.boundingBox();
  if (box === null) throw new Error("There is no canvas to draw on.");
  return ([x, y]) => [box.x + (x / CANVAS_SIDE) * box.width, box.y + (y / CANVAS_SIDE) * box.height];
}
