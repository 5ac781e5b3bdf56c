// npm run test:clusters [-- --keep]
//
// Runs the same sweeps (a grid, a random search, halving with seeds) on this machine, on a queue in Redis and on a Slurm of one node, both of
// which it starts itself on the loopback interface alone, and kills something of each while it runs: the coordinator here, a worker and Redis
// there, a task of Slurm's array, which is requeued. Prints what results.csv of each has as its SHA-256, and fails where two differ in a row.
// Exit code: 0 when all agree, or where there is neither Redis nor Slurm, which is said; 1 when two differ; 2 for wrong usage.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { table } from "./bench/measure.mjs";
import { startSlurm, whyNoSlurm } from "./clusters/slurm.mjs";
import { hurryRequeued, readQueue } from "./clusters/slurm-queue.mjs";
import { writeData } from "./kills/data.mjs";
import { watchOutcomes } from "./kills/outcomes.mjs";
import { sweepsOf } from "./kills/sweeps.mjs";
import { readOptions } from "./options.mjs";
import { runCommand, startCommand } from "./queue/processes.mjs";
import { startRedisServer, whyNoRedis } from "./queue/redis-server.mjs";

const { keep } = readOptions("test:clusters", {
  keep: { type: "boolean", default: false, description: "Keep the folders of the sweeps" },
});
const RUNNERS = [
  { name: "this machine", killed: "the coordinator", run: here, whyNot: () => undefined },
  { name: "Redis", killed: "a worker and Redis", run: onRedis, whyNot: whyNoRedis },
  { name: "Slurm", killed: "a task", run: onSlurm, whyNot: whyNoSlurm },
];
const LOCK_SECONDS = "3";

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), "mnist-native-clusters-"));
// What the asynchronous halving does depends on who comes first.
const sweeps = sweepsOf(writeData(folder)).filter(({ isAsynchronous }) => !isAsynchronous);
for (const sweep of sweeps) {
  sweep.path = join(folder, `${sweep.name}.json`);
  writeFileSync(sweep.path, JSON.stringify(sweep.config));
  sweep.sums = [];
}
const runners = RUNNERS.filter(({ name, whyNot }) => {
  const why = whyNot();
  if (why !== undefined) console.log(`Sweeps on ${name} are not tested: ${why}.`);
  return why === undefined;
});
for (const runner of runners) {
  const place = join(folder, runner.name);
  mkdirSync(place);
  const start = performance.now();
  await runner.run(place);
  console.log(`${runner.name}: ${secondsSince(start)} s, with ${runner.killed} killed in each sweep.`);
}
const rows = sweeps.map(({ name, outcomes, sums }) => [
  name,
  outcomes,
  ...sums.map((sum) => sum.slice(0, 16)),
  new Set(sums).size === 1 ? "yes" : "no",
]);
console.log(
  `\nresults.csv by its SHA-256, of which 16 digits of 64:\n\n${table(["sweep", "outcomes", ...runners.map(({ name }) => name), "the same"], rows)}\n`,
);
const areSame = rows.every((row) => row.at(-1) === "yes");
console.log(
  `${areSame ? "All runners give the same results" : `Some results differ, in ${folder}`} (${secondsSince(started)} s).`,
);
if (!areSame) process.exitCode = 1;
else if (!keep) rmSync(folder, { recursive: true, force: true });

async function here(place) {
  for (const sweep of sweeps) {
    const out = join(place, sweep.name);
    const coordinator = startCommand(["sweep", sweep.path, "--out", out, "--jobs", "2"]);
    await firstOutcome(out, coordinator);
    await coordinator.kill();
    await runCommand(["sweep", "--resume", out, "--jobs", "2"]);
    note(sweep, out);
  }
}

async function onRedis(place) {
  const server = await startRedisServer({ folder: place });
  const environment = { MNIST_NATIVE_QUEUE: server.url };
  const startWorker = (out) =>
    startCommand(["worker", "--folder", out, "--jobs", "1", "--lock-seconds", LOCK_SECONDS], environment);
  const workers = [];
  try {
    for (const sweep of sweeps) {
      const out = join(place, sweep.name);
      mkdirSync(out);
      workers.push(startWorker(out), startWorker(out));
      const coordinator = startCommand(["sweep", sweep.path, "--out", out, "--queue", "env"], environment);
      await firstOutcome(out, coordinator);
      await workers.shift().kill();
      await server.restart();
      workers.push(startWorker(out));
      expectGood(await coordinator.ended);
      note(sweep, out);
      for (const worker of workers.splice(0)) await worker.kill();
    }
  } finally {
    for (const worker of workers) await worker.kill();
    await server.stop();
  }
}

async function onSlurm(place) {
  const slurm = await startSlurm();
  try {
    for (const sweep of sweeps) {
      const out = join(place, sweep.name);
      const coordinator = startCommand(["sweep", sweep.path, "--out", out, "--slurm"], slurm.env);
      await requeueOne(slurm, coordinator);
      expectGood(await hurryRequeued(slurm, coordinator.ended));
      note(sweep, out);
    }
  } finally {
    await slurm.stop();
  }
}

/** Slurm kills a task that runs, and starts it again. */
async function requeueOne(slurm, { ended }) {
  for (let isOver = false; !isOver; ) {
    const task = (await readQueue(slurm)).find(({ state }) => state === "RUNNING");
    const isTaken =
      task && (await slurm.command("scontrol", "requeue", task.name).then(() => true, hasEnded));
    if (isTaken) return;
    isOver = await Promise.race([ended.then(() => true), wait(100, false)]);
  }
  throw new Error(`No task of the sweep could be requeued: ${(await ended).stderr}`);
}

/** A small trial may have ended between the two commands. */
function hasEnded({ stderr }) {
  if (/already finished|Invalid job|Job is pending|not running/i.test(stderr)) return false;
  throw new Error(`scontrol failed: ${stderr}`);
}

async function firstOutcome(out, { ended }) {
  const count = watchOutcomes(out);
  while (count() === 0) {
    const isOver = await Promise.race([ended.then(() => true), wait(50, false)]);
    if (isOver) throw new Error(`The sweep ended before it could be killed: ${(await ended).stderr}`);
  }
}

function expectGood({ status, stdout, stderr }) {
  if (status !== 0) throw new Error(`A sweep ended with exit code ${status}:\n${stdout}${stderr}`);
}

function note(sweep, out) {
  sweep.outcomes = watchOutcomes(out)();
  sweep.sums.push(
    createHash("sha256")
      .update(readFileSync(join(out, "results.csv")))
      .digest("hex"),
  );
}

function secondsSince(start) {
  return Math.round((performance.now() - start) / 1000);
}
