import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { identityOf, isAlive, type ProcessIdentity, processSpace } from "./process-identity.js";

/** Milliseconds between the times at which a holder says that it still lives. */
const BEAT = 10_000;
/** One of another machine that has said nothing for so many milliseconds holds nothing any more. Clocks may differ by less than this. */
const LONGEST_SILENCE = 60_000;

/** A lock file that this process holds. It goes when the process ends in any way but a kill. */
export interface ProcessLock {
  /** Whether the file is still there and this process's: its folder may have been removed, and be another's by now. */
  isHeld(): boolean;
  release(): void;
}

/** The process that holds a lock. */
export interface LockHolder {
  readonly pid: number;
  /** The name of its machine, container or node of Slurm, where that is another one; else `null`. */
  readonly host: string | null;
}

/** As it stands in a message: `process 4711`, or `process 4711 of node3`. */
export function holderInWords({ pid, host }: LockHolder): string {
  return `process ${pid}${host === null ? "" : ` of ${host}`}`;
}

/**
 * Takes the lock that is a file, at once or not at all. One that a dead process of this machine left holds nothing: nobody waits for a
 * time-out. Of a process elsewhere, in a folder that machines or containers share, nobody here can see whether it lives: its lock holds for
 * as long as it says so, and for a minute after that. One that could not say so for longer, such as a machine that was asleep, finds that
 * its lock is held no more.
 *
 * @returns The lock, or the living process that holds it.
 * @throws an error of the operating system when the file cannot be written.
 */
export function takeProcessLock(path: string): ProcessLock | { readonly heldBy: LockHolder } {
  const ours = JSON.stringify({
    ...identityOf(process.pid),
    host: hostName(),
    space: processSpace(),
  } satisfies LockContent);
  for (;;) {
    try {
      writeFileSync(path, ours, { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const heldBy = holderOfProcessLock(path);
    if (heldBy !== undefined) return { heldBy };
    discard(path);
  }
  let isReleased = false;
  const isHeld = () => !isReleased && isFileOf(path, ours);
  const beat = setInterval(() => {
    try {
      if (isHeld()) utimesSync(path, new Date(), new Date());
    } catch {
      // A disk that is gone hears nothing; whoever writes to it will tell.
    }
  }, BEAT);
  beat.unref();
  const release = () => {
    if (isReleased) return;
    clearInterval(beat);
    process.off("exit", release);
    try {
      if (isHeld()) rmSync(path, { force: true });
    } catch {
      // One that cannot be removed, as from a disk that is gone, holds nothing any more when this process has ended.
    }
    isReleased = true;
  };
  process.on("exit", release);
  return { isHeld, release };
}

/**
 * Who holds the lock that is a file, which stays as it is.
 *
 * @returns The living process that holds it, by what is said at {@link takeProcessLock}; `undefined` where nobody does.
 * @throws an error of the operating system when the file cannot be read.
 */
export function holderOfProcessLock(path: string): LockHolder | undefined {
  const lock = readLock(path);
  if (lock === undefined) return undefined;
  const { pid, host } = lock.content;
  if (isOfHere(lock.content)) {
    // Nodes of a cluster may be one machine, as may containers with the same processes.
    return isAlive(lock.content) ? { pid, host: host === hostName() ? null : host } : undefined;
  }
  return Date.now() - lock.written < LONGEST_SILENCE ? { pid, host } : undefined;
}

/** Whether the number of a lock's process is one of this machine. Locks of older versions do not tell, and are taken to be. */
function isOfHere({ host, space }: LockContent): boolean {
  const here = processSpace();
  if (space !== null && here !== null) return space === here;
  return host === null || host === hostName();
}

/** In a job of Slurm the name by which Slurm has the node, as squeue shows it. */
function hostName(): string {
  return process.env.SLURMD_NODENAME || hostname();
}

function isFileOf(path: string, content: string): boolean {
  try {
    return readFile(path)?.text === content;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** Opening a named pipe would wait for its writer. Windows, which has no such files, lacks the flag. */
const READ_AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** `undefined` for a pipe or a device, whose reading may wait or go on for ever. */
function readFile(path: string): { readonly text: string; readonly written: number } | undefined {
  const file = openSync(path, READ_AT_ONCE); // Opened, for a server of files to be asked how old it is now.
  try {
    const stats = fstatSync(file);
    if (!(stats.isFile() || stats.isDirectory())) return undefined; // Of a folder, reading says that it is one.
    return { text: readFileSync(file, "utf8"), written: stats.mtimeMs };
  } finally {
    closeSync(file);
  }
}

/** What stands in the file. */
interface LockContent extends ProcessIdentity {
  /** `null` where it does not say so. */
  readonly host: string | null;
  readonly space: string | null;
}

/** `undefined` for a file that is gone, was cut short by the death of its writer, or is none, such as a pipe. */
function readLock(path: string): { readonly content: LockContent; readonly written: number } | undefined {
  try {
    const file = readFile(path);
    if (file === undefined) return undefined;
    const { text, written } = file;
    const holder: unknown = JSON.parse(text);
    const { pid, startTime, host, space } = (holder ?? {}) as Partial<LockContent>;
    if (!(typeof pid === "number" && Number.isInteger(pid) && pid > 0)) return undefined;
    const content = { pid, startTime: asText(startTime), host: asHost(host), space: asText(space) };
    return { content, written };
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function asText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Messages have it, whoever has written it. */
function asHost(value: unknown): string | null {
  return typeof value === "string" && /^[\w.-]{1,255}$/.test(value) ? value : null;
}

/** By a new name first: of two that find a dead process's lock, the second must not remove what the first has taken since. */
function discard(path: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
