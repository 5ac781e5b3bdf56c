import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encode } from "fast-png";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { binaryCrossEntropy } from "../../src/nn/losses/cross-entropy.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { MultilayerPerceptronOptions } from "../../src/nn/mlp-options.js";
import { dense } from "../../src/nn/specification.js";
import { saveModel } from "../../src/training/model-file.js";
import { createPredictor, type Predictor } from "../../src/training/predictor.js";
import { type Finished, MAIN } from "./harness.js";

// Models of every kind of answer, and examples for them.

export const PIXELS = 16;
export const CLASS_NAMES = ["ant", 'bee, "big"', "wasp"];
export const COLUMNS = {
  features: [
    { name: "x", kind: "numeric" },
    { name: "colour", kind: "category", categories: ["blue", "red"] },
  ],
} as const;

interface SampleModel {
  readonly path: string;
  readonly predictor: Predictor;
}

async function sample(
  path: string,
  options: MultilayerPerceptronOptions,
  metadata: Readonly<Record<string, string>>,
): Promise<SampleModel> {
  const network = new MultilayerPerceptron({ seed: 5, backend: createJavaScriptBackend(), ...options });
  mkdirSync(dirname(path), { recursive: true });
  await saveModel(path, network, metadata);
  return { path, predictor: createPredictor({ network, metadata }) };
}

/** Models in a folder, and what each makes of examples. */
export async function sampleModels(folder: string) {
  const images = { imageShape: "[4,4]", classNames: JSON.stringify(CLASS_NAMES), dataset: "image-folder" };
  const table = (target: object) => ({
    dataset: "table",
    columns: JSON.stringify({ ...COLUMNS, target }),
  });
  return {
    images: await sample(
      join(folder, "images.safetensors"),
      { layers: [PIXELS, 6, dense(3, "softmax")] },
      images,
    ),
    binary: await sample(
      join(folder, "binary.safetensors"),
      { layers: [PIXELS, dense(1, "sigmoid")], loss: binaryCrossEntropy() },
      { imageShape: "[4,4]", classNames: '["no","yes"]' },
    ),
    price: await sample(
      join(folder, "price.safetensors"),
      { layers: [3, dense(1)] },
      table({ name: "price", task: "regress" }),
    ),
    kind: await sample(
      join(folder, "kind.safetensors"),
      { layers: [3, dense(2, "softmax")] },
      {
        ...table({ name: "kind", task: "classify", classNames: ["cat", "dog"] }),
        classNames: '["cat","dog"]',
      },
    ),
  };
}

/** Image `row` of the samples. */
export function sampleImage(row: number): Uint8Array {
  return Uint8Array.from({ length: PIXELS }, (_, i) => (row * 53 + i * i * 31) % 256);
}

export function writePicture(path: string, row: number): string {
  writeFileSync(path, encode({ width: 4, height: 4, data: sampleImage(row), channels: 1, depth: 8 }));
  return path;
}

/** The first images in IDX. */
export function idxOf(count: number): Uint8Array {
  return Buffer.concat([
    encodeIdxHeader("images", [count, 4, 4]),
    ...Array.from({ length: count }, (_, row) => sampleImage(row)),
  ]);
}

export interface Conversation {
  write(text: string | Uint8Array): void;
  end(): void;
  /** The next line of standard output. */
  answer(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  readonly finished: Promise<Finished>;
}

/** Runs the command line with a pipe to its standard input. */
export function converse(args: readonly string[]): Conversation {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, OMP_NUM_THREADS: "1" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let [stdout, stderr, taken] = ["", "", 0];
  child.stdin.on("error", () => {}); // It may end before it has read all.
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    child.emit("printed");
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
  const answer = async () => {
    while (stdout.indexOf("\n", taken) === -1) {
      await Promise.race([
        new Promise<void>((resolve) => void child.once("printed", resolve)),
        finished.then(() => {
          if (stdout.indexOf("\n", taken) === -1) throw new Error(`There is no further answer: ${stderr}`);
        }),
      ]);
    }
    const end = stdout.indexOf("\n", taken);
    const line = stdout.slice(taken, end);
    taken = end + 1;
    return line;
  };
  return {
    write: (text) => void child.stdin.write(text),
    end: () => void child.stdin.end(),
    answer,
    kill: (signal) => void child.kill(signal),
    finished,
  };
}
