import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { handler, type TrainArguments } from "../../src/cli/commands/train.js";
import { MnistNativeError } from "../../src/errors.js";
import { readRun } from "../../src/runs/read-run.js";
import { loadCheckpoint } from "../../src/training/checkpoint-file.js";
import { loadModel } from "../../src/training/model-file.js";
import { type Fault, withFaultyFiles } from "../support/faulty-files.js";
import { smallQuartet } from "../support/quartet.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const data = join(folder, "data");
const ERRORS = ["ENOSPC", "EIO", "EACCES", "EDQUOT"] as const;
const TEMPORARY = /\.tmp$|^\.check-|^\.lock/;

/** All that was printed on standard error. */
let warnings = "";

beforeAll(() => {
  mkdirSync(data);
  const files = smallQuartet({ trainCount: 600, testCount: 60 });
  writeFileSync(join(data, "train-images-idx3-ubyte"), files.trainImages);
  writeFileSync(join(data, "train-labels-idx1-ubyte"), files.trainLabels);
  writeFileSync(join(data, "t10k-images-idx3-ubyte"), files.testImages);
  writeFileSync(join(data, "t10k-labels-idx1-ubyte"), files.testLabels);
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    warnings += String(text);
    return true;
  });
});

afterAll(() => {
  vi.restoreAllMocks();
});

/** The command, in this process. */
async function train(args: Readonly<Record<string, unknown>>): Promise<void> {
  const defaults = { json: false, offline: true, force: false, "checkpoint-every": "30" };
  await handler({ ...defaults, ...args } as unknown as TrainArguments);
}

const settings = { "data-dir": data, hidden: "3", backend: "js", dtype: "float64", epochs: "2" };
type Command = (out: string, options?: Readonly<Record<string, unknown>>) => Promise<void>;
const begin: Command = (out, options) => train({ ...settings, out, ...options });
const replace: Command = (out, options) => train({ ...settings, seed: "9", out, force: true, ...options });
const goOnLonger: Command = (out) => train({ resume: out, epochs: "3" });

/** What a run ends in, but for times. */
async function resultOf(out: string) {
  const { epochs, config, summary } = await readRun(out);
  const model = createHash("sha256")
    .update(readFileSync(join(out, "model.safetensors")))
    .digest("hex");
  return {
    epochs: epochs.map((metrics) => ({ ...metrics, seconds: 0 })),
    config,
    summary: { ...summary, seconds: 0 },
    model,
  };
}

/** Every file of a run can be read. */
async function expectWhole(out: string): Promise<void> {
  const has = (...name: string[]) => existsSync(join(out, ...name));
  if (has("config.json")) await readRun(out);
  for (const name of ["model.safetensors", "model.previous.safetensors"]) {
    if (has(name)) await loadModel(join(out, name));
  }
  for (const name of ["last.safetensors", "best.safetensors"]) {
    if (has("checkpoints", name)) await loadCheckpoint(join(out, "checkpoints", name));
  }
}

/** What a person would do next: go on where there is a run of these settings that can, else give the command again. */
async function nextStart(out: string, command: Command, seed: number | undefined): Promise<void> {
  const has = (...name: string[]) => existsSync(join(out, ...name));
  if (command === goOnLonger) return command(out);
  const config = has("config.json") ? JSON.parse(readFileSync(join(out, "config.json"), "utf8")) : undefined;
  const isOurs = config?.seed === seed;
  const canGoOn = has("checkpoints", "last.safetensors") || !has("summary.json");
  await (isOurs && canGoOn ? train({ resume: out }) : command(out, { force: isOurs || command === replace }));
}

describe.each<[name: string, command: Command, before: readonly Command[]]>([
  ["a new run", begin, []],
  ["a run that replaces another", replace, [begin]],
  ["a run that goes on", goOnLonger, [begin]],
])("%s", (name, command, before) => {
  it.each(["an error", "a short write"])("survives %s at every single call", async (kind) => {
    const place = join(folder, `${name}, ${kind}`);
    mkdirSync(place);
    const start = join(place, "start");
    for (const prepare of before) await prepare(start);
    const copy = (out: string) => {
      rmSync(out, { recursive: true, force: true });
      if (existsSync(start)) cpSync(start, out, { recursive: true });
    };
    const out = join(place, "run");
    copy(out);
    const calls = await withFaultyFiles(out, {}, () => command(out));
    const expected = await resultOf(out);
    expect(calls.length).toBeGreaterThan(40);

    for (const [i, call] of calls.entries()) {
      // Another error at each call, and at the same call of each kind of run.
      const fault: Fault = kind === "an error" ? (ERRORS[(i + before.length) % 4] as Fault) : "short";
      if (fault === "short" && call !== "file.write") continue;
      const reads = call.endsWith("to read");
      // Nothing that a full disk could do, nor does a file that was read fail to close.
      if (reads && ((fault !== "EIO" && fault !== "EACCES") || call.startsWith("file."))) continue;
      const place = `${fault} at call ${i + 1}, ${call}`;
      copy(out);
      warnings = "";
      let error: unknown;
      await withFaultyFiles(out, { n: i + 1, fault }, () =>
        command(out).catch((thrown: unknown) => {
          error = thrown;
        }),
      );
      if (error !== undefined) {
        expect(error, place).toBeInstanceOf(MnistNativeError);
        expect(String((error as Error).message), place).toMatch(/^[^\n]*cannot be (written|read): [^\n]*\.$/);
      }
      if (warnings !== "")
        expect(warnings, place).toMatch(/^(mnist-native: .*\. The training goes on\.\n)+$/);
      if (fault === "short") expect([error, warnings], place).toEqual([undefined, ""]);
      await expectWhole(out);
      if (call === "rmSync") rmSync(join(out, ".lock")); // That of a process that has ended by now would hold nothing.
      if (error === undefined) expect(await resultOf(out), place).toEqual(expected);
      await nextStart(out, command, expected.config.seed);
      expect(await resultOf(out), place).toEqual(expected);
      const names = readdirSync(out, { recursive: true }).map(String);
      expect(
        names.filter((name) => TEMPORARY.test(name.replace(/^.*[\\/]/, ""))),
        place,
      ).toEqual([]);
    }
  });
});
