import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** A lock file that this process holds. It goes when the process ends in any way but a kill. */
export interface ProcessLock {
  /** Whether the file is still there and this process's: its folder may have been removed, and be another's by now. */
  isHeld(): boolean;
  release(): void;
}

/** Who holds a lock: a process by its number and, as numbers are used again, the time at which it started. */
interface Holder {
  readonly pid: number;
  readonly startTime: string | null;
}

/**
 * Takes the lock that is a file, at once or not at all. One that a dead process left holds nothing: nobody waits for a time-out.
 *
 * @returns The lock, or the number of the living process that holds it.
 * @throws an error of the operating system when the file cannot be written.
 */
export function takeProcessLock(path: string): ProcessLock | { readonly heldBy: number } {
  const ours = JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid) } satisfies Holder);
  for (;;) {
    try {
      writeFileSync(path, ours, { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(holder)) return { heldBy: holder.pid };
    discard(path);
  }
  let isReleased = false;
  const isHeld = () => !isReleased && isFileOf(path, ours);
  const release = () => {
    if (isReleased) return;
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
 * @returns The number of the living process that holds it; `undefined` where nobody does.
 * @throws an error of the operating system when the file cannot be read.
 */
export function holderOfProcessLock(path: string): number | undefined {
  const holder = readHolder(path);
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

function isFileOf(path: string, content: string): boolean {
  try {
    return readFileSync(path, "utf8") === content;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** `undefined` for a file that is gone, or was cut short by the death of its writer. */
function readHolder(path: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(path, "utf8"));
    const { pid, startTime } = (holder ?? {}) as Partial<Holder>;
    return typeof pid === "number" && Number.isInteger(pid) && pid > 0
      ? { pid, startTime: typeof startTime === "string" ? startTime : null }
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive({ pid, startTime }: Holder): boolean {
  try {
    process.kill(pid, 0); // Sends nothing.
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false; // EPERM: it lives, and is another user's.
  }
  const now = startTimeOf(pid);
  return now === null || startTime === null || now === startTime;
}

/** Field 22 of Linux's /proc/PID/stat, in ticks since the machine started; `null` where there is none. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null; // The name before may hold spaces.
  } catch {
    return null; // No Linux, or a process that has just ended.
  }
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
