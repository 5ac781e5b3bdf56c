import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { SweepError } from "../../../src/errors.js";
import { quote, slurmScript } from "../../../src/sweeps/runners/slurm/script.js";
import { fakeSlurm } from "../../support/fake-slurm.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const isPosix = process.platform !== "win32";
const ODD = `it's a "sweep" of $HOME; \`ls\` & *`;

/** Runs the script as Slurm would, in a group of its own, with a program in place of Node.js. */
function startTask({ program, restarts = 0 }: { program: string; restarts?: number }) {
  const slurm = fakeSlurm();
  const folder = join(temporaryFolder(), ODD);
  mkdirSync(folder);
  const node = join(folder, "node it's");
  const ready = join(folder, "ready");
  const said = join(folder, "arguments");
  writeFileSync(node, `#!/bin/bash\nprintf '%s\\0' "$@" >"$SAID"\n${program}\n`);
  chmodSync(node, 0o755);
  const script = join(folder, "trial.sh");
  writeFileSync(script, slurmScript({ node, commandLine: join(folder, "main.js"), folder }));
  const child = spawn("bash", [script, "2", "1000"], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: slurm.path,
      SAID: said,
      READY: ready,
      SLURM_ARRAY_JOB_ID: "7",
      SLURM_ARRAY_TASK_ID: "5",
      SLURM_CPUS_PER_TASK: "3",
      SLURM_RESTART_COUNT: String(restarts),
    },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return {
    slurm,
    folder,
    child,
    isReady: () => vi.waitUntil(() => existsSync(ready), { timeout: 20_000, interval: 10 }),
    code: new Promise<number | null>((resolve) => child.once("close", resolve)),
    received: () => readFileSync(said, "utf8").split("\0").slice(0, -1),
    stderr: () => stderr,
  };
}

/** A trial that keeps its checkpoint when it is told to end, and then ends with a code. */
const untilTold = (code: number) => `
trap 'echo checkpoint >"$READY.checkpoint"; exit ${code}' TERM
touch "$READY"
while :; do sleep 0.05; done`;

const groupOf = ({ pid }: ChildProcess) => -(pid ?? Number.NaN);

describe.skipIf(!isPosix)("the batch script", () => {
  it("runs the trial by its number in the array, with the processors of the job", async () => {
    const { code, received, folder, slurm } = startTask({ program: "exit 0" });
    expect(await code).toBe(0);
    const main = join(folder, "main.js");
    const task = ["--rung", "2", "--index", "1005", "--threads", "3"];
    expect(received()).toEqual([main, "slurm-task", folder, ...task]);
    expect(slurm.calls("scontrol")).toEqual([]);
  });

  it("ends with the trial's exit code", async () => {
    const { code, slurm } = startTask({ program: "exit 73" });
    expect(await code).toBe(73);
    expect(slurm.calls("scontrol")).toEqual([]);
  });

  it("near the time limit waits for the checkpoint, and requeues itself alone", async () => {
    const { child, code, isReady, slurm, folder } = startTask({ program: untilTold(143), restarts: 99 });
    await isReady();
    child.kill("SIGUSR1");
    expect(await code).toBe(0);
    expect(slurm.calls("scontrol")).toEqual([["requeue", "7_5"]]);
    expect(existsSync(join(folder, "ready.checkpoint"))).toBe(true);
  });

  it("does not requeue a trial that came to its end near the time limit", async () => {
    const { child, code, isReady, slurm } = startTask({ program: untilTold(0) });
    await isReady();
    child.kill("SIGUSR1");
    expect(await code).toBe(0);
    expect(slurm.calls("scontrol")).toEqual([]);
  });

  it("does not requeue a job that is cancelled, and waits for the checkpoint", async () => {
    const { child, code, isReady, slurm, folder } = startTask({ program: untilTold(143) });
    await isReady();
    process.kill(groupOf(child), "SIGTERM"); // As scancel: all processes of the job.
    expect(await code).toBe(143);
    expect(slurm.calls("scontrol")).toEqual([]);
    expect(existsSync(join(folder, "ready.checkpoint"))).toBe(true);
  });

  it("does not bring back a job that is cancelled near its time limit", async () => {
    const { child, code, isReady, slurm } = startTask({
      program: `trap 'kill -TERM "$PPID"; sleep 0.1; exit 143' TERM\ntouch "$READY"\nwhile :; do sleep 0.05; done`,
    });
    await isReady();
    child.kill("SIGUSR1");
    expect(await code).toBe(143);
    expect(slurm.calls("scontrol")).toEqual([]);
  });

  it("gives up after a hundred times", async () => {
    const { child, code, isReady, slurm, stderr } = startTask({ program: untilTold(143), restarts: 100 });
    await isReady();
    child.kill("SIGUSR1");
    expect(await code).toBe(1);
    expect(slurm.calls("scontrol")).toEqual([]);
    expect(stderr()).toContain("Task 7_5 was requeued 100 times and has not ended: give it more --time.");
  });

  it("quotes any text for a shell", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 }).filter((word) => !/\p{Cc}|\p{Cs}/u.test(word));
    fc.assert(
      fc.property(fc.array(text, { minLength: 20, maxLength: 60 }), (words) => {
        const print = `printf '%s\\0' ${words.map(quote).join(" ")}`;
        const said = execFileSync("bash", ["-c", print], { encoding: "utf8" }).split("\0").slice(0, -1);
        expect(said).toEqual(words);
      }),
      { numRuns: 30 },
    );
  });

  it("refuses line breaks", () => {
    const paths = { node: "/usr/bin/node", commandLine: "/opt/main.js", folder: "/data/a\nrm -rf b" };
    expect(() => slurmScript(paths)).toThrow(SweepError);
    expect(() => slurmScript(paths)).toThrow(
      'Expected a path without line breaks and other control characters for a job of Slurm, but received "/data/a\\nrm -rf b"; move or rename the folder.',
    );
  });
});
