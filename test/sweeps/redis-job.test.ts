import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isJobOf,
  JobRefusedError,
  jobId,
  parseJob,
  sharedByJobs,
  type TrialJob,
  taskOfJob,
} from "../../src/sweeps/runners/redis/job.js";
import { createSweepFolder } from "../../src/sweeps/sweep-folder.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const parent = temporaryFolder();

const job: TrialJob = {
  format: 1,
  version: "1.2.3",
  id: "0b5c8a8e-1111-4222-8333-444455556666",
  config: { train: { dataset: "synthetic" }, parameters: { learningRate: { values: [0.1, 0.01] } } },
  needs: [],
  trial: 1,
  rung: 0,
};

/** As it comes out of Redis: a key `__proto__` is one like all others there. */
function arrived(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? "null");
}

async function refusal(value: unknown): Promise<string> {
  try {
    await parseJob(value);
  } catch (error) {
    if (error instanceof JobRefusedError) return error.message;
    throw error;
  }
  return "accepted";
}

describe("a job that comes from a queue", () => {
  it("is what was put there", async () => {
    expect(await parseJob(arrived(job))).toEqual(job);
  });

  it("is refused where it is any other JSON", async () => {
    const anything = fc.oneof(
      fc.json().map((text) => JSON.parse(text) as unknown),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        expect(await refusal(value)).toMatch(/^The job was refused: [^\n]+\.$/);
      }),
    );
  });

  it("is refused where any part of it is something else", async () => {
    const part = fc.constantFrom(...(Object.keys(job) as (keyof TrialJob)[]));
    await fc.assert(
      fc.asyncProperty(part, fc.jsonValue(), async (name, value) => {
        const isPossible = await refusal({ ...job, [name]: value }).then((said) => said === "accepted");
        if (!isPossible) return;
        // Only these can be another value of the same kind.
        expect(["version", "id", "trial", "rung", "needs"]).toContain(name);
        expect(["string", "number"].includes(typeof value) || Array.isArray(value)).toBe(true);
        if (name === "id") expect(value).toMatch(/^[A-Za-z0-9-]+$/);
      }),
    );
  });

  it.each([
    ["an id that leads elsewhere", { id: "../../etc" }, /id is not of letters/],
    ["an id that is a path", { id: "/etc" }, /id is not of letters/],
    ["no id", { id: "" }, /id is not of letters/],
    ["a trial before the first", { trial: -1 }, /no number/],
    ["a trial between two", { trial: 0.5 }, /no number/],
    ["code", { run: "process.exit()" }, /key that no job has/],
    ["another format", { format: 2 }, /format is none/],
    ["a need that is none", { needs: ["passwd"] }, /not a list of settings with places/],
    ["a place", { config: { ...job.config, train: { csv: "/etc/passwd" } } }, /names a place/],
    [
      "a model's place",
      { config: { ...job.config, train: { from: "/tmp/model.safetensors" } } },
      /names a place/,
    ],
    ["a configuration's place", { config: { ...job.config, config: "/etc/passwd" } }, /names a place/],
    [
      "places that vary",
      { config: { train: {}, parameters: { table: { values: ["/etc/passwd"] } } } },
      /parameters name a place/,
    ],
    [
      "a path through a prototype",
      { config: { train: {}, parameters: { "__proto__.polluted": { values: [1, 2] } } } },
      /__proto__/,
    ],
    [
      "more trials than can be planned",
      {
        config: {
          train: {},
          parameters: { learningRate: { distribution: "uniform", min: 0.1, max: 1 } },
          search: { type: "random", trials: 1e15 },
        },
      },
      /at most/,
    ],
    [
      "a text without end",
      { version: "1", config: { ...job.config, metric: "x".repeat(2e6) } },
      /larger than any/,
    ],
  ])("is refused with %s", async (_, change, reason) => {
    expect(await refusal(arrived({ ...job, ...change }))).toMatch(reason);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("is refused with a prototype of its own, or with lists in lists without end", async () => {
    const text = JSON.stringify(job);
    expect(await refusal(JSON.parse(text.replace("{", '{"__proto__":{"format":1},')))).toMatch(
      /key that no job/,
    );
    const train = text.replace('"train":{', '"train":{"__proto__":{"csv":"/etc/passwd"},');
    expect(await refusal(JSON.parse(train))).toMatch(/__proto__/);
    const deep = `${"[".repeat(2000)}${"]".repeat(2000)}`;
    expect(await refusal(JSON.parse(text.replace("[0.1,0.01]", deep)))).toMatch(/^The job was refused/);
  });
});

describe("the jobs of a sweep", () => {
  const train = { targetColumn: "y", task: "classify" } as const;
  const parameters = { learningRate: { values: [0.1, 0.01] } };

  it("leave places out, and say which of them a trial cannot do without", async () => {
    const sweep = await createSweepFolder(mkdtempSync(join(parent, "sweep-")), {
      train: { ...train, table: "/home/me/table.csv" },
      parameters,
    });
    const shared = sharedByJobs(sweep);
    expect(shared.config.train).toEqual(train);
    expect(shared.needs).toEqual(["table"]);
    expect(JSON.stringify(shared)).not.toContain("/home/me");
    const parsed = await parseJob(arrived({ ...shared, trial: 1, rung: 0 }));
    expect(taskOfJob(parsed, sweep.plan)).toEqual({ trial: 1, rung: 0, epochs: 50 });
    expect(() => taskOfJob({ ...parsed, trial: 2 }, sweep.plan)).toThrow(/has no such trial/);
    expect(() => taskOfJob({ ...parsed, rung: 1 }, sweep.plan)).toThrow(JobRefusedError);
  });

  it("need no place for published data, which have a name", async () => {
    const sweep = await createSweepFolder(mkdtempSync(join(parent, "sweep-")), {
      train: { dataset: "mnist", dataDir: "/home/me/mnist" },
      parameters,
    });
    expect(sharedByJobs(sweep).needs).toEqual([]);
  });

  it("cannot be made where places vary", async () => {
    const sweep = await createSweepFolder(mkdtempSync(join(parent, "sweep-")), {
      train,
      parameters: { table: { values: ["/a.csv", "/b.csv"] } },
    });
    expect(() => sharedByJobs(sweep)).toThrow(
      /^Expected no table among the parameters of a sweep on a queue/,
    );
  });

  it("have ids that tell sweep, trial and rung", () => {
    expect(jobId("a-b", { trial: 7, rung: 1 })).toBe("a-b.7.1");
    expect(isJobOf("a-b", "a-b.7.1")).toBe(true);
    expect(isJobOf("a", "a-b.7.1")).toBe(false);
  });
});
