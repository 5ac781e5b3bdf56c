import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess, type Finished, hasAddon, start } from "./harness.js";
import { resultOf } from "./run-results.js";
import { smallFiles, writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "mnist");
/** Some two seconds, of which each epoch has a share. */
const slower = ["train", "--data-dir", data, "--backend", "js", "--hidden", "40"];
const slow = [...slower, "--epochs", "12"];
const quick = ["train", "--data-dir", data, "--hidden", "4", "--batch-size", "50", "--threads", "1"];
const resume = (out: string, ...more: string[]) => cli(["train", "--resume", out, ...more]);
const last = (out: string) => join(out, "checkpoints", "last.safetensors");

/** A folder with a run of two epochs, for a test alone. */
async function runOf(name: string, ...more: string[]): Promise<string> {
  const out = join(folder, name);
  const epochs = more.includes("--epochs") ? [] : ["--epochs", "2"];
  expectSuccess(await cli([...quick, ...epochs, "--out", out, ...more]));
  return out;
}

/** As expectFault, but the program may have told of the data before it found the fault. */
function expectRefusal(result: Finished, sentence: RegExp): void {
  expect(result.stdout).toMatch(/^Data: [^\n]*\nNetwork: [^\n]*\n$/);
  expectFault({ ...result, stdout: "" }, 1, sentence);
}

describe.skipIf(process.platform === "win32")("train --resume (Windows has no such signals)", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("goes on after %s to the bits of a run that was not interrupted", async (signal, status) => {
    const [out, whole] = [join(folder, signal), join(folder, `without ${signal}`)];
    const running = start([...slow, "--out", out]);
    const other = start([...slow, "--out", whole]);
    await running.printed("Epoch: 002/012");
    running.child.kill(signal);
    const interrupted = await running.finished;
    expect(interrupted).toMatchObject({ status, stderr: "" });
    expect(interrupted.stdout).toMatch(/^Interrupted after \d+ of 12 epochs\.$/m);
    expect(interrupted.stdout).toMatch(/\nGo on with it: npx mnist-native train --resume \S*\n$/);
    expectSuccess(await other.finished);
    const rest = expectSuccess(await resume(out));
    expect(rest).toContain("Epoch: 012/012");
    expect(rest).not.toContain("Epoch: 001/012");
    expect(await resultOf(out)).toEqual(await resultOf(whole));
  });

  it("goes on after a kill, and is refused while the run goes on by itself", async () => {
    const out = join(folder, "killed");
    const running = start([...slower, "--epochs", "100000", "--checkpoint-every", "0.01", "--out", out]);
    await running.printed("Epoch: 000002/100000");
    expectFault(
      await resume(out),
      1,
      new RegExp(
        `killed is in use: process ${running.child.pid} keeps its run there; name another folder, or wait`,
      ),
    );
    running.child.kill("SIGKILL");
    await running.finished;
    const again = start(["train", "--resume", out]);
    await again.printed("/100000 |"); // The end of an epoch.
    again.child.kill("SIGINT");
    expect(await again.finished).toMatchObject({ status: 130, stderr: "" });
    const { epochs } = await resultOf(out);
    expect(epochs.length).toBeGreaterThan(0);
    expect(epochs.map(({ epoch }) => epoch)).toEqual(epochs.map((_, i) => i + 1));
  });
});

describe("train --resume", () => {
  it("tells what a run that has ended has had, and adds epochs to the bits of a longer run", async () => {
    const [out, longer] = [await runOf("grows"), await runOf("longer", "--epochs", "4")];
    const before = await resultOf(out);
    expect(expectSuccess(await resume(out))).toBe(
      `The run in ${out} has had all of its 2 epochs; for more of them: npx mnist-native train --resume ${out} --epochs 4\n`,
    );
    expect(await resultOf(out)).toEqual(before);
    expectSuccess(await resume(out, "--epochs", "4", "--checkpoint-every", "5"));
    expect(await resultOf(out)).toEqual(await resultOf(longer));
  });

  it("adds none where the schedule depends on their number, and leaves the run as it is", async () => {
    const out = await runOf("cosine", "--schedule", "cosine");
    const read = () =>
      ["config.json", "environment.json"].map((name) => readFileSync(join(out, name), "utf8"));
    const before = [await resultOf(out), read()];
    expectRefusal(
      await resume(out, "--epochs", "3"),
      /of a training with another schedule: its learning rate /,
    );
    expect([await resultOf(out), read()]).toEqual(before);
    expect(expectSuccess(await resume(out))).toContain("has had all of its 2 epochs");
  });

  it("tells why a run that has ended cannot have more epochs, and what can be done", async () => {
    const stopped = await runOf("stopped", "--epochs", "9", "--early-stopping", "1", "--min-delta", "9");
    const falling = await runOf("falling", "--schedule", "cosine");
    expect(expectSuccess(await resume(stopped))).toMatch(
      /stopped after 2 of 9 epochs: validation\.loss .*; to train its network further, npx mnist-native train --from \S+stopped\/model\.safetensors\n$/,
    );
    expect(expectSuccess(await resume(falling))).toMatch(
      /has had all of its 2 epochs, and its learning rate goes by their number, .* train --from \S+falling\/model\.safetensors\n$/,
    );
  });

  it("refuses fewer epochs than there were, and tells of those that were left out", async () => {
    const out = join(folder, "fewer");
    const running = start(["train", "--data-dir", data, "--epochs", "100000", "--out", out]);
    await running.printed("Epoch: 000003/100000");
    running.child.kill("SIGINT");
    await running.finished;
    expectFault(
      await resume(out, "--epochs", "2"),
      1,
      /^mnist-native: Expected as many epochs as the run in \S+fewer has come to, which is \d+, or more, but received 2; leave out --epochs/,
    );
    const { stderr } = await resume(out, "--epochs", "1");
    const [, had = ""] = /which is (\d+),/.exec(stderr) ?? [];
    expectSuccess(await resume(out, "--epochs", had)); // It may have been within that epoch.
    const grown = await runOf("left-out", "--epochs", "2");
    expectFault(await resume(grown, "--epochs", "1"), 1, /which is 2, or more, but received 1; leave out/);
    const path = join(grown, "config.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"epochs": 2', '"epochs": 9'));
    expect(expectSuccess(await resume(grown, "--epochs", "2"))).toBe(
      `The run in ${grown} has had 2 of its 9 epochs, as many as are asked for; for the others: npx mnist-native train --resume ${grown}\n`,
    );
  });

  it("refuses data that differ by a bit, and leaves the run as it is", async () => {
    const out = await runOf("data");
    const images = Uint8Array.from(smallFiles["train-images-idx3-ubyte"] as Uint8Array);
    images[16 + 300_000] = (images[16 + 300_000] as number) ^ 1;
    const changed = writeSmallData(folder, "changed", { "train-images-idx3-ubyte": images });
    const environment = readFileSync(join(out, "environment.json"), "utf8");
    const args = ["--epochs", "3", "--data-dir", changed];
    expectRefusal(
      await resume(out, ...args),
      /of a training with another (training|validation) set; go on with/,
    );
    expect(readFileSync(join(out, "environment.json"), "utf8")).toBe(environment);
    const moved = writeSmallData(folder, "moved");
    expectSuccess(await resume(out, "--epochs", "3", "--data-dir", moved));
  });

  it.each([
    ["--hidden", "5"],
    ["--seed", "4"],
    ["--batch-size", "10"],
    ["--learning-rate", "1"],
    ["--optimizer", "adam"],
    ["--dtype", "float64"],
    ["--out", "elsewhere"],
    ["--config", "x.json"],
    ["--preset", "modern"],
    ["--force"],
  ])("refuses another setting: %s", async (option, ...value) => {
    const result = await resume(folder, option as string, ...value);
    expectFault(
      result,
      2,
      new RegExp(`^mnist-native: Expected no ${option} with --resume, because the run goes on`),
    );
  });

  it.skipIf(!hasAddon)("says what is promised of bits where something else computes", async () => {
    const out = await runOf("computes", "--backend", "native");
    const js = await resume(out, "--epochs", "3", "--backend", "js");
    const promise = "its numbers agree with those of an uninterrupted run within rounding, not to the bit.";
    expect(js.stderr).toMatch(
      /^mnist-native: The run was begun with the native backend \(\w+\) and goes on with js \(/,
    );
    expect(js.stderr.endsWith(`${promise}\n`)).toBe(true);
    expect(js.status).toBe(0);
  });

  it.skipIf(!hasAddon)(
    "says so of another set of kernels, and nothing of other threads",
    async ({ skip }) => {
      const out = await runOf("kernels", "--backend", "native");
      expectSuccess(await resume(out, "--epochs", "3", "--threads", "2"));
      const one = await runOf("kernels by one", "--epochs", "3", "--backend", "native");
      expect((await resultOf(out)).model).toBe((await resultOf(one)).model);
      const { kernelSet } = JSON.parse(readFileSync(join(out, "environment.json"), "utf8"));
      const other = kernelSet === "avx2" ? "avx512" : "avx2";
      const result = await cli(["train", "--resume", out, "--epochs", "4"], { MNIST_NATIVE_CPU: other });
      if (result.stderr.includes("MNIST_NATIVE_CPU"))
        skip(`this processor has no ${other}: ${result.stderr}`);
      expect(result.stderr).toBe(
        `mnist-native: The run was begun with the native backend (${kernelSet}) and goes on with native (${other}): its numbers agree with those of an uninterrupted run within rounding, not to the bit.\n`,
      );
      expect(result.status).toBe(0);
    },
  );

  it("says what is the matter with a damaged checkpoint, and goes on from the best one", async () => {
    const [out, longer] = [await runOf("damaged"), await runOf("undamaged", "--epochs", "4")];
    const best = join(out, "checkpoints", "best.safetensors");
    const hint = `To go on from an earlier epoch, put ${best} in its place.\n`;
    const bytes = readFileSync(last(out));
    const damages: readonly (readonly [() => void, RegExp])[] = [
      [
        () => truncateSync(last(out), 1000),
        /last\.safetensors is not a readable safetensors model: .* truncated\. To/,
      ],
      [
        () => truncateSync(last(out), 0),
        /last\.safetensors is not a safetensors file: it has only 0 bytes\. To/,
      ],
      [() => writeFileSync(last(out), "not this"), /last\.safetensors is not a .*safetensors.*\. To/],
      [
        () => cpSync(join(out, "model.safetensors"), last(out)),
        /is a model without the state of a training; .*\. To/,
      ],
      [
        () =>
          writeFileSync(
            last(out),
            Buffer.from(bytes.toString("latin1").replace('\\"epoch\\"', '\\"epoxh\\"'), "latin1"),
          ),
        /last\.safetensors does not hold the state of a training\. To/,
      ],
    ];
    for (const [damage, sentence] of damages) {
      writeFileSync(last(out), bytes);
      damage();
      const result = await resume(out, "--epochs", "4");
      expectFault(result, 1, sentence);
      expect(result.stderr.endsWith(hint)).toBe(true);
    }
    cpSync(best, last(out));
    expectSuccess(await resume(out, "--epochs", "4"));
    expect(await resultOf(out)).toEqual(await resultOf(longer));
  });

  it("refuses the checkpoint of another run", async () => {
    const [out, other] = [await runOf("of one"), await runOf("of another", "--hidden", "5")];
    cpSync(last(other), last(out));
    expectRefusal(await resume(out, "--epochs", "3"), /The checkpoint is of another network: expected /);
    const seeded = await runOf("of a seed", "--seed", "9");
    cpSync(last(seeded), last(out));
    expectRefusal(
      await resume(out, "--epochs", "3"),
      /of a network with seed 9, but received one with seed 123/,
    );
  });

  it.each(["0.1.0", "0.2.0"])("has nothing to go on from in a run of version %s", async (version) => {
    const out = join(folder, `of ${version}`);
    cpSync(fileURLToPath(new URL(`../golden/runs/${version}`, import.meta.url)), out, { recursive: true });
    expectFault(
      await resume(out),
      1,
      /holds a run that has ended, and no checkpoint to go on from; make the run again/,
    );
    expect(existsSync(join(out, ".lock"))).toBe(false);
  });

  it("says that there is no run, and makes no folder", async () => {
    const none = join(folder, "none");
    expectFault(
      await resume(none),
      1,
      /none holds no run to go on with: there is no config\.json; name a folder/,
    );
    expect(existsSync(none)).toBe(false);
  });

  it("begins by its settings a run that was interrupted or killed before there was more of it", async () => {
    const [out, whole] = [await runOf("early"), await runOf("whole")];
    for (const summary of [undefined, { interrupted: true, epochs: 0 }]) {
      for (const name of ["checkpoints", "metrics.jsonl", "model.safetensors", "summary.json"]) {
        rmSync(join(out, name), { recursive: true });
      }
      if (summary !== undefined) writeFileSync(join(out, "summary.json"), JSON.stringify(summary));
      expectSuccess(await resume(out));
      expect(await resultOf(out)).toEqual(await resultOf(whole));
    }
  });

  it("is the way to go on, and no other training begins over any file of a run", async () => {
    for (const name of ["metrics.jsonl", "summary.json", "checkpoints/last.safetensors"]) {
      const out = join(folder, `only ${name.replace("/", " ")}`);
      mkdirSync(join(out, "checkpoints"), { recursive: true });
      writeFileSync(join(out, name), "");
      expectFault(
        await cli([...quick, "--epochs", "1", "--out", out]),
        1,
        /holds a run already; name another folder/,
      );
      expectSuccess(await cli([...quick, "--epochs", "1", "--out", out, "--force"]));
      await resultOf(out);
    }
  });
});
