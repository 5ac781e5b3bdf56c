import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli, expectSuccess } from "../../cli/harness.js";
import { TEST_COUNT } from "../../cli/small-data.js";
import { type Browser, chromiumPath, launchChromium, openAddress } from "../../support/chromium.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { button, newcomersPlace, type Place, serveHere, soon, trainSmall } from "./live-page.js";

const folder = temporaryFolder();
const run = join(folder, "runs", "small");

describe.skipIf(chromiumPath === null)("whoever looks at a network's images", () => {
  let browser: Browser;
  let place: Place;
  beforeAll(async () => {
    place = await newcomersPlace(folder);
    await trainSmall(place, run);
    browser = await launchChromium({ onlyLoopback: true });
  });
  afterAll(() => browser?.close());

  it("finds its mistakes, one of them with the training images that are like it, and a map of them all", async () => {
    const { address } = await serveHere(place, [run]);
    const { page, faults, requests } = await openAddress(browser, `${address}#look`);
    await page.getByLabel("Right or wrong").selectOption("wrong");
    const model = join(run, "model.safetensors");
    const told = expectSuccess(
      await cli(["evaluate", model, "--data-dir", place.data, "--json"], place.environment),
    );
    const { correct, count } = JSON.parse(told) as { correct: number; count: number };
    expect(count).toBe(TEST_COUNT);
    await soon(() => page.locator(".image-tile.is-wrong").count()).toBe(count - correct);

    const tile = page.locator(".image-tile").first();
    const [part, position] = (await tile.getAttribute("data-image"))?.split("-") ?? [];
    await tile.click();
    const detail = page.getByRole("dialog", { name: `Test image number ${position}` });
    expect(part).toBe("test");
    const row = expectSuccess(
      await cli(
        ["predict", model, "--data-dir", place.data, "--row", String(position), "--json"],
        place.environment,
      ),
    );
    const { predicted } = JSON.parse(row) as { predicted: number };
    await detail
      .getByText(new RegExp(`^The network reads it as an? ${predicted}, .* wrong, it is`))
      .waitFor();
    await soon(() => detail.locator(".nearest-images .image-tile").count()).toBe(12);
    // The address shows the same to whoever gets it.
    const linked = await openAddress(browser, page.url());
    await linked.page.getByRole("dialog", { name: `Test image number ${position}` }).waitFor();
    await button(detail, "Close").click();

    await button(page, "Map").click();
    for (const method of [/PCA/, /UMAP/]) {
      await page.getByRole("radio", { name: method }).check();
      await page.locator('.map-progress[data-state="finished"]').waitFor({ state: "attached" });
    }
    expect([faults, requests, linked.faults, linked.requests]).toEqual([[], [], [], []]);
  });
});
