import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { Job } from "bullmq";
import { packageVersion } from "../../../system/package-version.js";
import { printable } from "../../../system/printable.js";
import { runTask } from "../../run-task.js";
import type { SweepFolder } from "../../sweep-folder.js";
import type { Outcome, Task } from "../../trial.js";
import { loadQueueModules } from "./connection.js";
import { endWhenIdle } from "./idle.js";
import { JobRefusedError, parseJob, REFUSED, type TrialJob, taskOfJob } from "./job.js";
import { NotHereError, openJobFolders, type WorkerData } from "./job-folders.js";
import { mendJobs } from "./mend.js";
import { MOST_STALLS, openQueue, QUEUE_NAME, QUEUE_PREFIX } from "./queue.js";
import { fingerprintOfRun, type JobResult } from "./result.js";

/** What a worker tells of itself. */
export interface WorkerListener {
  /** When the queue has been found, and trials are taken. */
  onReady?(): void;
  onStart?(task: Task, sweep: SweepFolder): void;
  onOutcome?(outcome: Outcome, sweep: SweepFolder): void;
  /** A line for a person. */
  onNotice?(line: string): void;
}

export interface WorkerOptions extends WorkerListener {
  /** The address of the queue: `redis://…`, or `rediss://…` for TLS. */
  readonly url: string;
  /** A sweep's folder, which is shared, or one for the folders of sweeps by their ids. */
  readonly folder: string;
  /** How many trials run at the same time. */
  readonly jobs: number;
  /** Threads of each. Default: those of the sweep's configuration. */
  readonly threads?: number | undefined;
  readonly data?: WorkerData | undefined;
  /** Whether it ends when there has been nothing to do for some seconds, at the beginning for a minute. Default: it waits for more until the signal ends it. */
  readonly untilIdle?: boolean | undefined;
  /** Ends it: trials that run keep a checkpoint, and their jobs go back to the queue. */
  readonly signal?: AbortSignal | undefined;
  /** Seconds after which a job whose worker says nothing any more is another worker's to take. Default: 30. */
  readonly lockSeconds?: number | undefined;
}

/** Milliseconds until a job that a worker has left to others is offered again. */
const LEFT_FOR = 5000;
/** Jobs that were refused stay in Redis, the last so many, to be looked at. */
const REFUSED_KEPT = 1000;

/** Milliseconds that jobs have to go back to a queue that does not answer, when the worker is ended. */
const FAREWELL = 5000;

/** Why the process of a trial is ended. */
class LostError extends Error {}
class EndedError extends Error {}

/**
 * Takes trials from a queue and runs them, until it is ended.
 *
 * @throws SweepError when the queue cannot be reached, or when something is wrong here that no other trial would escape, such as a full
 *   disk. What runs meanwhile goes back to the queue.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { url, folder, jobs, data, threads, onNotice = () => {}, lockSeconds = 30 } = options;
  const folders = openJobFolders(folder, data);
  const { bullmq } = await loadQueueModules();
  const { queue, connection, close } = await openQueue(url, onNotice);
  const { DelayedError, UnrecoverableError, WaitingError } = bullmq;
  const ending = new AbortController();
  const end = () => ending.abort();
  /** Jobs that have not gone back to Redis, with what ends their trials. */
  const inHand = new Map<string, AbortController>();
  /** Trials that run. */
  let trials = 0;
  let hasHadJob = false;
  const left = new Map<string, string>();
  let fault: { readonly error: unknown } | undefined;

  const run = async (data: unknown, signal: AbortSignal): Promise<JobResult> => {
    const job = await parseJob(data);
    if (job.version !== packageVersion()) throw new NotHereError(otherVersion(job), job.id);
    const sweep = await folders.of(job);
    const task = taskOfJob(job, sweep.plan);
    signal.throwIfAborted();
    options.onStart?.(task, sweep);
    trials++;
    try {
      const isKilled = (reason: unknown) => reason instanceof LostError;
      const outcome = await runTask(sweep, task, { threads, signal, onNotice, isKilled });
      options.onOutcome?.(outcome, sweep);
      return { outcome, fingerprint: await fingerprintOfRun(sweep.trialFolder(task.trial)) };
    } finally {
      trials--;
    }
  };

  /** What becomes of a job without a result. @returns The error that tells BullMQ of it. */
  const settle = async (error: unknown, job: Job<TrialJob>, token: string): Promise<Error> => {
    if (error instanceof JobRefusedError) {
      const id = printable(String(job.id)).slice(0, 100);
      onNotice(error.message.replace(REFUSED, `Job ${id} was refused`));
      return new UnrecoverableError(error.message);
    }
    try {
      if (error instanceof NotHereError) {
        if (left.get(error.sweep) !== error.message) onNotice(error.message);
        left.set(error.sweep, error.message);
        await job.moveToDelayed(Date.now() + LEFT_FOR, token);
        return new DelayedError();
      }
      if (error instanceof EndedError) await job.moveToWait(token);
    } catch {
      // Another worker has it by now, or will have it when Redis is back and nobody answers for it.
    }
    if (!(error instanceof EndedError || error instanceof LostError || error instanceof NotHereError)) {
      // Not the trial's fault, and maybe not this worker's alone: the job stays as one whose worker has died, and is counted as such.
      fault ??= { error };
      end();
    }
    return new WaitingError(); // Which leaves the job as it is in Redis.
  };

  const worker = new bullmq.Worker<TrialJob, JobResult>(
    QUEUE_NAME,
    async (job, token = "") => {
      const id = String(job.id);
      const mine = new AbortController();
      hasHadJob = true;
      inHand.set(id, mine);
      try {
        if (ending.signal.aborted) throw new EndedError();
        return await run(job.data, mine.signal);
      } catch (error) {
        throw await settle(error, job, token);
      } finally {
        if (inHand.get(id) === mine) inHand.delete(id);
      }
    },
    {
      connection: connection.redis,
      prefix: QUEUE_PREFIX,
      concurrency: jobs,
      lockDuration: lockSeconds * 1000,
      stalledInterval: lockSeconds * 500,
      runRetryDelay: 1000,
      drainDelay: 1,
      maxStalledCount: MOST_STALLS,
      removeOnFail: { count: REFUSED_KEPT },
    },
  );
  worker.on("error", (error) => {
    // The connection tells of its own; of a lock that is lost tells the next one; where mending fails, the next one tries again.
    if (error instanceof SyntaxError) mendJobs(queue, connection.redis).catch(() => {});
  });
  worker.on("lockRenewalFailed", (ids) => {
    for (const id of ids) {
      if (!inHand.has(id)) continue;
      onNotice(
        `Job ${id} was not answered for in time, so that another worker may take it; it is ended here.`,
      );
      inHand.get(id)?.abort(new LostError());
    }
  });

  ending.signal.addEventListener("abort", () => {
    for (const each of inHand.values()) each.abort(new EndedError());
  });
  options.onReady?.();
  if (options.signal?.aborted) end();
  options.signal?.addEventListener("abort", end, { once: true });
  const idle =
    options.untilIdle === true
      ? endWhenIdle({ queue, inHand, left, hasHadJob: () => hasHadJob, end })
      : undefined;
  try {
    if (!ending.signal.aborted) await once(ending.signal, "abort");
  } finally {
    options.signal?.removeEventListener("abort", end);
    idle?.stop();
    await worker.pause(true);
    const isAway = () => connection.redis.status !== "ready";
    await untilEmpty(inHand, { isBusy: () => trials > 0, isAway });
    await worker.close(inHand.size > 0 || isAway()); // Else it would wait for Redis.
    await close();
  }
  if (fault !== undefined) throw fault.error;
}

/** Waits until all jobs have gone back; but where no trial runs any more and Redis does not answer, not for long. */
async function untilEmpty(
  inHand: ReadonlyMap<string, unknown>,
  { isBusy, isAway }: { readonly isBusy: () => boolean; readonly isAway: () => boolean },
): Promise<void> {
  let since = performance.now();
  while (inHand.size > 0) {
    if (isBusy() || !isAway()) since = performance.now();
    if (performance.now() - since > FAREWELL) return;
    await wait(50);
  }
}

function otherVersion({ id, version }: TrialJob): string {
  return `Trials of sweep ${id} are for version ${printable(version)} of mnist-native, and this is ${packageVersion()}; they are left to other workers.`;
}
