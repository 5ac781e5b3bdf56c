import type { Page } from "../../../support/chromium.js";

/** Places on the sheet, 0 to 1 from the left and from the top. */
export type Line = readonly (readonly [x: number, y: number])[];

export interface Pen {
  /** Draws a line without lifting the pen. */
  draw(line: Line): Promise<void>;
}

/** A mouse or a finger over the sheet of the page's Draw view. */
export async function penFor(page: Page, pointer: "mouse" | "finger" = "mouse"): Promise<Pen> {
  const sheet = page.locator(".draw-canvas");
  await sheet.waitFor();
  await sheet.scrollIntoViewIfNeeded();
  const box = await sheet.boundingBox();
  if (box === null) throw new Error("The sheet is not to be seen.");
  const placed = (line: Line) =>
    line.map(([x, y]) => ({ x: box.x + x * box.width, y: box.y + y * box.height }));
  if (pointer === "mouse") return { draw: (line) => drawByMouse(page, placed(line)) };
  return { draw: (line) => drawByFinger(page, placed(line)) };
}

type Places = readonly { readonly x: number; readonly y: number }[];

async function drawByMouse({ mouse }: Page, places: Places): Promise<void> {
  const [first = { x: 0, y: 0 }, ...others] = places;
  await mouse.move(first.x, first.y);
  await mouse.down();
  for (const { x, y } of others) await mouse.move(x, y, { steps: 4 });
  await mouse.up();
}

async function drawByFinger(page: Page, places: Places): Promise<void> {
  const debuggerOfPage = await page.context().newCDPSession(page);
  const touch = (type: string, touchPoints: Places) =>
    debuggerOfPage.send("Input.dispatchTouchEvent", { type, touchPoints });
  const [first = { x: 0, y: 0 }, ...others] = places;
  await touch("touchStart", [first]);
  for (const place of others) await touch("touchMove", [place]);
  await touch("touchEnd", []);
}
