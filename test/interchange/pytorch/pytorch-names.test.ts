import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { ModelFormatError } from "../../../src/errors.js";
import { encodeSafetensors } from "../../../src/formats/safetensors.js";
import type { ImportArraysOptions } from "../../../src/interchange/plain-parts.js";
import { importSafetensors } from "../../../src/interchange/pytorch/import-safetensors.js";

const backend = createJavaScriptBackend();

/** A file of tensors full of halves. */
function file(shapes: Readonly<Record<string, readonly number[]>>): Uint8Array {
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return { name, dtype: "F32", shape, data: new Float32Array(length).fill(0.5) } as const;
  });
  return encodeSafetensors(tensors, {});
}

function read(shapes: Readonly<Record<string, readonly number[]>>, options: ImportArraysOptions = {}) {
  return importSafetensors(file(shapes), {
    name: "a.safetensors",
    backend,
    activation: "relu",
    output: "softmax",
    ...options,
  }).network;
}

const normalization = (name: string, width: number) => ({
  [`${name}.weight`]: [width],
  [`${name}.bias`]: [width],
  [`${name}.running_mean`]: [width],
  [`${name}.running_var`]: [width],
});

describe("layers of PyTorch", () => {
  it("come in the order of their numbers, whatever the file's", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 14 });
    const name = fc.constantFrom("", "fc", "layers.", "model.net.", "module.blocks.0.lin");
    fc.assert(
      fc.property(sizes, name, fc.integer({ min: 1, max: 5 }), (widths, prefix, step) => {
        const shapes = widths.slice(1).map((units, i) => {
          return [`${prefix}${i * step}.weight`, [units, widths[i] as number]] as const;
        });
        expect(read(Object.fromEntries(shapes), { output: "identity" }).sizes).toEqual(widths);
      }),
    );
  });

  it("come in the one order that fits where their names do not tell", () => {
    const network = read({ "head.weight": [3, 4], "input.weight": [6, 8], "hidden.weight": [4, 6] });
    expect(network.sizes).toEqual([8, 6, 4, 3]);
    expect(read({ "out.weight": [3, 5], "fc1.weight": [5, 5], "fc10.weight": [5, 5] }).sizes).toEqual([
      5, 5, 5, 3,
    ]);
  });

  const types = (shapes: Parameters<typeof read>[0], options?: ImportArraysOptions) =>
    read(shapes, options).specification.layers.map((layer) =>
      layer.type === "dense" ? (layer.activation ?? "identity") : layer.type,
    );

  it("have their batch normalisations where the numbers of nn.Sequential tell", () => {
    const before = { "0.weight": [4, 3], ...normalization("1", 4), "3.weight": [2, 4] };
    const after = { "0.weight": [4, 3], ...normalization("2", 4), "3.weight": [2, 4] };
    expect(types(before)).toEqual(["identity", "batchNormalization", "activation", "softmax"]);
    expect(types(after)).toEqual(["relu", "batchNormalization", "softmax"]);
    expect(types({ ...normalization("0", 3), "1.weight": [2, 3] })).toEqual([
      "batchNormalization",
      "softmax",
    ]);
  });

  it("have them beside the layer of their number, and where one width alone fits", () => {
    const numbered = {
      "fc1.weight": [4, 3],
      "fc2.weight": [4, 4],
      ...normalization("bn1", 4),
      "fc3.weight": [2, 4],
    };
    for (const normalizationPlace of ["beforeActivation", "afterActivation"] as const) {
      const found = types(numbered, { normalization: normalizationPlace });
      expect(found).toEqual(
        normalizationPlace === "beforeActivation"
          ? ["identity", "batchNormalization", "activation", "relu", "softmax"]
          : ["relu", "batchNormalization", "relu", "softmax"],
      );
    }
    const lone = { "a.weight": [4, 3], ...normalization("norm", 4), "b.weight": [2, 4] };
    expect(types(lone, { activation: "identity" })).toEqual(["identity", "batchNormalization", "softmax"]);
  });

  it("have the standardisation of their inputs first", () => {
    const shapes = { "0.mean": [3], "0.deviation": [3], "1.weight": [2, 3] };
    expect(types(shapes)).toEqual(["standardize", "softmax"]);
  });

  it.each<[why: string, shapes: Readonly<Record<string, readonly number[]>>, sentence: string]>([
    [
      "that fit in two orders",
      { "decoder.weight": [8, 3], "encoder.weight": [3, 8] },
      "decoder (3 to 8), encoder (8 to 3), which fit together in more than one order; name them by their order, such as 0.weight, 1.weight.",
    ],
    [
      "that fit in none",
      { "a.weight": [8, 3], "b.weight": [8, 3] },
      "a (3 to 8), b (3 to 8), which fit together in no order",
    ],
    [
      "whose numbers tell another order",
      { "0.weight": [8, 3], "1.weight": [3, 9] },
      "1 takes 9 numbers, but 0 before it gives 8",
    ],
    [
      "of convolutions",
      { "conv1.weight": [4, 1, 3, 3], "conv1.bias": [4] },
      "a.safetensors holds conv1.weight of the shape [4, 1, 3, 3], as nn.Conv2d has it; networks of nn.Linear and nn.BatchNorm1d alone can be used here.",
    ],
    [
      "with nn.LayerNorm",
      { "0.weight": [4, 3], "1.weight": [4], "1.bias": [4] },
      "holds 1.weight of the shape [4], as nn.LayerNorm or nn.PReLU has it",
    ],
    ["with nn.Embedding", { "embedding.weight": [100, 3] }, "as nn.Embedding has it"],
    [
      "with recurrence",
      { "rnn.weight_ih_l0": [4, 3], "rnn.weight_hh_l0": [4, 4] },
      "as nn.RNN, nn.LSTM or nn.GRU has it",
    ],
    ["with attention", { "a.in_proj_weight": [9, 3] }, "as nn.MultiheadAttention has it"],
    ["with something else", { "a.scale": [3] }, "holds a.scale of the shape [3]; networks of"],
    [
      "with a bias that is a matrix",
      { "0.weight": [4, 3], "0.bias": [4, 1] },
      "the shape [4, 1] for 0.bias of 0, and a vector was expected",
    ],
    [
      "with batch normalisation nowhere",
      { "a.weight": [4, 3], ...normalization("bn", 7), "b.weight": [2, 4] },
      "the batch normalisation bn of 7 numbers, for which there is no place",
    ],
    [
      "with batch normalisation anywhere",
      { "a.weight": [4, 4], ...normalization("bn", 4), "b.weight": [2, 4] },
      "bn of 4 numbers, for which there are several places",
    ],
    ["of nothing", {}, "it has no linear layer"],
  ])("%s are refused", (_, shapes, sentence) => {
    expect(() => read(shapes)).toThrow(ModelFormatError);
    expect(() => read(shapes)).toThrow(sentence);
  });

  it("with names beyond count are refused in no time", () => {
    const shapes = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [
        `${String.fromCharCode(97 + (i % 26))}${"x".repeat(i)}.weight`,
        [2, 2],
      ]),
    );
    expect(() => read({ ...shapes, "last.weight": [3, 5] })).toThrow(
      /fit together in (no|more than one) order/,
    );
  });
});
