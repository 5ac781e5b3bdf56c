import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Mpi, mpis, runRanks, startRanks } from "../support/mpi.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess, MAIN } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const train = (...options: readonly string[]) => [
  "train",
  "--data-dir",
  data,
  "--dtype",
  "float64",
  "--hidden",
  "20",
  ...options,
];
const program = (args: readonly string[]) => [process.execPath, MAIN, ...args];
const weightsIn = (out: string) => readFileSync(join(out, "model.safetensors"));
const read = (out: string, file: string) => readFileSync(join(out, file), "utf8");

const ESCAPE = "\u001b";

const onlyFault = (stderr: string) => stderr.split("\n").filter((line) => line.startsWith("mnist-native: "));

interface Figures {
  readonly train: { readonly loss: number };
  readonly validation: { readonly loss: number };
}

const metricsIn = (out: string): readonly Figures[] =>
  read(out, "metrics.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Figures);

function expectNear(out: string, other: string): void {
  const [own, expected] = [metricsIn(out), metricsIn(other)];
  expect(own).toHaveLength(expected.length);
  for (const [i, epoch] of own.entries()) {
    for (const part of ["train", "validation"] as const) {
      const loss = expected[i]?.[part].loss as number;
      expect(Math.abs(epoch[part].loss - loss)).toBeLessThan(1e-10 * loss);
    }
  }
}

/** The process that is a certain rank of what keeps its run in a folder. */
function processOfRank(rank: number, out: string): number {
  const found = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      const environment = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
      const ranks = [`OMPI_COMM_WORLD_RANK=${rank}`, `PMI_RANK=${rank}`];
      return words[1] === MAIN && words.includes(out) && ranks.some((one) => environment.includes(one));
    } catch {
      return false; // It has ended.
    }
  });
  expect(found).toHaveLength(1);
  return Number(found[0]);
}

const dist = dirname(dirname(MAIN));
/** Ranks that agree to begin, of which those in argv[2] then meet an error, while the others wait for them. */
const failing = join(folder, "failing.mjs");
writeFileSync(
  failing,
  `import { trainTogether } from ${JSON.stringify(join(dist, "cli/commands/parallel-training.js"))};
  import { InvalidArgumentError } from ${JSON.stringify(join(dist, "errors.js"))};
  await trainTogether(false, async ({ communicator, ready }) => {
    const facts = { examples: {}, fingerprint: "same" };
    await ready({ config: {}, data: { parts: { train: {} } }, facts, kernelSet: "same", checkpoint: undefined });
    const rank = String(communicator.rank);
    if (process.argv[2].split(" ").includes(rank)) throw new InvalidArgumentError("Expected a thing of rank " + rank + ".");
    await communicator.sum(new Float64Array(1));
  });
`,
);

const alone = join(folder, "alone");
let isThere = false;
/** Four epochs of one process, made when they are first needed. */
async function trainAlone(): Promise<string> {
  if (!isThere) expectSuccess(await cli(train("--epochs", "4", "--out", alone)));
  isThere = true;
  return alone;
}

describe.skipIf(process.platform !== "linux").each(mpis)(
  "train in several processes, under $name,",
  (mpi: Mpi) => {
    const at = (name: string) => join(folder, `${mpi.family}-${name}`);
    const run = (ranks: number, args: readonly string[]) => runRanks(mpi, ranks, program(args));

    it("comes to what one process does, with the same bits each time, and goes on with any number of ranks", async () => {
      const out = at("resumed");
      const printed = expectSuccess(await run(2, train("--epochs", "2", "--out", out)));
      expect(printed.match(/Test accuracy: /g)).toHaveLength(1);
      // Open MPI gives its ranks a terminal of their own.
      expect(printed).not.toMatch(new RegExp(`time left|\r|${ESCAPE}`));
      expect(printed).toMatch(/^Epoch: 001\/002 \| Train MSE: \d\.\d\d \|/m);
      expect(JSON.parse(read(out, "summary.json"))).toMatchObject({ ranks: 2, threads: 1, epochs: 2 });
      expect(JSON.parse(read(out, "environment.json"))).toMatchObject({ ranks: 2 });
      const weights = weightsIn(out);
      const config = JSON.parse(read(out, "config.json"));
      expect(config).not.toHaveProperty("threads");
      expect(config).not.toHaveProperty("ranks");
      const more = mpi === mpis[0] ? 4 : 3;
      const warned = await run(more, ["train", "--resume", out, "--epochs", "3"]);
      expect(warned.status).toBe(0);
      expect(warned.stderr).toBe(
        `mnist-native: The run was begun in 2 processes and goes on in ${more}: its numbers agree with those of an uninterrupted run within rounding, not to the bit.\n`,
      );
      const twin = at("again");
      expectSuccess(await run(2, train("--epochs", "2", "--out", twin)));
      expect(weightsIn(twin).equals(weights)).toBe(true);
      const last = await cli(["train", "--resume", out, "--epochs", "4"]);
      expect(last.status).toBe(0);
      expectNear(out, await trainAlone());
    });

    it("ends with one sentence where ranks disagree", async () => {
      const out = at("never");
      const both = (mine: readonly string[], theirs: readonly string[]) =>
        runRanks(mpi, 1, [...program(mine), ":", "-n", "1", ...program(theirs)]);
      const other = await both(
        train("--epochs", "2", "--out", out),
        train("--epochs", "2", "--seed", "5", "--out", out),
      );
      expect(onlyFault(other.stderr)).toEqual([
        "mnist-native: Expected all ranks to train the same, but rank 1 has other seed setting than rank 0, 5 and not 123; start all of them with the same version, options and data.",
      ]);
      expect(other.status).toBe(1);
      expect(existsSync(join(out, "config.json"))).toBe(false);
    });

    it.each([
      ["1", "Rank 1: Expected a thing of rank 1."],
      ["0 1", "Expected a thing of rank 0."],
    ])(
      "ends with one sentence where an argument turns out to be wrong on rank %s",
      async (ranks, sentence) => {
        const { stderr, status } = await runRanks(mpi, 2, [process.execPath, failing, ranks]);
        expect(onlyFault(stderr)).toEqual([`mnist-native: ${sentence}`]);
        expect(status).toBe(1);
      },
    );

    it("goes on after one of its ranks was killed, and after a request to terminate", async () => {
      const out = at("killed");
      const running = startRanks(mpi, 2, program(train("--epochs", "100000", "--out", out)));
      await running.printed("Epoch: 000002/100000");
      process.kill(processOfRank(1, out), "SIGKILL");
      const killed = await running.finished;
      expect(killed.status).not.toBe(0);
      const resumed = startRanks(mpi, 2, program(["train", "--resume", out]));
      await resumed.printed("Epoch: ");
      process.kill(processOfRank(0, out), "SIGTERM");
      const { stdout, status } = await resumed.finished;
      expect(status).not.toBe(0);
      expect(stdout).toMatch(/^Interrupted after \d+ of 100000 epochs, and not tested\.$/m);
      expect(stdout).not.toContain("Test accuracy");
      expect(stdout).toContain(
        `\nGo on with it, in any number of processes: npx mnist-native train --resume ${out}\n`,
      );
      const summary = JSON.parse(read(out, "summary.json"));
      expect(summary).toMatchObject({ interrupted: true, ranks: 2, testCount: 0, testAccuracy: null });
      const page = join(out, "page.html");
      expectSuccess(await cli(["report", out, "--out", page]));
      expect(readFileSync(page, "utf8")).toContain("and not tested.");
    });
  },
);

const [anyMpi] = mpis;
describe.skipIf(process.platform !== "linux" || anyMpi === undefined)(
  "a command in several processes",
  () => {
    const run = (...words: readonly string[]) => runRanks(anyMpi as Mpi, 2, words); // It is skipped without one.

    it("ends with one sentence where one has no data, or an option is wrong", async () => {
      const theirs = train("--epochs", "2").map((word) => (word === data ? join(folder, "nothing") : word));
      const mine = program(train("--epochs", "2"));
      const missing = await runRanks(anyMpi as Mpi, 1, [...mine, ":", "-n", "1", ...program(theirs)]);
      expect(onlyFault(missing.stderr)).toHaveLength(1);
      expect(onlyFault(missing.stderr)[0]).toMatch(/^mnist-native: Rank 1 cannot begin: .*nothing/);
      expect(missing.status).toBe(1);
      const wrong = await run(...program(train("--epochs", "0")));
      expect(onlyFault(wrong.stderr)).toHaveLength(1);
    });

    it("ends with one sentence where there is no addon, which rank 0 tells before another rank has ended all", async () => {
      const installed = join(folder, "installed");
      const own = dirname(dist);
      for (const part of ["dist", "package.json"]) {
        cpSync(join(own, part), join(installed, part), { recursive: true });
      }
      symlinkSync(join(own, "node_modules"), join(installed, "node_modules"));
      const main = join(installed, "dist/cli/main.js");
      // Rank 0 comes to it later than the others.
      const late = [
        process.execPath,
        "--import",
        "data:text/javascript,Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0,1000)",
      ];
      const { stderr, status } = await runRanks(anyMpi as Mpi, 1, [
        ...[...late, main, ...train("--epochs", "1")],
        ...[":", "-n", "1", process.execPath, main, ...train("--epochs", "1")],
      ]);
      expect(onlyFault(stderr)).toHaveLength(1);
      expect(onlyFault(stderr)[0]).toContain("training together takes an addon, but it has not been built");
      expect(status).toBe(1);
    });

    it("is train, or info of the first", async () => {
      const { stdout, stderr, status } = await run(...program(["predict", "model.safetensors"]));
      expect(stdout).toBe("");
      expect(onlyFault(stderr)).toEqual([
        "mnist-native: Expected predict to be started once, but MPI started it as one of several processes, and only train runs in several; leave out mpirun or srun.",
      ]);
      expect(status).toBe(1);
      expectSuccess(await run(...program(["info"])));
    });
  },
);
