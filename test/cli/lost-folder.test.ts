import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { temporaryNameOf } from "../../src/system/files.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess, type Finished, MAIN, type Running, start } from "./harness.js";
import { readAll, resultOf } from "./run-results.js";
import { writeSmallData } from "./small-data.js";

// What may happen to the folder of a run while the training goes on.

const folder = temporaryFolder();
chmodSync(folder, 0o755); // Other users read the data, too.
const data = writeSmallData(folder, "mnist");
const EPOCHS = 16;
const train = ["train", "--data-dir", data, "--backend", "js", "--hidden", "40", "--epochs", String(EPOCHS)];
const often = ["--checkpoint-every", "0.05"];
const GOES_ON = /^(mnist-native: [^\n]*\. The training goes on\.\n)+$/;

/** The run that nothing happened to; made once. */
const whole = (async () => {
  const out = join(folder, "whole");
  expectSuccess(await cli([...train, "--out", out]));
  return resultOf(out);
})();

/** The run went on to its end, or it does now. */
async function expectSameBits(out: string): Promise<void> {
  expect(await resultOf(out)).toEqual(await whole);
}

/** As `rm -r`, which fails where a file is made in a folder that is being emptied, and is given again then. */
function removeWhileWritten(path: string): void {
  for (;;) {
    try {
      rmSync(path, { recursive: true });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
    }
  }
}

/** Whether a file has been begun that does not have its name yet. */
function hasUnfinished(out: string): boolean {
  const names = readdirSync(out, { recursive: true }).map((name) => basename(String(name)));
  return names.some((name) => temporaryNameOf(name) !== undefined);
}

/** The run ended with one sentence, after warnings. */
function expectSentence({ status, stderr }: Finished, sentence: RegExp): void {
  const lines = stderr.trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(sentence);
  expect(stderr).not.toMatch(/unexpected error|^ {4}at /m);
  for (const line of lines.slice(0, -1)) expect(`${line}\n`).toMatch(GOES_ON);
  expect(status).toBe(1);
}

/** Waits until a training is in the midst of an epoch: by what it has computed, as on a busy machine time says nothing. */
async function computesOn({ child }: Running): Promise<void> {
  if (process.platform !== "linux") return setTimeout(50);
  // Hundredths of a second in its own code, the twelfth field behind the name.
  const computed = () =>
    Number(
      readFileSync(`/proc/${child.pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")[11],
    );
  const before = computed();
  while (computed() < before + 6) await setTimeout(5);
}

describe.skipIf(process.platform === "win32")("a folder that is lost while training", () => {
  it("is made anew where somebody removes it, and has the whole run in the end", async () => {
    const out = join(folder, "removed");
    const running = start([...train, ...often, "--out", out]);
    await running.printed("Epoch: 003/016");
    removeWhileWritten(out);
    const { status, stderr } = await running.finished;
    if (stderr !== "") expect(stderr).toMatch(GOES_ON);
    expect(status).toBe(0);
    const { files, ...result } = await resultOf(out);
    const { files: expected, ...others } = await whole;
    expect(result).toEqual(others);
    // The best epoch may have been before.
    expect(expected).toEqual(expect.arrayContaining(files));
    expect(files).toContain(join("checkpoints", "last.safetensors"));
  });

  /** A training of long epochs, at a time when it does not write. */
  async function startQuiet(out: string): Promise<Running> {
    const running = start([...train.slice(0, -2), "--epochs", "4", "--batch-size", "1", "--out", out]);
    await running.printed("Epoch: 002/004");
    const isWriting = () => hasUnfinished(out);
    const epochs = () => readFileSync(join(out, "metrics.jsonl"), "utf8").split("\n").length - 1;
    while (epochs() < 2 || isWriting()) await setTimeout(5);
    await computesOn(running); // It may have been about to write a checkpoint.
    while (isWriting()) await setTimeout(5);
    return running;
  }

  it("is left alone where another process keeps its run there by then", async () => {
    const out = join(folder, "taken");
    const other = join(folder, "of another");
    mkdirSync(other);
    const lock = JSON.stringify({ pid: process.pid, startTime: null });
    writeFileSync(join(other, ".lock"), lock);
    writeFileSync(join(other, "config.json"), "{}");
    const running = await startQuiet(out);
    renameSync(out, join(folder, "taken away"));
    renameSync(other, out);
    const sentence = new RegExp(
      `taken is in use: process ${process.pid} keeps its run there; name another folder`,
    );
    expectSentence(await running.finished, sentence);
    expect(
      readdirSync(out)
        .filter((name) => !name.endsWith(".tmp"))
        .sort(),
    ).toEqual([".lock", "config.json"]);
    expect(readFileSync(join(out, ".lock"), "utf8")).toBe(lock);
    await readAll(join(folder, "taken away"));
  });

  it("is left alone where it holds another run by then", async () => {
    const out = join(folder, "replaced");
    const other = join(folder, "of others");
    expectSuccess(await cli([...train.slice(0, -1), "1", "--out", other]));
    const before = await resultOf(other);
    const running = await startQuiet(out);
    renameSync(out, join(folder, "replaced before"));
    renameSync(other, out);
    expectSentence(
      await running.finished,
      /replaced was removed and holds another run by now; this one cannot be kept/,
    );
    expect(await resultOf(out)).toEqual(before);
  });
});

/** Where the tests run as root, another user, whom permissions hold back. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const cannotRun = [
  "uid" in nobody,
  spawnSync(process.execPath, [MAIN, "--version"], nobody).status !== 0,
].every(Boolean);

function startAsUser(args: readonly string[]): Running {
  const child = spawn(process.execPath, [MAIN, ...args], { ...nobody, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout += text;
    child.emit("printed");
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
  const printed = async (text: string) => {
    while (!stdout.includes(text)) {
      await Promise.race([new Promise((resolve) => child.once("printed", resolve)), finished]);
      if (child.exitCode !== null && !stdout.includes(text)) throw new Error(`${text}: ${stdout}${stderr}`);
    }
  };
  return { child, printed, finished };
}

describe.skipIf(process.platform === "win32")("a permission that is revoked while training", () => {
  it("costs what could not be written, and nothing of what was", async ({ skip, onTestFinished }) => {
    if (cannotRun) skip("the user nobody cannot run the program where it lies");
    const place = mkdtempSync(join(tmpdir(), "mnist-native-test-"));
    onTestFinished(() => rmSync(place, { recursive: true, force: true }));
    chmodSync(place, 0o777);
    const out = join(place, "run");
    const running = startAsUser([...train, ...often, "--out", out]);
    await running.printed("Epoch: 004/016");
    for (const path of [out, join(out, "checkpoints")]) chmodSync(path, 0o555);
    const refusal =
      /^mnist-native: \S* cannot be written: you have no permission to write there; name another place\.$/;
    expectSentence(await running.finished, refusal);
    await readAll(out);
    expect(existsSync(join(out, "summary.json"))).toBe(false);
    for (const path of [out, join(out, "checkpoints")]) chmodSync(path, 0o777);
    const rest = await startAsUser(["train", "--resume", out]).finished;
    expect(rest.stderr).toBe("");
    expect(rest.stdout).not.toContain("Epoch: 001/016");
    await expectSameBits(out);
  });
});

/** A disk of so many bytes. Says why there is none. */
function mountSmallDisk(place: string, size: string): string | undefined {
  mkdirSync(place);
  const { status, stderr, error } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", place]);
  return status === 0 ? undefined : `no disk can be mounted here: ${error?.message ?? String(stderr).trim()}`;
}

/** Takes all the room that there is. */
function fill(path: string): void {
  let bytes = 1 << 20;
  const parts: number[] = [];
  while (bytes >= 1) {
    try {
      writeFileSync(path, Buffer.alloc(bytes), { flag: "a" });
      parts.push(bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      bytes >>= 1;
    }
  }
}

/** Waits until every thread of a process that was told to stop stands still: each ends its call to the system before. */
async function standsStill(pid: number): Promise<void> {
  const states = () =>
    readdirSync(`/proc/${pid}/task`).map(
      (thread) => /\) (\w) [^)]*$/.exec(readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8"))?.[1],
    );
  while (states().some((state) => state !== "T")) await setTimeout(1);
}

/**
 * Fills the disk of a training while it has begun no file: one that is given up leaves its room, and one that is finished that of the file
 * before it, so that later ones would fit.
 */
async function fillBetweenWrites({ child }: Running, out: string, filler: string): Promise<void> {
  const { pid } = child;
  if (pid === undefined) throw new Error("The training was not started.");
  for (let isFull = false; !isFull; ) {
    while (hasUnfinished(out)) await setTimeout(1);
    child.kill("SIGSTOP");
    await standsStill(pid);
    isFull = !hasUnfinished(out);
    if (isFull) fill(filler);
    child.kill("SIGCONT");
  }
}

describe.skipIf(process.platform !== "linux")("a disk that fills up while training", () => {
  it("costs checkpoints while it is full, and nothing once there is room", async ({
    skip,
    onTestFinished,
  }) => {
    const disk = join(folder, "disk");
    const fault = mountSmallDisk(disk, "4m");
    if (fault !== undefined) skip(fault);
    onTestFinished(() => void spawnSync("umount", ["-l", disk]));
    const out = join(disk, "run");
    const running = start([...train, ...often, "--out", out]);
    await running.printed("Epoch: 003/016");
    await fillBetweenWrites(running, out, join(disk, "filler"));
    await running.printed("Epoch: 009/016");
    await readAll(out);
    rmSync(join(disk, "filler"));
    const { status, stderr } = await running.finished;
    expect(stderr).toMatch(GOES_ON);
    expect(stderr).toContain("the disk is full");
    expect(status).toBe(0);
    await expectSameBits(out);
  });

  it("ends the run with a sentence where it stays full, and the run goes on when there is room", async ({
    skip,
    onTestFinished,
  }) => {
    const disk = join(folder, "full disk");
    const fault = mountSmallDisk(disk, "4m");
    if (fault !== undefined) skip(fault);
    onTestFinished(() => void spawnSync("umount", ["-l", disk]));
    const out = join(disk, "run");
    const running = start([...train, ...often, "--out", out]);
    await running.printed("Epoch: 004/016");
    await fillBetweenWrites(running, out, join(disk, "filler"));
    expectSentence(
      await running.finished,
      /^mnist-native: \S.* cannot be written: the disk is full; name another place\.$/,
    );
    await readAll(out);
    rmSync(join(disk, "filler"));
    expectSuccess(await cli(["train", "--resume", out]));
    await expectSameBits(out);
  });
});
