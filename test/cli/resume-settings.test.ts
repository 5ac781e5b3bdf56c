import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess, start } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");

/** What a run has learned and told, but for times. */
function resultIn(directory: string) {
  const read = (file: string) => readFileSync(join(directory, file), "utf8");
  const timeless = (text: string) => ({
    ...JSON.parse(text),
    seconds: 0,
    timings: undefined,
    pace: undefined,
  });
  return {
    model: readFileSync(join(directory, "model.safetensors"), "latin1"),
    config: read("config.json"),
    metrics: read("metrics.jsonl").trimEnd().split("\n").map(timeless),
    summary: timeless(read("summary.json")),
  };
}

const SETTINGS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["constant", ["--schedule", "constant", "--warm-up", "0.3"]],
  ["step", ["--schedule", "step:step-size=3,gamma=0.7"]],
  ["multiStep", ["--schedule", "multi-step:milestones=2/30,unit=epoch"]],
  ["exponential", ["--schedule", "exponential:gamma=0.99,unit=step"]],
  ["polynomial", ["--schedule", "polynomial:power=2,final=0.01"]],
  ["cosine", ["--schedule", "cosine:length=20", "--warm-up", "length=2,unit=epoch,start=0.5"]],
  ["cosineRestarts", ["--schedule", "cosine-restarts:period=5,multiplier=2"]],
  ["oneCycle", ["--schedule", "one-cycle:three-phase=true,anneal-strategy=linear"]],
  ["cyclical", ["--schedule", "cyclical:step-size-up=30,mode=triangular2"]],
  ["inverseScaling", ["--schedule", "inverse-scaling:power=0.2"]],
  ["piecewise", ["--schedule", "piecewise:points=0:0.2/30:0.01,interpolate=true"]],
  ["early stopping", ["--early-stopping", "2", "--min-delta", "0.001", "--monitor", "validation.f1Macro"]],
  ["plateau", ["--reduce-on-plateau", "factor=0.5,patience=1,threshold=0.01", "--metrics", "logLoss"]],
  ["metrics", ["--metrics", "f1Macro,top3Accuracy,logLoss", "--optimizer", "adam"]],
];

describe.skipIf(process.platform === "win32")("a run that is killed and goes on", () => {
  it.each(SETTINGS)("ends as one that was not, with %s", async (name, args) => {
    const [killed, whole] = [join(folder, `${name}-killed`), join(folder, `${name}-whole`)];
    const all = ["train", "--data-dir", data, "--hidden", "40", "--epochs", "60", ...args];
    const running = start([...all, "--out", killed]);
    await running.printed("Epoch: 004/060");
    running.child.kill("SIGKILL");
    expect((await running.finished).status).toBeNull();
    expect(existsSync(join(killed, "summary.json"))).toBe(false);
    expectSuccess(await cli(["train", "--resume", killed]));
    expectSuccess(await cli([...all, "--out", whole]));
    expect(resultIn(killed)).toEqual(resultIn(whole));
  });
});
