import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { MnistNativeError } from "../../../src/errors.js";
import { encodeNpy, encodeNpyText } from "../../../src/formats/npy-array.js";
import { encodeNpz, readNpz } from "../../../src/formats/npz.js";
import { importNpz } from "../../../src/interchange/numpy/import-npz.js";
import { importSafetensors } from "../../../src/interchange/pytorch/import-safetensors.js";

const folder = new URL("../../golden/interchange/", import.meta.url);
const files = readdirSync(folder).filter((name) => /\.(npz|safetensors)$/.test(name));
const options = {
  backend: createJavaScriptBackend(),
  activation: "relu",
  output: "softmax",
  normalization: "afterActivation",
} as const;

/** What comes of bytes that nobody vouches for: a network of finite numbers, or an error for people. */
async function expectSentence(read: () => unknown): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof MnistNativeError)) throw error;
    expect(error.message).not.toContain("[object");
    expect(error.message.length).toBeLessThan(1500);
  }
}

const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.option(fc.nat(), { freq: 8 }) });
const changes = fc.array(change, { minLength: 1, maxLength: 4 });

function damage(
  intact: Uint8Array,
  all: readonly { at: number; byte: number; cut: number | null }[],
): Uint8Array {
  let bytes = Uint8Array.from(intact);
  for (const { at, byte, cut } of all) {
    bytes[at % bytes.length] = byte;
    if (cut !== null) bytes = bytes.subarray(0, 1 + (cut % bytes.length));
  }
  return bytes;
}

it("damaged files are answered with a sentence", async () => {
  const intact = files.map((name) => readFileSync(new URL(name, folder)));
  await fc.assert(
    fc.asyncProperty(fc.nat(files.length - 1), changes, async (which, all) => {
      const bytes = damage(intact[which] as Uint8Array, all);
      await expectSentence(() => importNpz(bytes, options));
      await expectSentence(() => importSafetensors(bytes, options));
    }),
    { numRuns: 400 },
  );
});

it("arrays that are damaged inside a whole archive are answered with a sentence", async () => {
  const names = [
    "format",
    "network",
    "metadata",
    "coefs_0",
    "intercepts_0",
    "activation",
    "arr_0",
    "arr_1",
    "layers.0.weight",
  ];
  const array = fc.oneof(
    fc.array(fc.nat(3), { maxLength: 3 }).map((shape) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return encodeNpy(new Float32Array(length).fill(0.5), shape);
    }),
    fc
      .oneof(fc.json(), fc.constantFrom("relu", "softmax", "mnist-native multilayer perceptron 2"))
      .map(encodeNpyText),
    fc
      .record({
        inputs: fc.constant(2),
        layers: fc.array(fc.record({ type: fc.constantFrom("dense", "residual"), units: fc.nat(3) })),
      })
      .map((network) => encodeNpyText(JSON.stringify(network))),
  );
  const damaged = fc
    .tuple(array, fc.option(changes))
    .map(([bytes, all]) => (all === null ? bytes : damage(bytes, all)));
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), damaged), async (all) => {
      const bytes = await encodeNpz(new Map(Object.entries(all)));
      await expectSentence(() => importNpz(bytes, options));
      await expectSentence(() => readNpz(bytes, "a.npz"));
    }),
    { numRuns: 300 },
  );
});
