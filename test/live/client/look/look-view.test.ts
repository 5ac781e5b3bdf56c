import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  accessibilityFaults,
  type Browser,
  type ContextOptions,
  chromiumPath,
  launchChromium,
  openAddress,
  overflow,
  type Page,
  stickingOut,
} from "../../../support/chromium.js";
import { STEPS_PER_EPOCH } from "../../support/made-up-library.js";
import { startLookServer } from "./look-server.js";
import { madeUpPage } from "./made-up-images.js";

const MAP_IS_THERE = ".map-surface canvas";
const MAP_IS_FINISHED = ".map-progress[data-state=finished]";
/** What is drawn by effects, as a canvas is, follows the page's elements after a frame. */
const NEXT_FRAME_IS_DRAWN = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))";
/** Workers that come no further than just before the end, however quick this machine is. */
const NEVER_TELLS_THE_END = `(() => {
  const Original = Worker;
  window.restoreWorker = () => { window.Worker = Original; };
  window.Worker = class extends Original {
    set onmessage(listener) {
      super.onmessage = (event) => { if (event.data.done < 1) listener(event); };
    }
  };
})()`;

describe.skipIf(chromiumPath === null)("the Look view in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  async function openLook(query: string, options: ContextOptions = {}) {
    const server = await startLookServer();
    const opened = await openAddress(browser, `${server.address}#look?${query}`, options);
    return { server, ...opened };
  }

  const tiles = (page: Page) => page.locator(".look-images .image-tile");
  const state = async (page: Page) =>
    new URLSearchParams((await page.evaluate<string>("location.hash")).split("?")[1] ?? "");
  const waitForField = (page: Page, field: string, value: string | null) =>
    page.waitForFunction(
      `() => new URLSearchParams(location.hash.split("?")[1]).get(${JSON.stringify(field)}) === ${JSON.stringify(value)}`,
    );
  const focused = (page: Page, what: string) =>
    page.evaluate<string | null>(`document.activeElement.${what}`);

  it("shows the images of a class that are wrong, page by page, and the same after a reload", async () => {
    const { page, faults, requests } = await openLook("run=training&part=test");
    await tiles(page).first().waitFor();
    expect(await tiles(page).count()).toBe(60);
    await page.getByLabel("Right or wrong").selectOption("wrong");
    const wrong = madeUpPage({ part: "test", verdict: "wrong", order: "number", from: 0, count: 60 }, 1);
    await page.getByText(`1 to 60 of ${wrong.total} mistakes`).first().waitFor();
    await page
      .getByRole("navigation", { name: "Pages", exact: true })
      .getByRole("button", { name: "Next" })
      .click();
    await page.getByText(`61 to ${wrong.total} of ${wrong.total} mistakes`).first().waitFor();
    expect((await state(page)).get("from")).toBe("60");
    const before = await page.locator(".look-view").innerText();
    await page.reload();
    await page.getByText(`61 to ${wrong.total} of`).first().waitFor();
    expect(await page.locator(".look-view").innerText()).toBe(before);
    await page.goBack();
    await page.getByText(`1 to 60 of ${wrong.total} mistakes`).first().waitFor();
    expect(faults).toEqual([]);
    expect(requests).toEqual([]);
  });

  it("puts the least sure first where that is asked for", async () => {
    const { page } = await openLook("run=training");
    await tiles(page).first().waitFor();
    await page.getByLabel("Order").selectOption("least-sure");
    const least = madeUpPage({ part: "test", order: "least-sure", from: 0, count: 1 }, 1).images[0];
    await page.locator(`.look-images li:first-child [data-image="test-${least?.position}"]`).waitFor();
  });

  it("says kindly that there is nothing of what was asked for, and shows all again", async () => {
    const { page } = await openLook("run=training&class=7&verdict=wrong");
    await page.getByText("No mistake among the 7s.").waitFor();
    await page.getByRole("button", { name: "Show all images" }).click();
    await tiles(page).first().waitFor();
    expect([...(await state(page)).keys()]).toEqual(["run"]);
  });

  it("opens an image, goes on by keys over the end of a page, and gives the focus back", async () => {
    const { page, faults } = await openLook("run=training&verdict=wrong");
    const { images } = madeUpPage({ part: "test", verdict: "wrong", order: "number", from: 0, count: 69 }, 1);
    const last = images[59];
    await page.locator(`[data-image="test-${last?.position}"]`).click();
    await page.getByRole("heading", { name: `Test image number ${last?.position}` }).waitFor();
    await page.locator(".image-detail-verdict").waitFor();
    expect(await page.locator(".image-detail-verdict").textContent()).toContain("wrong, it is");
    await page.keyboard.press("ArrowRight");
    await page.getByRole("heading", { name: `Test image number ${images[60]?.position}` }).waitFor();
    expect((await state(page)).get("from")).toBe("60");
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("heading", { name: `Test image number ${last?.position}` }).waitFor();
    await page.getByRole("button", { name: "Previous image" }).click();
    await page.getByRole("heading", { name: `Test image number ${images[58]?.position}` }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction(
      `() => document.activeElement.dataset.image === "test-${images[58]?.position}"`,
    );
    expect((await state(page)).get("position")).toBeNull();
    expect(faults).toEqual([]);
  });

  it("opens from a link, with its bars, its hidden layers, its pixels and its nearest", async () => {
    const { page, faults } = await openLook("run=training&part=test&position=8");
    await page.getByRole("heading", { name: "Test image number 8" }).waitFor();
    await page.locator(".nearest-images .image-tile").first().waitFor();
    expect(await page.locator(".class-bars tbody tr").count()).toBe(10);
    expect(await page.locator(".class-bars .is-found").textContent()).toContain("8");
    expect(await page.locator(".hidden-activations canvas").count()).toBe(2);
    expect(await page.getByRole("img", { name: /^The pixels that speak for an 8/ }).count()).toBe(1);
    expect(await page.locator(".nearest-images .image-tile").count()).toBe(12);
    await page.locator(".nearest-images .image-tile").nth(1).click();
    await page.getByRole("heading", { name: "Training image number" }).waitFor();
    await page.waitForFunction(`() => document.activeElement.id === "image-detail-title"`);
    const opened = await state(page);
    expect([opened.get("part"), opened.get("of")]).toEqual([null, "train"]);
    await page.goBack();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    expect(faults).toEqual([]);
  });

  it("keeps what the address has become while an image was being closed", async () => {
    const { page, faults } = await openLook("run=training&class=4&position=4");
    await page.getByRole("heading", { name: "Test image number 4" }).waitFor();
    // A dialog tells that it is closed in a task of its own: the page is at another address by then, and the dialog is gone.
    await page.evaluate(`(() => {
      const dialog = document.querySelector("dialog");
      dialog.addEventListener("close", () => { window.isClosed = true; });
      dialog.close();
      location.hash = "#look?run=training&verdict=wrong&map=pca";
    })()`);
    await page.waitForFunction("() => window.isClosed === true");
    await page.locator("dialog").waitFor({ state: "detached" });
    expect(Object.fromEntries(await state(page))).toEqual({ run: "training", verdict: "wrong", map: "pca" });
    await page.locator(MAP_IS_FINISHED).waitFor({ state: "attached" });
    expect(faults).toEqual([]);
  });

  it("copies the link to an image", async () => {
    const { page } = await openLook("run=training&position=8");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByRole("button", { name: "Link copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(await page.evaluate("location.href"));
  });

  it("goes to an image by its number, and says what numbers there are", async () => {
    const { page, server } = await openLook("run=training");
    await tiles(page).first().waitFor();
    await page.getByLabel("Image number").fill("123");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Test image number 123" }).waitFor();
    await page.goBack();
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.goto(`${server.address}#look?run=training&position=1000`);
    await page.getByText("Expected a number from 0 to 999 for the image but received 1000.").waitFor();
  });

  it("makes a map in a worker under the page's policy, first by PCA, then by UMAP", async () => {
    const { page, faults } = await openLook("run=training");
    await page.getByRole("button", { name: "Map", exact: true }).click();
    await page.locator(MAP_IS_THERE).waitFor();
    await page.locator(MAP_IS_FINISHED).waitFor({ state: "attached" });
    expect((await state(page)).get("map")).toBe("umap");
    await page.evaluate(NEXT_FRAME_IS_DRAWN);
    const umap = await page.evaluate<string>(`document.querySelector("${MAP_IS_THERE}").toDataURL()`);
    await page.getByLabel("Main directions (PCA)").check();
    await page.locator(MAP_IS_FINISHED).waitFor({ state: "attached" });
    await page.waitForFunction(
      `() => document.querySelector("${MAP_IS_THERE}").toDataURL() !== ${JSON.stringify(umap)}`,
    );
    await page.getByLabel("Neighbourhoods (UMAP)").check();
    // The finished map is still known: it is the same at once, as it would be made anew.
    await page.waitForFunction(
      `() => document.querySelector("${MAP_IS_THERE}").toDataURL() === ${JSON.stringify(umap)}`,
    );
    await page.getByText("The map in a table").click();
    expect(await page.locator(".map-table tbody tr").nth(4).innerText()).toMatch(/^\s*4\s+30\s+\d+\s+9$/);
    expect(faults).toEqual([]);
  });

  it("is walked over by keys alone: from point to point, into an image, and back", async () => {
    const { page, faults } = await openLook("run=training&map=pca");
    await page.locator(MAP_IS_FINISHED).waitFor({ state: "attached" });
    await page.locator(".map-surface").focus();
    await page.keyboard.press("ArrowRight");
    const said = page.locator(".map-frame [role=status]");
    await page.waitForFunction(`() => document.querySelector(".map-frame [role=status]").textContent !== ""`);
    const first = await said.textContent();
    expect(first).toMatch(/^Number \d+: \d, read as \d, .+ sure, (right|wrong)$/);
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(
      `() => document.querySelector(".map-frame [role=status]").textContent !== ${JSON.stringify(first)}`,
    );
    const number = /^Number (\d+)/.exec((await said.textContent()) ?? "")?.[1];
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: `Test image number ${number}` }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction(`() => document.activeElement.className === "map-surface"`);
    await page.keyboard.press("+");
    await page.locator(".map-surface[data-zoomed=true]").waitFor();
    await page.keyboard.press("0");
    await page.locator(".map-surface[data-zoomed=false]").waitFor();
    expect(await focused(page, "className")).toBe("map-surface");
    expect(faults).toEqual([]);
  });

  it("shows what lies below the mouse, and opens it by a click", async () => {
    const { page } = await openLook("run=training&map=pca");
    await page.locator(MAP_IS_FINISHED).waitFor({ state: "attached" });
    await page.locator(".map-surface").focus();
    await page.keyboard.press("ArrowRight");
    await page.locator(".map-card").waitFor();
    // The keys' ring tells where a point is: the mouse goes there.
    const box = await page.locator(".map-surface").boundingBox();
    const [x = 0, y = 0] = await page.evaluate<number[]>(`(() => {
      const { left, top, right, bottom } = document.querySelector(".map-card").style;
      const { width, height } = document.querySelector(".map-surface canvas").getBoundingClientRect();
      const from = (near, far, extent, gap) => near ? parseFloat(near) - gap : extent - parseFloat(far) + gap;
      return [from(left, right, width, 18), from(top, bottom, height, 8)];
    })()`);
    await page.keyboard.press("Escape");
    await page.locator(".map-card").waitFor({ state: "detached" });
    await page.mouse.move((box?.x ?? 0) + x + 1, (box?.y ?? 0) + y + 1);
    await page.locator(".map-card").waitFor();
    await page.mouse.down();
    await page.mouse.up();
    await page.getByRole("heading", { name: /^Test image number/ }).waitFor();
  });

  it("stops a map on its way, and begins it again", async () => {
    const { page } = await openLook("run=training");
    await tiles(page).first().waitFor();
    await page.evaluate(NEVER_TELLS_THE_END);
    await page.getByRole("button", { name: "Map", exact: true }).click();
    await page.locator(MAP_IS_THERE).waitFor();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByText("Stopped on the way.").waitFor();
    await page.evaluate("restoreWorker()");
    await page.getByRole("button", { name: "Begin again" }).click();
    await page.locator(MAP_IS_FINISHED).waitFor({ state: "attached" });
  });

  it("does not change under the reader's eyes when training goes on, but offers the newer model", async () => {
    const { page, server } = await openLook("run=training");
    await tiles(page).first().waitFor();
    const anew = page.getByRole("button", { name: "Look anew" });
    expect(await anew.count()).toBe(0);
    server.library.play("training", STEPS_PER_EPOCH);
    await page.getByText("The network has learned more since.").waitFor();
    await anew.click();
    await anew.waitFor({ state: "detached" });
    await page.getByLabel("Always the newest").check();
    await waitForField(page, "follow", "1");
    server.library.play("training", STEPS_PER_EPOCH);
    await tiles(page).first().waitFor();
    expect(await anew.count()).toBe(0);
  });

  it("says why a network's images cannot be seen, and offers another", async () => {
    const { page } = await openLook("run=table");
    await page
      .getByText("A table of numbers does not read images, so there is nothing to look at.")
      .waitFor();
    await page.getByRole("button", { name: "Look at Still at it" }).click();
    await tiles(page).first().waitFor();
    await waitForField(page, "run", "training");
  });

  it("says what the server says when the images are not to be had, and tries again", async () => {
    const { page, server } = await openLook("run=table");
    await page.getByRole("button", { name: "Look at Still at it" }).waitFor();
    const message = "The images of this run are not on this machine any more; download them first.";
    server.setFault(message);
    await page.goto(`${server.address}#look?run=training`);
    await page.getByText(message).waitFor();
    server.setFault(null);
    await page.getByRole("button", { name: "Try again" }).click();
    await tiles(page).first().waitFor();
  });

  for (const width of [375, 1280, 1920]) {
    for (const colorScheme of ["light", "dark"] as const) {
      it(`is usable by everybody at ${width} pixels, ${colorScheme}`, async () => {
        const { page, server } = await openLook("run=training&verdict=wrong", {
          viewport: { width, height: 900 },
          colorScheme,
        });
        await tiles(page).first().waitFor();
        const isClean = async () => {
          expect(await accessibilityFaults(page)).toEqual([]);
          expect(await overflow(page)).toBeLessThanOrEqual(0);
          expect(await stickingOut(page)).toEqual([]);
        };
        await isClean();
        await page.goto(`${server.address}#look?run=training&map=pca`);
        await page.locator(MAP_IS_FINISHED).waitFor({ state: "attached" });
        await isClean();
        await page.goto(`${server.address}#look?run=training&position=4`);
        await page.locator(".nearest-images .image-tile").first().waitFor();
        await isClean();
      });
    }
  }
});
