import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { sweep } from "../../src/sweeps/sweep.js";
import type { SweepConfig } from "../../src/sweeps/sweep-config.js";
import { createSweepFolder, holdSweep, openSweepFolder } from "../../src/sweeps/sweep-folder.js";
import type { Outcome } from "../../src/sweeps/trial.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const config: SweepConfig = {
  train: { dataset: "synthetic", epochs: 9 },
  parameters: { learningRate: { values: [0.1, 0.2, 0.3] } },
  halving: { type: "synchronous" },
};
let made = 0;
const newSweep = () => createSweepFolder(join(folder, `sweep ${++made}`), config);

function outcome(trial: number, rung: number, value: number): Outcome {
  return {
    trial,
    rung,
    state: "trained",
    epochs: 1,
    value,
    figures: { "validation.loss": value },
    seconds: 1,
  };
}

describe("the folder of a sweep", () => {
  it.skipIf(process.platform === "win32")("is not waited for where an outcome is a pipe", async () => {
    const sweep = await newSweep();
    mkdirSync(sweep.trialFolder(0), { recursive: true });
    execFileSync("mkfifo", [join(sweep.trialFolder(0), "outcome-0.json")]);
    await expect(sweep.outcomes()).rejects.toThrow(
      /outcome-0\.json cannot be read: it is a device or a pipe; remove it, and the trial is run again\.$/,
    );
  });

  it("is opened as it was made", async () => {
    const sweep = await newSweep();
    const opened = await openSweepFolder(sweep.directory);
    expect(opened.id).toBe(sweep.id);
    expect(opened.given).toBe(sweep.directory);
    const given = relative(process.cwd(), sweep.directory);
    expect(await openSweepFolder(given)).toMatchObject({ directory: sweep.directory, given });
    expect(opened.id).toMatch(/^[A-Za-z0-9-]+$/);
    expect(opened.config).toEqual(config);
    expect(opened.plan).toEqual(sweep.plan);
    expect(await opened.outcomes()).toEqual([]);
    expect(sweep.trialFolder(7)).toBe(join(sweep.directory, "trials", "0007"));
  });

  it("is not made where there is a sweep or a run, nor opened where there is none", async () => {
    const { directory } = await newSweep();
    await expect(createSweepFolder(directory, config)).rejects.toThrow(
      /holds a sweep already; go on with it/,
    );
    const run = join(folder, "run");
    mkdirSync(run);
    writeFileSync(join(run, "config.json"), "{}");
    await expect(createSweepFolder(run, config)).rejects.toThrow(/holds a run, and no sweep; name another/);
    await expect(openSweepFolder(run)).rejects.toThrow(/holds no sweep: there is no sweep\.json; name/);
  });

  it("is not made among files that are none of its own", async () => {
    const directory = join(folder, "mixed");
    mkdirSync(join(directory, "data"), { recursive: true });
    for (const name of ["notes.txt", "b.csv", "sweep.yaml", ".gitignore"])
      writeFileSync(join(directory, name), "");
    await expect(createSweepFolder(directory, config)).rejects.toThrow(
      `${directory} holds what is none of this sweep's: b.csv, data, notes.txt and 1 more; name a new folder, or an empty one.`,
    );
    rmSync(join(directory, "notes.txt"));
    const train = {
      ...config.train,
      csv: join(directory, "b.csv"),
      dataDir: join(directory, "data", "mnist"),
    };
    const needed = [join(directory, "sweep.yaml")];
    expect((await createSweepFolder(directory, { ...config, train }, { needed })).directory).toBe(directory);
  });

  it("may be one that a worker has begun with, or an empty one", async () => {
    const directory = join(folder, "of a worker");
    mkdirSync(directory);
    await createSweepFolder(join(directory, "another"), config);
    expect((await createSweepFolder(directory, config)).given).toBe(directory);
    rmSync(join(directory, "sweep.json"));
    mkdirSync(join(directory, "trials"));
    await expect(createSweepFolder(directory, config)).rejects.toThrow(
      /holds what is none of this sweep's: trials;/,
    );
  });

  it("belongs to one of those who make it at the same time", async () => {
    const directory = join(folder, "race");
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => createSweepFolder(directory, config)),
    );
    const ids = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.id] : []));
    expect(ids).toEqual([(await openSweepFolder(directory)).id]);
  });

  it.each([
    ["{", /is not as a sweep writes it: it is not JSON; name/],
    ["[]", /it is not an object/],
    ['{"format":2}', /its format is 2, and this version of mnist-native knows 1/],
    ['{"format":1,"id":"../x"}', /it has no id/],
  ])("says what is wrong with a sweep.json of %s", async (text, sentence) => {
    const { directory } = await newSweep();
    writeFileSync(join(directory, "sweep.json"), text);
    await expect(openSweepFolder(directory)).rejects.toThrow(sentence);
  });

  it("is held by one process at a time", async () => {
    const sweep = await newSweep();
    const release = await holdSweep(sweep);
    await expect(holdSweep(sweep)).rejects.toThrow(/is in use: process \d+ runs its sweep; wait until/);
    release();
    (await holdSweep(sweep))();
  });

  it("is rid of what a killed process was writing of the results when the next one holds it", async () => {
    const sweep = await newSweep();
    const names = [".results.csv.0123456789ab.tmp", ".mine.csv.0123456789ab.tmp", "results.csv"];
    for (const name of names) writeFileSync(join(sweep.directory, name), "cut sh");
    (await holdSweep(sweep, { othersWrite: true }))();
    expect(readdirSync(sweep.directory)).toEqual(expect.arrayContaining(names));
    (await holdSweep(sweep))();
    expect(readdirSync(sweep.directory).sort()).toEqual([...names.slice(1), "sweep.json"]);
  });

  it("of a program's own objective is told to be that", async () => {
    const directory = join(folder, "objective");
    await sweep({ space: { x: { values: [1, 2] } }, objective: () => 1, folder: directory });
    await expect(openSweepFolder(directory)).rejects.toThrow(
      /holds the sweep of a program's own objective, which goes on where that program calls sweep again; what has come of its trials is in its folder trials, and in results.csv when that call has ended\.$/,
    );
  });
});

describe("outcomes", () => {
  it("are recorded once: the first stays, whoever else records at the same time", async () => {
    const sweep = await newSweep();
    const others = Array.from({ length: 20 }, (_, i) => sweep.record(outcome(1, 0, i)));
    const kept = new Set((await Promise.all(others)).map(({ value }) => value));
    expect(kept.size).toBe(1);
    const [first] = kept;
    expect(await sweep.record(outcome(1, 0, 99))).toMatchObject({ value: first });
    expect(await sweep.outcomes()).toMatchObject([{ trial: 1, value: first }]);
  });

  it("are read anew, in the order in which they came", async () => {
    const [sweep, other] = [await newSweep(), await openSweepFolder(join(folder, `sweep ${made}`))];
    for (const trial of [0, 1, 2]) await sweep.record(outcome(trial, 0, trial));
    await sweep.record(outcome(2, 1, 5));
    const at = (seconds: number, ...place: string[]) =>
      utimesSync(join(sweep.directory, "trials", ...place), seconds, seconds);
    at(30, "0000", "outcome-0.json");
    at(10, "0001", "outcome-0.json");
    at(20, "0002", "outcome-0.json");
    const order = (await other.outcomes()).map(({ trial, rung }) => [trial, rung]);
    expect(order).toEqual([
      [1, 0],
      [2, 0],
      [0, 0],
      [2, 1],
    ]);
  });

  it("give the same results.csv in whatever order they came", async () => {
    const [a, b] = [await newSweep(), await newSweep()];
    for (const trial of [0, 1, 2]) await a.record(outcome(trial, 0, trial / 3));
    for (const trial of [2, 0, 1]) await b.record({ ...outcome(trial, 0, trial / 3), seconds: 9 });
    await Promise.all([a.writeResults(), b.writeResults(), b.writeResults()]);
    const [ofA, ofB] = [a, b].map(({ directory }) => readFileSync(join(directory, "results.csv"), "utf8"));
    expect(ofA).toBe(ofB);
    expect(ofA?.split("\r\n")).toHaveLength(5);
  });

  it("keep what is no number as null", async () => {
    const sweep = await newSweep();
    const figures = { "validation.loss": Number.NaN, "train.loss": Number.POSITIVE_INFINITY };
    const recorded = await sweep.record({ ...outcome(0, 0, Number.NaN), state: "diverged", figures });
    expect(recorded).toMatchObject({ value: null, figures: { "validation.loss": null, "train.loss": null } });
  });

  it.each([
    ["", /it is not JSON; remove the file, and the trial is run again\.$/],
    ["[]", /it is not an object/],
    ['{"trial":2,"rung":0}', /it is not of trial 1, rung 0/],
    ['{"trial":1,"rung":0,"state":"good"}', /its state is not as it must be/],
    ['{"trial":1,"rung":0,"state":"trained","epochs":-1}', /its epochs is not as it must be/],
    ['{"trial":1,"rung":0,"state":"trained","epochs":1,"value":"0"}', /its value is not/],
    ['{"trial":1,"rung":0,"state":"trained","epochs":1,"value":0,"figures":{"a":"b"}}', /its figures is not/],
  ])("that are broken are told: %s", async (text, sentence) => {
    const sweep = await newSweep();
    await sweep.record(outcome(1, 0, 1));
    const path = join(sweep.trialFolder(1), "outcome-0.json");
    writeFileSync(path, text);
    await expect(sweep.outcomes()).rejects.toThrow(sentence);
    await expect(sweep.record(outcome(1, 0, 1))).rejects.toThrow(sentence);
    rmSync(path);
    expect(await sweep.outcomes()).toEqual([]);
  });
});
