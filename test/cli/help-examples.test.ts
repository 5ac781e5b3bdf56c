import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { encodeSafetensors } from "../../src/formats/safetensors.js";
import { exportOnnx } from "../../src/interchange/onnx/export-onnx.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { dense } from "../../src/nn/specification.js";
import { encodeModel } from "../../src/training/model-file.js";
import { npy } from "../support/npy.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { zip } from "../support/zip.js";
import { cli, expectSuccess, MAIN, startProgram } from "./harness.js";
import { writeSmallData } from "./small-data.js";

const folder = temporaryFolder();
/** The command and what it prints are told apart by two spaces; a long command goes on in the next line. */
const EXAMPLE = /^ {2}(\S+(?: \S+)*)/;

async function examplesOf(command: string): Promise<readonly string[]> {
  const [, section = ""] = expectSuccess(await cli([command, "--help"])).split("\nExamples:\n");
  const examples: string[] = [];
  for (const line of section.trimEnd().split("\n")) {
    const part = EXAMPLE.exec(line)?.[1];
    if (part?.startsWith("mnist-native ")) examples.push(part);
    else if (part !== undefined) examples.push(`${examples.pop()} ${part}`);
  }
  return examples;
}

function floats(shape: readonly number[], numbers: Float32Array): Buffer {
  return npy(shape, new Uint8Array(numbers.buffer), "<f4");
}

/** All files that the examples name. */
beforeAll(() => {
  const network = new MultilayerPerceptron({
    layers: [784, dense(6, "relu"), dense(10, "softmax")],
    backend: createJavaScriptBackend(),
  });
  writeSmallData(folder, "mnist");
  mkdirSync(join(folder, "runs", "a"), { recursive: true });
  const model = join(folder, "model.safetensors");
  writeFileSync(model, encodeModel(network, { imageShape: "[28,28]" }));
  copyFileSync(model, join(folder, "runs", "a", "model.safetensors"));
  writeFileSync(join(folder, "digits.onnx"), exportOnnx(network));
  const [kernel, other] = [new Float32Array(784 * 6).fill(0.01), new Float32Array(60).fill(0.1)];
  const [bias, last] = [new Float32Array(6), new Float32Array(10)];
  const state = [
    { name: "0.weight", shape: [6, 784], data: kernel },
    { name: "0.bias", shape: [6], data: bias },
    { name: "2.weight", shape: [10, 6], data: other },
    { name: "2.bias", shape: [10], data: last },
  ].map((tensor) => ({ ...tensor, dtype: "F32" as const }));
  writeFileSync(join(folder, "digits.safetensors"), encodeSafetensors(state, {}));
  const arrays = { arr_0: floats([784, 6], kernel), arr_1: floats([6], bias) };
  const rest = { arr_2: floats([6, 10], other), arr_3: floats([10], last) };
  const files = Object.entries({ ...arrays, ...rest }).map(
    ([name, bytes]) => [`${name}.npy`, bytes] as const,
  );
  writeFileSync(join(folder, "keras.npz"), zip(Object.fromEntries(files)));
});

it.skipIf(process.platform === "win32").each(["import", "export"])(
  "every example of %s --help works (Windows has no POSIX shell)",
  async (command) => {
    const examples = await examplesOf(command);
    expect(examples.length).toBeGreaterThanOrEqual(4);
    for (const example of examples) {
      const line = example.replace(/^mnist-native/, `'${process.execPath}' '${MAIN}'`);
      const { status, stdout, stderr } = await startProgram("sh", ["-c", line], {}, folder).finished;
      expect([example, status, stderr]).toEqual([example, 0, ""]);
      expect(stdout).not.toBe("");
    }
  },
);
