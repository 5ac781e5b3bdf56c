import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { mnistDirectory } from "../support/mnist.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const trained = join(folder, "trained");

beforeAll(async () => {
  expectSuccess(await cli(["train", "--data-dir", data, "--epochs", "3", "--out", trained]));
});

/** A copy of the trained run, which a test may spoil. */
async function copyOfRun(
  name: string,
  changes: Readonly<Record<string, string | null>> = {},
): Promise<string> {
  const copy = join(folder, name);
  await cp(trained, copy, { recursive: true });
  for (const [file, text] of Object.entries(changes)) {
    if (text === null) rmSync(join(copy, file));
    else writeFileSync(join(copy, file), text);
  }
  return copy;
}

function read(path: string): string {
  return readFileSync(path, "utf8");
}

describe("report", () => {
  it("writes one page into the run's folder, and says where it is", async () => {
    const run = await copyOfRun("one");
    const path = join(run, "report.html");
    expect(expectSuccess(await cli(["report", run]))).toBe(
      `The report is in ${path} (${(statSync(path).size / 1e6).toFixed(1)} MB); open it in a browser.\n`,
    );
    const page = read(path);
    const { testCorrect } = JSON.parse(read(join(run, "summary.json")));
    expect(page).toContain(`test accuracy, ${testCorrect} of 200 images`);
    expect(page).not.toContain('class="notice"');
    expect(page).toContain(`<span>--data-dir ${data}</span>`);
  });

  it("tells of the machine that the run was made on", async () => {
    const environment = JSON.parse(read(join(trained, "environment.json")));
    expect(environment).toMatchObject({
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    });
    expect(environment.data.examples).toEqual({ train: 1100, validation: 100, test: 200 });
    const run = await copyOfRun("machine");
    expectSuccess(await cli(["report", run]));
    expect(read(join(run, "report.html"))).toContain(`<td>${process.version}</td>`);
    // A model travels, and must not tell of the machine.
    expect(read(join(trained, "model.safetensors"))).not.toContain("environment");
  });

  it("gives a command that makes the same run again", async () => {
    const run = await copyOfRun("again");
    expectSuccess(await cli(["report", run]));
    const [, code = ""] = /<pre><code>(.*?)<\/code><\/pre>/s.exec(read(join(run, "report.html"))) ?? [];
    const words = code.replaceAll(/<[^>]+>/g, "").split(" ");
    expect(words.slice(0, 3)).toEqual(["npx", "mnist-native", "train"]);
    const second = join(folder, "made-again");
    expectSuccess(await cli([...words.slice(2), "--out", second]));
    expect(read(join(second, "model.safetensors"))).toBe(read(join(run, "model.safetensors")));
  });

  it("writes elsewhere with --out, and one JSON document with --json", async () => {
    const run = await copyOfRun("elsewhere");
    const out = join(folder, "page.html");
    expect(JSON.parse(expectSuccess(await cli(["report", run, "--out", out, "--json"])))).toEqual({
      out,
      bytes: statSync(out).size,
      runs: [{ name: "elsewhere", notices: [] }],
    });
    expect(existsSync(join(run, "report.html"))).toBe(false);
  });

  it("compares several runs, even of the same name", async () => {
    mkdirSync(join(folder, "other"));
    const first = await copyOfRun("same");
    const second = await copyOfRun("other/same");
    expectSuccess(await cli(["report", first, second]));
    const page = read(join(first, "comparison.html"));
    expect(page).toContain("2 training runs, side by side");
    expect(page).toContain(
      `<th scope="col"><span class="name" title="${first} (1)">${first} (1)</span></th><th scope="col"><span class="name" title="${second} (2)">${second} (2)</span></th>`,
    );
  });

  it("escapes the name of a folder", async () => {
    const run = await copyOfRun("<script>alert(1)<script>");
    expectSuccess(await cli(["report", run]));
    const page = read(join(run, "report.html"));
    expect(page).toContain("<h1><bdi>&lt;script&gt;alert(1)&lt;script&gt;</bdi></h1>");
    expect(page.match(/<script>/g)).toHaveLength(1);
  });

  it("makes do without the data where they are gone, says so, and takes them from another place", async () => {
    const moving = writeSmallData(folder, "moving");
    const run = join(folder, "moved");
    expectSuccess(await cli(["train", "--data-dir", moving, "--epochs", "1", "--out", run]));
    const moved = join(folder, "moved-data");
    renameSync(moving, moved);
    const { status, stderr } = await cli(["report", run]);
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^.*moved: What needs the test images is left out, .* --data-dir, or as for train\.\n$/,
    );
    const page = read(join(run, "report.html"));
    expect(page).toContain('<p class="notice">What needs the test images is left out');
    expect(page).toContain('id="weights"');
    expect(page).not.toContain('id="confusion"');
    expectSuccess(await cli(["report", run, "--data-dir", moved]));
    expect(read(join(run, "report.html"))).toContain('id="confusion"');
  });

  it.each([
    ["names that are no text", "environment.json", { data: { classNames: [{ toString: 1 }] } }],
    ["an image of negative size", "environment.json", { data: { imageShape: [-4, -4] } }],
    ["data that are no object", "environment.json", { data: 7 }],
    ["a place that no file can have", "config.json", { dataDir: "a\u0000b" }],
  ])("makes do with %s in %s", async (name, file, changes) => {
    const run = await copyOfRun(`odd ${name}`);
    const path = join(run, file);
    writeFileSync(path, JSON.stringify({ ...JSON.parse(read(path)), ...changes }));
    const { status, stderr } = await cli(["report", run]);
    expect(stderr).not.toContain("unexpected error");
    expect(status).toBe(0);
  });

  it("tells of a run that was killed", async () => {
    const run = await copyOfRun("killed", { "summary.json": null, "model.safetensors": null });
    expectSuccess(await cli(["report", run]));
    const page = read(join(run, "report.html"));
    expect(page).toContain("The run did not come to its end: it finished 3 of 3 epochs");
    expect(page).toContain('id="curves"');
  });

  it("tells of a run that went out of range", async () => {
    // Versions up to 0.2.0 went on with a loss that was no number any more.
    const metrics = read(join(trained, "metrics.jsonl")).replaceAll(/"loss":[^,]+/g, '"loss":null');
    const run = await copyOfRun("diverged", { "metrics.jsonl": metrics });
    expectSuccess(await cli(["report", run]));
    const page = read(join(run, "report.html"));
    expect(page).toContain("The training loss is not a number from epoch 1 on");
    expect(page.replaceAll(/base64,[^")]*/g, "")).not.toContain("NaN");
  });

  it("keeps an earlier report when it cannot make a new one", async () => {
    const run = await copyOfRun("kept", { "report.html": "earlier" });
    const missing = join(folder, "no-data-here");
    expectFault(await cli(["report", run, "--data-dir", missing]), 1, /no-data-here/);
    expect(read(join(run, "report.html"))).toBe("earlier");
  });

  it.skipIf(mnistDirectory === null)("stays under 2 MB for real images", async () => {
    const run = join(folder, "mnist");
    const options = ["--data-dir", mnistDirectory ?? "", "--epochs", "1", "--out", run];
    expectSuccess(await cli(["train", ...options]));
    expectSuccess(await cli(["report", run]));
    expect(statSync(join(run, "report.html")).size).toBeLessThan(2e6);
  });
});

describe("report says in one sentence that", () => {
  it.each([
    [
      "there is no such folder",
      {},
      /cannot be read: there is no such file; name a folder that train --out wrote\./,
    ],
    ["config.json is no JSON", { "config.json": "{" }, /config\.json is not JSON/],
    [
      "config.json is a list",
      { "config.json": "[]" },
      /config\.json is not the JSON object that train writes/,
    ],
    [
      "config.json is another program's",
      { "config.json": '{"layers": 3}' },
      /config\.json was not written by train/,
    ],
    [
      "a line of metrics.jsonl is broken",
      { "metrics.jsonl": '{"epoch": 1' },
      /Line 1 of .*metrics\.jsonl is not JSON/,
    ],
    [
      "metrics.jsonl lacks a value",
      { "metrics.jsonl": '{"epoch": 1}' },
      /Line 1 of .*metrics\.jsonl was not written by train: it has no train as train writes it/,
    ],
    [
      "summary.json makes no sense",
      { "summary.json": '{"testCorrect": 9, "testCount": 3}' },
      /summary\.json was not written by train/,
    ],
    ["the model is none", { "model.safetensors": "text" }, /model\.safetensors/],
  ])("%s", async (name, changes, sentence) => {
    const isMissing = Object.keys(changes).length === 0;
    const run = isMissing
      ? join(folder, "nowhere")
      : await copyOfRun(name, changes as Record<string, string>);
    expectFault(await cli(["report", run]), 1, sentence);
    expect(existsSync(join(run, "report.html"))).toBe(false);
  });

  it("the page cannot be written", async () => {
    const out = join(folder, "no-folder", "page.html");
    expectFault(
      await cli(["report", trained, "--out", out]),
      1,
      /cannot be written: its folder does not exist/,
    );
  });

  it("it needs a run", async () => {
    expectFault(await cli(["report"]), 2, /needs at least 1/);
    expectFault(await cli(["report", ""]), 2, /Expected a value for the folder of a run/);
  });
});
