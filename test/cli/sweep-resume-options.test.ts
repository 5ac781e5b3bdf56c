import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keepResumeOptions, keptResumeOptions, resumeOptions } from "../../src/cli/sweeps/resume-options.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const directory = temporaryFolder();
const none = { queue: undefined, slurm: false, jobs: undefined, threads: undefined };

describe("what a sweep goes on with", () => {
  it.each([
    [{}, []],
    [{ jobs: "2", threads: 1 }, ["--jobs", "2", "--threads", "1"]],
    [{ slurm: true, jobs: "8" }, ["--slurm", "--jobs", "8"]],
    [{ queue: "redis://host:6379/2" }, ["--queue", "redis://host:6379/2"]],
    [{ queue: "env" }, ["--queue", "env"]],
    [{ queue: "rediss://user:secret@host" }, ["--queue", "env"]],
    [{ queue: "redis://:secret@host" }, ["--queue", "env"]],
  ])("is where its trials ran, and no password: %j", (args, options) => {
    expect(resumeOptions({ ...none, ...args })).toEqual(options);
  });

  it("is kept in its folder", async () => {
    expect(await keptResumeOptions({ directory })).toEqual([]);
    await keepResumeOptions({ directory }, ["--slurm"]);
    expect(await keptResumeOptions({ directory })).toEqual(["--slurm"]);
    writeFileSync(join(directory, "resume.json"), '{"options":["--slurm",3]}');
    expect(await keptResumeOptions({ directory })).toEqual(["--slurm"]);
    writeFileSync(join(directory, "resume.json"), "cut sh");
    expect(await keptResumeOptions({ directory })).toEqual([]);
  });
});
