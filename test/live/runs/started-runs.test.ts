import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createDrawings } from "../../../src/live/drawings/drawings.js";
import type { StartSettings } from "../../../src/live/protocol.js";
import { createRunLibrary, type LiveRunLibrary } from "../../../src/live/runs/create-run-library.js";
import { LOCK_FILE } from "../../../src/runs/run-folder.js";
import { cpuLimits } from "../../../src/system/machine.js";
import { takeProcessLock } from "../../../src/system/process-lock.js";
import { startProgram } from "../../cli/harness.js";
import { testImage, writeSmallData } from "../../cli/small-data.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { type RecordingLog, recordingLog } from "./recording-log.js";
import { makeRun } from "./run-folders.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const newFolder = () => mkdtempSync(join(folder, "runs-"));

const libraries: LiveRunLibrary[] = [];
afterEach(() => Promise.all(libraries.splice(0).map((library) => library.close())));

const SETTINGS: StartSettings = {
  dataset: "mnist",
  hidden: [8],
  activation: "relu",
  loss: "crossEntropy",
  optimizer: "adam",
  learningRate: 0.01,
  batchSize: 100,
  epochs: 2,
  seed: 1,
  augment: false,
};
const ENDLESS = { ...SETTINGS, epochs: 1000 };

function open({ dataDir = data, ...folders }: { dataDir?: string; runs?: string; paths?: string[] } = {}) {
  const { runs = newFolder(), paths = [runs] } = folders;
  vi.stubEnv("OMP_NUM_THREADS", "1");
  const log = recordingLog();
  const library = createRunLibrary({ events: log, paths, newRuns: runs, dataDir });
  libraries.push(library);
  return { runs, log, library };
}

function untilState(log: RecordingLog, id: string, state: string) {
  return log.until((event) => event.type === "run" && event.run.id === id && event.run.state === state);
}

function summaryIn(run: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(run, "summary.json"), "utf8"));
}

describe("a run that is started from the page", { timeout: 60_000 }, () => {
  it("trains in a process of its own, and is kept", async () => {
    const { library, log, runs } = open();
    const { id, name, state } = await library.start({ ...SETTINGS, augment: true });
    expect(name).toMatch(/^\d{4}-\d\d-\d\d-1-8-relu$/);
    expect(state).toBe("starting");
    await log.until(
      (event) => event.type === "epochs" && event.id === id && event.epochs.at(-1)?.epoch === 2,
    );
    await untilState(log, id, "finished");
    await log.until((event) => event.type === "run" && event.run.testAccuracy !== null);
    await library.close();
    const detail = library.detail(id);
    expect(detail?.run).toMatchObject({ name, state: "finished", network: "784-8-10", isSteerable: false });
    expect(detail?.run.testAccuracy).toBe(summaryIn(join(runs, name)).testAccuracy);
    expect(detail?.epochs).toHaveLength(2);
    expect(detail?.samples.length).toBeGreaterThan(0); // Which its files do not tell.
    expect(detail?.layers).toEqual(["layers.0", "layers.1"]);
    const model = await library.model(id);
    expect(Buffer.from(model?.bytes ?? [])).toEqual(readFileSync(join(runs, name, "model.safetensors")));
    expect(model?.version).toBe(detail?.modelVersion);
    const config = JSON.parse(readFileSync(join(runs, name, "config.json"), "utf8"));
    expect(config).toMatchObject({ dataDir: data, augment: { shift: 1 }, seed: 1 });
  });

  it("is shown beside the runs that were named, and no other of its folder is", async () => {
    const runs = newFolder();
    makeRun(join(runs, "other"));
    const { library, log } = open({ runs, paths: [makeRun(join(newFolder(), "named"))] });
    await library.refresh();
    const { id, name } = await library.start({ ...SETTINGS, epochs: 1 });
    await untilState(log, id, "finished");
    await library.refresh();
    expect(library.summaries().map((run) => basename(run.name))).toEqual([name, "named"]);
    expect(library.summaries().map(({ state }) => state)).toEqual(["finished", "finished"]);
  });

  it("is stopped while it is still getting ready, and leaves nothing", async () => {
    const { library, log, runs } = open();
    const { id, isSteerable } = await library.start(ENDLESS);
    expect(isSteerable).toBe(true);
    await library.command(id, "stop");
    expect(library.detail(id)?.run.state).toBe("stopping");
    await untilState(log, id, "interrupted");
    expect(readdirSync(runs)).toEqual([]);
    expect(library.detail(id)?.run.isSteerable).toBe(false);
  });

  it("is paused, goes on for one epoch, goes on, and is stopped", async () => {
    const { library, log, runs } = open();
    const { id, name } = await library.start(ENDLESS);
    await log.until((event) => event.type === "epochs");
    library.command(id, "pause");
    await untilState(log, id, "paused");
    const before = library.detail(id)?.run.epoch ?? 0;
    library.command(id, "step");
    await log.until(
      (event) => event.type === "run" && event.run.epoch === before + 1 && event.run.state === "paused",
    );
    library.command(id, "resume");
    await log.until((event) => event.type === "run" && event.run.epoch > before + 2);
    library.command(id, "stop");
    await untilState(log, id, "stopped");
    await log.until((event) => event.type === "run" && event.run.testAccuracy !== null);
    await library.close();
    expect(library.detail(id)?.run).toMatchObject({ state: "stopped", isSteerable: false });
    expect(summaryIn(join(runs, name))).toMatchObject({ interrupted: false });
    // Whoever looks at the folder later finds the same.
    const again = open({ runs });
    await again.library.refresh();
    expect(again.library.detail(id)?.run).toMatchObject({ state: "stopped" });
    expect(again.library.detail(id)?.run.reason).toMatch(
      /^It was stopped from the page after \d+ of 1000 epochs\.$/,
    );
  });

  it("keeps a checkpoint when the server ends, paused or not", async () => {
    const { library, log, runs } = open();
    const { id, name } = await library.start(ENDLESS);
    await log.until((event) => event.type === "epochs");
    library.command(id, "pause");
    await untilState(log, id, "paused");
    await library.close();
    expect(summaryIn(join(runs, name))).toMatchObject({ interrupted: true });
    expect(existsSync(join(runs, name, "checkpoints/last.safetensors"))).toBe(true);
    expect(library.detail(id)?.run).toMatchObject({ state: "interrupted" });
    await expect(library.start(SETTINGS)).rejects.toThrow(/The server is about to end/);
  });

  it("is waited for when the server ends while it is being started", async () => {
    const { library, log } = open();
    const started = library.start(ENDLESS);
    await library.close();
    const { id } = await started;
    const last = log.events.findLast((event) => event.type === "run" && event.run.id === id);
    expect(last).toMatchObject({ run: { state: "interrupted" } });
  });

  it("says why it failed, in the sentence of its process, and leaves no empty folder", async () => {
    const nothing = newFolder();
    const { library, log, runs } = open({ dataDir: nothing });
    const { id } = await library.start(SETTINGS);
    await untilState(log, id, "failed");
    await library.close();
    expect(library.detail(id)?.run.reason).toMatch(
      /^No train-images-idx3-ubyte|^.*train-images-idx3-ubyte.*\.$/,
    );
    expect(readdirSync(runs)).toEqual([]);
    expect(library.summaries()).toHaveLength(1);
  });

  it("is refused where as many go on as there are processors, and each has a name of its own", async () => {
    const { library } = open();
    const most = cpuLimits().affinity;
    const runs = await Promise.all(Array.from({ length: most }, () => library.start(ENDLESS)));
    expect(new Set(runs.map(({ name }) => name)).size).toBe(most);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(most);
    await expect(library.start(SETTINGS)).rejects.toThrow(/Expected fewer runs at once/);
  });

  it("learns from drawings, once there are enough", async () => {
    const [runs, drawings] = [newFolder(), join(newFolder(), "drawings")];
    const log = recordingLog();
    const library = createRunLibrary({ events: log, paths: [runs], newRuns: runs, drawings });
    libraries.push(library);
    const isOffered = async () => {
      await library.refresh();
      return library.starting?.datasets.some(({ name }) => name === "drawings");
    };
    expect(await isOffered()).toBe(false);
    await expect(library.start({ ...SETTINGS, dataset: "drawings" })).rejects.toThrow(/for dataset/);
    const own = createDrawings({ folder: drawings });
    for (let row = 0; row < 60; row++) {
      const { pixels, label } = testImage(row);
      if (label > 1) continue;
      const body = { label, width: 28, height: 28, pixels: Buffer.from(pixels).toString("base64") };
      await own.add(body);
    }
    for (let copy = 0; copy < 30; copy++) {
      const label = copy % 2;
      const pixels = Buffer.alloc(784, 1 + copy).toString("base64");
      await own.add({ label, width: 28, height: 28, pixels });
    }
    expect(await isOffered()).toBe(true);
    const told = log.events.findLast(({ type }) => type === "starting");
    expect(told).toEqual({ type: "starting", starting: library.starting }); // Pages that are open offer it at once.
    const { id, dataset } = await library.start({ ...SETTINGS, dataset: "drawings", batchSize: 5 });
    expect(dataset).toBe("your drawings");
    await expect.poll(() => library.detail(id)?.run.state, { timeout: 30_000 }).toBe("finished");
    await library.close();
    const { run } = library.detail(id) ?? {};
    expect(run).toMatchObject({ dataset: "your drawings", settings: { "Data set": "your drawings" } });
  });

  it("goes on when the server is killed, also from a pause, and is found by the next one", async () => {
    const runs = newFolder();
    mkdirSync(runs, { recursive: true });
    const at = (path: string) => JSON.stringify(new URL(`../../../dist/live/${path}`, import.meta.url).href);
    const program = `
      const { createRunLibrary } = await import(${at("runs/create-run-library.js")});
      const hear = ({ type, run }) => {
        if (type === "epochs" && !isPaused) {
          isPaused = true;
          library.command(id, "pause");
        }
        if (type === "run" && run.state === "paused") console.log("paused");
      };
      let isPaused = false;
      const events = { readers: 1, lastId: 0, append: hear };
      const library = createRunLibrary({ events, paths: [], newRuns: ${JSON.stringify(runs)}, dataDir: ${JSON.stringify(data)} });
      const { id } = await library.start(${JSON.stringify({ ...SETTINGS, epochs: 400 })});
      setInterval(() => {}, 1000);`;
    const server = startProgram(process.execPath, ["--input-type=module", "-e", program]);
    await server.printed("paused");
    const { library, log } = open({ runs });
    await library.refresh();
    const [run] = library.summaries();
    expect(run).toMatchObject({ state: "elsewhere", isSteerable: false });
    server.child.kill("SIGKILL");
    await server.finished;
    await untilState(log, run?.id ?? "", "finished");
    expect(library.detail(run?.id ?? "")?.epochs).toHaveLength(400);
    expect(summaryIn(join(runs, run?.name ?? ""))).toMatchObject({ interrupted: false });
  });
});

describe("a run that was interrupted", { timeout: 60_000 }, () => {
  it("goes on in a process of its own, with what it had, and is kept as one run", async () => {
    const { library, log, runs } = open();
    const { id, name } = await library.start({ ...SETTINGS, epochs: 60 });
    await log.until((event) => event.type === "epochs");
    await library.close();
    const again = open({ runs });
    await again.library.refresh();
    const before = again.library.detail(id);
    expect(before?.run).toMatchObject({ state: "interrupted", canGoOn: true, goOnCommand: null });
    const [first, second] = await Promise.all([
      again.library.command(id, "resume"),
      again.library.command(id, "resume"),
    ]);
    expect(second).toEqual(first);
    expect(first).toMatchObject({ id, name, hasModel: true, canGoOn: false, network: "784-8-10" });
    expect(first.startedAt).toBe(before?.run.startedAt);
    expect(again.library.detail(id)?.epochs.length).toBeGreaterThanOrEqual(before?.epochs.length ?? 1);
    await untilState(again.log, id, "finished");
    await again.library.close();
    const after = again.library.detail(id);
    expect(after?.run).toMatchObject({ name, state: "finished", epoch: 60, canGoOn: false });
    expect(after?.epochs).toHaveLength(60);
    expect(after?.modelVersion).toBeGreaterThan(before?.modelVersion ?? 0);
    expect(summaryIn(join(runs, name))).toMatchObject({ epochs: 60, interrupted: false });
  });

  it("tells the command where no run can be started, to who sits at this machine", async () => {
    const { library, log, runs } = open();
    const { id, name } = await library.start(ENDLESS);
    await log.until((event) => event.type === "epochs");
    await library.close();
    const closed = (tellsPlaces: boolean) => {
      const page = createRunLibrary({ events: recordingLog(), paths: [runs], newRuns: null, tellsPlaces });
      libraries.push(page);
      return page;
    };
    const [frank, strict] = [closed(true), closed(false)];
    await Promise.all([frank.refresh(), strict.refresh()]);
    const path = relative(process.cwd(), realpathSync(join(runs, name)));
    expect(frank.detail(id)?.run).toMatchObject({
      canGoOn: false,
      goOnCommand: `npx mnist-native train --resume ${path}`,
    });
    expect(strict.detail(id)?.run).toMatchObject({ canGoOn: false, goOnCommand: null });
    expect(() => frank.command(id, "resume")).toThrow(/has ended/);
  });

  it("is told with its process while another one trains it, where that may be known", async () => {
    const run = makeRun(join(newFolder(), "held"), { finished: 1, summary: null });
    const lock = takeProcessLock(join(run, LOCK_FILE));
    if (!("release" in lock)) throw new Error("It is held.");
    onTestFinished(() => lock.release());
    const reasons = [true, false].map(async (tellsPlaces) => {
      const library = createRunLibrary({ events: recordingLog(), paths: [run], newRuns: null, tellsPlaces });
      libraries.push(library);
      await library.refresh();
      const [{ state, reason } = {}] = library.summaries();
      return { state, reason };
    });
    const [told, untold] = await Promise.all(reasons);
    expect(told).toEqual({
      state: "elsewhere",
      reason: `Process ${process.pid} trains it; the command kill -INT ${process.pid} ends it, and it keeps a checkpoint first.`,
    });
    expect(untold).toEqual({ state: "elsewhere", reason: null });
  });
});

describe("the settings of a new run", () => {
  it.each<[string, unknown, RegExp]>([
    ["no object", "mnist", /expected an object of options.*received a string/],
    ["an unknown name", { ...SETTINGS, epoch: 3 }, /there is no option "epoch"; did you mean epochs\?/],
    ["a missing one", { ...SETTINGS, loss: undefined }, /Expected one of .* for loss of a new run/],
    [
      "an unknown data set",
      { ...SETTINGS, dataset: "../etc" },
      /for dataset of a new run but received "\.\.\/etc"/,
    ],
    ["too many layers", { ...SETTINGS, hidden: [1, 1, 1, 1, 1] }, /at most 4 numbers of units for hidden/],
    ["too many units", { ...SETTINGS, hidden: [8, 1025] }, /from 1 to 1024 for hidden\[1\].* received 1025/],
    ["half a unit", { ...SETTINGS, hidden: [1.5] }, /a whole number from 1 to 1024/],
    ["no learning", { ...SETTINGS, learningRate: 0 }, /from 0.00001 to 10 for learningRate/],
    ["no number", { ...SETTINGS, learningRate: Number.NaN }, /for learningRate .* received NaN/],
    ["an endless run", { ...SETTINGS, epochs: 1e9 }, /from 1 to 1000 for epochs/],
    ["a huge batch", { ...SETTINGS, batchSize: 1e6 }, /from 1 to 1000 for batchSize/],
    ["a seed below 0", { ...SETTINGS, seed: -1 }, /from 0 to 4294967295 for seed/],
    ["a word for yes", { ...SETTINGS, augment: "yes" }, /true or false for augment/],
    ["a path in a name", { ...SETTINGS, activation: "relu/../../x" }, /for activation/],
  ])("are refused where they are out of bounds: %s", async (_, settings, sentence) => {
    const { library, runs } = open();
    await expect(library.start(settings)).rejects.toThrow(sentence);
    expect(readdirSync(runs)).toEqual([]);
  });

  it("are all accepted as the presets have them", async () => {
    const { library } = open();
    const presets = library.starting?.presets ?? [];
    expect(presets.map(({ name }) => name)).toEqual(["quick", "chapter", "large"]);
    const { checkStartSettings, configOf } = await import("../../../src/live/runs/start-settings.js");
    for (const { settings } of presets) {
      if (library.starting === null) throw new Error("null");
      expect(checkStartSettings(settings, library.starting)).toEqual(settings);
      await configOf(settings, { dataDir: undefined, drawings: undefined });
    }
  });

  it("may be any of those that are offered", async () => {
    const { library } = open();
    const { starting } = library;
    const { configOf, checkStartSettings } = await import("../../../src/live/runs/start-settings.js");
    if (starting === null) throw new Error("null");
    for (const { name: dataset } of starting.datasets) {
      for (const loss of starting.losses) {
        for (const optimizer of starting.optimizers) {
          const settings = checkStartSettings({ ...SETTINGS, dataset, loss, optimizer }, starting);
          const config = await configOf(settings, { dataDir: undefined, drawings: undefined });
          expect(config.dataset).toBe(dataset === "mnist" ? undefined : dataset);
        }
      }
    }
  });
});

describe("a page without a folder for new runs", () => {
  it("offers none", async () => {
    const library = createRunLibrary({ events: recordingLog(), paths: [newFolder()], newRuns: null });
    libraries.push(library);
    expect(library.starting).toBeNull();
    await expect(library.start(SETTINGS)).rejects.toThrow(/no folder for new runs/);
  });
});
