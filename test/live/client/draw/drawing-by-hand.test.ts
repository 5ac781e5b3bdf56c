import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeDrawing } from "../../../../src/live/client/draw/drawing-code.js";
import { type Browser, chromiumPath, launchChromium } from "../../../support/chromium.js";
import { recognition, startMadeUpServer } from "./made-up-server.js";
import { BAR, headline, inkOn, openSheet, penBy, SEVEN, strokesIn, until } from "./sheet.js";

describe.skipIf(chromiumPath === null)("the sheet of the Draw view", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it("sends what a mouse draws, bright on black, and shows what comes back", async () => {
    const server = await startMadeUpServer();
    const { page, pen, faults, requests } = await openSheet(browser, server);
    await pen.draw(SEVEN);
    await headline(page).waitFor();
    expect(await headline(page).textContent()).toBe("It is a 7");
    expect(await page.locator(".draw-certainty").textContent()).toBe("quite sure (91\u00a0%)");
    expect(await page.locator(".class-bars tbody tr").count()).toBe(10);
    expect(await page.locator(".class-bars .is-found").textContent()).toBe("791\u00a0%");
    expect(await page.getByText("Red-brown pixels speak for a 7").count()).toBe(1);
    expect(
      await page.getByRole("img", { name: /^Layer 1, 128 relu units: \d+ units are bright/ }).count(),
    ).toBe(1);

    await until(() => strokesIn(page).then((strokes) => strokes.length === 1));
    const at = (x: number, y: number) =>
      server.asked.at(-1)?.pixels[Math.round(y * 280) * 280 + Math.round(x * 280)];
    // It is asked about on the way, too.
    await until(() => SEVEN.every(([x, y]) => at(x, y) === 255));
    const { width, height, pixels, run } = server.asked.at(-1) ?? {};
    expect([run, width, height, pixels?.length]).toEqual(["first", 280, 280, 280 * 280]);
    expect([at(0.5, 0.02), at(0.1, 0.6)]).toEqual([0, 0]);
    // The bar of the 7 is a twelfth of the side thick.
    const thickness = Array.from({ length: 280 }, (_, y) => at(0.5, y / 280) ?? 0).filter(
      (value, y) => value > 127 && y < 112,
    );
    expect(Math.abs(thickness.length - 280 / 12)).toBeLessThanOrEqual(2);
    expect(faults).toEqual([]);
    expect(requests).toEqual([]);
  });

  it("asks one at a time while it is drawn, and about the last state always", async () => {
    let [asking, most] = [0, 0];
    const waiting: (() => void)[] = [];
    const server = await startMadeUpServer({
      answer: async (asked) => {
        most = Math.max(most, ++asking);
        await new Promise<void>((resolve) => waiting.push(resolve));
        asking--;
        return recognition(asked);
      },
    });
    const { page, pen } = await openSheet(browser, server);
    await pen.draw(SEVEN);
    await pen.draw(BAR);
    await until(() => waiting.length === 1);
    await until(() => strokesIn(page).then((strokes) => strokes.length === 2));
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    waiting.shift()?.();
    await until(() => waiting.length === 1);
    waiting.shift()?.();
    await headline(page).waitFor();
    expect(most).toBe(1);
    expect(server.asked).toHaveLength(2);
    const { pixels = new Uint8Array() } = server.asked[1] ?? {};
    expect(pixels[Math.round(0.5 * 280) * 280 + Math.round(0.36 * 280)]).toBe(255); // The bar that was drawn last.
  });

  it("is drawn on by a finger, and a second one draws nothing", async () => {
    const server = await startMadeUpServer();
    const { page, pen } = await openSheet(browser, server, {
      viewport: { width: 375, height: 800 },
      hasTouch: true,
      isMobile: true,
    });
    await pen.draw(SEVEN);
    await headline(page).waitFor();
    const finger = await page.context().newCDPSession(page);
    const box = await page.locator(".draw-canvas").boundingBox();
    if (box === null) throw new Error("The sheet is not to be seen.");
    const touch = (type: string, ...places: [number, number][]) =>
      finger.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: places.map(([x, y], id) => ({
          x: box.x + x * box.width,
          y: box.y + y * box.height,
          id,
        })),
      });
    await touch("touchStart", [0.2, 0.2]);
    await touch("touchStart", [0.2, 0.2], [0.8, 0.8]);
    await touch("touchMove", [0.2, 0.6], [0.8, 0.4]);
    await touch("touchEnd");
    await until(() => strokesIn(page).then((strokes) => strokes.length === 2));
    const [, second = []] = await strokesIn(page);
    for (const { x } of second) expect(x).toBeCloseTo(0.2, 1);
    expect(await page.evaluate("scrollY")).toBe(0); // The finger has not moved the page.
  });

  it("draws wider where a pen is pressed harder, and keeps that in its address", async () => {
    const server = await startMadeUpServer();
    const { page } = await openSheet(browser, server);
    const draw = await penBy(page);
    await draw("pen", 0.2, 0.1);
    await draw("pen", 0.8, 1);
    await headline(page).waitFor();
    await until(() => strokesIn(page).then((strokes) => strokes.length === 2));
    await until(() => server.asked.at(-1)?.pixels[140 * 280 + 224] === 255);
    const { pixels = new Uint8Array() } = server.asked.at(-1) ?? {};
    const width = (x: number) =>
      pixels
        .subarray(140 * 280 + (x - 0.15) * 280, 140 * 280 + (x + 0.15) * 280)
        .filter((value) => value > 127).length;
    expect(width(0.2)).toBeLessThan(280 / 12 - 3);
    expect(width(0.8)).toBeGreaterThan(280 / 12 + 3);
    const pressures = (await strokesIn(page)).map(([first]) => first?.pressure ?? 0);
    expect(pressures[0]).toBeCloseTo(0.1, 1);
    expect(pressures[1]).toBeCloseTo(1, 1);
  });

  it("lets a pen draw in place of the palm that was there before it", async () => {
    const server = await startMadeUpServer();
    const { page } = await openSheet(browser, server, { hasTouch: true });
    const box = await page.locator(".draw-canvas").boundingBox();
    if (box === null) throw new Error("The sheet is not to be seen.");
    const palm = await page.context().newCDPSession(page);
    const at = { x: box.x + 0.9 * box.width, y: box.y + 0.9 * box.height };
    await palm.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [at] });
    await (await penBy(page))("pen", 0.3, 0.5);
    await palm.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await until(() => strokesIn(page).then((strokes) => strokes.length > 0));
    const strokes = await strokesIn(page);
    expect(strokes).toHaveLength(1);
    for (const { x } of strokes[0] ?? []) expect(x).toBeCloseTo(0.3, 1);
  });

  it("says when the sheet is full", async () => {
    const dots = Array.from({ length: 100 }, (_, i) => [{ x: (i % 10) / 10, y: i / 100, pressure: 0.5 }]);
    const server = await startMadeUpServer();
    const { page, pen } = await openSheet(browser, server, {}, `#draw?drawing=${encodeDrawing(dots)}`);
    await page.getByText("The sheet is full: 100 strokes are on it.").waitFor();
    await pen.draw(SEVEN);
    expect(await strokesIn(page)).toHaveLength(100);
    await page.getByRole("button", { name: "Undo" }).click();
    await pen.draw(SEVEN);
    expect((await strokesIn(page)).at(-1)?.length).toBeGreaterThan(2);
  });

  it("takes strokes back and clears, by buttons and keys", async () => {
    const server = await startMadeUpServer();
    const { page, pen } = await openSheet(browser, server);
    const count = async () => (await strokesIn(page)).length;
    expect(await page.getByRole("button", { name: "Undo" }).isEnabled()).toBe(false);
    await pen.draw(SEVEN);
    await pen.draw(BAR);
    const ink = await inkOn(page);
    await page.getByRole("button", { name: "Undo" }).click();
    expect(await count()).toBe(1);
    expect(await inkOn(page)).toBeLessThan(ink);
    await pen.draw(BAR);
    await page.getByRole("button", { name: "Clear" }).click();
    expect([await count(), await inkOn(page)]).toEqual([0, 0]);
    await page.getByText("What is it?").waitFor();
    await page.locator(".draw-canvas").press("Control+z");
    expect([await count(), await inkOn(page)]).toEqual([2, ink]); // Nothing is lost by a slip.
    await page.keyboard.press("Control+z");
    expect(await count()).toBe(1);
    await page.keyboard.press("Escape");
    expect([await count(), await inkOn(page)]).toEqual([0, 0]);
    await pen.draw(SEVEN);
    await page.locator(".draw-canvas").press("Delete");
    expect(await count()).toBe(0);
  });

  it("is drawn on by keys, and says where the pen is", async () => {
    const server = await startMadeUpServer();
    const { page } = await openSheet(browser, server);
    await page.locator(".draw-canvas").focus();
    const place = () => page.locator("[data-pen-place]").textContent();
    await page.keyboard.press("ArrowLeft");
    expect(await place()).toBe("Pen up, 14 across, 8 down.");
    await page.keyboard.press(" ");
    expect(await place()).toBe("Pen down, 14 across, 8 down.");
    for (let i = 0; i < 3; i++) await page.keyboard.press("Shift+ArrowRight");
    for (let i = 0; i < 5; i++) await page.keyboard.press("End");
    expect(await place()).toBe("Pen down, 21 across, 13 down.");
    await headline(page).waitFor(); // While the pen is down.
    await page.keyboard.press(" ");
    const [stroke = []] = await strokesIn(page);
    const places = stroke.map(({ x, y }) => [Math.floor(x * 28), Math.floor(y * 28)]);
    expect(places).toEqual([
      [13, 7],
      [25, 7],
      [20, 12],
    ]);
  });
});
