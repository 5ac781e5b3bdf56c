import { readFileSync, readlinkSync } from "node:fs";

/** A process by its number and, as numbers are used again, the time at which it started. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In ticks since the machine started; `null` where the system does not tell. */
  readonly startTime: string | null;
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, startTime: statOf(pid)?.startTime ?? null };
}

/** Whether it still runs. One that has ended and that its parent has not taken note of does not. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0); // Sends nothing.
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false; // EPERM: it lives, and is another user's.
  }
  const now = statOf(pid);
  if (now === null) return true;
  return now.state !== "Z" && (startTime === null || now.startTime === startTime);
}

/**
 * Within what a process's number means something: this start of the machine, and the namespace of process numbers that a container has
 * to itself. `null` where the system does not tell.
 */
export function processSpace(): string | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return null; // No Linux, or a /proc that is not shown.
  }
}

/** Fields 3 and 22 of Linux's /proc/PID/stat; `null` where there is none. */
function statOf(pid: number): { readonly state: string; readonly startTime: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // The name before may hold spaces.
    const [state, startTime] = [fields[0], fields[19]];
    return state === undefined || startTime === undefined ? null : { state, startTime };
  } catch {
    return null; // No Linux, or a process that has just ended.
  }
}
