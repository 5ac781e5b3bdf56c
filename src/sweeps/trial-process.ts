import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { SweepError } from "../errors.js";
import { makeFolders } from "../system/files.js";
import { BUNDLE_ADVICE, packageRoot } from "../system/package-root.js";
import { asOutputError } from "../system/system-error.js";
import { lastWordsIn } from "./last-words.js";
import type { TrialProgress } from "./runner.js";
import type { SweepFolder } from "./sweep-folder.js";
import type { Outcome, Task } from "./trial.js";

/** What the processes of a trial write to standard error, in its folder. */
const LOG_FILE = "log.txt";
/** A log that has become longer is begun anew by the next process. */
const LONGEST_LOG = 1 << 20;
/** So much of it is read at the most: the last words of a process. */
const LAST_WORDS = 1 << 14;

/**
 * The exit code of a trial's process that could record nothing for a reason that is not the trial's own, such as a full disk: every other
 * trial would meet the same. As `EX_CANTCREAT` of BSD's sysexits.h.
 */
export const EXIT_CANNOT_GO_ON = 73;
/** Of a process that was asked to end and has kept a checkpoint: as a shell reports SIGINT and SIGTERM. */
const INTERRUPTED = [130, 143];

/** How a trial's process has ended. */
export type TrialEnd =
  | { readonly kind: "outcome"; readonly outcome: Outcome }
  /** It has kept a checkpoint and no outcome, because somebody asked it to end. */
  | { readonly kind: "interrupted" }
  /** Without an outcome, and nobody had asked for it: it may be tried again. */
  | { readonly kind: "died"; readonly reason: string }
  /** For a reason that is not the trial's own: the sweep cannot go on here. */
  | { readonly kind: "stuck"; readonly reason: string };

export interface TrialProcessOptions {
  /** Threads of its operations. Default: those of the sweep's configuration. */
  readonly threads?: number | undefined;
  /** After each epoch. */
  readonly onProgress?: ((progress: TrialProgress) => void) | undefined;
}

export interface TrialProcess {
  readonly pid: number | undefined;
  /** Never rejected but by an outcome that cannot be read. */
  readonly ended: Promise<TrialEnd>;
  /** Asks it to end and to keep a checkpoint. */
  interrupt(): void;
  kill(): void;
}

/**
 * Starts the process that runs a task and records its outcome: `mnist-native trial FOLDER NUMBER --rung R`. It has a group of its own, so
 * that a Ctrl-C reaches it through this process alone, and it ends with a checkpoint when this process is gone.
 *
 * @throws SweepError when the command line is not there to be started.
 * @throws OutputError when its log cannot be written.
 */
export async function startTrialProcess(
  sweep: SweepFolder,
  task: Task,
  options: TrialProcessOptions = {},
): Promise<TrialProcess> {
  const root = packageRoot();
  if (root === null) {
    throw new SweepError(
      `The command line of mnist-native is not there, so that no trial can be started; ${BUNDLE_ADVICE}.`,
    );
  }
  const { threads, onProgress } = options;
  const log = await openLog(sweep.trialFolder(task.trial));
  const { trial, rung } = task;
  const args = ["trial", sweep.directory, String(trial), "--rung", String(rung)];
  if (threads !== undefined) args.push("--threads", String(threads));
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [join(root, "dist/cli/main.js"), ...args], {
      stdio: ["ignore", log.file, log.file, "ipc"],
      detached: true,
      windowsHide: true,
    });
  } catch (error) {
    closeSync(log.file);
    throw asForbidden(error);
  }
  let isAsked = false;
  if (onProgress !== undefined) child.on("message", (message) => onProgress(message as TrialProgress)); // It says nothing else.
  const ended = endOf(child)
    .then(async (end): Promise<TrialEnd> => {
      const outcome = await sweep.outcomeOf(task);
      if (outcome !== undefined) return { kind: "outcome", outcome };
      if (isAsked) return { kind: "interrupted" };
      const reason = reasonOf(end, lastWords(log));
      return { kind: end.code === EXIT_CANNOT_GO_ON ? "stuck" : "died", reason };
    })
    .finally(() => closeSync(log.file));
  return {
    pid: child.pid,
    ended,
    interrupt() {
      isAsked = true;
      child.kill("SIGTERM");
    },
    kill() {
      isAsked = true;
      child.kill("SIGKILL");
    },
  };
}

interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started. */
  readonly error?: string;
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
    child.on("error", ({ message }) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, error: message }); // Else its end follows.
    });
  });
}

function reasonOf({ code, signal, error }: ProcessEnd, words: string | undefined): string {
  if (error !== undefined) return `no process can be started: ${error}`;
  if (code === EXIT_CANNOT_GO_ON && words !== undefined) return words;
  const how =
    signal !== null
      ? `its process was ended by ${signal}`
      : code !== null && INTERRUPTED.includes(code)
        ? "its process was asked to end by somebody else"
        : `its process ended with exit code ${code}`;
  return words === undefined ? how : `${how}: ${words}`;
}

interface Log {
  readonly file: number;
  /** How long it was before. */
  readonly start: number;
}

async function openLog(folder: string): Promise<Log> {
  const path = join(folder, LOG_FILE);
  try {
    await makeFolders(folder);
    const file = openSync(path, "a+");
    if (fstatSync(file).size > LONGEST_LOG) ftruncateSync(file);
    return { file, start: fstatSync(file).size };
  } catch (error) {
    throw asOutputError(error, path);
  }
}

/** Of a process whose words begin at `start` in a log: what stands before is another's. */
function lastWords({ file, start }: Log): string | undefined {
  const { size } = fstatSync(file);
  const bytes = Buffer.alloc(Math.max(0, Math.min(size - start, LAST_WORDS)));
  const count = readSync(file, bytes, 0, bytes.length, size - bytes.length);
  return lastWordsIn(bytes.toString("utf8", 0, count));
}

function asForbidden(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== "ERR_ACCESS_DENIED") return error;
  return new SweepError(
    "Node.js's permission model forbids the processes that a sweep needs; start the program with --allow-child-process, or without --permission.",
    { cause: error },
  );
}
