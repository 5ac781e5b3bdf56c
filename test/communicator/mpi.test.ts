import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { mpis, runRanks, startRanks } from "../support/mpi.js";

const program = (name: string, ...args: readonly string[]) => [
  process.execPath,
  fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url)),
  ...args,
];

/** Whether a process is there, and not only its exit code. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

interface Collected {
  readonly name: string;
  readonly size: number;
  readonly localSize: number;
  readonly silent: readonly string[];
  readonly lengths: readonly number[];
  readonly ranks: readonly {
    readonly digests: Readonly<Record<string, string>>;
    readonly shared: readonly string[];
    readonly texts: string;
    readonly worst: number;
  }[];
}

describe.each(mpis)("under $name", (mpi) => {
  const collect = async (
    ranks: number,
    sizes: readonly number[],
    repetitions: number,
  ): Promise<Collected> => {
    const told = JSON.stringify({ sizes, repetitions });
    const { status, stdout, stderr } = await runRanks(mpi, ranks, program("collectives", told));
    expect(stderr).toBe("");
    expect(status).toBe(0);
    return JSON.parse(stdout) as Collected;
  };

  it.each([
    [2, [0, 1, 2, 97, 40_000, 1_000_000]],
    [3, [1, 39_761]],
    [4, [0, 1, 7, 997, 40_000]],
  ])("%i ranks have the same bits of each sum, in each run", async (ranks, sizes) => {
    const first = await collect(ranks, sizes, 2);
    const second = await collect(ranks, sizes, 1);
    expect(first).toMatchObject({ size: ranks, localSize: ranks, silent: Array(ranks).fill("") });
    expect(first.name).toMatch(new RegExp(`^${mpi.name} \\d`));
    expect(first.lengths[1]).toBe(200_000);
    const [one] = first.ranks;
    expect(Object.keys(one?.digests ?? {})).toHaveLength(2 * sizes.length);
    for (const { digests, shared, texts, worst } of [...first.ranks, ...second.ranks]) {
      expect(digests).toEqual(one?.digests); // One digest for each size, whatever the repetitions were.
      expect(shared).toEqual(one?.shared);
      expect(texts).toBe(one?.texts);
      expect(worst).toBeLessThanOrEqual(ranks); // Of half units in the last place of the sum of magnitudes.
    }
    for (const digest of Object.values(one?.digests ?? {})) expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("refuses what cannot be summed, two operations at once, and what comes after the leave", async () => {
    const { stdout, stderr, status } = await runRanks(mpi, 2, program("refusals"));
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const { refusals, sum } = JSON.parse(stdout) as { refusals: readonly string[]; sum: number };
    expect(sum).toBe(2);
    const numbers = "ERR_INVALID_ARGUMENT: Expected a Float32Array or a Float64Array.";
    const any =
      "ERR_INVALID_ARGUMENT: Expected a Float32Array, a Float64Array, a Uint8Array or an Int32Array.";
    expect(refusals).toEqual([
      numbers,
      numbers,
      numbers,
      any,
      any,
      expect.stringMatching(/^ERR_COMMUNICATOR: .*\(another operation of all ranks is under way\)/),
      expect.stringMatching(/^ERR_COMMUNICATOR: .*\(MPI can be started once in a process\)/),
      expect.stringMatching(/^ERR_COMMUNICATOR: .*\(MPI is not started\)/),
    ]);
  });

  it("takes leave by itself where a program ends well", async () => {
    const { status, stderr } = await runRanks(mpi, 2, program("ends", "leave"));
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it.each([
    ["asks for it", "abort", 7, []],
    ["exits with an error", "exit", 3, []],
    ["throws what nobody catches", "throw", 1, ["Error: nobody catches this"]],
  ])("ends all ranks when one %s", async (_, how, exitCode, words) => {
    const { status, stdout, stderr } = await runRanks(mpi, 3, program("ends", how));
    expect(status).toBe(exitCode);
    expect(stdout).not.toContain("There is a sum");
    for (const word of words) expect(stderr).toContain(word);
  });

  it("ends the others when a rank is killed, and says so", async () => {
    const running = startRanks(mpi, 2, program("ends", "wait"));
    let printed = "";
    running.child.stdout?.on("data", (text: string) => {
      printed += text;
    });
    await running.printed("rank 0 waits, and its timers run");
    await running.printed("rank 1 is process");
    process.kill(Number(/rank 1 is process (\d+)/.exec(printed)?.[1]), "SIGKILL");
    const { status, stdout, stderr } = await running.finished;
    expect(status).not.toBe(0);
    expect(stdout).not.toContain("There is a sum");
    const ours = /CommunicatorError: Rank 1 of 2, process \d+, has ended in the middle .* --resume, with any/;
    // MPICH's mpirun kills the others at once, so that its own words must do.
    expect(`${stdout}${stderr}`).toMatch(mpi.family === "openmpi" ? ours : /BAD TERMINATION(.|\n)*signal 9/);
  });

  it.skipIf(process.platform !== "linux")("leaves no rank behind where a test does", async () => {
    const pids: number[] = [];
    // What is registered first is called last.
    onTestFinished(async () => {
      while (pids.some(isRunning)) await setImmediate();
    });
    const running = startRanks(mpi, 2, program("ends", "wait"));
    let printed = "";
    running.child.stdout?.on("data", (text: string) => {
      printed += text;
    });
    for (const rank of [0, 1]) {
      await running.printed(`rank ${rank} is process`);
      pids.push(Number(new RegExp(`rank ${rank} is process (\\d+)`).exec(printed)?.[1]));
    }
    expect(pids.map(isRunning)).toEqual([true, true]);
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "hands %s on to all ranks, which stop at the same step",
    async (signal) => {
      const running = startRanks(mpi, 2, program("signals"));
      for (const rank of [0, 1]) await running.printed(`rank ${rank} is ready`);
      running.child.kill(signal);
      const { stdout } = await running.finished;
      // Open MPI's mpirun says SIGTERM whatever it was told itself.
      const heard = mpi.family === "openmpi" ? "SIGTERM" : signal;
      for (const rank of [0, 1]) expect(stdout).toContain(`rank ${rank} hears ${heard}`);
      const steps = Array.from(stdout.matchAll(/stops at step (\d+)/g), ([, step]) => step);
      expect(steps).toHaveLength(2);
      expect(steps[0]).toBe(steps[1]);
    },
  );
});
