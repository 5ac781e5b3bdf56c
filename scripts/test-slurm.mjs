// npm run test:slurm [-- --only N --keep]
//
// Runs sweeps on a Slurm of one node that it starts itself, on the loopback interface alone, and holds their results against those of the
// same sweeps on this machine: an array of 20 of which a task is requeued, a task that comes to its time limit, halving with nobody
// waiting, and a sweep that is cancelled and goes on. Takes three minutes or more on an idle machine, most of them waiting for Slurm, and nine
// on one that has eight times as much to do as it has processors.
// Exit code: 0 when all agree, or where there is no Slurm, which is said; 1 when one does not; 2 for wrong usage.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startSlurm, whyNoSlurm } from "./clusters/slurm.mjs";
import { hurryRequeued, readQueue } from "./clusters/slurm-queue.mjs";
import { startCommand, writeSweeps } from "./clusters/slurm-sweeps.mjs";
import { readOptions } from "./options.mjs";

const { keep, only } = readOptions("test:slurm", {
  only: { type: "number", requiresArg: true, description: "The number of the one test to run, from 1" },
  keep: { type: "boolean", default: false, description: "Keep the folders of the sweeps" },
});
/** Milliseconds after which a test has waited in vain. */
const LONGEST_WAIT = 400_000;

const reason = whyNoSlurm();
if (reason !== undefined) {
  console.log(`Sweeps on Slurm are not tested: ${reason}.`);
  process.exit();
}

const folder = mkdtempSync(join(tmpdir(), "mnist-native-slurm-sweeps-"));
const place = join(folder, `it's a "cluster" of $HOME, 100%A`);
mkdirSync(place);
const sweeps = writeSweeps(folder);
const started = performance.now();
const slurm = await startSlurm({ maxArraySize: 16 }); // Less than the 20 trials: their array is cut.
const local = {};
let faults = 0;
try {
  const tests = [
    ["an array of 20, a task of it requeued", requeued],
    ["a task that comes to its time limit", timeLimit],
    ["halving, with nobody who waits", halving],
    ["cancelled, interrupted, and gone on with", cancelled],
    ["what Slurm cannot run", refused],
  ];
  for (const [i, [name, run]] of tests.entries()) {
    if (only === undefined || only === i + 1) await test(name, run);
  }
} finally {
  await slurm.stop();
  if (!keep && faults === 0) rmSync(folder, { recursive: true, force: true });
}
console.log(`${faults === 0 ? "All agree" : `${faults} failed, in ${folder}`} (${seconds(started)} s).`);
if (faults > 0) process.exitCode = 1;

async function test(name, run) {
  const start = performance.now();
  try {
    await run();
    console.log(`ok: ${name} (${seconds(start)} s)`);
  } catch (error) {
    faults++;
    console.log(`failed: ${name} (${seconds(start)} s)\n${error.stack}\n${slurm.logs()}`);
    await slurm.command("scancel", "--user=root");
    await until("the queue is empty", async () => (await queue()).length === 0);
  }
}

async function requeued() {
  const out = join(place, "grid");
  const sweep = submit(sweeps.grid, out);
  const task = await until(
    "a trial is in training",
    async () =>
      (await queue()).find(({ state, index }) => state === "RUNNING" && epochsOf(out, index).length > 0),
    sweep,
  );
  await slurm.command("scontrol", "requeue", task.name);
  const { code, text } = await hurried(sweep);
  assert.equal(code, 0, text);
  assert.match(printed(out, task.name), /DUE TO JOB REQUEUE/);
  await assertSame("grid", out, text);
  assert.equal(text.match(/^sbatch /gm).length, 2, text); // 16 and 4.
}

async function timeLimit() {
  const out = join(place, "long");
  const sweep = submit(sweeps.long, out, "--time=1", "--signal=B:USR1@40");
  const task = await until(
    "it is near its time limit",
    async () => {
      const [task] = await queue();
      return task?.state === "PENDING" && task.reason === "BeginTime" ? task : undefined;
    },
    sweep,
  );
  const before = epochsOf(out, 0);
  const { code, text } = await hurried(sweep);
  assert.equal(code, 0, text);
  assert.ok(before.length > 0);
  // Epochs have their times, so that those of a trial that began anew would be others.
  assert.deepEqual(epochsOf(out, 0).slice(0, before.length), before);
  assert.match(printed(out, task.name), /is near its time limit: it goes on when Slurm starts it again\./);
  await assertSame("long", out, text);
}

async function halving() {
  const out = join(place, "halving");
  const { code, text } = await submit(sweeps.halving, out, "--no-wait").ended;
  assert.equal(code, 0, text);
  assert.match(text, /Slurm's jobs go on by themselves: .*scancel \d+ \d+ \d+ cancels them/);
  await until("all rungs have ended", async () => (await queue()).length === 0);
  await assertSame("halving", out, text); // The last task has written it.
}

async function cancelled() {
  const out = join(place, "again");
  const first = submit(sweeps.halving, out);
  await until("a job has begun", async () => (await queue()).some(({ state }) => state === "RUNNING"), first);
  first.child.kill("SIGINT");
  const { code, text } = await first.ended;
  assert.equal(code, 130, text);
  assert.match(text, /Slurm's jobs go on by themselves/);
  const jobs = [...new Set((await queue()).map(({ job }) => job))];
  assert.equal(jobs.length, 3, "all rungs are in the queue");
  const watching = start("sweep", "--resume", out, "--slurm");
  await until("it watches", () => watching.text().includes("is in Slurm's queue already"), watching);
  await slurm.command("scancel", ...jobs);
  const end = await watching.ended;
  assert.equal(end.code, 1, end.text);
  assert.doesNotMatch(end.text, /sbatch/); // All was in the queue.
  assert.match(end.text, /ha(s|ve) no outcome, and Slurm has no job of the sweep any more/);
  const last = await start("sweep", "--resume", out, "--slurm").ended;
  assert.equal(last.code, 0, last.text);
  await assertSame("halving", out, last.text);
  const done = await start("sweep", "--resume", out, "--slurm").ended;
  assert.equal(done.code, 0, done.text);
  assert.doesNotMatch(done.text, /sbatch/);
}

async function refused() {
  const out = join(place, "refused");
  const { code, text } = await submit(sweeps.asynchronous, out).ended;
  assert.equal(code, 1, text);
  assert.match(text, /^mnist-native: Asynchronous halving needs a process that decides/);
  const wrong = await submit(sweeps.grid, out, "--partition=none").ended;
  assert.equal(wrong.code, 1, wrong.text);
  assert.match(wrong.text, /mnist-native: sbatch ended with exit code 1: .*invalid partition/);
}

function start(...args) {
  return startCommand(slurm.env, ...args);
}

function submit(config, out, ...options) {
  const own = options.filter((option) => option === "--no-wait");
  const theirs = options.filter((option) => option !== "--no-wait");
  return start("sweep", config, "--out", out, "--slurm", ...own, "--", ...theirs);
}

function queue() {
  return readQueue(slurm);
}

/** Waits for the end of a command whose tasks are requeued. */
async function hurried({ ended }) {
  const late = sleep(LONGEST_WAIT, "late", { ref: false });
  const end = await Promise.race([hurryRequeued(slurm, ended), late]);
  assert.notEqual(end, "late", "Waited in vain until the sweep has ended.");
  return end;
}

async function until(what, look, early) {
  const deadline = performance.now() + LONGEST_WAIT;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(performance.now() < deadline, `Waited in vain until ${what}.`);
    if (early?.hasEnded()) assert.fail(`The command ended before ${what}: ${early.text()}`);
    await sleep(200);
  }
}

function epochsOf(out, trial) {
  const path = join(out, "trials", String(trial).padStart(4, "0"), "metrics.jsonl");
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
}

/** What jobs have printed. @param name Of one of them, or how they begin. */
function printed(out, name) {
  const files = readdirSync(join(out, "slurm")).filter(
    (file) => file.startsWith(name) && file.endsWith(".out"),
  );
  return files.map((file) => readFileSync(join(out, "slurm", file), "utf8")).join("\n");
}

async function assertSame(name, out, text) {
  local[name] ??= await resultsHere(name);
  assert.equal(readFileSync(join(out, "results.csv"), "utf8"), local[name], text);
}

async function resultsHere(name) {
  const out = join(folder, `${name}-here`);
  const { code, text } = await start("sweep", sweeps[name], "--out", out).ended;
  assert.equal(code, 0, text);
  return readFileSync(join(out, "results.csv"), "utf8");
}

function seconds(start) {
  return Math.round((performance.now() - start) / 1000);
}
