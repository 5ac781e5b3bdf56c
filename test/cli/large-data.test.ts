import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { writeSparseFile } from "../support/sparse-file.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";

const folder = temporaryFolder();
const data = join(folder, "data");
const SIDE = 200;
const PIXELS = SIDE * SIDE;
/** A little more than 1 GiB, from where on files are read in windows. */
const TRAIN_COUNT = 27_000;
const TEST_COUNT = 100;

/** Writes the peak of the process's memory to a file when it ends. */
function reportMemory(file: string): Readonly<Record<string, string>> {
  const program = `import { writeFileSync } from "node:fs";
    process.on("exit", () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` };
}

function labelFile(count: number): Uint8Array {
  const labels = Uint8Array.from({ length: count }, (_, row) => row % 3);
  return Buffer.concat([encodeIdxHeader("labels", [count]), labels]);
}

it("train and evaluate read raw files above 1 GiB in windows, and keep the test file apart", async ({
  skip,
}) => {
  mkdirSync(data);
  const header = encodeIdxHeader("images", [TRAIN_COUNT, SIDE, SIDE]);
  const fault = writeSparseFile(join(data, "train-images-idx3-ubyte"), header, 16 + TRAIN_COUNT * PIXELS);
  if (fault !== null) skip(fault);
  writeFileSync(join(data, "train-labels-idx1-ubyte"), labelFile(TRAIN_COUNT));
  const testImages = [
    encodeIdxHeader("images", [TEST_COUNT, SIDE, SIDE]),
    new Uint8Array(TEST_COUNT * PIXELS),
  ];
  writeFileSync(join(data, "t10k-images-idx3-ubyte"), Buffer.concat(testImages));
  writeFileSync(join(data, "t10k-labels-idx1-ubyte"), labelFile(TEST_COUNT));

  const out = join(folder, "run");
  const memory = join(folder, "memory");
  const args = ["train", "--data-dir", data, "--epochs", "1", "--hidden", "2", "--out", out];
  const stdout = expectSuccess(await cli(args, reportMemory(memory)));
  expect(stdout).toContain(
    "Data: 24,750 training, 2,250 validation and 100 test images of 200 x 200 pixels.\n",
  );
  expect(stdout).toContain("Network: 40000-2-3,");
  expect(Number(readFileSync(memory, "utf8")) / 1024).toBeLessThan(500);
  const config = JSON.parse(readFileSync(join(out, "config.json"), "utf8"));
  expect(config).toMatchObject({ dataDir: data, split: "official", layers: [40_000, 2, 3] });

  const model = join(out, "model.safetensors");
  const summary = JSON.parse(readFileSync(join(out, "summary.json"), "utf8"));
  const evaluate = async (part: string) => {
    const result = await cli(["evaluate", model, "--data-dir", data, "--part", part, "--json"]);
    return JSON.parse(expectSuccess(result));
  };
  expect(await evaluate("test")).toMatchObject({ count: 100, loss: summary.testLoss });
  expect(await evaluate("validation")).toMatchObject({ count: 2250 });
  const row = expectSuccess(await cli(["predict", model, "--data-dir", data, "--row", "4"]));
  expect(row).toContain("(true class: 1)");

  const sentence = /too large for memory, and --split chapter would have to mix .* use --split official\./;
  expectFault(await cli(["train", "--data-dir", data, "--split", "chapter"]), 1, sentence);
});
