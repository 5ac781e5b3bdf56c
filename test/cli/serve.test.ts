import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { RunSummary, StartSettings } from "../../src/live/protocol.js";
import { makeRun } from "../live/runs/run-folders.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, type Environment, expectFault, expectSuccess } from "./harness.js";
import { type ServedPage, servePage } from "./served-page.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const newFolder = () => mkdtempSync(join(folder, "work-"));

const SETTINGS: StartSettings = {
  dataset: "mnist",
  hidden: [8],
  activation: "relu",
  loss: "crossEntropy",
  optimizer: "adam",
  learningRate: 0.01,
  batchSize: 100,
  epochs: 3,
  seed: 1,
  augment: false,
};

const pages: ServedPage[] = [];
afterEach(async () => {
  for (const page of pages.splice(0)) {
    page.kill("SIGKILL");
    await page.finished;
  }
});

async function serve(cwd: string, args: readonly string[] = [], environment: Environment = {}) {
  const all = ["serve", "--port", "0", "--data-dir", data, ...args];
  const page = await servePage(all, { cwd, environment });
  pages.push(page);
  return page;
}

function start(page: ServedPage, changes: Partial<StartSettings> = {}): Promise<RunSummary> {
  return page.post("runs", { ...SETTINGS, ...changes });
}

describe("serve", { timeout: 60_000 }, () => {
  it("says where the page is, with nothing behind its address, and ends by Ctrl-C without an error", async () => {
    const cwd = newFolder();
    const page = await serve(cwd);
    expect((await page.overview()).runs).toEqual([]);
    const html = await fetch(page.address);
    expect(await html.text()).toContain("<!doctype html>");
    page.kill("SIGINT");
    expect(expectSuccess(await page.finished)).toMatch(
      /^The page is at http:\/\/127\.0\.0\.1:\d+\/\nPress Ctrl-C to end it\.\n$/,
    );
    expect(existsSync(join(cwd, "runs"))).toBe(false); // It is made when the first run starts.
  });

  it("keeps runs that are started in the folder runs, and shows them again", async () => {
    const cwd = newFolder();
    const page = await serve(cwd);
    const { id, name } = await start(page);
    const run = await page.untilRun((run) => run.id === id && run.testAccuracy !== null);
    const summary = JSON.parse(readFileSync(join(cwd, "runs", name, "summary.json"), "utf8"));
    expect(run).toMatchObject({ state: "finished", epoch: 3, testAccuracy: summary.testAccuracy });
    page.kill("SIGTERM");
    expectSuccess(await page.finished);
    const again = await serve(cwd);
    expect(await again.untilRun((run) => run.id === id)).toMatchObject({ name, state: "finished" });
  });

  it("lets two runs train at once", async () => {
    const page = await serve(newFolder());
    const first = await start(page, { epochs: 1000 });
    await page.untilRun((run) => run.id === first.id && run.epoch > 0);
    // However long the second takes to begin, there is something left of the first.
    await page.post(`runs/${first.id}/command`, { command: "pause" });
    await page.untilRun((run) => run.id === first.id && run.state === "paused");
    const second = await start(page, { epochs: 1000 }).catch((error: unknown) => error);
    if (second instanceof Error) {
      expect(second.message).toMatch(/answered 400.*Expected fewer runs at once: one is going on/); // On one processor.
      return;
    }
    const { id } = second as RunSummary;
    await page.untilRun((run) => run.id === id && run.epoch > 0);
    await page.post(`runs/${first.id}/command`, { command: "resume" });
    await page.untilRun((run) => run.id === first.id && run.state === "training");
    const states = (await page.overview()).runs.map(({ state }) => state);
    expect(states).toEqual(["training", "training"]);
  });

  it("ends runs that go on with a checkpoint when it is ended, and says how to go on", async () => {
    const cwd = newFolder();
    const page = await serve(cwd);
    const { id, name } = await start(page, { epochs: 1000 });
    await page.untilRun((run) => run.id === id && run.epoch > 0);
    page.kill("SIGINT");
    const stdout = expectSuccess(await page.finished);
    expect(stdout).toContain(`Go on with runs/${name}: npx mnist-native train --resume runs/${name}\n`);
    const { epochs } = JSON.parse(readFileSync(join(cwd, "runs", name, "summary.json"), "utf8"));
    const path = join(cwd, "runs", name);
    expectSuccess(await cli(["train", "--resume", path, "--epochs", String(epochs + 1)]));
    expect(JSON.parse(readFileSync(join(path, "summary.json"), "utf8"))).toMatchObject({
      epochs: epochs + 1,
      interrupted: false,
    });
  });

  it("finds a run again that went on when it was killed", async () => {
    const cwd = newFolder();
    const page = await serve(cwd);
    const { id } = await start(page, { epochs: 150 });
    await page.untilRun((run) => run.id === id && run.epoch > 0);
    page.kill("SIGKILL");
    await page.finished;
    const again = await serve(cwd);
    expect(await again.untilRun((run) => run.id === id)).toMatchObject({ isSteerable: false });
    await expect(again.post(`runs/${id}/command`, { command: "stop" })).rejects.toThrow(/answered 409/);
    const run = await again.untilRun((run) => run.id === id && run.state === "finished");
    expect(run).toMatchObject({ epoch: 150, hasModel: true });
  });

  it("draws digits where MNIST cannot be had, and says so", { timeout: 120_000 }, async () => {
    const cwd = newFolder();
    const nowhere = {
      HOME: cwd,
      XDG_CACHE_HOME: cwd,
      KERAS_HOME: cwd,
      https_proxy: "http://proxy.invalid:8080",
    };
    const page = await servePage(["serve", "--port", "0"], { cwd, environment: nowhere });
    pages.push(page);
    const { starting } = await page.overview();
    const [preset] = starting?.presets ?? [];
    const { id } = await page.post<RunSummary>("runs", { ...preset?.settings, epochs: 1, hidden: [4] });
    const run = await page.untilRun((run) => run.id === id && run.dataset === "synthetic");
    expect(run.notice).toMatch(/^MNIST cannot be had, so this run uses digits drawn by the program;/);
    const finished = await page.untilRun((run) => run.id === id && run.state === "finished");
    expect(finished.notice).toBe(run.notice); // Also when its files tell of it.
  });

  it("offers no download where they are forbidden, and begins with drawn digits", async () => {
    const cwd = newFolder();
    const nowhere = { HOME: cwd, XDG_CACHE_HOME: cwd, KERAS_HOME: cwd, MNIST_NATIVE_OFFLINE: "1" };
    const page = await servePage(["serve", "--port", "0"], { cwd, environment: nowhere });
    pages.push(page);
    const { starting } = await page.overview();
    const states = Object.fromEntries(starting?.datasets.map(({ name, state }) => [name, state]) ?? []);
    expect(states).toMatchObject({ mnist: "missing", kmnist: "missing", synthetic: "here" });
    expect(starting?.presets.map(({ settings }) => settings.dataset)).toEqual(
      starting?.presets.map(() => "synthetic"),
    );
  });

  it("shows the runs and models that are named", async () => {
    const [cwd, runs] = [newFolder(), newFolder()];
    makeRun(join(runs, "a"));
    makeRun(join(runs, "b"), { changes: { "config.json": "broken" } });
    const page = await serve(cwd, [join(runs, "a"), join(runs, "b")]);
    const a = await page.untilRun(({ name }) => name === "a" || name === "a/a");
    expect(a).toMatchObject({ state: "finished" });
    const b = await page.untilRun(({ name }) => name === "b");
    expect(b).toMatchObject({ state: "failed" });
    expect(b.reason).toMatch(/^b\/config\.json is not JSON/);
  });

  it("says what is to be named in place of another file", async () => {
    const cwd = newFolder();
    const config = join(makeRun(join(cwd, "a")), "config.json");
    expectFault(await cli(["serve", config], { cwd }), 2, /config\.json is neither a folder nor a model/);
  });

  it("takes the next port where one is taken, and says so", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    try {
      const page = await servePage(["serve", "--port", String(port)], { cwd: newFolder() });
      pages.push(page);
      expect(new URL(page.address).port).not.toBe(String(port));
      expect(page.printed()).toContain(`Port ${port} is taken by another program, so the page has port `);
    } finally {
      other.close();
    }
  });

  it("gives others than this machine a token", async () => {
    const page = await serve(newFolder(), ["--host", "0.0.0.0"]);
    expect(page.printed()).toMatch(/http:\/\/[^/]+:\d+\/\?token=[\w-]{16,}\n/);
    expect((await fetch(`http://127.0.0.1:${new URL(page.address).port}/api/overview`)).status).toBe(401);
  });

  it.each<[readonly string[], 1 | 2, RegExp]>([
    [["--port", "x"], 2, /Expected a whole number from 0 to 65535 for --port but received "x"/],
    [["--port", "70000"], 2, /from 0 to 65535/],
    [["--ports", "1"], 2, /There is no option --ports for serve; did you mean --port\?/],
    [["--live"], 2, /There is no option --live for serve/],
    [
      ["not-there"],
      1,
      /There is no not-there to serve; name a run, a model, or a folder with runs below it\./,
    ],
    [["--data-dir", "no-data"], 1, /no-data.*; name the folder that holds the four data files\./],
    [["--data-dir", "."], 1, /\. has no file train-images-idx3-ubyte or .*; put the four data files there/],
    [["--host", "192.0.2.1"], 1, /Expected an address or name of this machine/],
    [[""], 2, /Expected a value for the folder to serve/],
  ])("refuses %j in a sentence", async (args, status, sentence) => {
    expectFault(await cli(["serve", ...args]), status, sentence);
  });
});
