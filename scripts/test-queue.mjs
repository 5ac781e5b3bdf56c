// npm run test:queue [-- --quick] [--seed N] [--trials N]
//
// A sweep of 200 trials on a queue in Redis, while everything dies: workers are killed at random as kill -9 does, Redis is killed and started
// again on its append-only file, and so is the coordinator. At the end each trial has one outcome, results.csv has the bytes of a sweep on
// this machine that nobody killed, and Redis has nothing of the sweep any more. Who is killed when is drawn by the outcomes that there are, so
// that a slow machine has as many kills as a fast one. Takes some seven minutes of processor time, and the short form less than half a minute.
// Needs redis-server; says so, and ends well, where it is not.
// Exit code: 0 when all holds, 1 when something does not, 2 for wrong usage.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { RandomState } from "../dist/random/random-state.js";
import { QUEUE_NAME, QUEUE_PREFIX } from "../dist/sweeps/runners/redis/queue.js";
import { watchOutcomes } from "./kills/outcomes.mjs";
import { readOptions } from "./options.mjs";
import { runCommand, startCommand } from "./queue/processes.mjs";
import { startRedisServer, whyNoRedis } from "./queue/redis-server.mjs";
import { writeSweep } from "./queue/sweep.mjs";

const { quick, seed, ...options } = readOptions("test:queue", {
  quick: { type: "boolean", default: false, description: "8 trials in place of 200" },
  seed: { type: "number", requiresArg: true, default: 1, description: "Of the instants" },
  trials: { type: "number", requiresArg: true, description: "Other than 200" },
});
const why = whyNoRedis();
if (why !== undefined) {
  console.log(`The queue is not tested: ${why}.`);
  process.exit();
}

const count = options.trials ?? (quick ? 8 : 200);
const WORKERS = 2;
/** How many outcomes there are between two kills, on average. */
const BETWEEN = { worker: quick ? 2 : 3, redis: quick ? 3 : 12, coordinator: quick ? 4 : 20 };

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), "mnist-native-queue-"));
const random = new RandomState(seed);
const draw = (mean) => mean * (0.5 + random.randomSample());
const config = writeSweep(folder, count);
const kills = { worker: 0, redis: 0, coordinator: 0 };
const faults = [];
/** How often workers have begun a trial: more often than there are trials, as those of the killed ones are begun again. */
let begun = 0;

const server = await startRedisServer({ folder });
try {
  const [here, there] = [join(folder, "here"), join(folder, "there")];
  await runCommand(["sweep", config, "--out", here, "--jobs", String(WORKERS)]);
  const seconds = (performance.now() - started) / 1000;
  const since = performance.now();
  await sweepUnderFire(there, (1000 * seconds * WORKERS) / count);
  await check(here, there);
  const under = (performance.now() - since) / 1000;
  console.log(
    `${count} trials: ${seconds.toFixed(1)} s on this machine alone, ${under.toFixed(1)} s by ${WORKERS} workers on a queue, with ${kills.worker} workers, ${kills.redis} servers and ${kills.coordinator} coordinators killed (seed ${seed}). Trials were begun ${begun} times.`,
  );
} finally {
  await server.stop();
}
for (const fault of faults) console.log(`Fault: ${fault}`);
if (faults.length > 0) {
  console.log(`What is left of it stays in ${folder}.`);
  process.exitCode = 1;
} else {
  console.log("Each trial has one outcome, and the results are the same bytes.");
  rmSync(folder, { recursive: true, force: true });
}

/** @param {number} pace Milliseconds that a trial takes, of which a kill may come at any. */
async function sweepUnderFire(out, pace) {
  mkdirSync(out);
  const workers = Array.from({ length: WORKERS }, startWorker);
  let coordinator = startCommand(["sweep", config, "--out", out, "--queue", server.url]);
  let isOver = false;
  let ended = 0;
  const count = watchOutcomes(out);
  const watch = async () => {
    for (; !isOver; await wait(100)) ended = count();
    count();
  };
  const until = async (mean, kill) => {
    for (let due = draw(mean); !isOver; await wait(50)) {
      if (ended < due) continue;
      await wait(random.randomSample() * pace);
      if (isOver) break;
      await kill();
      due = ended + draw(mean);
    }
  };
  const fire = [
    watch().catch(({ message }) => faults.push(message)),
    until(BETWEEN.worker, async () => {
      const i = Math.floor(random.randomSample() * WORKERS);
      await workers[i].kill();
      kills.worker++;
      workers[i] = startWorker();
    }),
    until(BETWEEN.redis, async () => {
      await server.kill();
      await wait(draw(400));
      await server.start();
      kills.redis++;
    }),
    until(BETWEEN.coordinator, async () => {
      const killed = coordinator;
      coordinator = undefined;
      await killed.kill();
      await wait(draw(300));
      coordinator = startCommand(["sweep", "--resume", out, "--queue", server.url]);
      kills.coordinator++;
    }),
  ];
  try {
    for (;;) {
      const current = coordinator;
      if (current === undefined) {
        await wait(50);
        continue;
      }
      const { status, stdout, stderr } = await current.ended;
      if (status === 0) break;
      if (current !== coordinator) continue; // It was killed.
      // A coordinator that begins while Redis is away says so, and ends; whoever started it starts it again.
      if (!/cannot be used/.test(stderr)) throw new Error(`The coordinator failed:\n${stdout}${stderr}`);
      coordinator = startCommand(["sweep", "--resume", out, "--queue", server.url]);
    }
  } finally {
    isOver = true;
    await Promise.all(fire);
    await Promise.all(workers.map((worker) => worker.kill()));
  }

  function startWorker() {
    const worker = startCommand(
      ["worker", "--folder", out, "--jobs", "1", "--threads", "1", "--lock-seconds", "3"],
      { MNIST_NATIVE_QUEUE: server.url },
    );
    worker.ended.then(({ status, stdout, stderr }) => {
      begun += stdout.match(/^Trial \d+ .* begins\.$/gm)?.length ?? 0;
      if (status === 1 && /cannot be used/.test(stderr) && !isOver) {
        const i = workers.indexOf(worker);
        if (i >= 0) workers[i] = startWorker(); // Redis was away when it began.
      } else if (status !== null) {
        faults.push(`a worker ended by itself with exit code ${status}: ${stderr.trim()}`);
      }
    });
    return worker;
  }
}

/** What must hold when all is over. */
async function check(here, there) {
  const [expected, received] = [here, there].map((out) => readFileSync(join(out, "results.csv"), "utf8"));
  if (expected !== received) faults.push("results.csv differs from that of the sweep on this machine");
  const lines = received.trimEnd().split("\n").length - 1;
  if (lines !== count) faults.push(`results.csv has ${lines} lines for ${count} trials`);
  const folders = readdirSync(join(there, "trials"));
  if (folders.length !== count) faults.push(`there are ${folders.length} folders for ${count} trials`);
  for (const name of folders) {
    const outcomes = readdirSync(join(there, "trials", name)).filter((file) => file.startsWith("outcome-"));
    if (outcomes.length !== 1) faults.push(`trial ${name} has ${outcomes.length} outcomes`);
  }
  const connection = new Redis(server.url, { maxRetriesPerRequest: null });
  const queue = new Queue(QUEUE_NAME, { connection, prefix: QUEUE_PREFIX });
  const left = await queue.getJobs(["wait", "prioritized", "delayed", "active", "completed", "failed"]);
  if (left.length > 0) faults.push(`${left.length} jobs are left in Redis`);
  await queue.close();
  connection.disconnect();
}
