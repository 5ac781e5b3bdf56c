import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { InvalidArgumentError, ModelFormatError } from "../../src/errors.js";
import { importedModel } from "../../src/interchange/imported-model.js";
import { imageRows } from "../../src/tensor/layer-input.js";
import { toArray } from "../../src/tensor/tensor.js";

const backend = createJavaScriptBackend();
const linear = {
  kind: "linear",
  weight: Float64Array.of(1, 2, 3, -1, 0.5, 0.25),
  bias: Float64Array.of(0.5, -0.5),
  units: 2,
  inputs: 3,
} as const;
const standardization = {
  kind: "standardization",
  mean: Float64Array.of(0.1, 0.2, 0.3),
  deviation: Float64Array.of(2, 3, 4),
} as const;
const pixels = Uint8Array.of(0, 100, 255);

function outputsOf(network: ReturnType<typeof importedModel>["network"]): readonly number[] {
  const x = imageRows({ images: pixels, rows: Int32Array.of(0), width: 3, scale: 2 / 255, offset: -1 });
  const last = network.forward(x).at(-1);
  return last === undefined ? [] : [...toArray(last)];
}

describe("a network from another program", () => {
  it.each([
    ["0 to 1", { scale: 1 / 255, offset: 0 }],
    ["0 to 255", { scale: 1, offset: 0 }],
    ["torchvision's", { scale: 1 / 255 / 0.3081, offset: -0.1307 / 0.3081 }],
    ["this package's", { scale: 2 / 255, offset: -1 }],
  ])("sees pixels as it has learned from them: %s", (_, scale) => {
    for (const first of [[], [standardization]]) {
      const steps = [...first, linear];
      const { network } = importedModel({ inputs: 3, dtype: "float64", steps }, { backend, pixels: scale });
      const x = [...pixels].map((byte, j) => {
        const number = byte * scale.scale + scale.offset;
        return first.length === 0
          ? number
          : (number - (standardization.mean[j] as number)) / (standardization.deviation[j] as number);
      });
      const expected = [0, 1].map((unit) =>
        x.reduce(
          (sum, number, j) => sum + number * (linear.weight[unit * 3 + j] as number),
          linear.bias[unit] as number,
        ),
      );
      for (const [i, output] of outputsOf(network).entries())
        expect(output).toBeCloseTo(expected[i] as number, 10);
    }
  });

  it("tells where this package's pixels were assumed", () => {
    const below = { ...standardization, mean: Float64Array.of(0.1, -1, 0.3) };
    const ask = (
      found: Partial<Parameters<typeof importedModel>[0]>,
      given?: { readonly scale: number; readonly offset: number },
    ) => {
      let isAssumed = false;
      const onAssumedPixels = () => {
        isAssumed = true;
      };
      const steps = { inputs: 3, dtype: "float64", steps: [linear], ...found } as const;
      importedModel(steps, { backend, pixels: given, onAssumedPixels });
      return isAssumed;
    };
    expect(ask({})).toBe(true);
    expect(ask({ steps: [standardization, linear] })).toBe(true); // As pixels from 0 on have such means.
    expect(ask({ steps: [below, linear] })).toBe(false);
    expect(ask({ tellsPixels: true })).toBe(false);
    expect(ask({}, { scale: 2 / 255, offset: -1 })).toBe(false);
  });

  it("gets the output that is asked for after a linear layer, and keeps its own", () => {
    const steps = { inputs: 3, dtype: "float64", steps: [linear] } as const;
    expect(importedModel(steps, { backend, output: "softmax" }).network.loss.specification.type).toBe(
      "crossEntropy",
    );
    const told = { ...steps, steps: [linear, { kind: "activation", activation: "sigmoid" }] } as const;
    expect(importedModel(told, { backend, output: "sigmoid" }).network.specification.layers).toHaveLength(1);
    expect(() => importedModel(told, { backend, name: "a.onnx", output: "softmax" })).toThrow(
      "a.onnx tells of sigmoid as the activation of its output, and softmax was asked for; leave that out.",
    );
  });

  it("is trained further on the loss that is asked for, or that its file tells", () => {
    const sigmoid = {
      inputs: 3,
      dtype: "float64",
      steps: [linear, { kind: "activation", activation: "sigmoid" }],
    } as const;
    const lossOf = (...args: Parameters<typeof importedModel>) =>
      importedModel(...args).network.loss.specification;
    expect(lossOf(sigmoid, { backend })).toEqual({ type: "squaredError" });
    expect(lossOf(sigmoid, { backend, loss: "binaryCrossEntropy" })).toEqual({ type: "binaryCrossEntropy" });
    const told = { ...sigmoid, loss: "binaryCrossEntropy" } as const;
    expect(lossOf(told, { backend })).toEqual({ type: "binaryCrossEntropy" });
    expect(lossOf(told, { backend, loss: { type: "binaryCrossEntropy" } })).toEqual({
      type: "binaryCrossEntropy",
    });
    // What it was trained on does not go with another output.
    const linearOne = { ...sigmoid, steps: [linear], loss: "huber" } as const;
    expect(lossOf(linearOne, { backend, output: "softmax" })).toEqual({ type: "crossEntropy" });
    expect(lossOf(linearOne, { backend, output: "softmax", loss: "crossEntropy" })).toEqual({
      type: "crossEntropy",
    });
  });

  it("is not trained further on a loss that its output or its file rules out", () => {
    const steps = { inputs: 3, dtype: "float64", steps: [linear] } as const;
    const options = { backend, name: "a.onnx", loss: "binaryCrossEntropy" } as const;
    const thrown = (call: () => unknown) => {
      try {
        return call();
      } catch (error) {
        return error;
      }
    };
    const pair = thrown(() => importedModel(steps, options));
    expect(pair).toBeInstanceOf(InvalidArgumentError);
    expect(pair).toHaveProperty(
      "message",
      expect.stringMatching(
        /^Expected sigmoid for the activation of the output of a\.onnx, as the binary cross-entropy asks for, but received identity; there are squaredError with /,
      ),
    );
    const other = thrown(() =>
      importedModel(
        { ...steps, loss: { type: "huber", threshold: 2 } },
        {
          ...options,
          loss: "squaredError",
        },
      ),
    );
    expect(other).toBeInstanceOf(ModelFormatError);
    expect(other).toHaveProperty(
      "message",
      "a.onnx tells of huber (threshold 2) as its loss, and squaredError was asked for; leave that out, and name another loss when it is trained further.",
    );
    expect(() => importedModel(steps, { backend, loss: "logLoss" as never })).toThrow(
      'Expected one of squaredError, absoluteError, huber, binaryCrossEntropy, crossEntropy for the loss but received "logLoss".',
    );
  });

  it("is refused where its layers do not make a network", () => {
    const steps = [linear, { kind: "activation", activation: "softmax" }, linear] as const;
    expect(() => importedModel({ inputs: 3, dtype: "float64", steps }, { backend, name: "a.onnx" })).toThrow(
      ModelFormatError,
    );
  });
});
