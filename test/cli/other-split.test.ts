import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess } from "./harness.js";
import { smallFiles, writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const modelOf = (split: string) => join(folder, split, "model.safetensors");
const NOTICE = {
  official:
    /^\S+model\.safetensors was trained with split chapter of these data, so that the test images of split official may be among those that it has learned from; leave out --split, or give --split chapter, to test it on others\.\n$/,
  chapter:
    /^\S+ was trained with split official of these data, .* of split chapter .* --split official, .*\n$/,
};

beforeAll(async () => {
  for (const split of ["chapter", "official"]) {
    const out = join(folder, split);
    const args = ["--data-dir", data, "--split", split, "--epochs", "1", "--out", out];
    expectSuccess(await cli(["train", ...args]));
  }
});

describe("evaluate with another split than the model's", () => {
  it("says that test images may have been learned from", async () => {
    const args = ["evaluate", modelOf("chapter"), "--data-dir", data, "--json"];
    const other = await cli([...args, "--split", "official"]);
    expect(other.stderr).toMatch(NOTICE.official);
    expect(JSON.parse(other.stdout)).toMatchObject({ sameData: true, count: 200 });
    expect(other.status).toBe(0);
  });

  it("says nothing of the model's own split, nor of training images", async () => {
    const args = ["evaluate", modelOf("official"), "--data-dir", data];
    for (const more of [[], ["--split", "official"], ["--split", "chapter", "--part", "train"]])
      expectSuccess(await cli([...args, ...more]));
  });
});

describe("train --from", () => {
  const args = ["train", "--data-dir", data, "--epochs", "1", "--from", modelOf("official")];
  const configIn = (out: string) => JSON.parse(readFileSync(join(out, "config.json"), "utf8"));
  const accuracyIn = (out: string) =>
    JSON.parse(readFileSync(join(out, "summary.json"), "utf8")).testAccuracy as number;

  it("splits the model's data as for the model, and config.json makes the same run", async () => {
    const [first, again] = [join(folder, "further"), join(folder, "again")];
    expectSuccess(await cli([...args, "--out", first]));
    expect(configIn(first)).toMatchObject({ split: "official", from: modelOf("official") });
    expectSuccess(await cli(["train", "--config", join(first, "config.json"), "--out", again]));
    expect(configIn(again)).toEqual(configIn(first));
    expect(accuracyIn(again)).toBe(accuracyIn(first));
    expect(readFileSync(join(again, "model.safetensors"))).toEqual(
      readFileSync(join(first, "model.safetensors")),
    );
  });

  it("says what another split means, and takes it", async () => {
    const out = join(folder, "other");
    const result = await cli([...args, "--split", "chapter", "--out", out]);
    expect(result.stderr).toMatch(NOTICE.chapter);
    expect(result.status).toBe(0);
    expect(configIn(out)).toMatchObject({ split: "chapter" });
  });

  it("says so of a configuration's split, too, unless an option wins over it", async () => {
    const config = join(folder, "further.json");
    const settings = { dataDir: data, split: "chapter", from: modelOf("official"), epochs: 1 };
    writeFileSync(config, JSON.stringify(settings));
    expect((await cli(["train", "--config", config])).stderr).toMatch(NOTICE.chapter);
    expectSuccess(await cli(["train", "--config", config, "--split", "official"]));
  });

  it("splits other data as ever", async () => {
    const labels = (smallFiles["train-labels-idx1-ubyte"] as Uint8Array).slice();
    labels[8] = ((labels[8] as number) + 1) % 10;
    const others = writeSmallData(folder, "others", { "train-labels-idx1-ubyte": labels });
    const out = join(folder, "on-others");
    expectSuccess(
      await cli([
        "train",
        "--data-dir",
        others,
        "--epochs",
        "1",
        "--from",
        modelOf("official"),
        "--out",
        out,
      ]),
    );
    expect(configIn(out)).toMatchObject({ split: "chapter" });
  });
});

it("import says so of a file that tells its split", async () => {
  const onnx = join(folder, "official.onnx");
  expectSuccess(await cli(["export", modelOf("official"), "-o", onnx]));
  const args = ["import", onnx, "--data-dir", data, "--force", "-o", join(folder, "imported")];
  expectSuccess(await cli(args));
  const other = await cli([...args, "--split", "chapter"]);
  expect(other.stderr).toMatch(/^\S+official\.onnx was trained with split official of these data, .*\n$/);
  expect(other.status).toBe(0);
});

it("report and plot say so of a run", async () => {
  const run = join(folder, "official");
  const notice = /The network was trained with split official of these data, .* of split chapter .*\n$/;
  for (const command of [
    ["report", run],
    ["plot", "confusion", run, "--out", join(folder, "confusion.svg")],
  ]) {
    expectSuccess(await cli(command));
    const other = await cli([...command, "--split", "chapter"]);
    expect(other.stderr).toMatch(notice);
    expect(other.status).toBe(0);
  }
});
