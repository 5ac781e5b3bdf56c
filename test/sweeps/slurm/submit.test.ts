import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { MissingDependencyError } from "../../../src/errors.js";
import { requireSlurm } from "../../../src/sweeps/runners/slurm/client.js";
import { slurmRunner } from "../../../src/sweeps/runners/slurm.js";
import { parseSweepConfig } from "../../../src/sweeps/sweep-config.js";
import { createSweepFolder, type SweepFolder } from "../../../src/sweeps/sweep-folder.js";
import { type FakeSlurm, fakeSlurm } from "../../support/fake-slurm.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { outcome } from "../sample-plan.js";

const NAME = `it's 100%A of "$HOME"`;

/** A sweep of 9 trials and rungs of 9, 3 and 1; and a Slurm whose arrays have numbers below 5. */
async function setUp(halving: "synchronous" | "asynchronous" = "synchronous") {
  const slurm = fakeSlurm();
  slurm.answer("scontrol", "MaxArraySize            = 5\n");
  vi.stubEnv("PATH", slurm.path);
  const config = await parseSweepConfig({
    train: { dataset: "synthetic", epochs: 9 },
    parameters: { learningRate: { distribution: "logUniform", min: 0.001, max: 1 } },
    search: { type: "random", trials: 9 },
    halving: { type: halving, minEpochs: 1, factor: 3 },
  });
  const sweep = await createSweepFolder(join(temporaryFolder(), NAME), config);
  return { slurm, sweep };
}

/** What was submitted: the array and its dependency, and what the script was given. */
function submitted(slurm: FakeSlurm) {
  return slurm.calls("sbatch").map((args) => {
    const value = (name: string) => args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
    return [value("--array"), value("--dependency"), ...args.slice(-2)];
  });
}

const queueOf = (
  sweep: SweepFolder,
  ...tasks: [job: number, rung: number, offset: number, number: number][]
) =>
  tasks.map(([job, rung, offset, n]) => `${job}|${n}|PENDING|sweep.${sweep.id}.${rung}.${offset}`).join("\n");

describe.skipIf(process.platform === "win32")("submitting a sweep", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("submits all rungs at once, each after the one before, with the options given", async () => {
    const { slurm, sweep } = await setUp();
    await slurmRunner({ options: ["--partition=cpu"], wait: false }).run(sweep, {});
    expect(submitted(slurm)).toEqual([
      ["0-4", undefined, "0", "0"],
      ["0-3", undefined, "0", "5"],
      ["0-2", "afterany:1:2", "1", "0"],
      ["0", "afterany:3", "2", "0"],
    ]);
    const [first = []] = slurm.calls("sbatch");
    expect(first).toEqual([
      "--parsable",
      "--partition=cpu",
      `--job-name=sweep.${sweep.id}.0.0`,
      `--chdir=${sweep.directory}`,
      `--output=${sweep.directory.replaceAll("%", "%%")}/slurm/%A_%a.out`,
      "--array=0-4",
      join(sweep.directory, "slurm", "trial.sh"),
      "0",
      "0",
    ]);
    expect(readFileSync(join(sweep.directory, "slurm", "trial.sh"), "utf8")).toMatch(/^#!\/bin\/bash\n/);
    const jobs = JSON.parse(readFileSync(join(sweep.directory, "slurm", "jobs.json"), "utf8"));
    expect(jobs.options).toEqual(["--partition=cpu"]);
    expect(jobs.jobs.map(({ id }: { id: string }) => id)).toEqual(["1", "2", "3", "4"]);
  });

  it("limits how many run at a time over all arrays of a rung", async () => {
    const { slurm, sweep } = await setUp();
    await slurmRunner({ jobs: 2, wait: false }).run(sweep, {});
    expect(submitted(slurm)).toEqual([
      ["0-4%2", undefined, "0", "0"],
      ["0-3%2", "afterany:1", "0", "5"],
      ["0-2%2", "afterany:1:2", "1", "0"],
      ["0%2", "afterany:3", "2", "0"],
    ]);
  });

  it("limits what is submitted later likewise, unless another limit is given", async () => {
    const { slurm, sweep } = await setUp();
    await slurmRunner({ jobs: 2, wait: false }).run(sweep, {});
    await slurmRunner({ wait: false }).run(sweep, {});
    await slurmRunner({ jobs: 3, wait: false }).run(sweep, {});
    await slurmRunner({ wait: false }).run(sweep, {});
    const arrays = submitted(slurm).map(([array]) => array);
    expect(arrays).toEqual(
      [2, 2, 3, 3].flatMap((limit) => ["0-4", "0-3", "0-2", "0"].map((a) => `${a}%${limit}`)),
    );
  });

  it("submits only what has no outcome and is not in the queue, with the options of the first time", async () => {
    const { slurm, sweep } = await setUp();
    const isNew: boolean[] = [];
    const onSubmit = (submission: { readonly isNew: boolean }) => isNew.push(submission.isNew);
    await slurmRunner({ options: ["--partition=cpu"], wait: false, onSubmit }).run(sweep, {});
    expect(isNew).toEqual([true, true, true, true]);
    for (const trial of [0, 1, 2, 3]) await sweep.record(outcome({ trial, value: 1 / (trial + 1) }));
    const others = "9|0|RUNNING|sweep.another.0.0\n8|1|RUNNING|sweep\n";
    slurm.answer(
      "squeue",
      `${others}${queueOf(sweep, [2, 0, 5, 0], [2, 0, 5, 1], [2, 0, 5, 3], [3, 1, 0, 0], [4, 2, 0, 0])}\n`,
    );
    await slurmRunner({ wait: false, onSubmit }).run(sweep, {});
    expect(isNew.slice(4)).toEqual([false, false, false, false]);
    expect(slurm.calls("scancel")).toEqual([
      ["--quiet", "3"],
      ["--quiet", "4"],
    ]);
    expect(submitted(slurm).slice(4)).toEqual([
      ["4", undefined, "0", "0"],
      ["2", undefined, "0", "5"],
      ["0-2", "afterany:2:5:6", "1", "0"],
      ["0", "afterany:7", "2", "0"],
    ]);
    for (const call of slurm.calls("sbatch")) expect(call).toContain("--partition=cpu");
  });

  it("finds jobs whose ids could not be noted", async () => {
    const { slurm, sweep } = await setUp();
    const all = [0, 1, 2, 3, 4].map((n): [number, number, number, number] => [1, 0, 0, n]);
    slurm.answer("squeue", queueOf(sweep, ...all, [2, 0, 5, 0], [2, 0, 5, 1], [2, 0, 5, 2], [2, 0, 5, 3]));
    await slurmRunner({ wait: false }).run(sweep, {});
    expect(submitted(slurm)).toEqual([
      ["0-2", "afterany:1:2", "1", "0"],
      ["0", "afterany:1", "2", "0"],
    ]);
  });

  it("tells of outcomes, and ends with a sentence when jobs are gone without one", async () => {
    const { slurm, sweep } = await setUp();
    for (const trial of [0, 1, 2, 3, 4, 5, 6]) await sweep.record(outcome({ trial, value: trial }));
    const told: number[] = [];
    const running = slurmRunner({ outcomesEvery: 0.01, queueEvery: 0.01 }).run(sweep, {
      onOutcome: ({ trial }) => told.push(trial),
    });
    await expect(running).rejects.toThrow(
      `Trials 7, 8 have no outcome, and Slurm has no job of the sweep any more: what jobs printed is in ${join(sweep.directory, "slurm")}; `,
    );
    expect(told.sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(slurm.calls("scancel")).toEqual([]);
  });

  it("leaves the jobs when it is interrupted, and says how to go on", async () => {
    const { slurm, sweep } = await setUp();
    const interruption = new Error("Ctrl-C");
    const controller = new AbortController();
    const notices: string[] = [];
    const running = slurmRunner({ outcomesEvery: 0.01 }).run(sweep, {
      signal: controller.signal,
      onNotice: (line) => notices.push(line),
    });
    await vi.waitUntil(() => slurm.calls("squeue").length === 2, { timeout: 20_000, interval: 10 });
    controller.abort(interruption);
    await expect(running).rejects.toBe(interruption);
    expect(slurm.calls("scancel")).toEqual([]);
    expect(notices.at(-1)).toContain("; scancel 1 2 3 4 cancels them, and npx mnist-native sweep --resume '");
  });

  it("says what sbatch says, and how to try again", async () => {
    const { slurm, sweep } = await setUp();
    slurm.answer("sbatch", "sbatch: error: invalid partition specified: none\n", 1);
    const runner = slurmRunner({ wait: false, jobs: 2, options: ["--partition=none"] });
    await expect(runner.run(sweep, {})).rejects.toThrow(
      /^sbatch ended with exit code 1: sbatch: error: invalid partition specified: none; when that is mended, or with other options after --, try again: npx mnist-native sweep --resume .* --slurm --jobs 2 -- --partition=none$/,
    );
  });

  it("refuses asynchronous halving before anything is written", async () => {
    const { slurm, sweep } = await setUp("asynchronous");
    const runner = slurmRunner();
    expect(() => runner.check?.(sweep.plan)).toThrow("Asynchronous halving needs a process that decides");
    await expect(runner.run(sweep, {})).rejects.toThrow("Asynchronous halving needs a process that decides");
    expect(slurm.calls("sbatch")).toEqual([]);
    expect(existsSync(join(sweep.directory, "slurm"))).toBe(false);
  });

  it("says where Slurm is expected when its commands are not there", async () => {
    vi.stubEnv("PATH", temporaryFolder());
    await expect(requireSlurm()).rejects.toThrow(MissingDependencyError);
    await expect(requireSlurm()).rejects.toThrow(
      "sbatch cannot be found: --slurm expects Slurm's commands on this machine; run it where jobs are submitted, such as on the cluster's login node.",
    );
  });
});
