import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { createTable } from "../../../src/data/create-table.js";
import { InvalidArgumentError, LivePageError } from "../../../src/errors.js";
import type { TrainingMessage } from "../../../src/live/protocol.js";
import { type LivePage, startLivePage } from "../../../src/live/watching/live-page.js";
import { createLiveView, type LiveViewOptions, liveView } from "../../../src/live/watching/live-view.js";
import { MOST_IMAGES, sharedImages } from "../../../src/live/watching/shared-images.js";
import type { LiveWorkerData } from "../../../src/live/worker-messages.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import type { Callback } from "../../../src/training/callback.js";
import { fit } from "../../../src/training/fit.js";
import { quarters, randomDataset } from "../../training/datasets.js";
import { inShort, recordingChannel } from "./recording-channel.js";

const receiver = fileURLToPath(new URL("programs/receiver.mjs", import.meta.url));
const program = fileURLToPath(new URL("programs/live-view-program.mjs", import.meta.url));
const dataset = quarters(30);
const network = () => new MultilayerPerceptron({ layers: [16, 3, 4], backend: createJavaScriptBackend() });

/** A view whose page is a worker that stands for the server. */
const view = (options: LiveViewOptions) => createLiveView(options, (data) => startLivePage(data, receiver));

describe("a live view", () => {
  it("tells where its page is before the first step, and hands over images to look at", async () => {
    const events: string[] = [];
    const live = view({
      port: 1234,
      host: "localhost",
      images: dataset,
      onListening: (address) => void events.push(address),
    });
    expect(live.address).toBeUndefined();
    const noting: Callback = { onTrainBegin: () => void events.push("begins") };
    await fit(network(), dataset, { epochs: 1, callbacks: [live, noting] });
    expect(events).toEqual(["http://localhost:1234/?images=30", "begins"]);
    expect(live.address).toBe(events[0]);
    await live.close();
    expect(live.address).toBeUndefined();
    await live.close();
  });

  it("shows one training after another in the same page, and in a new one when that was closed", async () => {
    const started: LiveWorkerData[] = [];
    const messages: TrainingMessage[][] = [];
    const live = createLiveView({ name: "Mine" }, async (data) => {
      started.push(data);
      const channel = recordingChannel();
      messages.push(channel.messages);
      let isOpen = true;
      return {
        address: `http://127.0.0.1:${started.length}/`,
        channel,
        get isOpen() {
          return isOpen;
        },
        stay() {},
        async close() {
          isOpen = false;
        },
      };
    });
    const train = () => fit(network(), dataset, { epochs: 1, callbacks: [live] });
    await train();
    await train();
    expect(started).toEqual([
      { host: null, port: null, name: "Mine", folder: null, settings: {}, dataset: null, images: null },
    ]);
    const one = ["begin", "model 0", "sample", "epoch 1", "model 1", "end finished"];
    expect(messages.map(inShort)).toEqual([[...one, ...one]]);
    live.ended({ state: "finished", testAccuracy: 0.8 });
    expect(messages[0]?.at(-1)).toEqual({ type: "end", state: "finished", testAccuracy: 0.8 });
    await live.close();
    live.ended({ state: "failed" });
    await train();
    expect(live.address).toBe("http://127.0.0.1:2/");
    expect(messages.map(inShort)[1]).toEqual(one);
  });

  it.each([
    ["cannot listen", InvalidArgumentError, "The ports are all taken."],
    ["breaks before it listens", LivePageError, "The live page cannot be started: There is no room."],
    [
      "ends before it listens",
      LivePageError,
      "The live page cannot be started: its thread ended with code 3 before it was ready.",
    ],
  ] as const)("that %s ends the training before its first step", async (name, kind, message) => {
    let steps = 0;
    const noting: Callback = {
      onStepBegin() {
        steps += 1;
      },
    };
    const error = await fit(network(), dataset, { epochs: 1, callbacks: [view({ name }), noting] }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).toBe(message);
    expect(steps).toBe(0);
  });

  it("starts one page, and not one for each training that begins meanwhile", async () => {
    const pages: LivePage[] = [];
    const live = createLiveView({}, async (data) => {
      const page = await startLivePage(data, receiver);
      pages.push(page);
      return page;
    });
    const train = () => fit(network(), dataset, { epochs: 1, callbacks: [live] });
    await Promise.all([train(), train()]);
    await live.close();
    expect(pages.map(({ isOpen }) => isOpen)).toEqual([false]);
  });

  it("ends its page where nobody can be told of it", async () => {
    const failure = new Error("The terminal is gone.");
    let closed = 0;
    const live = createLiveView(
      {
        onListening() {
          throw failure;
        },
      },
      async () => ({
        address: "http://127.0.0.1:1/",
        channel: recordingChannel(),
        isOpen: true,
        stay() {},
        async close() {
          closed += 1;
        },
      }),
    );
    await expect(fit(network(), dataset, { callbacks: [live] })).rejects.toBe(failure);
    expect(closed).toBe(1);
  });

  it("lets a training go on whose page is closed in a pause", async () => {
    const live = view({});
    const pausing: Callback = {
      onEpochEnd: ({ control, epoch }) => void (epoch === 1 && control.pause()),
      onPause: () => void live.close(),
    };
    const { epochs } = await fit(network(), dataset, { epochs: 2, callbacks: [live, pausing] });
    expect(epochs).toHaveLength(2);
  });

  it("refuses what is no option, before anything is started", () => {
    const wrong = (options: unknown) => () => liveView(options as never);
    expect(wrong({ prot: 1 })).toThrow('liveView: there is no option "prot"; did you mean port?');
    expect(wrong({ port: 65_536 })).toThrow(
      "Expected a whole number from 0 to 65535 for port but received 65536.",
    );
    expect(wrong({ port: "80" })).toThrow('for port but received "80".');
    expect(wrong({ host: "" })).toThrow(
      'Expected a name or an address of this machine for host but received "".',
    );
    expect(wrong({ name: 3 })).toThrow("Expected a text for name but received 3.");
    expect(wrong({ open: 1 })).toThrow("Expected true or false for open but received 1.");
    expect(wrong({ waits: 1 })).toThrow("Expected true or false for waits but received 1.");
    expect(wrong({ onListening: 1 })).toThrow("Expected a function for onListening but received 1.");
    expect(wrong({ images: [] })).toThrow(
      "Expected a dataset in memory for images, to look at on the live page, but received an array.",
    );
    const table = createTable({ features: [[1, 2]], labels: [1], classes: 2 });
    expect(wrong({ images: table })).toThrow(
      "Expected a dataset of images in classes for images, to look at on the live page, but received one of numbers; leave images out.",
    );
  });
});

describe("a program with a live view", () => {
  /** @param onOutput Told of all that was printed so far. */
  const started = (
    args: readonly string[],
    onOutput: (printed: string, child: ChildProcess) => void = () => {},
  ) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      printed += chunk;
      onOutput(printed, child);
    });
    return once(child, "close").then((exit) => ({ exit, printed }));
  };
  const run: typeof started = (args, onOutput) => started([program, ...args], onOutput);

  it("ends when it has nothing else to do", async () => {
    expect(await run(["Training"])).toEqual({
      exit: [0, null],
      printed: "http://127.0.0.1:4747/?images=40\ntrained 3 epochs\n",
    });
  });

  it.each([[], ["--no-addons"]])("may be given to Node.js as a text, with %j", async (...options) => {
    const { href } = new URL("../../../dist/live/watching/live-page.js", import.meta.url);
    const code = `
      import { startLivePage } from ${JSON.stringify(href)};
      const data = { host: null, port: 8, name: "x", folder: null, settings: {}, dataset: null, images: null };
      console.log((await startLivePage(data, ${JSON.stringify(receiver)})).address);`;
    const args = [...options, "--input-type=module", "--eval", code];
    expect(await started(args)).toEqual({ exit: [0, null], printed: "http://127.0.0.1:8/\n" });
  });

  it("stays for a page that is to stay, also where the page is listened to afterwards", async () => {
    const { href } = new URL("../../../dist/live/watching/live-page.js", import.meta.url);
    const code = `
      import { startLivePage } from ${JSON.stringify(href)};
      const data = { host: null, port: 8, name: "x", folder: null, settings: {}, dataset: null, images: null };
      const page = await startLivePage(data, ${JSON.stringify(receiver)});
      page.stay(true);
      page.channel.listen(() => {});
      // It keeps nothing alive, so that it comes only where the page does.
      setTimeout(() => page.close().then(() => console.log("closed")), 1).unref();`;
    const { printed } = await started(["--input-type=module", "--eval", code]);
    expect(printed).toBe("closed\n");
  });

  it("stays where it waits, until the page is closed", async () => {
    const { exit, printed } = await run(["Training", "waits", "closes"], (all, child) => {
      if (all.endsWith("trained 3 epochs\n")) child.kill("SIGTERM");
    });
    expect(exit).toEqual([0, null]);
    expect(printed).toContain("closed");
  });

  it("is steered by its page", async () => {
    const { exit, printed } = await run(["steps and stops"]);
    expect(exit).toEqual([0, null]);
    expect(printed).toContain("trained 2 epochs");
  });

  it("goes on when its page breaks, and says so", async () => {
    const { exit, printed } = await run(["breaks in a pause"]);
    expect(exit).toEqual([0, null]);
    expect(printed).toContain("The live page ended by an error, and the training goes on: It broke.");
    expect(printed).toContain("trained 3 epochs");
  });
});

describe("images to look at", () => {
  it("are copies of the first rows of a dataset, and not too many", () => {
    const all = randomDataset(MOST_IMAGES + 200, 2, 7);
    const part = { ...all, rows: all.rows.subarray(100).toReversed() };
    const { pixels, labels, classes, classNames, imageShape } = sharedImages(part);
    expect([classes, classNames, imageShape]).toEqual([7, null, [2, 2]]);
    expect(labels).toHaveLength(MOST_IMAGES);
    expect(pixels).toHaveLength(4 * MOST_IMAGES);
    for (const i of [0, 1, MOST_IMAGES - 1]) {
      const row = part.rows[i] as number;
      expect(labels[i]).toBe(all.targets.labels[row]);
      expect(pixels.subarray(4 * i, 4 * i + 4)).toEqual(all.features.data.subarray(4 * row, 4 * row + 4));
    }
    const few = sharedImages(quarters(9));
    expect(few.labels).toHaveLength(9);
    expect(few.pixels.buffer).not.toBe(dataset.features.data.buffer);
  });
});
