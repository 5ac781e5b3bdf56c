import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { FileAccessError } from "../../errors.js";
import type { TrainConfig } from "../../runs/config/schema.js";
import { writeJson } from "../../system/files.js";
import { BUNDLE_ADVICE, packageRoot } from "../../system/package-root.js";
import type { TrainingCommand, TrainingMessage } from "../protocol.js";
import { withoutPlaces } from "./words.js";

/** So much of what a training writes to standard error is read at the most: its last words. */
const LAST_WORDS = 4096;

/** How a process has ended that trained. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Of what it wrote to standard error the last sentence: that of its error, where there was one. */
  readonly lastWords: string | null;
}

/** A training in a process of its own, which goes on when this one is killed. */
export interface TrainingProcess {
  onMessage(listener: (message: TrainingMessage) => void): void;
  send(command: TrainingCommand): void;
  /** The last line so far of what it writes to standard error. */
  lastWords(): string | null;
  /** Asks it to end and keep a checkpoint, as Ctrl-C does. */
  interrupt(): void;
  kill(): void;
  readonly ended: Promise<ProcessEnd>;
}

/**
 * Starts `train` in a process of its own.
 *
 * Standard error goes to a file and not through a pipe, and the process has a group of its own: so neither the death of this process, nor
 * a Ctrl-C that is meant for it, ends the training.
 *
 * @param config Of a new run; `null` for the one that is in the folder, and goes on.
 * @param out The run's folder.
 * @throws FileAccessError when the command line is not there to be started, or must not be.
 */
export async function startTrainingProcess(
  config: TrainConfig | null,
  out: string,
): Promise<TrainingProcess> {
  const root = packageRoot();
  if (root === null) {
    throw new FileAccessError(
      `The command line of mnist-native is not there, so that no training can be started; ${BUNDLE_ADVICE}.`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "mnist-native-"));
  const path = join(folder, "config.json");
  if (config !== null) await writeJson(path, config);
  const errors = openSync(join(folder, "errors.txt"), "w+");
  const what = config === null ? ["--resume", out] : ["--config", path, "--out", out];
  const args = ["train", ...what, "--watched-by-parent"];
  const tidyUp = async () => {
    closeSync(errors);
    await rm(folder, { recursive: true, force: true });
  };
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [join(root, "dist/cli/main.js"), ...args], {
      stdio: ["ignore", "ignore", errors, "ipc"],
      serialization: "advanced",
      detached: true,
      windowsHide: true,
    });
  } catch (error) {
    await tidyUp();
    throw asForbidden(error);
  }
  // A program that has nothing else to do may end; `close` of the library waits.
  child.unref();
  child.channel?.unref();
  let isOver = false;
  // What a process says is for whoever looks at the page, who need not know where its files are.
  const told = (line: string | undefined) =>
    line === undefined
      ? null
      : withoutPlaces(withoutPrefix(line), { [out]: basename(out), [path]: basename(path) });
  const ended = endOf(child).then(async (end) => {
    const lines = linesOf(errors);
    const words = lines.findLast((line) => line.startsWith(PREFIX)) ?? lines.at(-1);
    isOver = true;
    await tidyUp();
    return { ...end, lastWords: end.lastWords ?? told(words) };
  });
  return {
    onMessage(listener) {
      child.on("message", (message) => listener(message as TrainingMessage)); // Its parent started it to say nothing else.
    },
    send(command) {
      // One that is ending may have closed its side: its end tells all.
      if (child.connected) child.send(command, () => {});
    },
    lastWords() {
      return told(isOver ? undefined : linesOf(errors).at(-1));
    },
    interrupt() {
      child.ref();
      child.kill("SIGTERM");
    },
    kill() {
      child.kill("SIGKILL");
    },
    ended,
  };
}

function asForbidden(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== "ERR_ACCESS_DENIED") return error;
  return new FileAccessError(
    "Node.js's permission model forbids the process that a training from this page needs; start the program with --allow-child-process, or without --permission.",
    { cause: error },
  );
}

/** Settled when the process has ended and all of its messages were heard. */
function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    let end: ProcessEnd | undefined;
    const settle = () => {
      if (end !== undefined && !child.connected) resolve(end);
    };
    child.on("disconnect", settle);
    child.on("exit", (code, signal) => {
      end = { code, signal, lastWords: null };
      settle();
    });
    child.on("error", (error) => {
      if (child.pid !== undefined) return; // A message that could not be sent: the end follows.
      resolve({ code: null, signal: null, lastWords: `No process can be started: ${error.message}.` });
    });
  });
}

/** What the command line begins its messages with. */
const PREFIX = "mnist-native: ";

function withoutPrefix(line: string): string {
  return line.startsWith(PREFIX) ? line.slice(PREFIX.length) : line;
}

/** The last lines of a file that is open. */
function linesOf(file: number): readonly string[] {
  const { size } = fstatSync(file);
  const bytes = Buffer.alloc(Math.min(size, LAST_WORDS));
  const count = readSync(file, bytes, 0, bytes.length, size - bytes.length);
  const text = bytes.toString("utf8", 0, count);
  return text.split("\n").filter((line) => line.trim() !== "");
}
