import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LOCK_FILE, METRICS_FILE } from "../../src/runs/run-folder.js";
import { isRunning, sweepStatus } from "../../src/sweeps/status.js";
import { parseSweepConfig } from "../../src/sweeps/sweep-config.js";
import { createSweepFolder, type SweepFolder } from "../../src/sweeps/sweep-folder.js";
import { takeProcessLock } from "../../src/system/process-lock.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { failed, trained } from "./made-up.js";

const folder = temporaryFolder();

/** Six trials of nine epochs; halved, at 1, 3 and 9. */
async function madeUpSweep(name: string, isHalved: boolean): Promise<SweepFolder> {
  const config = await parseSweepConfig({
    train: { dataset: "synthetic", epochs: 9 },
    parameters: { learningRate: { values: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5] } },
    ...(isHalved && { halving: { type: "synchronous", minEpochs: 1, factor: 3 } }),
  });
  return createSweepFolder(join(folder, name), config);
}

const look = async (sweep: SweepFolder) => sweepStatus(sweep, await sweep.outcomes());

/** As a training leaves it: so many epochs, and the lock of a process, the time of whose death nobody knows. */
function begin(sweep: SweepFolder, trial: number, epochs: number, lock?: object): string {
  const path = sweep.trialFolder(trial);
  mkdirSync(path, { recursive: true });
  const line = JSON.stringify({ epoch: 1, seconds: 1, train: { loss: 1 } });
  writeFileSync(join(path, METRICS_FILE), `${line}\n`.repeat(epochs));
  if (lock !== undefined) writeFileSync(join(path, LOCK_FILE), JSON.stringify(lock));
  return path;
}

/** No process has it: numbers end far below. */
const DEAD = { pid: 2 ** 30, startTime: "1" };

describe("sweepStatus", () => {
  it("knows a sweep of which nothing has begun", async () => {
    const status = await look(await madeUpSweep("new", false));
    expect(status).toMatchObject({
      state: "new",
      coordinator: null,
      begun: [],
      tasksLeft: 6,
      epochsLeft: 54,
    });
    expect([status.secondsLeft, status.trainingSecondsLeft]).toEqual([null, null]);
  });

  it("tells what runs by the locks of its folders, and the time left by what has ended", async () => {
    const sweep = await madeUpSweep("running", false);
    await sweep.record(trained(0, 0.1, { seconds: 18 }));
    await sweep.record(failed(1, "it cannot be"));
    const own = takeProcessLock(join(begin(sweep, 2, 4), LOCK_FILE));
    try {
      const status = await look(sweep);
      expect(status).toMatchObject({ state: "running", coordinator: null, tasksLeft: 4, epochsLeft: 5 + 27 });
      expect(status.begun).toMatchObject([
        { trial: 2, rung: 0, epochs: 9, done: 4, process: { pid: process.pid, host: null } },
      ]);
      expect(status.rungs).toEqual([{ epochs: 9, trials: 6, trained: 1, diverged: 0, failed: 1, begun: 1 }]);
      expect(status.secondsLeft).toBe(32 * 2); // 2 seconds an epoch, one trial at a time.
    } finally {
      if ("release" in own) own.release();
    }
  });

  it("knows the coordinator by the sweep's own lock", async () => {
    const sweep = await madeUpSweep("coordinator", false);
    const lock = takeProcessLock(join(sweep.directory, LOCK_FILE));
    expect(await look(sweep)).toMatchObject({
      state: "running",
      coordinator: { pid: process.pid, host: null },
    });
    if ("release" in lock) lock.release();
    expect(await look(sweep)).toMatchObject({ state: "new", coordinator: null });
  });

  it("tells interrupted and killed trials from those that run elsewhere", async () => {
    const sweep = await madeUpSweep("killed", false);
    begin(sweep, 0, 3); // Interrupted: it has given its folder back.
    begin(sweep, 1, 2, DEAD);
    const elsewhere = begin(sweep, 2, 5, { ...DEAD, host: "node3", space: "another" });
    const status = await look(sweep);
    expect(status.state).toBe("running");
    expect(status.begun.map((task) => [task.trial, task.done, isRunning(task)])).toEqual([
      [0, 3, false],
      [1, 2, false],
      [2, 5, true],
    ]);
    expect(status.begun[2]?.process).toEqual({ pid: DEAD.pid, host: "node3" });
    utimesSync(join(elsewhere, LOCK_FILE), new Date(0), new Date(0)); // Nobody has said anything for long.
    expect(await look(sweep)).toMatchObject({ state: "stopped", secondsLeft: null, epochsLeft: 54 - 10 });
  });

  it("tells of trials that were killed before their first epoch, or the first of a rung, had ended", async () => {
    const sweep = await madeUpSweep("killed-early", true);
    mkdirSync(sweep.trialFolder(3), { recursive: true });
    expect(await look(sweep)).toMatchObject({
      state: "stopped",
      tasksLeft: 9,
      begun: [{ trial: 3, rung: 0, done: 0, process: null, quiet: null }],
    });
    for (const { number } of sweep.plan.trials) {
      await sweep.record(trained(number, number, { epochs: 1, seconds: 3 }));
    }
    begin(sweep, 1, 1, DEAD);
    expect(await look(sweep)).toMatchObject({ tasksLeft: 3, begun: [{ trial: 1, rung: 1, done: 1 }] });
  });

  it("counts rungs whose trials are not known yet by as many as can come", async () => {
    const sweep = await madeUpSweep("halved", true);
    expect(sweep.plan.rungs).toEqual([
      { epochs: 1, trials: 6 },
      { epochs: 3, trials: 2 },
      { epochs: 9, trials: 1 },
    ]);
    expect(await look(sweep)).toMatchObject({ state: "new", tasksLeft: 9, epochsLeft: 6 + 2 * 2 + 6 });
    for (const trial of [0, 1, 2, 3])
      await sweep.record(trained(trial, 1 + trial, { epochs: 1, seconds: 3 }));
    expect(await look(sweep)).toMatchObject({
      state: "stopped",
      tasksLeft: 5,
      epochsLeft: 2 + 4 + 6,
      trainingSecondsLeft: 36,
    });
    for (const trial of [4, 5]) await sweep.record(failed(trial, "no"));
    await sweep.record(trained(0, 0.5, { rung: 1, epochs: 3 }));
    begin(sweep, 1, 2);
    expect(await look(sweep)).toMatchObject({
      tasksLeft: 2,
      epochsLeft: 1 + 6,
      begun: [{ trial: 1, rung: 1, done: 2 }],
    });
    await sweep.record(trained(1, 0.6, { rung: 1, epochs: 3 }));
    await sweep.record(trained(0, 0.4, { rung: 2 }));
    expect(await look(sweep)).toMatchObject({ state: "finished", tasksLeft: 0, epochsLeft: 0, begun: [] });
  });

  it("knows that a sweep is over whose trials have all failed", async () => {
    const sweep = await madeUpSweep("failed", true);
    for (const { number } of sweep.plan.trials) await sweep.record(failed(number, "it cannot be"));
    const status = await look(sweep);
    expect(status).toMatchObject({ state: "finished", tasksLeft: 0, trainingSecondsLeft: null });
    expect(status.rungs[0]).toMatchObject({ trained: 0, failed: 6 });
  });
});
