import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeSafetensors } from "../../src/formats/safetensors.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { TEST_COUNT, testImage, writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const run = join(folder, "run");
const model = join(run, "model.safetensors");

interface Prediction {
  readonly predicted: number;
  readonly label: number | null;
  readonly activations: readonly number[];
  readonly notes: readonly string[];
}

let rowThree: Prediction;

beforeAll(async () => {
  const training = ["--epochs", "40", "--batch-size", "10", "--learning-rate", "1", "--split", "official"];
  expectSuccess(await cli(["train", "--data-dir", data, ...training, "--out", run]));
  rowThree = await predict("--row", "3", "--data-dir", data);
});

async function predict(...args: string[]): Promise<Prediction> {
  return JSON.parse(expectSuccess(await cli(["predict", model, ...args, "--json"])));
}

function writePng(name: string, pixels: Uint8Array, side = 28): string {
  const path = join(folder, name);
  writeFileSync(path, encode({ width: side, height: side, data: pixels, channels: 1, depth: 8 }));
  return path;
}

/** Each pixel three times in both directions. */
function enlarge(pixels: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 84 * 84 }, (_, i) => {
    const [y, x] = [Math.floor(i / 84 / 3), Math.floor((i % 84) / 3)];
    return pixels[28 * y + x] as number;
  });
}

describe("evaluate", () => {
  it("gives the figures of the run's summary, on the split that the model was trained with", async () => {
    const summary = JSON.parse(readFileSync(join(run, "summary.json"), "utf8"));
    const evaluation = JSON.parse(
      expectSuccess(await cli(["evaluate", model, "--data-dir", data, "--json"])),
    );
    expect(evaluation).toMatchObject({ part: "test", count: TEST_COUNT });
    expect([evaluation.accuracy, evaluation.loss]).toEqual([summary.testAccuracy, summary.testLoss]);
  });

  it("says it in a line, and evaluates another part", async () => {
    const metrics = readFileSync(join(run, "metrics.jsonl"), "utf8").trimEnd().split("\n");
    const { train } = JSON.parse(metrics.at(-1) as string);
    const stdout = expectSuccess(await cli(["evaluate", model, "--data-dir", data, "--part", "train"]));
    expect(stdout).toMatch(/^Accuracy on train: \d+\.\d\d% \(\d+ of 1100\) \| MSE: 0\.\d{4}\n\n +precision/);
    expect(stdout).toContain(`${(train.accuracy * 100).toFixed(2)}%`);
  });

  it("uses another split when asked", async () => {
    const args = ["evaluate", model, "--data-dir", data, "--json"];
    const official = JSON.parse(expectSuccess(await cli(args)));
    const other = await cli([...args, "--split", "chapter"]);
    expect(other.stderr).toContain("was trained with split official of these data");
    const chapter = JSON.parse(other.stdout);
    expect(chapter.loss).not.toBe(official.loss);
  });

  it.each<[name: string, content: Uint8Array | null, sentence: RegExp]>([
    ["missing", null, /missing\.safetensors cannot be read: there is no such file/],
    ["empty", new Uint8Array(), /empty\.safetensors is not a safetensors file/],
    ["text", Buffer.from("This is no model, but a text."), /text\.safetensors is not a safetensors file/],
    [
      "foreign",
      encodeSafetensors([], {}),
      /foreign\.safetensors is a safetensors file, but not a model of this/,
    ],
  ])("refuses a model that is %s", async (name, content, sentence) => {
    const path = join(folder, `${name}.safetensors`);
    if (content !== null) writeFileSync(path, content);
    expectFault(await cli(["evaluate", path, "--data-dir", data]), 1, sentence);
  });

  it("refuses a model that was cut off", async () => {
    const path = join(folder, "cut.safetensors");
    writeFileSync(path, readFileSync(model).subarray(0, -10));
    const sentence = /cut\.safetensors is not a readable/;
    expectFault(await cli(["evaluate", path, "--data-dir", data]), 1, sentence);
    expectFault(await cli(["predict", path, "--row", "0", "--data-dir", data]), 1, sentence);
  });
});

describe("predict", () => {
  it("classifies a row of the test set", async () => {
    const { label, activations, predicted } = rowThree;
    expect(label).toBe(testImage(3).label);
    expect(activations).toHaveLength(10);
    expect(predicted).toBe(activations.indexOf(Math.max(...activations)));
  });

  it("prints the class and the largest outputs", async () => {
    const stdout = expectSuccess(await cli(["predict", model, "--row", "3", "--data-dir", data]));
    expect(stdout).toMatch(
      new RegExp(
        `^Predicted: \\d \\(true class: ${testImage(3).label}\\)\n( {2}\\d: activation 0\\.\\d{4}\n){3}$`,
      ),
    );
  });

  it("classifies several rows of the test set, in the order that was asked for", async () => {
    const args = ["predict", model, "--row", "4-5,3", "--data-dir", data, "--json"];
    const lines = expectSuccess(await cli(args))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ row, label }) => [row, label])).toEqual(
      [4, 5, 3].map((row) => [row, testImage(row).label]),
    );
    expect(lines[2].predicted).toBe(rowThree.predicted);
    for (const [k, activation] of lines[2].activations.entries()) {
      expect(activation).toBeCloseTo(rowThree.activations[k] as number, 5);
    }
    expectFault(
      await cli(["predict", model, "--row", `3,5-${TEST_COUNT}`, "--data-dir", data]),
      2,
      /Expected a row from 0 to 199, the test set's, for --row but received 5-200\./,
    );
  });

  it("sees in a PNG file of an image what it sees in the image", async () => {
    const png = await predict(writePng("digit.png", testImage(3).pixels));
    expect(png).toMatchObject({ activations: rowThree.activations, label: null, notes: [] });
  });

  it("inverts dark ink on light paper, and says so", async () => {
    const inverted = testImage(3).pixels.map((value) => 255 - value);
    const png = await predict(writePng("inverted.png", inverted));
    expect(png.activations).toEqual(rowThree.activations);
    expect(png.notes).toEqual([expect.stringContaining("it was inverted")]);
  });

  it("fits a larger picture, and says so", async () => {
    let agreeing = 0;
    for (let row = 0; row < 3; row++) {
      const small = await predict("--row", String(row), "--data-dir", data);
      const large = await predict(writePng(`large-${row}.png`, enlarge(testImage(row).pixels), 84));
      expect(large.notes).toEqual([expect.stringContaining("scaled and centred")]);
      if (large.predicted === small.predicted) agreeing++;
    }
    expect(agreeing).toBeGreaterThanOrEqual(2); // Scaling is not exact; chance is 1 in 10 for each.
  });

  it("refuses a row that the test set has not", async () => {
    const result = await cli(["predict", model, "--row", String(TEST_COUNT), "--data-dir", data]);
    expectFault(result, 2, /Expected a row from 0 to 199, the test set's, for --row but received 200\./);
  });

  it("refuses a picture that is not there, or is none", async () => {
    expectFault(await cli(["predict", model, join(folder, "none.png")]), 1, /none\.png cannot be read/);
    expectFault(await cli(["predict", model, model]), 1, /model\.safetensors is not a PNG file; save the/);
  });
});
