import { setTimeout as wait } from "node:timers/promises";
import { SweepError } from "../../../errors.js";
import { parseJson } from "../../../system/json.js";
import type { RunOptions } from "../../runner.js";
import type { SweepFolder } from "../../sweep-folder.js";
import type { Outcome, Task } from "../../trial.js";
import { createDataCheck } from "./data-check.js";
import { isJobOf, jobId, type sharedByJobs } from "./job.js";
import { activeJobs, allJobs, finishedJobs, type OpenQueue, waitingJobs } from "./queue.js";
import { outcomeOfFailure, readResult } from "./result.js";
import { createWorkerWatch } from "./worker-watch.js";

/** Milliseconds between looks at what there is in Redis. */
const INTERVAL = 250;
/** Milliseconds that taking jobs back may last, where Redis does not answer. */
const FAREWELL = 2000;

export interface CoordinateOptions {
  readonly sweep: SweepFolder;
  readonly shared: ReturnType<typeof sharedByJobs>;
  readonly open: OpenQueue;
  /** The address of the queue, as a worker needs it. */
  readonly address: string;
  readonly onStart: RunOptions["onStart"] | undefined;
  readonly onNotice: RunOptions["onNotice"] | undefined;
}

export interface Coordinator {
  /** Has a task done by a worker. */
  start(task: Task, signal: AbortSignal): Promise<Outcome>;
  /** Takes what is not begun, or not needed any more, out of Redis. */
  end(): Promise<void>;
}

interface Pending {
  readonly task: Task;
  isTold: boolean;
  resolve(outcome: Outcome): void;
  reject(reason: unknown): void;
}

/** Looks at Redis regularly, and settles the tasks that are pending by what is there. */
export function coordinate(options: CoordinateOptions): Coordinator {
  const { sweep, shared, open, address, onStart, onNotice } = options;
  const { queue, connection } = open;
  const pending = new Map<string, Pending>();
  const checkData = createDataCheck(sweep, onNotice);
  const watchWorkers = createWorkerWatch({
    queue,
    address,
    sweep,
    onNotice,
    now: performance.now.bind(performance),
  });
  const stopping = new AbortController();
  let fault: { readonly error: unknown } | undefined;
  const looking = look();

  async function look(): Promise<void> {
    try {
      while (!stopping.signal.aborted) {
        await settleFinished();
        await addMissing();
        await tellStarted();
        if (pending.size > 0) await watchWorkers();
        await wait(INTERVAL, undefined, { signal: stopping.signal });
      }
    } catch (error) {
      if (stopping.signal.aborted) return; // What it waited for was ended.
      fault = { error: asQueueError(error, connection.address) };
      for (const { reject } of pending.values()) reject(fault.error);
    }
  }

  async function settleFinished(): Promise<void> {
    if (pending.size === 0) return;
    for (const id of await finishedJobs(queue)) {
      const entry = pending.get(id);
      if (entry !== undefined) await settle(id, entry, await outcomeOfJob(id, entry.task));
    }
  }

  /** An outcome is in the sweep's folder before its job goes, so that it is never lost. */
  async function settle(id: string, { task, resolve }: Pending, given: Outcome | undefined): Promise<void> {
    const outcome = given === undefined ? await sweep.outcomeOf(task) : await sweep.record(given);
    await queue.remove(id);
    if (outcome === undefined) return; // The job says nothing, and is added anew.
    pending.delete(id);
    resolve(outcome);
  }

  /** `undefined` where the job says nothing of use. */
  async function outcomeOfJob(id: string, task: Task): Promise<Outcome | undefined> {
    // Not by getJob, which throws where somebody has put something into Redis that is no JSON.
    const [failedReason, returned] = await connection.redis.hmget(
      queue.toKey(id),
      "failedReason",
      "returnvalue",
    );
    if (failedReason) return outcomeOfFailure(sweep, task, failedReason);
    const result = readResult(parseJson(returned ?? ""), task);
    if (result === undefined) onNotice?.(`Job ${id} came back without an outcome, and is added again.`);
    else if (result.fingerprint !== null) checkData(task, result.fingerprint);
    return result?.outcome;
  }

  /** New tasks, and those that Redis has lost: of a folder that is shared, the outcome may be there nevertheless. */
  async function addMissing(): Promise<void> {
    const asked = [...pending]; // Those that come meanwhile are for the next look.
    if (asked.length === 0) return;
    const known = new Set(await allJobs(queue));
    const due: [id: string, task: Task][] = [];
    for (const [id, entry] of asked) {
      if (known.has(id)) continue;
      const outcome = await sweep.outcomeOf(entry.task);
      if (outcome === undefined) due.push([id, entry.task]);
      else await settle(id, entry, outcome);
    }
    if (due.length > 0) await queue.addBulk(due.map(([id, task]) => jobFor(id, task)));
  }

  function jobFor(id: string, { trial, rung }: Task) {
    return {
      name: "trial",
      data: { ...shared, trial, rung },
      opts: {
        jobId: id,
        // Who goes on comes before who begins: the lower, the earlier.
        priority: sweep.plan.rungs.length - 1 - rung,
        removeOnComplete: false,
        removeOnFail: false,
        stackTraceLimit: 1,
      },
    };
  }

  async function tellStarted(): Promise<void> {
    if (onStart === undefined) return;
    for (const id of await activeJobs(queue)) {
      const entry = pending.get(id);
      if (entry === undefined || entry.isTold) continue;
      entry.isTold = true;
      onStart(entry.task);
    }
  }

  /** Jobs that no worker has begun, and all that are left when the sweep has come to its end. */
  async function takeBack(isComplete: boolean): Promise<void> {
    const ids = await (isComplete ? allJobs(queue) : waitingJobs(queue));
    for (const id of ids) if (isJobOf(sweep.id, id)) await queue.remove(id);
  }

  return {
    start(task, signal) {
      if (fault !== undefined) return Promise.reject(fault.error);
      return new Promise((resolve, reject) => {
        const interrupt = () => reject(signal.reason);
        pending.set(jobId(sweep.id, task), {
          task,
          isTold: false,
          resolve(outcome) {
            signal.removeEventListener("abort", interrupt);
            resolve(outcome);
          },
          reject,
        });
        if (signal.aborted) interrupt();
        else signal.addEventListener("abort", interrupt, { once: true });
      });
    },
    async end() {
      stopping.abort();
      const isComplete = pending.size === 0 && fault === undefined;
      const done = looking.then(() => takeBack(isComplete)).catch(() => {}); // Where it cannot, the jobs are found by whoever goes on.
      await Promise.race([done, wait(FAREWELL, undefined, { ref: false })]);
    },
  };
}

/** What Redis refuses, as when its memory or disk is full. */
function asQueueError(error: unknown, address: string): unknown {
  if (!(error instanceof Error) || error.name !== "ReplyError") return error;
  return new SweepError(
    `Redis at ${address} refuses what a queue needs: ${error.message.replace(/\.$/, "")}.`,
    {
      cause: error,
    },
  );
}
