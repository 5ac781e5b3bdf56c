import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { smallFiles, writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const images = smallFiles["train-images-idx3-ubyte"] as Uint8Array;
const data = writeSmallData(folder, "data");
/** The same digits in bright on dark and dark on bright. */
const inverted = writeSmallData(folder, "inverted", {
  "train-images-idx3-ubyte": images.map((byte, i) => (i < 16 ? byte : 255 - byte)),
});
const run = join(folder, "run");
const model = join(run, "model.safetensors");

beforeAll(async () => {
  expectSuccess(await cli(["train", "--data-dir", data, "--epochs", "1", "--out", run]));
});

describe("data under another's name", () => {
  it("train refuses a folder that does not hold what --dataset names, and writes nothing", async () => {
    const out = join(folder, "refused");
    const result = await cli(["train", "--dataset", "mnist", "--data-dir", data, "--out", out]);
    expectFault(result, 1, /data does not hold the labels of mnist; name another folder/);
    expect(() => readFileSync(join(out, "config.json"))).toThrow("ENOENT");
  });

  it("a folder that the catalogue does not know is called by its place alone", () => {
    const config = JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
    expect(config).toMatchObject({ dataDir: data });
    expect(config).not.toHaveProperty("dataset");
  });
});

describe("a model on other data than its own", () => {
  it("evaluate says so, and evaluates", async () => {
    const result = await cli(["evaluate", model, "--data-dir", inverted, "--json"]);
    expect(JSON.parse(result.stdout)).toMatchObject({ dataset: "data-dir", sameData: false, count: 200 });
    expect(result.stderr).toMatch(/^\S+model\.safetensors was trained on other data than these\. .*\n$/);
    expect(result.status).toBe(0);
  });

  it("predict says so of a row", async () => {
    const result = await cli(["predict", model, "--row", "1", "--data-dir", inverted]);
    expect(result.stderr).toContain("was trained on other data than these.");
    expect(result.status).toBe(0);
  });

  it("nothing is said of its own", async () => {
    const result = await cli(["evaluate", model, "--data-dir", data, "--json"]);
    expect(JSON.parse(expectSuccess(result))).toMatchObject({ dataset: "data-dir", sameData: true });
  });

  it("evaluate asks for the folder where none is named", async () => {
    const sentence = /Expected --data-dir with the data that the model was trained on, or other data\./;
    expectFault(await cli(["evaluate", model]), 1, sentence);
  });
});
