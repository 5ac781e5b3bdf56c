import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { holderOfProcessLock, type ProcessLock, takeProcessLock } from "../../src/system/process-lock.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const isLinux = process.platform === "linux";

function take(path: string): ProcessLock {
  const lock = takeProcessLock(path);
  if ("heldBy" in lock) throw new Error(`held by ${lock.heldBy}`);
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
    expect(takeProcessLock(path)).toEqual({ heldBy: process.pid });
    expect(lock.isHeld()).toBe(true);
    lock.release();
    expect([existsSync(path), lock.isHeld()]).toEqual([false, false]);
    take(path).release();
  });

  it("can be looked at, and stays as it is", async () => {
    const path = join(folder, "looked-at");
    expect(holderOfProcessLock(path)).toBeUndefined();
    const lock = take(path);
    expect(holderOfProcessLock(path)).toBe(process.pid);
    lock.release();
    const { pid, end } = await idler();
    const left = JSON.stringify({ pid, startTime: null });
    writeFileSync(path, left);
    expect(holderOfProcessLock(path)).toBe(pid);
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
    expect(takeProcessLock(path)).toEqual({ heldBy: pid });
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
