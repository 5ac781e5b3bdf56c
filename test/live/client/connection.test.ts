import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  type Browser,
  chromiumPath,
  launchChromium,
  openAddress,
  type Page,
} from "../../support/chromium.js";
import { type FixtureServer, startFixtureServer } from "../support/fixture-server.js";
import { STEPS_PER_EPOCH } from "../support/made-up-library.js";

function soon<T>(read: () => Promise<T> | T) {
  return expect.poll(read, { timeout: 20_000, interval: 25 });
}

async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => ${isHidden} });
    document.dispatchEvent(new Event("visibilitychange"));
  })()`);
}

describe.skipIf(chromiumPath === null)("the page's connection", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium({ onlyLoopback: true });
  });
  afterAll(() => browser?.close());

  it("says calmly that the program has stopped, keeps what it shows, and goes on by itself when it is back", async () => {
    const first = await startFixtureServer();
    const { port } = new URL(first.address);
    const { page } = await openAddress(browser, `${first.address}#train?run=training`);
    const state = page.locator(".connection");
    await soon(() => state.getAttribute("data-connection")).toBe("open");
    expect(await state.textContent()).toBe("");
    await first.close();
    await soon(() => state.textContent()).toBe(
      "The program has stopped. Start it again, and this page goes on.",
    );
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Still at it");
    expect(await page.locator(".chart-loss canvas").count()).toBe(1);

    const second: FixtureServer = await startFixtureServer({ listen: { port: Number(port) } });
    onTestFinished(() => second.close());
    second.library.play("training", 3 * STEPS_PER_EPOCH);
    await soon(() => state.textContent()).toBe("");
    await page.getByText("Epoch 6 of 40").waitFor();
    second.library.play("training", STEPS_PER_EPOCH);
    await page.getByText("Epoch 7 of 40").waitFor();
  });

  it("is closed while the tab is hidden, and goes on from the last event when it is seen again", async () => {
    const server = await startFixtureServer();
    onTestFinished(() => server.close());
    const { page, faults } = await openAddress(browser, `${server.address}#train?run=training`);
    await page.getByText("Epoch 3 of 40").waitFor();
    await soon(() => server.events.readers).toBe(1);
    server.library.play("training", STEPS_PER_EPOCH);
    await page.getByText("Epoch 4 of 40").waitFor();
    const known = server.events.lastId;

    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url().replace(server.address, "")));
    await setHidden(page, true);
    await soon(() => server.events.readers).toBe(0);
    server.library.play("training", STEPS_PER_EPOCH);
    expect(await page.getByText("Epoch 5 of 40").count()).toBe(0);
    await setHidden(page, false);
    await page.getByText("Epoch 5 of 40").waitFor();
    expect(asked).toContain(`api/events?after=${known}`);
    expect(asked).not.toContain("api/overview");
    expect(faults).toEqual([]);
  });

  it("learns all anew where it has missed what is not kept any more", async () => {
    const server = await startFixtureServer();
    onTestFinished(() => server.close());
    const { page, faults } = await openAddress(browser, `${server.address}#train?run=training`);
    await soon(() => server.events.readers).toBe(1);
    await setHidden(page, true);
    await soon(() => server.events.readers).toBe(0);
    // More events than the log keeps.
    const long = server.library.add({ id: "long", name: "A long one", epochs: 1000 });
    server.library.play(long.id, 300 * STEPS_PER_EPOCH);
    server.library.play("training", STEPS_PER_EPOCH);
    await setHidden(page, false);
    await page.getByText("Epoch 4 of 40").waitFor();
    await page.getByRole("link", { name: /^A long one/ }).waitFor();
    expect(faults).toEqual([]);
  });
});
