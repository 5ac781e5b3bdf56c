import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { RunDetail } from "../../src/live/protocol.js";
import { write } from "../support/tables.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { type ServedPage, servePage } from "./served-page.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const newFolder = () => mkdtempSync(join(folder, "work-"));
const TRAIN = ["train", "--data-dir", data, "--epochs", "5"];
const LIVE = ["--live", "--port", "0"];
const ENDLESS = ["train", "--data-dir", data, "--epochs", "100000"];

const pages: ServedPage[] = [];
afterEach(async () => {
  for (const page of pages.splice(0)) {
    page.kill("SIGKILL");
    await page.finished;
  }
});

async function watch(args: readonly string[]): Promise<ServedPage> {
  const page = await servePage(args);
  pages.push(page);
  return page;
}

/** What does not depend on how long anything took. */
function resultsIn(out: string) {
  const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n");
  const { seconds: _, ...summary } = JSON.parse(readFileSync(join(out, "summary.json"), "utf8"));
  const epochs = lines.map((line) => ({ ...JSON.parse(line), seconds: 0 }));
  return { epochs, summary, model: readFileSync(join(out, "model.safetensors")).toString("base64") };
}

describe("train --live", { timeout: 60_000 }, () => {
  it("serves a page that stays after the training, until Ctrl-C", async () => {
    const page = await watch([...TRAIN, ...LIVE]);
    const run = await page.untilRun(({ testAccuracy }) => testAccuracy !== null);
    expect(run).toMatchObject({
      name: "Training",
      state: "finished",
      network: "784-50-10",
      epoch: 5,
      epochs: 5,
      readsImages: true,
      hasModel: true,
    });
    const confusion = await fetch(`${page.address}api/runs/${run.id}/confusion`);
    expect(confusion.status).toBe(200); // Of images that no file of a run tells of.
    page.kill("SIGINT");
    const stdout = expectSuccess(await page.finished);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe(`Live page: ${page.address}`);
    expect(lines.at(-1)).toBe(`The page stays at ${page.address} until you press Ctrl-C.`);
    expect(stdout).toContain("Epoch: 005/005 |");
    await expect(fetch(page.address)).rejects.toThrow();
  });

  it("ends with the run under --no-wait, and its results are those without a page, to the bit", async () => {
    const work = newFolder();
    const [plain, live] = [join(work, "plain"), join(work, "live")];
    const settings = ["--optimizer", "sgd", "--hidden", "20"];
    expectSuccess(await cli([...TRAIN, ...settings, "--out", plain]));
    const page = await watch([...TRAIN, ...settings, "--out", live, ...LIVE, "--no-wait"]);
    // Somebody looks; a stream that ends with the run is as good.
    await page.until(({ type }) => type === "sample").catch((error: unknown) => expect(error).toBeDefined());
    const stdout = expectSuccess(await page.finished);
    expect(stdout).not.toContain("The page stays");
    expect(resultsIn(live)).toEqual(resultsIn(plain));
  });

  it("prints one JSON document with --json, and the address beside it", async () => {
    const page = await watch([...TRAIN, ...LIVE, "--json", "--no-wait"]);
    const { status, stdout, stderr } = await page.finished;
    expect(status).toBe(0);
    expect(JSON.parse(stdout).summary).toMatchObject({ epochs: 5, interrupted: false });
    expect(stderr).toBe(`Live page: ${page.address}\n`);
  });

  it("is paused, goes on and is stopped from the page, and tests the network then", async () => {
    const out = join(newFolder(), "stopped");
    const page = await watch([...ENDLESS, "--out", out, ...LIVE, "--no-wait"]);
    const { id } = await page.untilRun(({ epoch }) => epoch > 0);
    const command = (command: string) => page.post(`runs/${id}/command`, { command });
    await command("pause");
    await page.untilRun(({ state }) => state === "paused");
    await command("resume");
    await page.untilRun(({ state }) => state === "training");
    await command("stop");
    const stdout = expectSuccess(await page.finished);
    expect(stdout).toMatch(/\nStopped after epoch \d+: it was stopped from the page\.\nTest accuracy: /);
    expect(resultsIn(out).summary).toMatchObject({ interrupted: false });
  });

  it("ends by the first Ctrl-C while it trains, keeps the run, and the page ends too", async () => {
    const out = join(newFolder(), "interrupted");
    const page = await watch([...ENDLESS, "--out", out, ...LIVE]);
    await page.untilRun(({ epoch }) => epoch > 0);
    page.kill("SIGINT");
    const { status, stdout, stderr } = await page.finished;
    expect([status, stderr]).toEqual([130, ""]);
    expect(stdout).toContain(`Go on with it: npx mnist-native train --resume ${out}\n`);
    expect(stdout).not.toContain("The page stays");
    expect(resultsIn(out).summary).toMatchObject({ interrupted: true });

    const epochs = resultsIn(out).summary.epochs as number;
    const resumed = await watch(["train", "--resume", out, "--epochs", String(epochs + 2), ...LIVE]);
    const run = await resumed.untilRun(({ testAccuracy }) => testAccuracy !== null);
    expect(run).toMatchObject({ name: "interrupted", epoch: epochs + 2 });
    const detail = (await (await fetch(`${resumed.address}api/runs/${run.id}`)).json()) as RunDetail;
    expect(detail.epochs).toHaveLength(epochs + 2); // Those from before, too.
    resumed.kill("SIGINT");
    expectSuccess(await resumed.finished);
  });

  it("is interrupted from a pause", async () => {
    const page = await watch([...ENDLESS, ...LIVE]);
    const { id } = await page.untilRun(({ epoch }) => epoch > 0);
    await page.post(`runs/${id}/command`, { command: "pause" });
    await page.untilRun(({ state }) => state === "paused");
    page.kill("SIGINT");
    expect(await page.finished).toMatchObject({ status: 130, stderr: "" });
  });

  it("shows a table's training without pictures, and says so", async () => {
    const rows = Array.from({ length: 200 }, (_, i) => `${i % 17},${i % 5},${i % 2 === 0 ? "a" : "b"}`);
    const table = write(["x1,x2,y", ...rows].join("\n"));
    const page = await watch([
      "train",
      "--table",
      table,
      "--target-column",
      "y",
      "--task",
      "classify",
      ...LIVE,
    ]);
    const run = await page.untilRun(({ state }) => state === "finished");
    expect(run).toMatchObject({ readsImages: false, dataset: "table" });
    page.kill("SIGINT");
    expect((await page.finished).stdout).toContain(
      "It shows no pictures, because there are no images in memory.\n",
    );
  });

  it("goes on from a model", async () => {
    const out = join(newFolder(), "first");
    expectSuccess(await cli([...TRAIN, "--out", out]));
    const page = await watch([...TRAIN, "--from", join(out, "model.safetensors"), ...LIVE, "--no-wait"]);
    expectSuccess(await page.finished);
  });

  it("ends with the error of a run that cannot be kept", async () => {
    const out = join(newFolder(), "there");
    expectSuccess(await cli([...TRAIN, "--out", out]));
    const { status, stderr } = await cli([...TRAIN, "--out", out, ...LIVE]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^mnist-native: .*holds a run already; .* or pass --force to replace that run\.\n$/,
    );
  });

  it.each<[readonly string[], 1 | 2, RegExp]>([
    [["--port", "80"], 2, /Expected --live with --port, which is about its page\./],
    [["--no-wait"], 2, /Expected --live with --no-wait/],
    [["--open"], 2, /Expected --live with --open/],
    [["--host", "localhost"], 2, /Expected --live with --host/],
    [["--live", "--port", "-1"], 2, /from 0 to 65535 for --port/],
    [["--live", "--host", "192.0.2.1"], 1, /Expected an address or name of this machine for host/],
    [["--watched-by-parent"], 2, /only where another program has started this one/],
    [["--live", "--watched-by-parent"], 2, /Expected no --watched-by-parent with --live/],
  ])("refuses %j in a sentence", async (args, status, sentence) => {
    expectFault(await cli([...TRAIN, ...args]), status, sentence);
  });
});
