import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import {
  holderInWords,
  holderOfProcessLock,
  type ProcessLock,
  takeProcessLock,
} from "../../src/system/process-lock.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const isLinux = process.platform === "linux";

function take(path: string): ProcessLock {
  const lock = takeProcessLock(path);
  if ("heldBy" in lock) throw new Error(`held by ${lock.heldBy.pid}`);
  return lock;
}

/** A process that does nothing, until it is told to end. */
async function idler(): Promise<{ readonly pid: number; end(): Promise<void> }> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await new Promise((resolve) => child.on("spawn", resolve));
  return {
    pid: child.pid as number,
    end: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

describe("a lock", () => {
  it("is held once, until it is released", () => {
    const path = join(folder, "once");
    const lock = take(path);
    expect(takeProcessLock(path)).toEqual({ heldBy: { pid: process.pid, host: null } });
    expect(lock.isHeld()).toBe(true);
    lock.release();
    expect([existsSync(path), lock.isHeld()]).toEqual([false, false]);
    take(path).release();
  });

  it("can be looked at, and stays as it is", async () => {
    const path = join(folder, "looked-at");
    expect(holderOfProcessLock(path)).toBeUndefined();
    const lock = take(path);
    expect(holderOfProcessLock(path)).toEqual({ pid: process.pid, host: null });
    lock.release();
    const { pid, end } = await idler();
    const left = JSON.stringify({ pid, startTime: null });
    writeFileSync(path, left);
    expect(holderOfProcessLock(path)).toEqual({ pid, host: null });
    await end();
    expect(holderOfProcessLock(path)).toBeUndefined();
    writeFileSync(path, "cut sh");
    expect(holderOfProcessLock(path)).toBeUndefined();
    expect(readFileSync(path, "utf8")).toBe("cut sh");
  });

  it("that was released, takes nothing from whoever has it then", () => {
    const path = join(folder, "twice");
    const first = take(path);
    first.release();
    const second = take(path);
    first.release();
    expect([existsSync(path), first.isHeld(), second.isHeld()]).toEqual([true, false, true]);
    second.release();
    second.release();
    expect(existsSync(path)).toBe(false);
  });

  it("whose file was removed is not held, and its release leaves another's file alone", () => {
    const path = join(folder, "removed");
    const lock = take(path);
    rmSync(path);
    expect(lock.isHeld()).toBe(false);
    const other = JSON.stringify({ pid: 1, startTime: null });
    writeFileSync(path, other);
    expect(lock.isHeld()).toBe(false);
    lock.release();
    expect(readFileSync(path, "utf8")).toBe(other);
  });

  it("of a living process is refused, and of a dead one taken at once", async () => {
    const path = join(folder, "process");
    const { pid, end } = await idler();
    writeFileSync(path, JSON.stringify({ pid, startTime: null }));
    expect(takeProcessLock(path)).toEqual({ heldBy: { pid, host: null } });
    await end();
    take(path).release();
  });

  it.skipIf(!isLinux)("of a dead process whose number another one has is taken", async () => {
    const path = join(folder, "number");
    const { pid, end } = await idler();
    writeFileSync(path, JSON.stringify({ pid, startTime: "1" }));
    take(path).release();
    await end();
  });

  it("of another machine is not judged by the numbers of this one: it holds while its holder says so", () => {
    const path = join(folder, "elsewhere");
    const content = { pid: process.pid, startTime: null, host: "node3", space: "another" };
    writeFileSync(path, JSON.stringify(content));
    expect(takeProcessLock(path)).toEqual({ heldBy: { pid: process.pid, host: "node3" } });
    expect(holderInWords({ pid: 7, host: "node3" })).toBe("process 7 of node3");
    const silent = new Date(Date.now() - 61_000);
    utimesSync(path, silent, silent);
    expect(holderOfProcessLock(path)).toBeUndefined();
    take(path).release();
  });

  it("is one of here by the name of the machine where the system tells no more", () => {
    const path = join(folder, "name");
    writeFileSync(path, JSON.stringify({ pid: process.pid, startTime: null, host: hostname(), space: null }));
    expect(holderOfProcessLock(path)).toEqual({ pid: process.pid, host: null });
    writeFileSync(path, JSON.stringify({ pid: 2 ** 30, startTime: null, host: hostname(), space: null }));
    expect(holderOfProcessLock(path)).toBeUndefined();
    writeFileSync(path, JSON.stringify({ pid: 2 ** 30, startTime: null, host: "node3", space: null }));
    expect(holderOfProcessLock(path)).toEqual({ pid: 2 ** 30, host: "node3" });
  });

  it("tells the node of Slurm that its holder is on, also where that is this machine", () => {
    const path = join(folder, "node");
    vi.stubEnv("SLURMD_NODENAME", "n2");
    try {
      const lock = take(path);
      expect(holderOfProcessLock(path)).toEqual({ pid: process.pid, host: null });
      vi.stubEnv("SLURMD_NODENAME", "");
      expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ host: "n2" });
      expect(holderOfProcessLock(path)).toEqual({ pid: process.pid, host: "n2" });
      lock.release();
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it.skipIf(process.platform === "win32")("that is a pipe holds nothing, and is not waited for", () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    expect(holderOfProcessLock(path)).toBeUndefined();
    const lock = take(path);
    rmSync(path);
    execFileSync("mkfifo", [path]);
    expect(lock.isHeld()).toBe(false);
    lock.release();
    expect(existsSync(path)).toBe(true);
  });

  it("is said to be held again and again, by its holder alone", () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const path = join(folder, "beat");
      const age = () => statSync(path).mtimeMs;
      const lock = take(path);
      utimesSync(path, new Date(0), new Date(0));
      vi.advanceTimersByTime(10_000);
      expect(age()).toBeGreaterThan(0);
      writeFileSync(path, JSON.stringify({ pid: 1, startTime: null }));
      utimesSync(path, new Date(0), new Date(0));
      vi.advanceTimersByTime(60_000);
      expect(age()).toBe(0);
      lock.release();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(["", "{", "null", "[]", '{"pid":"x"}', '{"pid":-1}', '{"pid":0.5}'])(
    "that its writer's death cut short, or that is none, holds nothing: %j",
    (text) => {
      const path = join(folder, "cut");
      writeFileSync(path, text);
      take(path).release();
      expect(readdirSync(folder).filter((name) => name.startsWith("cut"))).toEqual([]);
    },
  );
});
