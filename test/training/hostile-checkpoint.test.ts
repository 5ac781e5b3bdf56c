import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { MnistNativeError } from "../../src/errors.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/formats/safetensors.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { dense, dropout } from "../../src/nn/specification.js";
import { createOptimizer, type OptimizerSpecification } from "../../src/optim/specification.js";
import { checkpointing } from "../../src/training/callbacks/checkpointing.js";
import { decodeCheckpoint } from "../../src/training/checkpoint-file.js";
import { fit } from "../../src/training/fit.js";
import { quarters } from "./datasets.js";

// A checkpoint is a file, and a file may hold anything: it is refused with a sentence, or it is one that a training goes on from.

const data = quarters(40);
const backend = createJavaScriptBackend();
const OPTIMIZERS: readonly OptimizerSpecification[] = [
  { type: "sgd", momentum: 0.9 },
  { type: "adam" },
  { type: "lbfgs", history: 2 },
];

function train(optimizer: OptimizerSpecification, more: Parameters<typeof fit>[2]) {
  const isLbfgs = optimizer.type === "lbfgs";
  const hidden = isLbfgs ? [dense(3, "tanh")] : [dense(3, "tanh"), dropout(0.2)];
  const network = new MultilayerPerceptron({ layers: [16, ...hidden, dense(4, "softmax")], backend });
  return fit(network, data, {
    epochs: 3,
    ...(!isLbfgs && { batchSize: 20, learningRate: 0.01 }),
    optimizer: createOptimizer(optimizer),
    ...more,
  });
}

async function checkpointOf(optimizer: OptimizerSpecification): Promise<Uint8Array> {
  let last: Uint8Array = new Uint8Array();
  const write = async (name: string, bytes: Uint8Array) => {
    if (name === "last.safetensors") last = bytes;
  };
  await train(optimizer, { epochs: 2, callbacks: [checkpointing({ write })] });
  return last;
}

/** All places in a tree of JSON, as paths. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, entry]) => pathsOf(entry, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

/** What is not wanted in any place; `undefined` leaves it out. */
const ALIEN: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  0.5,
  1e300,
  "x",
  [],
  {},
  { $number: "NaN" },
  { $tensor: "training.0" },
  { $tensor: "layers.0.bias" },
  [null],
];

describe.each(OPTIMIZERS)("a checkpoint with $type", (optimizer) => {
  it("that has anything else in a place is refused with a sentence, or goes on", async () => {
    const bytes = await checkpointOf(optimizer);
    const file = decodeSafetensors(bytes, "file");
    const state: unknown = JSON.parse(file.metadata.training as string);
    const tensors = [...file.tensors].map(([name, { shape, data: numbers }]) => ({
      name,
      shape,
      data: numbers,
      dtype: numbers instanceof Float32Array ? ("F32" as const) : ("F64" as const),
    }));
    const paths = pathsOf(state);
    const attempt = async (path: readonly string[], alien: unknown) => {
      const training = JSON.stringify(replaced(state, path, alien)) ?? "null";
      const changed = encodeSafetensors(tensors, { ...file.metadata, training });
      let error: unknown;
      try {
        const resume = decodeCheckpoint(changed, { backend, name: "last.safetensors" });
        await train(optimizer, { resume, callbacks: [checkpointing({ write: async () => {} })] });
      } catch (thrown) {
        error = thrown;
      }
      const place = `${path.join(".")} = ${JSON.stringify(alien)}`;
      if (error !== undefined) expect(error, place).toBeInstanceOf(MnistNativeError);
    };
    await attempt([], state);
    await fc.assert(fc.asyncProperty(fc.constantFrom(...paths), fc.constantFrom(...ALIEN), attempt), {
      numRuns: 400,
    });
  });
});
