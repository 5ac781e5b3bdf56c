import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Browser, chromiumPath, launchChromium } from "../../support/chromium.js";
import { startFixtureServer } from "../support/fixture-server.js";

/** Puts another address there as soon as the page is drawn for the first time: before any of its effects, and with no event. */
const CHANGE_AT_ONCE = `
  new MutationObserver((_, observer) => {
    if (document.querySelector("main") === null) return;
    observer.disconnect();
    history.replaceState(null, "", "#look?run=finished");
  }).observe(document, { childList: true, subtree: true });
`;

describe.skipIf(chromiumPath === null)("the page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium({ onlyLoopback: true });
  });
  afterAll(() => browser?.close());

  it("shows what its address says even where that has changed while it was first drawn", async () => {
    const server = await startFixtureServer();
    onTestFinished(() => server.close());
    const context = await browser.newContext({});
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.addInitScript(CHANGE_AT_ONCE);
    await page.goto(`${server.address}#train`);
    await page.getByRole("heading", { level: 1, name: "Look at the images" }).waitFor();
    expect(new URL(page.url()).hash).toBe("#look?run=finished");
  });
});
