import { describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backend/backend.js";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { ModelFormatError } from "../../../src/errors.js";
import { exportOnnx, importOnnx } from "../../../src/interchange/index.js";
import { decodeOnnx, encodeOnnx } from "../../../src/interchange/onnx/messages.js";
import { stepsOf } from "../../../src/interchange/steps.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { dense } from "../../../src/nn/specification.js";
import { imageRows } from "../../../src/tensor/layer-input.js";
import { tensor, toArray } from "../../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../../support/backends.js";
import { INPUTS, SAMPLE_NETWORKS, sampleRows } from "../sample-networks.js";
import { largestDifference } from "./recorded-models.js";

const METADATA = {
  dataset: "somebody's own",
  classNames: '["a","b","c","d","e"]',
  imageShape: "[4,5]",
  note: "größer",
};

function outputs(network: MultilayerPerceptron, backend: Backend, bytes?: Uint8Array): readonly number[] {
  const { dtype } = network;
  const x =
    bytes === undefined
      ? tensor(sampleRows(9, dtype), [9, INPUTS], { dtype, backend })
      : imageRows({
          images: bytes,
          rows: Int32Array.from({ length: bytes.length / INPUTS }, (_, i) => i),
          width: INPUTS,
          scale: 2 / 255,
          offset: -1,
        });
  const last = network.forward(x).at(-1);
  return last === undefined ? [] : [...toArray(last)];
}

/** Of the steps that a network does. */
function kinds(network: MultilayerPerceptron): unknown {
  return JSON.parse(
    JSON.stringify(stepsOf(network).steps, (key, value) => (ArrayBuffer.isView(value) ? key : value)),
  );
}

describeOnEveryBackend((createBackend) => {
  it.each(SAMPLE_NETWORKS)("an exported network comes back: $name", async ({ create }) => {
    const pixels = Uint8Array.from({ length: 6 * INPUTS }, (_, i) => (i * 83) % 256);
    for (const dtype of ["float32", "float64"] as const) {
      const network = create(dtype);
      const metadata = network.outputs === 5 ? METADATA : {};
      for (const input of ["numbers", "bytes"] as const) {
        const backend = createBackend();
        const imported = await importOnnx(exportOnnx(network, { metadata, input }), { backend });
        const bytes = input === "bytes" ? pixels : undefined;
        const found = outputs(imported.network, backend, bytes);
        const expected = outputs(network, network.backend, bytes);
        expect(largestDifference([found], [expected])).toBeLessThan(dtype === "float32" ? 1e-5 : 1e-12);
        expect(imported.network.dtype).toBe(dtype);
        expect(imported.metadata).toEqual(metadata);
        // An activation by itself joins a linear layer before it, and what is for training alone is left out.
        expect(kinds(imported.network)).toEqual(kinds(network));
      }
    }
  });
});

describe("an exported network that has come back", () => {
  it("is trained further on what it was trained on", async () => {
    const backend = createJavaScriptBackend();
    for (const [activation, loss] of [
      ["sigmoid", { type: "binaryCrossEntropy", labelSmoothing: 0.1 }],
      ["sigmoid", { type: "squaredError", factor: 0.5 }],
      ["softmax", { type: "crossEntropy" }],
      ["identity", { type: "huber", threshold: 2 }],
    ] as const) {
      const network = new MultilayerPerceptron({ layers: [4, dense(2, activation)], loss, backend });
      // What a model file said of another network goes under.
      const file = exportOnnx(network, { metadata: { network: "{}" } });
      expect((await importOnnx(file, { backend })).network.specification).toEqual(network.specification);
      const other = loss.type === "squaredError" ? "absoluteError" : "squaredError";
      await expect(importOnnx(file, { backend, loss: other })).rejects.toThrow(
        `as its loss, and ${other} was asked for; leave that out`,
      );
    }
  });

  it.each([
    [
      '{"loss":{"type":"hinge"}}',
      /its metadata tell of no network: Expected one of squaredError, .* received "hinge"\.$/,
    ],
    ["{", /its metadata tell of no network: /],
  ])("is refused with a network that cannot be: %s", async (text, sentence) => {
    const network = new MultilayerPerceptron({ layers: [4, dense(2)], backend: createJavaScriptBackend() });
    const model = decodeOnnx(exportOnnx(network), "a.onnx");
    const metadataProps = [{ key: "network", value: text }];
    const error = await importOnnx(encodeOnnx({ ...model, metadataProps })).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ModelFormatError);
    expect(error).toHaveProperty("message", expect.stringMatching(sentence));
  });

  it("is exported to the same file again", async () => {
    const backend = createJavaScriptBackend();
    for (const { create } of SAMPLE_NETWORKS) {
      for (const dtype of ["float32", "float64"] as const) {
        const first = exportOnnx((await importOnnx(exportOnnx(create(dtype)), { backend })).network);
        const second = exportOnnx((await importOnnx(first, { backend })).network);
        expect(second).toEqual(first);
      }
    }
  });

  it("has the metadata that were given on the way, which go before its own", async () => {
    const network = new MultilayerPerceptron({
      layers: [4, dense(2, "softmax")],
      backend: createJavaScriptBackend(),
    });
    const file = exportOnnx(network, { metadata: { classNames: '["a","b"]', note: "old" } });
    const { metadata } = await importOnnx(file, { metadata: { note: "new" } });
    expect(metadata).toEqual({ classNames: '["a","b"]', note: "new" });
  });
});
