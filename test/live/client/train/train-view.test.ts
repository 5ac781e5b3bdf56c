import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createEventLog } from "../../../../src/live/server/event-log.js";
import {
  accessibilityFaults,
  type Browser,
  brokenWords,
  chromiumPath,
  launchChromium,
  type OpenedPage,
  openAddress,
  overflow,
  type Page,
  stickingOut,
} from "../../../support/chromium.js";
import { type FixtureOptions, type FixtureServer, startFixtureServer } from "../../support/fixture-server.js";
import { madeUpLibrary, STEPS_PER_EPOCH } from "../../support/made-up-library.js";

/** Milliseconds: what has not happened by then does not happen. */
const PATIENCE = 20_000;

function soon<T>(read: () => Promise<T> | T) {
  return expect.poll(read, { timeout: PATIENCE, interval: 25 });
}

async function start(options: FixtureOptions = {}): Promise<FixtureServer> {
  const server = await startFixtureServer(options);
  onTestFinished(() => server.close());
  return server;
}

function stateShown(page: Page): Promise<string | null> {
  return page.locator(".run-head .state").textContent();
}

describe.skipIf(chromiumPath === null)("the Train view", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium({ onlyLoopback: true });
  });
  afterAll(() => browser?.close());

  /** Opens the page, and expects that it never complains and asks nobody else. */
  async function openPage(server: FixtureServer, hash: string): Promise<OpenedPage> {
    const opened = await openAddress(browser, `${server.address}${hash}`);
    await opened.page.getByRole("heading", { level: 1 }).waitFor();
    return opened;
  }

  function expectQuiet({ faults, requests }: OpenedPage): void {
    expect([faults, requests]).toEqual([[], []]);
  }

  it("starts a run as the form says, and shows it", async () => {
    const server = await start();
    const opened = await openPage(server, "#train");
    const { page } = opened;
    await page.getByRole("link", { name: "New run" }).click();
    await page.getByRole("radio", { name: "More accurate" }).check();
    await page.getByLabel("Units of hidden layer 1").fill("64");
    await page.getByRole("button", { name: "Remove hidden layer 2" }).click();
    await page.getByRole("button", { name: "Add a layer" }).click();
    await page.getByLabel("Optimizer").selectOption("sgd");
    // The rate was the usual one of the optimizer, and is so of the other one.
    await soon(() => page.getByLabel("Learning rate").inputValue()).toBe("0.1");
    await page.getByLabel("Epochs", { exact: true }).fill("3");
    await page.getByLabel("Vary the images").uncheck();
    await page.getByRole("button", { name: "Start training" }).click();

    await soon(() => stateShown(page)).toBe("training");
    await soon(() => page.evaluate("document.activeElement.tagName")).toBe("H1");
    expect(server.library.changes).toEqual([
      {
        dataset: "mnist",
        hidden: [64, 64],
        activation: "relu",
        loss: "cross-entropy",
        optimizer: "sgd",
        learningRate: 0.1,
        batchSize: 100,
        epochs: 3,
        seed: 123,
        augment: false,
      },
    ]);
    const id = new URLSearchParams(new URL(page.url()).hash.split("?")[1]).get("run");
    expect(server.library.summaries()[0]?.id).toBe(id);
    server.library.play(id ?? "", 3 * STEPS_PER_EPOCH);
    await soon(() => stateShown(page)).toBe("finished");
    await page.getByText("Finished: it gets 95.0 % of the test set right").waitFor();
    expectQuiet(opened);
  });

  it("says at the field what is wrong, goes there, and starts nothing", async () => {
    const server = await start();
    const opened = await openPage(server, "#train?new=book");
    const { page } = opened;
    await page.getByLabel("Epochs", { exact: true }).fill("0");
    await page.getByRole("button", { name: "Start training" }).click();
    await page.getByText("Write a whole number of epochs from 1 to 1000.").waitFor();
    await soon(() => page.evaluate("document.activeElement.value")).toBe("0");
    const described = await page.getByLabel("Epochs", { exact: true }).getAttribute("aria-describedby");
    expect(described?.split(" ").length).toBe(2);
    expect(server.library.changes).toEqual([]);
    // What was filled in stands in the address, and so after a reload.
    await page.reload();
    await soon(() => page.getByLabel("Epochs", { exact: true }).inputValue()).toBe("0");
    expectQuiet(opened);
  });

  it("is led by the keyboard alone: pauses, goes on for an epoch, goes on, and stops", async () => {
    const server = await start();
    const opened = await openPage(server, "#train?run=training");
    const { page } = opened;
    await page.getByRole("button", { name: "Pause" }).focus();
    await page.keyboard.press("Enter");
    await soon(() => stateShown(page)).toBe("paused");
    // The focus stays where it was, on what is now "Go on".
    const focused = "document.activeElement.textContent";
    expect(await page.evaluate(focused)).toBe("Go on");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(focused)).toBe("One epoch");
    await page.keyboard.press("Space");
    await soon(() => stateShown(page)).toBe("training");
    server.library.play("training", 5 * STEPS_PER_EPOCH);
    await soon(() => stateShown(page)).toBe("paused");
    await page.getByText("Epochs done: 3 of 40").waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(focused)).toBe("Stop");
    await page.keyboard.press("Enter");
    await soon(() => stateShown(page)).toBe("stopped");
    expect(server.library.changes).toEqual(
      ["pause", "step", "stop"].map((command) => ({ id: "training", command })),
    );
    expectQuiet(opened);
  });

  it("chooses and compares runs by the keyboard, and a reload and a link show the same", async () => {
    const server = await start();
    const opened = await openPage(server, "#train");
    const { page } = opened;
    await page.getByRole("link", { name: /^As in the book/ }).press("Enter");
    await page.getByRole("heading", { level: 1, name: "As in the book" }).waitFor();
    await page.getByRole("checkbox", { name: "compare with Still at it" }).press("Space");
    await page.getByRole("checkbox", { name: "Loss by powers of ten" }).press("Space");
    const line = page.locator(".chart-loss").getByText("Still at it, validation", { exact: true });
    await line.waitFor();
    const hash = await page.evaluate<string>("location.hash");
    expect(hash).toBe("#train?run=finished&with=training&scale=log");

    await page.reload();
    await line.waitFor();
    expect(await page.getByRole("checkbox", { name: "Loss by powers of ten" }).isChecked()).toBe(true);
    const linked = await openPage(server, hash);
    await linked.page.locator(".chart-loss").getByText("Still at it, validation", { exact: true }).waitFor();
    // Each tick is a step that Back undoes.
    await page.goBack();
    await soon(() => page.getByRole("checkbox", { name: "compare with Still at it" }).isChecked()).toBe(
      false,
    );
    await page.getByRole("heading", { level: 1, name: "As in the book" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "Still at it" }).waitFor();
    expectQuiet(opened);
    expectQuiet(linked);
  });

  it("names the run that it shows in the address, in every view, and says where it cannot be drawn for", async () => {
    const server = await start();
    const opened = await openPage(server, "");
    const { page } = opened;
    const hash = () => new URL(page.url()).hash;
    const newest = server.library.summaries()[0];
    await soon(hash).toBe(`#train?run=${newest?.id}`);
    for (const view of ["draw", "look"]) {
      await page.evaluate(`location.hash = "#${view}"`);
      await soon(hash).toMatch(new RegExp(`^#${view}\\?.*run=\\w+`));
    }
    server.library.add({
      id: "table",
      name: "A table",
      state: "finished",
      readsImages: false,
      hasModel: true,
    });
    for (const [id, why] of [
      ["nonsense", "The network that this address names is not here any more."],
      ["table", "A table does not read images, so nothing can be drawn for it."],
    ]) {
      await page.evaluate(`location.hash = "#draw?run=${id}"`);
      await page.getByText(why ?? "").waitFor();
      expect(hash()).toBe(`#draw?run=${id}`);
    }
    await page.getByRole("button", { name: /^Draw for/ }).click();
    await page.locator(".draw-canvas").waitFor();
    expectQuiet(opened);
  });

  it("asks nothing of a program that does not answer, and shows all as it was when it was last heard of", async () => {
    const server = await startFixtureServer({});
    const { page } = await openPage(server, "#train?run=training");
    server.library.play("training", 3);
    await page.getByText(/left$/).waitFor();
    await server.close();
    await soon(() => stateShown(page)).toBe("training when last heard of");
    await page.getByText(/left when last heard of$/).waitFor();
    for (const name of ["Pause", "One epoch", "Stop"]) {
      expect(await page.getByRole("button", { name }).getAttribute("aria-disabled")).toBe("true");
    }
  });

  it("grows its curves as the run learns, tells them in words and as a table, and the title how far it is", async () => {
    const server = await start();
    const opened = await openPage(server, "#train?run=training");
    const { page } = opened;
    const loss = page.locator(".chart-loss");
    const summary = loss.locator(".visually-hidden").first();
    await soon(() => loss.locator("canvas").count()).toBe(1);
    const isDrawn = `(() => {
      const canvas = document.querySelector(".chart-loss canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value) => value > 0);
    })()`;
    await soon(() => page.evaluate(isDrawn)).toBe(true);
    expect(await page.title()).toBe("2 of 40 epochs, training: Still at it · Train · mnist-native");
    await loss.getByText("As a table").click();
    await soon(() => loss.locator("tbody tr").count()).toBe(2);

    server.library.play("training", STEPS_PER_EPOCH);
    await soon(() => loss.locator("tbody tr").count()).toBe(3);
    await soon(() => page.title()).toBe("3 of 40 epochs, training: Still at it · Train · mnist-native");
    const { epochs } = server.library.detail("training") ?? { epochs: [] };
    const shown = String(Number(epochs.at(-1)?.validLoss?.toPrecision(3)));
    expect(await loss.locator("tbody tr").last().textContent()).toContain(shown);
    await soon(() => loss.getByRole("img").getAttribute("aria-describedby")).not.toBe(null);
    expect(await loss.textContent()).toContain(`to ${shown} at epoch 3`);
    expect(await summary.count()).toBe(1);
    expectQuiet(opened);
  });

  it("learns of a run that was still starting what it is made of, once it has begun", async () => {
    const events = createEventLog();
    const library = madeUpLibrary(events);
    const { id } = library.add({ name: "Just started", state: "starting", epochs: 5 });
    let hasBegun = false;
    const server = await start({
      app: {
        events,
        library: {
          ...library,
          detail(of) {
            const detail = library.detail(of);
            return detail && (hasBegun ? detail : { ...detail, layers: [], stepsPerEpoch: null });
          },
        },
      },
    });
    const opened = await openPage(server, `#train?run=${id}`);
    const { page } = opened;
    await page.getByText("It is about to begin").waitFor();
    hasBegun = true;
    library.add({ id, name: "Just started", epochs: 5 });
    library.play(id, 3);
    await page.locator(".chart-weight-norms").getByText("Output layer", { exact: true }).waitFor();
    await page.locator(".chart-loss").getByText("Each batch", { exact: true }).waitFor();
    expectQuiet(opened);
  });

  it("shows pictures of the newest model, the old ones until the new ones are there", async () => {
    const server = await start();
    const opened = await openPage(server, "#train?run=training");
    const { page } = opened;
    const picture = page.getByRole("img", { name: /^Weights of the first hidden units of Still at it/ });
    await picture.waitFor();
    const before = await picture.getAttribute("src");
    await page.getByRole("table", { name: /^How often each class/ }).waitFor();
    // Every moment in which there is no picture is counted.
    await page.evaluate(`(() => {
      window.gaps = 0;
      new MutationObserver(() => {
        if (document.querySelector(".weights-picture") === null) window.gaps++;
        if (document.querySelectorAll(".mistakes img").length === 0) window.gaps++;
      }).observe(document.body, { childList: true, subtree: true, attributes: true });
    })()`);
    server.library.play("training", STEPS_PER_EPOCH);
    await soon(() => picture.getAttribute("src")).not.toBe(before);
    expect(await page.evaluate("window.gaps")).toBe(0);
    // Each says of which moment it is.
    const moments = page.locator(".picture-head span");
    await soon(() => moments.allTextContents()).toEqual(Array(3).fill("After epoch 3"));

    const mistake = page.locator(".mistakes a").first();
    expect(await mistake.getAttribute("href")).toMatch(/^#look\?run=training&part=test&position=\d+$/);
    expectQuiet(opened);
  });

  it("offers no pictures of a network that reads no images", async () => {
    const server = await start();
    server.library.add({ id: "table", state: "finished", readsImages: false, hasModel: true });
    const opened = await openPage(server, "#train?run=table");
    await opened.page.getByText("This network reads numbers of a table, not images").waitFor();
    expect(await opened.page.locator(".pictures").count()).toBe(0);
    expectQuiet(opened);
  });

  it("tells what each end of a run means", async () => {
    const server = await start();
    server.library.add({ id: "interrupted", state: "interrupted" });
    server.library.add({ id: "elsewhere", state: "elsewhere", isSteerable: false });
    server.library.add({ id: "starting", state: "starting" });
    const opened = await openPage(server, "#train?run=failed");
    const { page } = opened;
    await page
      .getByText("The loss is not a number any more; take a smaller learning rate.", { exact: true })
      .waitFor();
    for (const [id, words] of [
      ["interrupted", "It was interrupted"],
      ["elsewhere", "Another program trains this network"],
      ["starting", "It is about to begin"],
    ] as const) {
      await page.evaluate(`location.hash = "#train?run=${id}"`);
      await page.getByText(words).waitFor();
    }
    await page.evaluate(`location.hash = "#train?run=starting"`);
    expect(await page.getByRole("button", { name: "Pause" }).count()).toBe(0);
    expectQuiet(opened);
  });

  it("says of a run that is not there what the server says", async () => {
    const server = await start();
    const { page } = await openAddress(browser, `${server.address}#train?run=none`);
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").textContent()).toMatch(/^There is no run of this name here/);
  });

  it("begins with the form where nothing is trained yet, with one button that stands out", async () => {
    const events = createEventLog();
    const server = await start({ app: { events, library: madeUpLibrary(events) } });
    const opened = await openPage(server, "");
    const { page } = opened;
    await page.getByRole("heading", { level: 1, name: "Nothing trained yet" }).waitFor();
    expect(await page.locator(".button-primary").allTextContents()).toEqual(["Start training"]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Start training" }).click();
    await soon(() => stateShown(page)).toBe("training");
    expectQuiet(opened);
  });

  it.each([
    "#train?run=training&with=finished",
    "#train?new=modern&epochs=0&hidden=0,20",
    "#train?run=failed",
  ])(
    "has no fault of accessibility, and nothing sticks out, from phone to desktop, light and dark: %s",
    async (hash) => {
      const server = await start();
      const opened = await openPage(server, hash);
      const { page } = opened;
      if (hash.includes("training")) await page.locator(".weights-picture").waitFor();
      for (const width of [375, 768, 1280, 1920]) {
        await page.setViewportSize({ width, height: 900 });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          const place = `${width} pixels, ${colorScheme}`;
          expect(await accessibilityFaults(page), place).toEqual([]);
          expect(await overflow(page), place).toBeLessThanOrEqual(0);
          expect(await stickingOut(page), place).toEqual([]);
          expect(await brokenWords(page), place).toEqual([]);
        }
      }
      expectQuiet(opened);
    },
  );
});
