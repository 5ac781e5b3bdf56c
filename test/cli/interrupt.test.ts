import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess, start } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const endless = ["train", "--data-dir", data, "--epochs", "100000"];

function summaryIn(out: string): unknown {
  return JSON.parse(readFileSync(join(out, "summary.json"), "utf8"));
}

describe.skipIf(process.platform === "win32")("train, interrupted (Windows has no such signals)", () => {
  // Several times, because files are being written at some moments and not at others.
  it.each([1, 2, 3, 4])("keeps the finished epochs and the model, attempt %i", async (attempt) => {
    const out = join(folder, `kept-${attempt}`);
    const running = start([...endless, "--out", out]);
    await running.printed("Epoch: 000003/100000");
    running.child.kill("SIGINT");
    const { status, stdout, stderr } = await running.finished;
    expect(stderr).toBe("");
    expect(status).toBe(130);
    const epochs = stdout.match(/^Epoch: /gm)?.length;
    expect(stdout).toContain(`Interrupted after ${epochs} of 100000 epochs.\nTest accuracy: `);
    expect(stdout.endsWith(`\nGo on with it: npx mnist-native train --resume ${out}\n`)).toBe(true);
    expect(readdirSync(join(out, "checkpoints")).sort()).toEqual(["best.safetensors", "last.safetensors"]);
    expect(readdirSync(out).sort()).toEqual([
      "checkpoints",
      "config.json",
      "environment.json",
      "metrics.jsonl",
      "model.safetensors",
      "summary.json",
    ]);
    expect(readFileSync(join(out, "metrics.jsonl"), "utf8").match(/\n/g)).toHaveLength(epochs ?? 0);
    expect(summaryIn(out)).toMatchObject({ interrupted: true, epochs });
  });

  it("keeps a model that evaluate reads", async () => {
    const out = join(folder, "read-back");
    const running = start([...endless, "--out", out]);
    await running.printed("Epoch: 000001/100000");
    running.child.kill("SIGINT");
    await running.finished;
    const model = join(out, "model.safetensors");
    const evaluation = JSON.parse(
      expectSuccess(await cli(["evaluate", model, "--data-dir", data, "--json"])),
    );
    expect(summaryIn(out)).toMatchObject({ testAccuracy: evaluation.accuracy, testLoss: evaluation.loss });
  });

  it("answers a request to terminate likewise, with exit code 143", async () => {
    const out = join(folder, "terminated");
    const running = start([...endless, "--out", out]);
    await running.printed("Epoch: 000001/100000");
    running.child.kill("SIGTERM");
    expect(await running.finished).toMatchObject({ status: 143, stderr: "" });
    expect(summaryIn(out)).toMatchObject({ interrupted: true });
  });

  it("still prints one JSON document", async () => {
    const out = join(folder, "json");
    const running = start([...endless, "--json", "--out", out]);
    while (!filesIn(out).includes("metrics.jsonl")) await setTimeout(10);
    running.child.kill("SIGINT");
    const { status, stdout } = await running.finished;
    expect(status).toBe(130);
    expect(JSON.parse(stdout).summary).toMatchObject({ interrupted: true });
  });

  it("keeps a whole run without epochs when interrupted in the first one", async () => {
    const out = join(folder, "first-epoch");
    const running = start([...endless, "--hidden", "1000", "--backend", "js", "--out", out]);
    await running.printed("Network: ");
    running.child.kill("SIGINT");
    const { status, stdout, stderr } = await running.finished;
    expect({ status, stderr }).toEqual({ status: 130, stderr: "" });
    expect(stdout).toContain("\nInterrupted after 0 of 100000 epochs, and not tested.\nTime: ");
    expect(summaryIn(out)).toMatchObject({ interrupted: true, epochs: 0, testCount: 0, testLoss: null });
    expect(readFileSync(join(out, "metrics.jsonl"), "utf8")).toBe("");
  });

  it("ends at once the second time, and leaves no partial file", async () => {
    const out = join(folder, "twice");
    // So large that a minibatch takes longer than the pause, and the test that follows longer still.
    const slow = ["--hidden", "2000", "--dtype", "float64", "--backend", "js", "--out", out];
    const running = start([...endless, ...slow]);
    await running.printed("Network: ");
    running.child.kill("SIGINT");
    await setTimeout(20);
    running.child.kill("SIGINT");
    const { status, stdout, stderr } = await running.finished;
    expect(status).toBe(130);
    expect(`${stdout}${stderr}`).not.toMatch(/Interrupted after|Test accuracy/);
    // Its settings, which were there before; what the interruption had begun to write goes at the next start.
    expect(filesIn(out).filter((name) => !name.endsWith(".tmp"))).not.toContain("summary.json");
    expect(filesIn(out)).toEqual(expect.arrayContaining(["config.json", "environment.json"]));
    expect(filesIn(out)).not.toContain(".lock");
  });
});

function filesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // Not made yet.
  }
}
