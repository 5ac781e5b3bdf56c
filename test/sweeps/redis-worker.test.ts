import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "bullmq";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jobId, sharedByJobs } from "../../src/sweeps/runners/redis/job.js";
import { activeJobs, allJobs, finishedJobs, waitingJobs } from "../../src/sweeps/runners/redis/queue.js";
import { redisRunner } from "../../src/sweeps/runners/redis.js";
import { readSweepConfig } from "../../src/sweeps/sweep-config.js";
import { createSweepFolder, type SweepFolder } from "../../src/sweeps/sweep-folder.js";
import type { Running } from "../cli/harness.js";
import { hasRedis, redisServer } from "../support/redis-server.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { killProcess, LONG, startWorker, writeSmallSweep } from "./queue-processes.js";
import { openTestQueue, testConnection, until } from "./test-queue.js";

const parent = temporaryFolder();
const newFolder = () => mkdtempSync(join(parent, "test-"));

/** A sweep whose folder its workers share, on a server of its own. */
async function smallSweep(options: Parameters<typeof writeSmallSweep>[1]) {
  const folder = newFolder();
  const { config } = writeSmallSweep(folder, options);
  const [server, read] = await Promise.all([redisServer(), readSweepConfig(config)]);
  const sweep = await createSweepFolder(join(folder, "out"), read);
  return { ...openTestQueue(server.url), server, sweep, place: { url: server.url, folder: sweep.directory } };
}

/** Of a sweep's first trial. */
function jobOf(sweep: SweepFolder) {
  const task = { trial: 0, rung: 0 };
  return { id: jobId(sweep.id, task), data: { ...sharedByJobs(sweep), ...task } };
}

const stderrOf = (running: Running) => {
  let text = "";
  running.child.stderr?.on("data", (more: string) => {
    text += more;
  });
  return () => text;
};

describe.skipIf(!hasRedis)("a worker", { timeout: LONG }, () => {
  it("that is asked to end gives its trial back at once, and another one goes on from its checkpoint", async () => {
    const { queue, sweep, place } = await smallSweep({ rates: [0.1, 0.2], epochs: 100_000 });
    const job = jobOf(sweep);
    await queue.add("trial", job.data, { jobId: job.id });
    const worker = startWorker(place);
    await worker.printed("Trial 0 of sweep");
    const checkpoint = join(sweep.trialFolder(0), "checkpoints", "last.safetensors");
    await until(() => fileSize(join(sweep.trialFolder(0), "metrics.jsonl")) > 0);
    worker.child.kill("SIGTERM");
    const { status, stdout, stderr } = await worker.finished;
    expect(stderr).toBe("");
    expect(stdout).toContain("Interrupted: trials that ran have kept a checkpoint");
    expect(status).toBe(143);
    expect(await waitingJobs(queue)).toEqual([job.id]);
    expect(fileSize(checkpoint)).toBeGreaterThan(0);
    const before = firstLines(sweep, 1);
    const next = startWorker(place);
    await next.printed("Trial 0 of sweep");
    expect(firstLines(sweep, 1)).toBe(before);
    await killProcess(next);
  });

  it("that was silent for too long ends its trial, which another one has taken", async () => {
    const { queue, sweep, place } = await smallSweep({ rates: [0.1, 0.2], epochs: 100_000 });
    const job = jobOf(sweep);
    await queue.add("trial", job.data, { jobId: job.id });
    const paused = startWorker(place);
    const said = stderrOf(paused);
    await paused.printed("Trial 0 of sweep");
    paused.child.kill("SIGSTOP");
    const other = startWorker(place);
    await other.printed("Trial 0 of sweep");
    paused.child.kill("SIGCONT");
    await until(() => said() !== "");
    expect(said()).toBe(
      `mnist-native: Job ${job.id} was not answered for in time, so that another worker may take it; it is ended here.\n`,
    );
    expect(await activeJobs(queue)).toEqual([job.id]);
    await Promise.all([killProcess(paused), killProcess(other)]);
  });

  it("gives a trial up whose process dies three times, and goes on with the others", async () => {
    const { sweep, place } = await smallSweep({ rates: [0.1, 0.2] });
    // Trial 1 ends itself as the operating system ends a process that takes all memory.
    const poison = `if (process.argv[2] === "trial" && process.argv[4] === "1") process.kill(process.pid, "SIGKILL");`;
    const worker = startWorker({
      ...place,
      environment: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(poison)}` },
    });
    const said = stderrOf(worker);
    await redisRunner({ url: place.url }).run(sweep, {});
    expect(await sweep.outcomeOf({ trial: 0, rung: 0 })).toMatchObject({ state: "trained", epochs: 3 });
    expect(await sweep.outcomeOf({ trial: 1, rung: 0 })).toMatchObject({
      state: "failed",
      reason: "It was given up after 3 tries: its process was ended by SIGKILL",
    });
    expect(said()).toContain("it is tried again (3 of 3).");
    await killProcess(worker);
  });

  it("refuses whatever is no job, records why, and goes on with what is one", async () => {
    const { queue, redis, sweep, place } = await smallSweep({ rates: [0.1, 0.2] });
    const hostile = [
      ...fc.sample(fc.jsonValue(), { numRuns: 40, seed: 1 }),
      { ...jobOf(sweep).data, trial: 99 },
      { ...jobOf(sweep).data, id: "../outside" },
      "x".repeat(2 ** 21),
    ];
    await queue.addBulk(
      hostile.map((data, i) => ({ name: "trial", data: data as never, opts: { jobId: `h${i}` } })),
    );
    // What no library would write, either.
    await redis.hset(`${queue.toKey("")}h0`, "data", `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`);
    await redis.hset(queue.toKey("h1"), "data", "no JSON");
    await redis.hset(queue.toKey("h2"), "opts", "{ no JSON");
    const worker = startWorker(place);
    await redisRunner({ url: place.url }).run(sweep, {});
    expect(await sweep.outcomes()).toHaveLength(2);
    await until(async () => (await finishedJobs(queue)).length === hostile.length);
    expect((await allJobs(queue)).toSorted()).toEqual(hostile.map((_, i) => `h${i}`).toSorted());
    for (const id of await finishedJobs(queue)) {
      expect((await queue.getJob(id))?.failedReason).toMatch(/^The job was refused: .+\.$/);
    }
    await killProcess(worker);
  });

  it("leaves trials to others whose data it has not, and comes to an end when nothing else is there", async () => {
    const { queue, sweep, server } = await smallSweep({ rates: [0.1, 0.2] });
    const job = jobOf(sweep);
    await queue.add("trial", job.data, { jobId: job.id });
    const folder = newFolder();
    const args = ["--until-idle"];
    const { status, stdout, stderr } = await startWorker({ url: server.url, folder, args, lockSeconds: 60 })
      .finished;
    expect(stderr).toBe(
      `mnist-native: Trials of sweep ${sweep.id} learn from data that this worker has not been given, so that they are left to others; name the data by --table.\n`,
    );
    expect(stdout).toContain("There was nothing to do: no trial came for this worker.");
    expect(status).toBe(0);
    expect(await waitingJobs(queue)).toEqual([job.id]);
  });
});

describe.skipIf(!hasRedis)("the coordinator of a queue", { timeout: LONG }, () => {
  it("records a trial as failed whose workers have died too often", async () => {
    const { queue, redis, sweep, place } = await smallSweep({ rates: [0.1, 0.2] });
    const notices: string[] = [];
    const running = redisRunner({ url: place.url }).run(sweep, { onNotice: (line) => notices.push(line) });
    const job = jobOf(sweep);
    await until(async () => (await waitingJobs(queue)).includes(job.id));
    await until(() => notices.length > 0);
    const command = `npx mnist-native worker --queue ${place.url} --folder ${sweep.directory}`;
    expect(notices).toEqual([`No worker is connected; start one: ${command}`]);
    // As if eleven workers had died with it.
    await redis.hset(queue.toKey(job.id), "defa", "job stalled more than allowable limit");
    const worker = startWorker(place);
    await running;
    expect(await sweep.outcomeOf({ trial: 0, rung: 0 })).toMatchObject({
      state: "failed",
      epochs: 0,
      reason: "It was given up because its worker died, or was lost, more than 10 times",
    });
    expect(await sweep.outcomeOf({ trial: 1, rung: 0 })).toMatchObject({ state: "trained" });
    await killProcess(worker);
  });

  it("adds again what Redis has lost, believes no result that is none, and takes back what nobody began", async () => {
    const { queue, sweep, place } = await smallSweep({ rates: [0.1, 0.2] });
    const interrupting = new AbortController();
    const notices: string[] = [];
    const running = redisRunner({ url: place.url }).run(sweep, {
      signal: interrupting.signal,
      onNotice: (line) => notices.push(line),
    });
    const ended = expect(running).rejects.toThrow("enough");
    await until(async () => (await waitingJobs(queue)).length === 2);
    await queue.obliterate({ force: true });
    await until(async () => (await waitingJobs(queue)).length === 2);
    const liar = new Worker(queue.name, async () => ({ outcome: { trial: 0, rung: 0, state: "trained" } }), {
      connection: testConnection(place.url),
      prefix: queue.opts.prefix ?? "",
    });
    await until(() => notices.length > 1); // The first one says that there is no worker yet.
    await liar.close();
    expect(notices[1]).toMatch(/^Job \S+ came back without an outcome, and is added again\.$/);
    await until(async () => (await waitingJobs(queue)).length === 2);
    interrupting.abort(new Error("enough"));
    await ended;
    expect(await allJobs(queue)).toEqual([]);
    expect(await sweep.outcomes()).toEqual([]);
  });

  it("tells when Redis is away and when it is back", async () => {
    const { server, queue, sweep, place } = await smallSweep({ rates: [0.1, 0.2] });
    const notices: string[] = [];
    const running = redisRunner({ url: place.url }).run(sweep, { onNotice: (line) => notices.push(line) });
    await until(async () => (await waitingJobs(queue)).length === 2);
    await until(() => notices.length === 1);
    await server.kill();
    await until(() => notices.length === 2);
    await server.start();
    await until(() => notices.length === 3);
    const worker = startWorker(place);
    await running;
    const address = server.url;
    expect(notices).toEqual([
      expect.stringMatching(/^No worker is connected; /),
      `Redis at ${address} cannot be used for now: nothing answers there. This goes on when it is back.`,
      `Redis at ${address} is back.`,
    ]);
    await killProcess(worker);
  });
});

function fileSize(path: string): number {
  try {
    return readFileSync(path).length;
  } catch {
    return 0;
  }
}

function firstLines(sweep: SweepFolder, count: number): string {
  const text = readFileSync(join(sweep.trialFolder(0), "metrics.jsonl"), "utf8");
  return text.split("\n", count).join("\n");
}
