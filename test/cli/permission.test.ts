import { existsSync, mkdtempSync, readdirSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { hasAddon, MAIN, startProgram } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = realpathSync(temporaryFolder());
const data = writeSmallData(folder, "mnist");
const [major = 0] = process.versions.node.split(".").map(Number);
const model = major < 24 ? "--experimental-permission" : "--permission";
const train = ["train", "--epochs", "1", "--hidden", "4"];

/** Runs the command line where it may read the package, and what else `flags` allow. */
function restricted(flags: readonly string[], args: readonly string[]) {
  const node = [model, "--no-warnings", `--allow-fs-read=${root}*`, ...flags, MAIN, ...args];
  return startProgram(process.execPath, node).finished;
}

/** The whole of standard error. */
const sentence = (text: string) => `mnist-native: ${text}\n`;

describe("Node.js's permission model", () => {
  it("is said to forbid what this command needs", async () => {
    const { status, stderr } = await restricted([], ["doctor"]);
    expect(stderr).toMatch(
      /^mnist-native: Node\.js's permission model does not allow what this command needs \(\w+.*\); allow it/m,
    );
    expect(stderr).not.toContain("unexpected error");
    expect(status).toBe(1);
  });

  it.each([
    ["a folder of data", "--data-dir", "name the folder that holds the four data files"],
    ["a folder of pictures", "--image-folder", "name one with a folder for each class"],
  ])("is told from a missing folder, with the option that allows to read: %s", async (_, option, advice) => {
    const { status, stderr } = await restricted([], [...train, "--backend", "js", option, data]);
    const reason = "Node.js's permission model forbids it, unless --allow-fs-read names it";
    expect(stderr).toBe(sentence(`${data} cannot be read: ${reason}; ${advice}.`));
    expect(status).toBe(1);
  });

  it("is told with the option that allows to write", async () => {
    const out = join(folder, "run");
    const args = [...train, "--backend", "js", "--data-dir", data, "--out", out];
    const { status, stderr } = await restricted(["--allow-fs-read=*"], args);
    const reason = "Node.js's permission model forbids it, unless --allow-fs-write names it";
    expect(stderr).toBe(sentence(`${out} cannot be written: ${reason}; name another place.`));
    expect(status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });

  it("is told of an imported network's folder by the name that was given", async () => {
    const file = join(root, "test/golden/interchange/keras-dense.npz");
    const out = relative(process.cwd(), join(folder, "imported"));
    const args = [
      "import",
      file,
      "--activation",
      "relu",
      "--output",
      "softmax",
      "--backend",
      "js",
      "--out",
      out,
    ];
    const { status, stderr } = await restricted(["--allow-fs-read=*"], args);
    const reason = "Node.js's permission model forbids it, unless --allow-fs-write names it";
    expect(stderr).toBe(sentence(`${out} cannot be written: ${reason}; name another place.`));
    expect(status).toBe(1);
  });

  it.skipIf(!hasAddon)("has no need of a compiler where it forbids the addon", async () => {
    const args = [...train, "--data-dir", data];
    const { status, stderr } = await restricted([`--allow-fs-read=${folder}/*`], args);
    expect(stderr).toMatch(
      /^mnist-native runs on its slower TypeScript backend, because Node\.js forbids native addons\. Start it with --allow-addons, or without --no-addons\. MNIST_NATIVE_BACKEND=js silences this\.\n$/,
    );
    expect(status).toBe(0);
    const native = await restricted([`--allow-fs-read=${folder}/*`], [...args, "--backend", "native"]);
    expect(native.stderr).toMatch(/but Node\.js forbids native addons\. Start it with --allow-addons/);
    expect(native.status).toBe(1);
    const allowed = await restricted([`--allow-fs-read=${folder}/*`, "--allow-addons"], args);
    expect([allowed.status, allowed.stderr]).toEqual([0, ""]);
  });

  it("is told on the page with the option that lets it start trainings, which leave nothing then", async () => {
    const [newRuns, temporary] = [mkdtempSync(join(folder, "runs-")), mkdtempSync(join(folder, "tmp-"))];
    const settings = {
      dataset: "synthetic",
      hidden: [4],
      activation: "relu",
      loss: "crossEntropy",
      optimizer: "adam",
      learningRate: 0.01,
      batchSize: 100,
      epochs: 1,
      seed: 1,
      augment: false,
    };
    const program = `
      import { createServer } from ${JSON.stringify(pathToFileURL(join(root, "dist/live/index.js")).href)};
      const server = createServer({ newRuns: ${JSON.stringify(newRuns)} });
      const address = "http://localhost/api/runs";
      const headers = { origin: "http://localhost", "content-type": "application/json" };
      const body = ${JSON.stringify(JSON.stringify(settings))};
      const answer = await server.fetch(new Request(address, { method: "POST", headers, body }));
      console.log(answer.status, await answer.text());
      await server.close();`;
    const node = [model, "--no-warnings", "--allow-fs-read=*", "--allow-fs-write=*"];
    const { stdout, stderr } = await startProgram(
      process.execPath,
      [...node, "--input-type=module", "--eval", program],
      { MNIST_NATIVE_BACKEND: "js", TMPDIR: temporary, TEMP: temporary },
    ).finished;
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^409 .*--allow-child-process/);
    expect(readdirSync(newRuns)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
