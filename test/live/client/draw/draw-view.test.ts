import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  accessibilityFaults,
  type Browser,
  chromiumPath,
  launchChromium,
  openAddress,
  overflow,
  type Page,
  stickingOut,
} from "../../../support/chromium.js";
import { RUN, recognition, STARTING, startMadeUpServer } from "./made-up-server.js";
import { BAR, headline, inkOn, openSheet, SEVEN, strokesIn, until } from "./sheet.js";

const addressOf = (page: Page) => page.evaluate<string>("location.href");

describe.skipIf(chromiumPath === null)("the Draw view", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it("says once the pen has rested what it is, and nothing before", async () => {
    const server = await startMadeUpServer();
    const { page, pen } = await openSheet(browser, server);
    await page.evaluate(`
      window.said = [];
      new MutationObserver(() => said.push(document.querySelector("[data-spoken]").textContent))
        .observe(document.querySelector("[data-spoken]"), { childList: true, characterData: true, subtree: true });
    `);
    await pen.draw(SEVEN);
    const said = () => page.evaluate<string[]>("said.filter((text) => text !== '')");
    await until(async () => (await said()).length > 0);
    expect(await said()).toEqual(["It is a 7, quite sure (91\u00a0%)."]);
  });

  it("shows the same drawing after a reload, by its address alone", async () => {
    const server = await startMadeUpServer();
    const { page, pen } = await openSheet(browser, server);
    await pen.draw(SEVEN);
    await pen.draw(BAR);
    await headline(page).waitFor();
    const [ink, address] = [await inkOn(page), await addressOf(page)];
    // The bar is whole, and what is asked about it once the pen is lifted has been asked.
    await until(() => server.asked.at(-1)?.pixels[140 * 280 + 199] === 255);
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    const { pixels } = server.asked.at(-1) ?? {};
    const before = server.asked.length;
    await page.reload();
    await headline(page).waitFor();
    expect(await inkOn(page)).toBe(ink);
    expect(await addressOf(page)).toBe(address);
    expect(Buffer.compare(server.asked[before]?.pixels ?? Buffer.of(), pixels ?? Buffer.of(1))).toBe(0);
  });

  it("keeps the drawing while another view is looked at", async () => {
    const server = await startMadeUpServer();
    const { page, pen } = await openSheet(browser, server);
    await pen.draw(SEVEN);
    await headline(page).waitFor();
    const [strokes, ink] = [await strokesIn(page), await inkOn(page)];
    const go = (view: string) =>
      page.getByRole("navigation").getByRole("link", { name: view, exact: true }).click();
    await go("Train");
    await page.locator(".draw-canvas").waitFor({ state: "detached" });
    expect(await addressOf(page)).not.toContain("drawing");
    await go("Draw");
    await headline(page).waitFor();
    expect([await strokesIn(page), await inkOn(page)]).toEqual([strokes, ink]);
  });

  it("is drawn anew in another size and in other colours", async () => {
    const server = await startMadeUpServer();
    const { page, pen } = await openSheet(browser, server, { colorScheme: "light" });
    await pen.draw(SEVEN);
    const middle = () =>
      page.evaluate<number>(`(() => {
        const canvas = document.querySelector(".draw-canvas");
        const [x, y] = [canvas.width * 0.5, canvas.height * 0.2].map(Math.round);
        return canvas.getContext("2d").getImageData(x, y, 1, 1).data[0];
      })()`);
    expect(await middle()).toBeLessThan(80);
    await page.emulateMedia({ colorScheme: "dark" });
    await until(async () => (await middle()) > 170);
    await page.setViewportSize({ width: 375, height: 800 });
    await until(() => page.evaluate("document.querySelector('.draw-canvas').width < 350"));
    expect(await middle()).toBeGreaterThan(170);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await until(async () => (await middle()) < 80);
  });

  it("keeps what it was, takes the last one back, and says how a network learns from them", async () => {
    const server = await startMadeUpServer();
    const { page, pen } = await openSheet(browser, server);
    await pen.draw(SEVEN);
    await page.getByRole("button", { name: "This was a 1" }).click();
    await page.getByText("Kept as a 1. There is 1 drawing of yours.").waitFor();
    const [{ label, width, height, pixels } = { label: -1, width: 0, height: 0, pixels: "" }] = server.kept;
    expect([label, width, height]).toEqual([1, 28, 28]);
    expect(Buffer.from(pixels, "base64")).toHaveLength(28 * 28);
    expect(await page.getByRole("button", { name: "This was a 7" }).isEnabled()).toBe(false);

    await page.getByRole("button", { name: "Take the last one back" }).click();
    await page.getByText("Say what it was").waitFor();
    expect(server.kept).toEqual([]);
    await page.getByRole("button", { name: "This was a 7" }).click();
    await page.getByRole("button", { name: "Draw the next one" }).click();
    expect(await strokesIn(page)).toEqual([]);
    await pen.draw(BAR);
    await page.getByRole("button", { name: "This was an 8" }).click();
    await page.getByText("There are 2 drawings of yours.").waitFor();
    expect(server.kept.map((one) => one.label)).toEqual([7, 8]);

    const command = await page.locator(".draw-command code").textContent();
    expect(command).toMatch(/^mnist-native train --train-images /);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByText("Copied.").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(command);
    expect(await page.getByRole("link", { name: "from this page" }).getAttribute("href")).toBe(
      "#train?new=quick&dataset=drawings",
    );
  });

  it("keeps a drawing once, whatever answers come, and says so as long as it is on the sheet", async () => {
    const server = await startMadeUpServer();
    const { page, pen } = await openSheet(browser, server);
    await pen.draw(SEVEN);
    await page.getByRole("button", { name: "This was a 7" }).click();
    const words = page.getByText("Kept as a 7. There is 1 drawing of yours.");
    await words.waitFor();
    const asked = server.asked.length;
    server.tell({ type: "model", id: "first", epoch: 11, modelVersion: 2 });
    await until(() => server.asked.length > asked);
    server.tell({ type: "model", id: "first", epoch: 12, modelVersion: 3 });
    await until(() => server.asked.length > asked + 1);
    expect(await words.isVisible()).toBe(true);
    expect(await page.getByRole("button", { name: "This was a 7" }).isEnabled()).toBe(false);
    // Another drawing is another, and the one before is kept still.
    await pen.draw(BAR);
    await until(() => page.getByRole("button", { name: "This was a 7" }).isEnabled());
    await page.getByRole("button", { name: "Undo" }).click();
    await words.waitFor();
    await page.getByRole("link", { name: "Train" }).click();
    await page.getByRole("link", { name: "Draw", exact: true }).click();
    await words.waitFor();
    expect(server.kept).toHaveLength(1);
  });

  it("recognises again when the model has learned more", async () => {
    const training = { ...RUN, state: "training", epoch: 1 } as const;
    let version = 1;
    const server = await startMadeUpServer({
      runs: [training],
      answer: (asked) => recognition(asked, { modelVersion: version, predicted: version === 1 ? 1 : 7 }),
    });
    const { page, pen } = await openSheet(browser, server);
    await pen.draw(SEVEN);
    await page.locator("[data-predicted='1']").waitFor();
    await page.getByText("at epoch 2 of 10").waitFor();
    version = 2;
    server.tell({ type: "model", id: "first", epoch: 2, modelVersion: 2 });
    await headline(page).waitFor();
  });

  it("asks the model of another run when that is chosen", async () => {
    const other = { ...RUN, id: "second", name: "Other", startedAt: "2025-01-01T00:00:00.000Z" };
    const server = await startMadeUpServer({ runs: [RUN, other] });
    const { page, pen } = await openSheet(browser, server);
    await pen.draw(SEVEN);
    await headline(page).waitFor();
    await page.getByLabel("Network", { exact: true }).selectOption("second");
    await until(() => server.asked.at(-1)?.run === "second");
    await headline(page).waitFor();
    expect(await addressOf(page)).toContain("run=second");
    expect(await strokesIn(page)).toHaveLength(1);
  });

  it("says what went wrong, and tries it again", async () => {
    let isBroken = true;
    const server = await startMadeUpServer({
      answer: (asked) => (isBroken ? "The model cannot be read; train it again." : recognition(asked)),
    });
    const { page, pen } = await openSheet(browser, server);
    await pen.draw(SEVEN);
    await page.getByText("The model cannot be read; train it again.").waitFor();
    isBroken = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await headline(page).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("leads to a training where there is no model yet", async () => {
    for (const [runs, starting, name, href] of [
      [[], STARTING, "Train a network", "#train?new=quick"],
      [[{ ...RUN, hasModel: false, state: "training" }], STARTING, "Watch it learn", "#train"],
    ] as const) {
      const server = await startMadeUpServer({ runs, starting });
      const { page } = await openAddress(browser, `${server.url}#draw`);
      const link = page.getByRole("link", { name });
      await link.waitFor();
      expect(await link.getAttribute("href")).toBe(href);
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    const server = await startMadeUpServer({ runs: [], starting: null });
    const { page } = await openAddress(browser, `${server.url}#draw`);
    await page.getByText("mnist-native train --live").waitFor();
  });

  it("says that a network knows clothing, names its classes, and keeps no such drawing as a digit", async () => {
    const names = [
      "T-shirt/top",
      "Trouser",
      "Pullover",
      "Dress",
      "Coat",
      "Sandal",
      "Shirt",
      "Sneaker",
      "Bag",
      "Ankle boot",
    ];
    const server = await startMadeUpServer({
      runs: [{ ...RUN, dataset: "fashion-mnist" }],
      answer: (asked) =>
        recognition(asked, {
          notes: ["It was fitted."],
          classes: names.map((name, i) => ({ name, share: i === 7 ? 0.9 : 0.01 })),
        }),
    });
    const { page, pen } = await openSheet(browser, server);
    await page.getByText("articles of clothing, not digits").waitFor();
    await pen.draw(BAR);
    await headline(page).waitFor();
    expect(await headline(page).textContent()).toBe("It is: Sneaker");
    expect(await page.locator(".class-bars th").allTextContents()).toEqual(names);
    await page.getByText("It was fitted.").waitFor();
    expect(await page.getByRole("button", { name: /^This was/ }).count()).toBe(0);
  });

  for (const width of [375, 1280, 1920]) {
    for (const colorScheme of ["light", "dark"] as const) {
      it(`is whole and usable by everybody at ${width} pixels, ${colorScheme}`, async () => {
        const server = await startMadeUpServer();
        const { page, pen, faults } = await openSheet(browser, server, {
          viewport: { width, height: 900 },
          colorScheme,
          reducedMotion: "reduce",
        });
        expect(await accessibilityFaults(page)).toEqual([]);
        await pen.draw(SEVEN);
        await page.getByRole("button", { name: "This was a 7" }).click();
        await page.getByRole("button", { name: "Draw the next one" }).waitFor();
        expect(await accessibilityFaults(page)).toEqual([]);
        expect(await stickingOut(page)).toEqual([]);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        expect(faults).toEqual([]);
      });
    }
  }
});
