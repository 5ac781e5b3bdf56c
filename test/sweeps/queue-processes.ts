import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { RandomState } from "../../src/random/random-state.js";
import { type Environment, type Running, start } from "../cli/harness.js";

/** Seconds after which a worker that says nothing has lost its jobs: few, for tests that wait for it. */
const LOCK_SECONDS = 3;
/** Milliseconds that a test may take on a machine which is busy with much else: each trial is a process. */
export const LONG = 240_000;

/** Starts a command that does not outlive the test. */
export function startCommand(args: readonly string[], environment: Environment = {}): Running {
  const running = start(args, environment);
  onTestFinished(async () => {
    running.child.kill("SIGKILL");
    await running.finished;
  });
  return running;
}

interface WorkerPlace {
  readonly url: string;
  readonly folder: string;
  readonly args?: readonly string[];
  readonly environment?: Environment;
  /** More than 3 for tests that tell what a worker says: a busy machine may let it answer late. */
  readonly lockSeconds?: number;
}

/** Starts a worker with one trial at a time. */
export function startWorker(place: WorkerPlace): Running {
  const { url, folder, args = [], environment, lockSeconds = LOCK_SECONDS } = place;
  const own = ["worker", "--queue", url, "--folder", folder, "--lock-seconds", String(lockSeconds)];
  return startCommand([...own, "--jobs", "1", "--threads", "1", ...args], environment);
}

/** As kill -9 does. */
export async function killProcess({ child, finished }: Running): Promise<void> {
  child.kill("SIGKILL");
  await finished;
}

interface SmallSweep {
  readonly epochs?: number;
  readonly rates?: readonly number[];
  readonly more?: object;
}

/** Writes a table of its own and the configuration of a sweep over it, with a trial for each learning rate; gives the paths. */
export function writeSmallSweep(
  folder: string,
  { epochs = 3, rates = [0.001, 0.01, 0.1, 1], more = {} }: SmallSweep = {},
) {
  mkdirSync(folder, { recursive: true });
  const random = new RandomState(7);
  const rows = Array.from({ length: 200 }, () => {
    const [x, y] = [random.randomSample() - 0.5, random.randomSample() - 0.5];
    return `${x.toFixed(5)},${y.toFixed(5)},${x * y > 0 ? "same" : "other"}`;
  });
  const table = join(folder, "table.csv");
  writeFileSync(table, `x,y,sign\n${rows.join("\n")}\n`);
  const config = join(folder, "sweep.json");
  const train = {
    table: "table.csv",
    targetColumn: "sign",
    task: "classify",
    layers: [
      { type: "dense", units: 8, activation: "relu" },
      { type: "dense", units: 2, activation: "softmax" },
    ],
    loss: "crossEntropy",
    batchSize: 20,
    backend: "js",
    epochs,
  };
  writeFileSync(config, JSON.stringify({ train, parameters: { learningRate: { values: rates } }, ...more }));
  return { table, config };
}
