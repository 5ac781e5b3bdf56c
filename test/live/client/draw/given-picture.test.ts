import { encode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, chromiumPath, launchChromium, type Page } from "../../../support/chromium.js";
import { recognition, startMadeUpServer } from "./made-up-server.js";
import { headline, openSheet, SEVEN, strokesIn, until } from "./sheet.js";

describe.skipIf(chromiumPath === null)("a picture that the Draw view is given", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  /** Dark ink on light paper: an upright bar. */
  const gray = (width: number, height: number) =>
    Uint8Array.from({ length: width * height }, (_, i) =>
      Math.abs((i % width) / width - 0.5) < 0.1 ? 20 : 230,
    );
  const png = (width: number, height: number) =>
    Buffer.from(encode({ width, height, channels: 1, depth: 8, data: gray(width, height) }));
  const upload = (page: Page, name: string, mimeType: string, buffer: Uint8Array) =>
    page.locator("input[type=file]").first().setInputFiles({ name, mimeType, buffer });
  const notes = ["It was dark on light, and is turned round."];
  const startServer = () => startMadeUpServer({ answer: (asked) => recognition(asked, { notes }) });

  it("reads a PNG, no larger than it has to be, and shows what was done to it", async () => {
    const server = await startServer();
    const { page, pen, faults } = await openSheet(browser, server);
    await pen.draw(SEVEN);
    await upload(page, "one.png", "image/png", png(800, 600));
    await page.getByText(notes[0] ?? "").waitFor();
    const { width, height, pixels } = server.asked.at(-1) ?? {};
    expect([width, height]).toEqual([400, 300]);
    expect(pixels?.[150 * 400 + 200]).toBe(20);
    expect(pixels?.[150 * 400 + 20]).toBe(230);
    expect(await page.getByRole("img", { name: "Given: one.png" }).isVisible()).toBe(true);
    expect(await strokesIn(page)).toEqual([]);
    await page.getByRole("button", { name: "Remove it" }).click();
    await page.getByText("What is it?").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    expect(await strokesIn(page)).toHaveLength(1);
    expect(faults).toEqual([]);
  });

  it("reads a JPEG, and what is transparent as white", async () => {
    const server = await startServer();
    const { page } = await openSheet(browser, server);
    const made = (type: string) =>
      page.evaluate<string>(`(() => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 40;
        const context = canvas.getContext("2d");
        if ("${type}" === "image/jpeg") { context.fillStyle = "#fff"; context.fillRect(0, 0, 40, 40); }
        context.fillStyle = "#00f";
        context.fillRect(15, 5, 10, 30);
        return canvas.toDataURL("${type}").split(",")[1];
      })()`);
    for (const type of ["image/jpeg", "image/png"]) {
      const before = server.asked.length;
      await upload(page, "one", type, Buffer.from(await made(type), "base64"));
      await until(() => server.asked.length > before);
      const { width, pixels } = server.asked.at(-1) ?? {};
      expect(width).toBe(40);
      expect(pixels?.[2]).toBeGreaterThan(250);
      expect(Math.abs((pixels?.[20 * 40 + 20] ?? 0) - 29)).toBeLessThan(4); // Blue is dark: 0.114 of white.
    }
  });

  it("takes one from the clipboard, and one that is dropped", async () => {
    const server = await startServer();
    const { page } = await openSheet(browser, server);
    const give = (event: string) =>
      page.evaluate(`(() => {
        const bytes = Uint8Array.from(atob("${png(50, 60).toString("base64")}"), (c) => c.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], "${event}.png", { type: "image/png" }));
        const options = { bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data };
        const made = "${event}" === "paste" ? new ClipboardEvent("paste", options) : new DragEvent("drop", options);
        document.querySelector(".draw-canvas").dispatchEvent(made);
      })()`);
    for (const event of ["paste", "drop"]) {
      const before = server.asked.length;
      await give(event);
      await page.getByText(`${event}.png`).waitFor();
      await until(() => server.asked.length > before);
    }
    expect(server.asked.map(({ width, height }) => [width, height])).toEqual([
      [50, 60],
      [50, 60],
    ]);
    const prevented = await page.evaluate(
      `!document.body.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: new DataTransfer() }))`,
    );
    expect(prevented).toBe(false); // Text is none of its business.
  });

  it("says kindly what is wrong with a file", async () => {
    const server = await startServer();
    const { page, pen } = await openSheet(browser, server);
    const alert = page.getByRole("alert");
    const cases = [
      ["notes.txt", "text/plain", Buffer.from("seven"), /“notes\.txt” is not a picture; give a PNG/],
      [
        "broken.png",
        "image/png",
        png(30, 30).subarray(0, 60),
        /“broken\.png” could not be read as a picture/,
      ],
    ] as const;
    for (const [name, type, bytes, said] of cases) {
      await upload(page, name, type, bytes);
      await page.getByText(said).waitFor();
      expect(await alert.count()).toBe(1);
      // Above the sheet, where one looks.
      expect(
        await page.evaluate(`(() => {
        const top = (selector) => document.querySelector(selector).getBoundingClientRect().top;
        return top("[role=alert]") < top(".draw-sheet");
      })()`),
      ).toBe(true);
    }
    await page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([new Uint8Array(20.5 * 2 ** 20)], "huge.png", { type: "image/png" }));
      document.querySelector(".draw").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
    })()`);
    await page.getByText(/“huge\.png” has 21 MB, and at most 20 MB are read/).waitFor();
    expect(server.asked).toEqual([]);
    await upload(page, "good.png", "image/png", png(30, 30));
    await headline(page).waitFor();
    expect(await alert.count()).toBe(0);
    // The answer to a picture goes with it.
    await upload(page, "notes.txt", "text/plain", Buffer.from("seven"));
    await page.getByText(/“notes\.txt” is not a picture/).waitFor();
    await page.getByText("What is it?").waitFor();
    expect(await page.getByText("Draw here").isVisible()).toBe(true);
    await upload(page, "good.png", "image/png", png(30, 30));
    await headline(page).waitFor();
    expect(await page.getByText("Draw here").count()).toBe(0);
    await pen.draw(SEVEN); // Takes the picture away.
    await until(() => server.asked.at(-1)?.width === 280);
    expect(await page.getByText("good.png").count()).toBe(0);
  });
});
