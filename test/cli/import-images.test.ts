import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeSafetensors } from "../../src/formats/safetensors.js";
import { exportNpz } from "../../src/interchange/numpy/export-npz.js";
import { exportOnnx } from "../../src/interchange/onnx/export-onnx.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { npy } from "../support/npy.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { zip } from "../support/zip.js";
import { cli, expectFault, expectSuccess } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
const data = writeSmallData(folder, "data");
const file = (name: string) => join(folder, name);
const softmax = ["--output", "softmax"];

function weights(inputs: number, outputs: number): Buffer {
  const weight = Float32Array.from({ length: inputs * outputs }, (_, i) => Math.sin(i) / 10);
  return Buffer.from(
    encodeSafetensors([{ name: "fc.weight", shape: [outputs, inputs], dtype: "F32", data: weight }], {}),
  );
}

/** Imports it into a folder of its own. */
const imported = (name: string, ...args: readonly string[]) =>
  cli(["import", file(name), ...args, "--force", "-o", file("imported")]);

beforeAll(async () => {
  writeFileSync(file("digits.safetensors"), weights(784, 10));
  writeFileSync(file("small.safetensors"), weights(64, 10));
  const network = new MultilayerPerceptron({ layers: [784, 3, 10] });
  writeFileSync(file("own.onnx"), exportOnnx(network, {}));
  writeFileSync(
    file("bytes.onnx"),
    exportOnnx(network, { input: "bytes", metadata: { imageShape: "[28,28]" } }),
  );
  const numbers = (values: readonly number[]) => new Uint8Array(Float64Array.from(values).buffer);
  const arrays = {
    "coefs_0.npy": npy([784, 1], numbers(Array.from({ length: 784 }, (_, i) => Math.sin(i))), "<f8"),
    "intercepts_0.npy": npy([1], numbers([0.1]), "<f8"),
    "classes_.npy": npy([2], new Uint8Array(BigInt64Array.of(3n, 8n).buffer), "<i8"),
  };
  writeFileSync(file("binary.npz"), zip(arrays));
  writeFileSync(file("own.npz"), await exportNpz(network, {}));
});

describe("what the other program made of pixels", () => {
  const NOTICE =
    /^\S+digits\.safetensors does not tell what its program made of the bytes of pixels, so that -1 to 1 was assumed; give what it was by --pixels 0\.\.1, 0\.\.255 or MEAN,DEVIATION, or --pixels -1\.\.1 where that is right\.\n$/;

  it("is asked for where the file does not tell", async () => {
    const test = ["--data-dir", data, "--json"];
    for (const args of [[], test]) {
      const result = await imported("digits.safetensors", ...softmax, ...args);
      expect(result.stderr).toMatch(NOTICE);
      expect(result.status).toBe(0);
      if (args.length > 0) expect(JSON.parse(result.stdout).summary).toMatchObject({ testCount: 200 });
    }
  });

  it("is not asked for where it is given, told by the file, or of no images", async () => {
    for (const pixels of ["-1..1", "0..1"]) {
      expectSuccess(await imported("digits.safetensors", ...softmax, "--pixels", pixels, "--data-dir", data));
    }
    for (const name of ["own.onnx", "bytes.onnx", "own.npz"]) expectSuccess(await imported(name));
    expectSuccess(await imported("small.safetensors", ...softmax));
  });
});

describe("a network for some classes of the data", () => {
  const args = ["--output", "sigmoid", "--pixels", "0..1", "--data-dir", data];

  it("is tested on those, by import, evaluate and report, and trained further on them", async () => {
    expectSuccess(await imported("binary.npz", ...args, "--classes", "3,8"));
    const model = join(file("imported"), "model.safetensors");
    const read = (name: string) => JSON.parse(readFileSync(join(file("imported"), name), "utf8"));
    expect(read("config.json")).toMatchObject({ selectedClasses: ["3", "8"], split: "official" });
    const { testCount, testCorrect } = read("summary.json");
    expect(testCount).toBeLessThan(200);
    const evaluation = JSON.parse(
      expectSuccess(await cli(["evaluate", model, "--data-dir", data, "--json"])),
    );
    expect(evaluation).toMatchObject({ count: testCount, correct: testCorrect, sameData: true });
    expect(evaluation.report.perClass.map(({ name }: { name: string }) => name)).toEqual(["3", "8"]);
    expectSuccess(await cli(["report", file("imported")]));
    const config = join(file("imported"), "config.json");
    expectSuccess(await cli(["train", "--config", config, "--epochs", "1"]));
    // This package's own file tells its classes.
    expectSuccess(await cli(["export", model, "-o", file("back.onnx")]));
    expectSuccess(await imported("back.onnx", "--data-dir", data));
    expect(read("config.json")).toMatchObject({ selectedClasses: ["3", "8"] });
  });

  it("needs them named, in the order of its outputs", async () => {
    for (const [classes, status, sentence] of [
      [
        [],
        1,
        /tells 2 classes apart, but the data have 10; name those of its outputs by --classes, such as --classes 3,8\./,
      ],
      [
        ["--classes", "8,3"],
        2,
        /Expected 3,8, the order of the network's outputs, for --classes but received 8,3\./,
      ],
      [["--classes", "1,3,8"], 2, /Expected 2 classes, as many as the network tells apart, for --classes/],
    ] as const) {
      expectFault(await imported("binary.npz", ...args, ...classes), status, sentence);
    }
    const alone = await imported("binary.npz", "--output", "sigmoid", "--classes", "3,8");
    expectFault(alone, 2, /Expected data with --classes, such as --dataset mnist\./);
  });
});
