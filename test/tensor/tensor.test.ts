import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { InvalidArgumentError, OutOfMemoryError, ShapeError } from "../../src/errors.js";
import { sigmoid, sigmoidBackward } from "../../src/tensor/activations.js";
import { argmax, columnSums, linear, matmul, subtractScaled } from "../../src/tensor/operations.js";
import { firstRows, matrix, type Tensor, tensor, zeros } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { dtypes } from "../support/guarded-memory.js";

const js = { backend: createJavaScriptBackend() };

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe("tensor", () => {
  it("takes a list of numbers as float32 and as one row", () => {
    const x = tensor([1, 2, 3], undefined, js);
    expect(x).toMatchObject({ shape: [3], dtype: "float32", backend: js.backend });
    expect(x.data).toEqual(Float32Array.of(1, 2, 3));
  });

  it("takes a list of numbers as float64 when asked to", () => {
    expect(tensor([0.1], [1, 1], { ...js, dtype: "float64" }).data).toEqual(Float64Array.of(0.1));
  });

  it.each([Float32Array.of(1, 2), Float64Array.of(1, 2)])(
    "uses an array of floats without copying",
    (data) => {
      const x = tensor(data, [2, 1], js);
      expect(x.data).toBe(data);
      expect(x.dtype).toBe(data instanceof Float32Array ? "float32" : "float64");
    },
  );

  it.each([
    ["too many numbers for any machine", [2 ** 26, 2 ** 26]],
    ["more than an array may have", [2 ** 20, 2 ** 20]],
    ["more than can be counted", [2 ** 52, 2 ** 52]],
  ])("is an error of memory where it would have %s", (_, shape) => {
    for (const dtype of dtypes) {
      const error = thrownBy(() => zeros(shape, { ...js, dtype }));
      expect(error).toBeInstanceOf(OutOfMemoryError);
      expect(error).toMatchObject({ cause: expect.any(RangeError) });
    }
  });

  it("refuses an array of another type than the one asked for", () => {
    const wrong = () => tensor(Float32Array.of(1), [1], { ...js, dtype: "float64" });
    expect(wrong).toThrow(InvalidArgumentError);
    expect(wrong).toThrow("Expected an array of float64 but received one of float32.");
  });

  it("refuses numbers that do not fill the shape", () => {
    const wrong = () => tensor([1, 2, 3], [2, 2], js);
    expect(wrong).toThrow(ShapeError);
    expect(wrong).toThrow("Expected 4 numbers for shape [2, 2] but received 3.");
  });

  it.each([[[]], [[1, 2, 3]], [[-1]], [[1.5, 2]], [[Number.NaN]], [[2, Number.POSITIVE_INFINITY]]])(
    "refuses the shape %j",
    (shape) => {
      expect(() => zeros(shape, js)).toThrow(ShapeError);
      expect(() => zeros(shape, js)).toThrow("Expected a shape of one or two whole numbers");
    },
  );
});

describe("zeros", () => {
  it.each(dtypes)("gives zeros of %s", (dtype) => {
    const x = zeros([2, 3], { ...js, dtype });
    expect(x).toMatchObject({ shape: [2, 3], dtype });
    expect([...x.data]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("gives float32 where no type is named", () => {
    expect(zeros([1], js).dtype).toBe("float32");
  });

  it("gives an empty tensor for a size of zero", () => {
    expect(zeros([0, 5], js).data.length).toBe(0);
  });
});

describe("firstRows", () => {
  const x = tensor([1, 2, 3, 4, 5, 6], [3, 2], js);

  it("is a view of the same memory", () => {
    const view = firstRows(x, 2);
    expect(view.shape).toEqual([2, 2]);
    expect([...view.data]).toEqual([1, 2, 3, 4]);
    expect(view.data.buffer).toBe(x.data.buffer);
  });

  it("gives none, all, or the first elements of a vector", () => {
    expect(firstRows(x, 0)).toMatchObject({ shape: [0, 2] });
    expect(firstRows(x, 3)).toEqual(x);
    expect([...firstRows(tensor([7, 8, 9], [3], js), 2).data]).toEqual([7, 8]);
  });

  it.each([-1, 4, 1.5, Number.NaN])("refuses %s of 3 rows", (count) => {
    expect(() => firstRows(x, count)).toThrow(ShapeError);
    expect(() => firstRows(x, count)).toThrow(`Expected 0 to 3 rows of a tensor of shape [3, 2]`);
  });
});

describe("matrix", () => {
  it("gives rows and columns, and refuses a vector", () => {
    expect(matrix(zeros([4, 2], js))).toEqual([4, 2]);
    expect(() => matrix(zeros([4], js))).toThrow(ShapeError);
    expect(() => matrix(zeros([4], js))).toThrow("received a tensor of shape [4]");
  });
});

describe("operations", () => {
  describeOnEveryBackend((create) => {
    describe.each(dtypes)("%s", (dtype) => {
      const make = (values: readonly number[], shape: readonly number[]) =>
        tensor(values, shape, { dtype, backend: create() });
      const near = (x: Tensor, expected: readonly number[]) => {
        expect(x.dtype).toBe(dtype);
        expect(x.data.length).toBe(expected.length);
        expected.forEach((value, i) => {
          expect(x.data[i]).toBeCloseTo(value, dtype === "float32" ? 6 : 14);
        });
      };

      const a = () => make([1, 2, 3, 4, 5, 6], [2, 3]);
      const aTransposed = () => make([1, 4, 2, 5, 3, 6], [3, 2]);
      const b = () => make([7, 8, 9, 10, 11, 12], [3, 2]);
      const bTransposed = () => make([7, 9, 11, 8, 10, 12], [2, 3]);
      const product = [58, 64, 139, 154];

      it("matmul multiplies, each factor as it is or transposed", () => {
        const plain = matmul(a(), b());
        expect(plain.shape).toEqual([2, 2]);
        near(plain, product);
        near(matmul(aTransposed(), b(), { transposeA: true }), product);
        near(matmul(a(), bTransposed(), { transposeB: true }), product);
        near(matmul(aTransposed(), bTransposed(), { transposeA: true, transposeB: true }), product);
      });

      it("matmul scales by alpha and adds beta times the old content of out", () => {
        const out = make([1, 2, 3, 4], [2, 2]);
        expect(matmul(a(), b(), { alpha: 0.5, beta: -2, out })).toBe(out);
        near(out, [29 - 2, 32 - 4, 69.5 - 6, 77 - 8]);
      });

      it("matmul does not read the old content of out without beta", () => {
        const out = make([Number.NaN, Number.NaN, Number.NaN, Number.NaN], [2, 2]);
        near(matmul(a(), b(), { out }), product);
      });

      it("matmul over an inner size of zero gives zeros", () => {
        near(matmul(make([], [2, 0]), make([], [0, 2])), [0, 0, 0, 0]);
      });

      it("matmul refuses beta without out", () => {
        expect(() => matmul(a(), b(), { beta: 1 })).toThrow(InvalidArgumentError);
        expect(() => matmul(a(), b(), { beta: 1 })).toThrow("Expected out for beta = 1");
      });

      it("matmul refuses factors and outputs that do not fit", () => {
        expect(() => matmul(a(), bTransposed())).toThrow(ShapeError);
        expect(() => matmul(a(), bTransposed())).toThrow("received [2, 3] and [2, 3]");
        expect(() => matmul(a(), make([1, 2, 3], [3]))).toThrow(ShapeError);
        expect(() => matmul(a(), b(), { out: make([0, 0, 0, 0], [4]) })).toThrow(ShapeError);
        expect(() => matmul(a(), b(), { out: make([0, 0], [1, 2]) })).toThrow(
          "Expected shape [2, 2] for the output but received [1, 2].",
        );
      });

      it("operations refuse an output of another type", () => {
        const other = dtype === "float32" ? "float64" : "float32";
        const out = zeros([2, 2], { dtype: other, backend: create() });
        expect(() => matmul(a(), b(), { out })).toThrow(InvalidArgumentError);
        expect(() => sigmoid(make([1, 2, 3, 4], [2, 2]), { out })).toThrow(InvalidArgumentError);
      });

      it("linear computes a layer, and applies the activation", () => {
        const weight = () => make([1, 0, -1, 0.5, 0.5, 0.5], [2, 3]);
        const bias = () => make([10, -3], [2]);
        const z = linear(a(), weight(), bias());
        expect(z.shape).toEqual([2, 2]);
        near(z, [8, 0, 8, 4.5]);
        const out = zeros([2, 2], { dtype, backend: create() });
        expect(linear(a(), weight(), bias(), { activation: "sigmoid", out })).toBe(out);
        near(out, [8, 0, 8, 4.5].map(logistic));
      });

      it("linear refuses inputs, biases and outputs that do not fit", () => {
        const weight = make([1, 2, 3], [1, 3]);
        const bias = make([0], [1]);
        expect(() => linear(b(), weight, bias)).toThrow(ShapeError);
        expect(() => linear(b(), weight, bias)).toThrow(
          "Expected 3 inputs in each row but received a tensor of shape [3, 2].",
        );
        expect(() => linear(a(), weight, make([0, 0], [2]))).toThrow(
          "Expected shape [1] for the bias but received [2].",
        );
        expect(() => linear(a(), weight, make([0], [1, 1]))).toThrow(ShapeError);
        expect(() => linear(a(), weight, bias, { out: make([0, 0], [2]) })).toThrow(ShapeError);
      });

      it("sigmoid works on its own, and in place", () => {
        const x = make([-2, 0, 3], [3]);
        near(sigmoid(x), [logistic(-2), 0.5, logistic(3)]);
        near(x, [-2, 0, 3]);
        expect(sigmoid(x, { out: x })).toBe(x);
        near(x, [logistic(-2), 0.5, logistic(3)]);
        expect(() => sigmoid(x, { out: make([0], [1]) })).toThrow(ShapeError);
      });

      it("sigmoidBackward multiplies by the derivative, and may write onto either argument", () => {
        const upstream = () => make([1, -2, 4], [3, 1]);
        const activations = () => make([0.5, 0.25, 1], [3, 1]);
        const expected = [0.25, -0.375, 0];
        near(sigmoidBackward(upstream(), activations()), expected);
        const onUpstream = upstream();
        near(sigmoidBackward(onUpstream, activations(), { out: onUpstream }), expected);
        const onActivations = activations();
        near(sigmoidBackward(upstream(), onActivations, { out: onActivations }), expected);
        expect(() => sigmoidBackward(upstream(), make([1, 2, 3], [3]))).toThrow(
          "Expected shape [3, 1] for the activations but received [3].",
        );
        expect(() => sigmoidBackward(upstream(), activations(), { out: make([0], [1]) })).toThrow(ShapeError);
      });

      it("columnSums adds down the columns", () => {
        const sums = columnSums(a());
        expect(sums.shape).toEqual([3]);
        near(sums, [5, 7, 9]);
        const out = make([100, 100, 100], [3]);
        expect(columnSums(a(), { out })).toBe(out);
        near(out, [5, 7, 9]);
        expect(() => columnSums(a(), { out: make([0, 0], [2]) })).toThrow(ShapeError);
        expect(() => columnSums(make([1], [1]))).toThrow(ShapeError);
      });

      it("argmax gives the first of the largest in each row", () => {
        const x = make([1, 3, 3, -1, -2, -1], [2, 3]);
        expect(argmax(x)).toEqual(Int32Array.of(1, 0));
        const out = new Int32Array(2);
        expect(argmax(x, out)).toBe(out);
        expect(() => argmax(x, new Int32Array(1))).toThrow(ShapeError);
        expect(() => argmax(make([1], [1]))).toThrow(ShapeError);
      });

      it("subtractScaled takes a step against the gradient", () => {
        const parameter = make([1, 2, 3, 4], [2, 2]);
        subtractScaled(parameter, make([1, -1, 0, 10], [2, 2]), 0.5);
        near(parameter, [0.5, 2.5, 3, -1]);
        expect(() => subtractScaled(parameter, make([1, 2, 3, 4], [4]), 1)).toThrow(
          "Expected shape [2, 2] for the gradient but received [4].",
        );
      });

      it("operations work on views of the first rows, and leave the other rows alone", () => {
        const out = make([9, 9, 9, 9, 9, 9], [3, 2]);
        matmul(firstRows(a(), 1), b(), { out: firstRows(out, 1) });
        near(out, [58, 64, 9, 9, 9, 9]);
      });
    });
  });
});

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
