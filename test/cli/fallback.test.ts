import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectSuccess } from "./harness.js";

const folder = temporaryFolder();

/** A machine without MNIST and without a network. */
const bare = {
  HOME: folder,
  USERPROFILE: folder,
  LOCALAPPDATA: folder,
  XDG_CACHE_HOME: folder,
  MNIST_NATIVE_HOME: join(folder, "empty"),
  MNIST_NATIVE_OFFLINE: "1",
};

describe("train where MNIST cannot be had", () => {
  it("says so in a line, and draws digits, which it splits as asked", async () => {
    const out = join(folder, "run");
    const args = ["train", "--split", "official", "--epochs", "1", "--hidden", "4", "--out", out];
    const { status, stdout, stderr } = await cli(args, bare);
    expect(stderr).toMatch(/^MNIST cannot be had, so this run uses digits drawn by the program; .*\n$/);
    expect(status).toBe(0);
    expect(stdout).toContain("Data: 55,000 training, 5,000 validation and 10,000 test images");
    const config = JSON.parse(readFileSync(join(out, "config.json"), "utf8"));
    expect(config).toMatchObject({ dataset: "synthetic", split: "official" });
    expect(config).not.toHaveProperty("dataDir");

    const evaluate = ["evaluate", join(out, "model.safetensors"), "--json"];
    const { testLoss } = JSON.parse(readFileSync(join(out, "summary.json"), "utf8"));
    expect(JSON.parse(expectSuccess(await cli(evaluate, bare))).loss).toBe(testLoss);
    const ofOther = await cli([...evaluate, "--split", "chapter"], bare);
    expect(JSON.parse(ofOther.stdout).loss).not.toBe(testLoss);
    expect(ofOther.stderr).toMatch(/ was trained with split official of these data, .*\n$/);
  });
});
