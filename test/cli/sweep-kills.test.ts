import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createSweepFolder, openSweepFolder } from "../../src/sweeps/sweep-folder.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess, MAIN, start, startProgram } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const DIE_AT_CALL = fileURLToPath(new URL("../../scripts/kills/die-at-call.mjs", import.meta.url));

const folder = temporaryFolder();
const data = writeSmallData(folder, "mnist");
const path = join(folder, "sweep.json");
writeFileSync(
  path,
  JSON.stringify({
    train: { dataDir: data, epochs: 2, hidden: [4], activation: "relu", loss: "crossEntropy" },
    parameters: { learningRate: { values: [0.01, 1e30, 0.05] } },
    halving: { type: "synchronous", factor: 2 },
  }),
);
const whole = join(folder, "whole");
const reference = cli(["sweep", path, "--out", whole]).then((finished) => {
  expectSuccess(finished);
  return resultsOf(whole);
});

function resultsOf(out: string): string {
  return readFileSync(join(out, "results.csv"), "utf8");
}

/** All outcomes of a folder, with what tells whether a file was written anew. */
function outcomeFiles(out: string): ReadonlyMap<string, string> {
  const names = readdirSync(out, { recursive: true }).map(String);
  const files = names.filter((name) => /(^|[\\/])outcome-\d+\.json$/.test(name));
  return new Map(files.map((name) => [name, String(statSync(join(out, name), { bigint: true }).ino)]));
}

/** Nothing that had ended is run again, and the whole is as if nobody had been killed. */
async function expectGoesOn(out: string): Promise<void> {
  const before = outcomeFiles(out);
  expectSuccess(await cli(["sweep", "--resume", out]));
  const after = outcomeFiles(out);
  for (const [name, inode] of before) expect([name, after.get(name)]).toEqual([name, inode]);
  expect(resultsOf(out)).toBe(await reference);
  expect([...after.keys()].sort()).toEqual([...outcomeFiles(whole).keys()].sort());
}

describe.skipIf(process.platform === "win32")("a sweep (Windows has no such signals)", () => {
  it.each([
    ["at its beginning", "Sweep: 3 trials"],
    ["after its first outcome", "Trial "],
  ])("goes on when its coordinator was killed %s", async (when, text) => {
    const out = join(folder, when);
    const running = start(["sweep", path, "--out", out, "--jobs", "2"]);
    await running.printed(text);
    running.child.kill("SIGKILL");
    await running.finished;
    await expectGoesOn(out);
  });

  it("ends with checkpoints at Ctrl-C, and says how it goes on", async () => {
    const out = join(folder, "interrupted");
    const running = start(["sweep", path, "--out", out, "--jobs", "1"]);
    await running.printed("Trial 0 ");
    running.child.kill("SIGINT");
    const { status, stdout, stderr } = await running.finished;
    expect({ status, stderr }).toEqual({ status: 130, stderr: "" });
    expect(stdout).toMatch(
      /^Interrupted: \d of \d tasks (?:are|is) left, a task being a trial at a rung\.$/m,
    );
    const advice = /\nGo on with it: (npx mnist-native sweep --resume \S+ --jobs 1)\n$/;
    expect(stdout).toMatch(advice);
    expect(expectSuccess(await cli(["sweep", "status", out]))).toMatch(advice);
    await expectGoesOn(out);
  });

  it("is not run by two at a time", async () => {
    const { train } = JSON.parse(readFileSync(path, "utf8"));
    // The second of them does not end.
    const learningRate = { values: [1e30, 0.01] };
    const endless = join(folder, "endless.json");
    writeFileSync(
      endless,
      JSON.stringify({ train: { ...train, epochs: 1_000_000 }, parameters: { learningRate } }),
    );
    const out = join(folder, "two");
    const running = start(["sweep", endless, "--out", out, "--jobs", "1"]);
    await running.printed("Trial 0 ");
    const { status, stderr } = await cli(["sweep", "--resume", out]);
    running.child.kill("SIGINT"); // It waits for its trial.
    await running.finished;
    expect(status).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`two is in use: process ${running.child.pid} runs its sweep; wait until`),
    );
  });

  it("gives a trial up whose process dies three times, and trains the others", async () => {
    const poison = join(folder, "poison.mjs");
    writeFileSync(
      poison,
      'const [, , command, , trial] = process.argv;\nif (command === "trial" && trial === "2") process.kill(process.pid, "SIGKILL");\n',
    );
    const out = join(folder, "poisoned");
    const environment = { NODE_OPTIONS: `--import ${poison}` };
    const { status, stdout, stderr } = await cli(["sweep", path, "--out", out], environment);
    expect(status).toBe(0);
    const again = (tries: number) =>
      `mnist-native: Trial 2: its process was ended by SIGKILL; it is tried again (${tries} of 3).\n`;
    expect(stderr).toBe(again(2) + again(3));
    expect(stdout).toMatch(
      /^Trial 2 .*: failed\. It was given up after 3 tries: its process was ended by SIGKILL$/m,
    );
    expect(stdout).toMatch(/^Trials: 1 trained, 1 diverged, 1 failed\.$/m);
    // It is a result: going on does not try it again.
    expect(expectSuccess(await cli(["sweep", "--resume", out]))).not.toMatch(/^Trial /m);
  });
});

describe.skipIf(process.platform === "win32")("a trial (Windows has no such signals)", () => {
  it("that was killed at any call that changes its files comes to the same outcome", async () => {
    await reference;
    const counted = await trialKilled("counted", undefined);
    const text = (out: string) => {
      const outcome = JSON.parse(readFileSync(join(out, "trials", "0002", "outcome-0.json"), "utf8"));
      return { ...outcome, seconds: 0 };
    };
    expect(text(counted.out)).toEqual(text(whole));
    const calls = Number(readFileSync(counted.count, "utf8"));
    expect(calls).toBeGreaterThan(30);
    // Some of them; scripts/test-sweeps.mjs takes all.
    for (const share of [0.5, 0.9]) {
      const call = Math.round(share * calls);
      const { out } = await trialKilled(`killed at ${share}`, { call, instant: "before" });
      expectSuccess(await cli(["trial", out, "2"]));
      expect(text(out)).toEqual(text(whole));
    }
  });
});

async function trialKilled(
  name: string,
  at: { readonly call: number; readonly instant: string } | undefined,
) {
  const out = join(folder, name);
  const { config } = await openSweepFolder(whole);
  await createSweepFolder(out, config);
  const count = join(folder, `${name}.txt`);
  const kills = { folder: join(out, "trials"), ...(at === undefined ? { count } : { at }) };
  const { status } = await startProgram(
    process.execPath,
    ["--import", DIE_AT_CALL, MAIN, "trial", out, "2", "--rung", "0"],
    { KILLS: JSON.stringify(kills) },
  ).finished;
  expect(status).toBe(at === undefined ? 0 : null);
  return { out, count };
}
