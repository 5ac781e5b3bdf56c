import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { allJobs } from "../../src/sweeps/runners/redis/queue.js";
import { openSweepFolder } from "../../src/sweeps/sweep-folder.js";
import { cli, expectSuccess, type Finished, type Running } from "../cli/harness.js";
import { hasRedis, type RedisServer, redisServer } from "../support/redis-server.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { killProcess, LONG, startCommand, startWorker, writeSmallSweep } from "./queue-processes.js";
import { openTestQueue } from "./test-queue.js";

const parent = temporaryFolder();
const newFolder = () => mkdtempSync(join(parent, "test-"));

const resultsOf = (folder: string) => readFileSync(join(folder, "results.csv"), "utf8");

/** The results of a sweep on this machine that nobody disturbs. */
async function resultsHere(config: string, parent: string): Promise<string> {
  const out = join(parent, "here");
  expectSuccess(await cli(["sweep", config, "--out", out, "--jobs", "2"]));
  return resultsOf(out);
}

function startSweep({ url }: RedisServer, config: string, out: string): Running {
  return startCommand(["sweep", config, "--out", out, "--queue", url]);
}

/** It may have been quicker than its workers, and says so. */
function expectSwept({ status, stderr }: Finished): void {
  expect(stderr).toMatch(/^(?:mnist-native: No worker is connected; .*\n)?$/);
  expect(status).toBe(0);
}

describe.skipIf(!hasRedis)("a sweep on a queue", { timeout: LONG }, () => {
  it("has the results of one on this machine, though a worker, Redis and the coordinator are killed", async () => {
    const folder = newFolder();
    // npm run test:queue has 200 of them.
    const rates = [0.001, 0.01, 0.1, 1, 3];
    const { config } = writeSmallSweep(folder, { rates, epochs: 10 });
    const [server, expected] = await Promise.all([redisServer(), resultsHere(config, folder)]);
    const out = join(folder, "there");
    const place = { url: server.url, folder: out };
    const victim = startWorker(place); // Before the sweep: its folder is there when the first trial comes.
    const coordinator = startSweep(server, config, out);
    await victim.printed("begins.");
    await killProcess(victim);
    const worker = startWorker(place);
    await coordinator.printed("Trial ");
    await server.restart();
    await killProcess(coordinator);
    const second = startWorker(place);
    const resumed = startCommand(["sweep", "--resume", out, "--queue", server.url]);
    const { status, stdout, stderr } = await resumed.finished;
    expect(stdout + stderr).toContain("All results: ");
    expect(status).toBe(0);
    expect(resultsOf(out)).toBe(expected);
    for (const trial of readdirSync(join(out, "trials"))) {
      const files = readdirSync(join(out, "trials", trial));
      expect(files.filter((file) => file.startsWith("outcome-"))).toEqual(["outcome-0.json"]);
    }
    expect(await allJobs(openTestQueue(server.url).queue)).toEqual([]);
    await Promise.all([killProcess(worker), killProcess(second)]);
  });

  it("is halved as outcomes arrive: every trial has one, and of so many that came one goes on", async () => {
    const folder = newFolder();
    const { config } = writeSmallSweep(folder, {
      epochs: 4,
      rates: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
      more: { halving: { type: "asynchronous", minEpochs: 1, factor: 2 } },
    });
    const server = await redisServer();
    const out = join(folder, "there");
    const workers = [1, 2].map(() => startWorker({ url: server.url, folder: out }));
    expectSwept(await startSweep(server, config, out).finished);
    const outcomes = await (await openSweepFolder(out)).outcomes();
    const at = (rung: number) => outcomes.filter((outcome) => outcome.rung === rung);
    expect(new Set(at(0).map(({ trial }) => trial)).size).toBe(6);
    expect([0, 1, 2].map((rung) => at(rung).length)).toEqual([6, 3, 1]);
    expect(outcomes.every(({ state, epochs, rung }) => state === "trained" && epochs === 2 ** rung)).toBe(
      true,
    );
    expect(await allJobs(openTestQueue(server.url).queue)).toEqual([]);
    await Promise.all(workers.map(killProcess));
  });

  it("is the same where each worker has a folder and data of its own, and rungs are halved", async () => {
    const folder = newFolder();
    const { config, table } = writeSmallSweep(folder, {
      epochs: 2,
      rates: [0.001, 0.1, 1],
      more: { halving: { type: "synchronous", minEpochs: 1, factor: 2 } },
    });
    const [server, expected] = await Promise.all([redisServer(), resultsHere(config, folder)]);
    const out = join(folder, "there");
    const coordinator = startSweep(server, config, out);
    const workers = ["a", "b"].map((name) =>
      startWorker({ url: server.url, folder: join(folder, name), args: ["--table", table] }),
    );
    expectSwept(await coordinator.finished);
    expect(resultsOf(out)).toBe(expected);
    for (const { child, finished } of workers) {
      child.kill("SIGTERM");
      expect((await finished).status).toBe(143);
    }
  });
});
