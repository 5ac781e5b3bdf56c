import { describe, expect, it } from "vitest";
import { ACTIVATIONS, type Activation } from "../../src/backend/activation.js";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import {
  activate,
  activationBackward,
  activationSaves,
  addTo,
  sigmoid,
  sigmoidBackward,
  softmaxRows,
} from "../../src/tensor/activations.js";
import { assign, type Tensor, tensor, toArray, zeros, zerosByColumns } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { dtypes } from "../support/guarded-memory.js";

describeOnEveryBackend((create) => {
  describe.each(dtypes)("activations of tensors, %s", (dtype) => {
    const make = (numbers: number[], shape = [2, 3]) =>
      tensor(dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers), shape, {
        backend: create(),
      });
    const byColumns = (numbers: number[], shape = [2, 3]) => {
      const x = zerosByColumns(shape, { dtype, backend: create() });
      assign(x, numbers);
      return x;
    };
    const z = [-2, -0.5, 0.25, 0.75, 1.5, 3];
    const near = (x: Tensor, expected: ArrayLike<number>, tolerance = dtype === "float32" ? 2e-6 : 1e-12) => {
      const numbers = toArray(x);
      expect(numbers.length).toBe(expected.length);
      numbers.forEach((value: number, i: number) => {
        expect(Math.abs(value - (expected[i] as number))).toBeLessThan(tolerance);
      });
    };

    it.each(ACTIVATIONS)("%s has the derivative that activationBackward says", (activation) => {
      const step = dtype === "float32" ? 2 ** -7 : 2 ** -14;
      const at = (shift: number) => toArray(activate(make(z.map((value) => value + shift)), activation));
      const [above, below] = [at(step), at(-step)];
      const slopes = z.map((_, i) => ((above[i] as number) - (below[i] as number)) / (2 * step));
      const upstream = [1, -2, 3, 0.5, -1, 2];
      const x = make(z);
      const saved = activationSaves[activation] === "output" ? activate(x, activation) : x;
      const expected = slopes.map((slope, i) => slope * (upstream[i] as number));
      near(
        activationBackward(make(upstream), saved, activation),
        expected,
        dtype === "float32" ? 2e-4 : 1e-7,
      );
    });

    it.each(ACTIVATIONS)("%s works in place, and the same by columns", (activation) => {
      const result = toArray(activate(make(z), activation));
      const x = make(z);
      expect(activate(x, activation, { out: x })).toBe(x);
      expect(toArray(x)).toEqual(result);
      expect(toArray(activate(byColumns(z), activation))).toEqual(result);
      const back = toArray(activationBackward(make(z), make(z), activation));
      const upstream = make(z);
      expect(activationBackward(upstream, make(z), activation, { out: upstream })).toBe(upstream);
      expect(toArray(upstream)).toEqual(back);
      expect(toArray(activationBackward(byColumns(z), byColumns(z), activation))).toEqual(back);
    });

    it("the identity is the tensor itself, or copied to out", () => {
      const x = make(z);
      expect(activate(x, "identity")).toBe(x);
      expect(activationBackward(x, make([1], [1]), "identity")).toBe(x);
      for (const copy of [activate(x, "identity", { out: make([0, 0, 0, 0, 0, 0]) })]) {
        expect(copy).not.toBe(x);
        expect(toArray(copy)).toEqual(toArray(x));
      }
      const out = byColumns([0, 0, 0, 0, 0, 0]);
      expect(toArray(activationBackward(byColumns(z), x, "identity", { out }))).toEqual(toArray(x));
      const other = zeros([2, 3], { dtype: dtype === "float32" ? "float64" : "float32", backend: create() });
      expect(() => activate(x, "identity", { out: other })).toThrow(InvalidArgumentError);
    });

    it("sigmoid and sigmoidBackward are those of activate and activationBackward", () => {
      expect(toArray(activate(make(z), "sigmoid"))).toEqual(toArray(sigmoid(make(z))));
      const a = sigmoid(make(z));
      expect(toArray(activationBackward(make(z), a, "sigmoid"))).toEqual(
        toArray(sigmoidBackward(make(z), a)),
      );
    });

    it("refuses what there is not, and shapes that do not fit", () => {
      const x = make(z);
      const swish = "swish" as Activation;
      expect(() => activate(x, swish)).toThrow(
        'activate: expected one of "identity", "sigmoid", "tanh", "relu", "leakyRelu", "elu", "gelu", "silu" for activation but received "swish".',
      );
      expect(() => activationBackward(x, x, swish)).toThrow(InvalidArgumentError);
      expect(() => activate(x, "relu", { out: make([1], [1]) })).toThrow(ShapeError);
      expect(() => activationBackward(x, make([1], [1]), "relu")).toThrow(
        "Expected shape [2, 3] for the activations but received [1].",
      );
      expect(() => activationBackward(x, make([1], [1]), "gelu")).toThrow(
        "Expected shape [2, 3] for the inputs of the activation but received [1].",
      );
      expect(() => activationBackward(x, byColumns(z), "relu")).toThrow(ShapeError);
    });

    it("softmaxRows makes probabilities of each row, in either order and in place", () => {
      const logits = [1, 2, 3, 1e4, -1e4, 1e4];
      const total = Math.exp(1) + Math.exp(2) + Math.exp(3);
      const expected = [...[1, 2, 3].map((value) => Math.exp(value) / total), 0.5, 0, 0.5];
      near(softmaxRows(make(logits)), expected);
      near(softmaxRows(byColumns(logits)), expected);
      const x = make(logits);
      expect(softmaxRows(x, { out: x })).toBe(x);
      near(x, expected);
      expect(() => softmaxRows(make(logits, [6]))).toThrow(ShapeError);
      expect(() => softmaxRows(x, { out: make([1], [1, 1]) })).toThrow(ShapeError);
    });

    it("addTo adds, onto either term as well", () => {
      const sums = z.map((value) => 2 * value + 1);
      const shifted = z.map((value) => value + 1);
      near(addTo(make(z), make(shifted)), sums);
      near(addTo(byColumns(z), byColumns(shifted)), sums);
      const [a, b] = [make(z), make(shifted)];
      expect(addTo(a, b, { out: b })).toBe(b);
      near(b, sums);
      expect(() => addTo(a, make([1], [1]))).toThrow(
        "Expected shape [2, 3] for the second term but received [1].",
      );
    });
  });
});
