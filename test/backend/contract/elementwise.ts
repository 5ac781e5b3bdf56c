import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, DType } from "../../../src/backend/backend.js";
import { floats, GuardedMemory, randomFloats } from "../../support/guarded-memory.js";
import {
  type Expected,
  expectClose,
  referenceSgdUpdate,
  referenceSigmoid,
  referenceSigmoidBackward,
} from "../../support/reference.js";

// Every remainder of any vector's width, and sizes that are split among threads.
export const lengths = [...Array(70).keys(), 255, 1000, 16_384, 40_007];

export const special = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1, 16, -16, 17.5, -17.5],
  ...[37, -37, 87, -87, 88.8, -88.8, 100, -100, 103.9, -103.9, 104.1, -104.1, 709, -709, 709.9, -709.9],
  ...[744, -744, 745.2, -745.2, 746, -746, 1e9, -1e9, 1e38, -1e38, 1e-8, -1e-8, 1e-40, -1e-40],
];

export function describeElementwise(backend: () => Backend, dtype: DType): void {
  describe("sigmoid", () => {
    const check = (x: Float32Array | Float64Array) => {
      const expected = referenceSigmoid(x, dtype);
      const memory = new GuardedMemory();
      const input = memory.input(x);
      const out = memory.output(x.map(() => Number.NaN));
      const onto = memory.output(x);
      backend().sigmoid(input, out);
      backend().sigmoid(onto, onto);
      expectClose(out, expected, `sigmoid of ${x.length} elements`);
      expectClose(onto, expected, `sigmoid of ${x.length} elements, in place`);
      memory.expectIntact("sigmoid");
    };

    it("is right for every length, and in place", () => {
      for (const length of lengths) {
        check(randomFloats(dtype, length, length).map((x) => 8 * x));
      }
    });

    it("is right from end to end: NaN stays NaN, and nothing overflows", () => {
      check(floats(dtype, special));
      for (const [i, x] of special.entries()) {
        check(floats(dtype, i + 1).fill(x));
      }
      const out = floats(dtype, 3);
      backend().sigmoid(floats(dtype, [Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY]), out);
      expect([...out]).toEqual([0, 0.5, 1]);
    });

    it("is accurate to 4 ulp for any number", () => {
      const bound = dtype === "float32" ? 110 : 750;
      const wide =
        dtype === "float32" ? fc.float32Array({ minLength: 1 }) : fc.float64Array({ minLength: 1 });
      fc.assert(fc.property(wide, check));
      check(
        floats(
          dtype,
          Array.from({ length: 20_001 }, (_, i) => (bound * (i - 10_000)) / 10_000),
        ),
      );
    });
  });

  describe("sigmoidBackward", () => {
    const check = (upstream: Float32Array | Float64Array, a: Float32Array | Float64Array) => {
      const expected = referenceSigmoidBackward(upstream, a);
      const memory = new GuardedMemory();
      const run = (target: "out" | "upstream" | "a") => {
        const given = target === "upstream" ? memory.output(upstream) : memory.input(upstream);
        const value = target === "a" ? memory.output(a) : memory.input(a);
        const out = { out: memory.output(a.map(() => Number.NaN)), upstream: given, a: value }[target];
        backend().sigmoidBackward(given, value, out);
        expectClose(out, expected, `sigmoidBackward of ${a.length} elements onto ${target}`);
      };
      run("out");
      run("upstream");
      run("a");
      memory.expectIntact("sigmoidBackward");
    };

    it("is right for every length, and onto either input", () => {
      for (const length of lengths) {
        check(
          randomFloats(dtype, length, 1),
          randomFloats(dtype, length, 2).map((x) => (x + 1) / 2),
        );
      }
    });

    it("is 0 where the sigmoid is saturated, and keeps NaN", () => {
      const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
      check(
        floats(dtype, [5, 5, nan, 1, infinity, infinity, -2]),
        floats(dtype, [0, 1, 0.5, nan, 0.5, 1, 0.25]),
      );
    });
  });

  describe("sgdUpdate", () => {
    const check = (length: number, learningRate: number) => {
      const memory = new GuardedMemory();
      const parameter = memory.output(randomFloats(dtype, length, 1));
      const gradient = memory.input(randomFloats(dtype, length, 2));
      const expected: Expected = referenceSgdUpdate(parameter, gradient, learningRate);
      backend().sgdUpdate(parameter, gradient, learningRate);
      expectClose(parameter, expected, `sgdUpdate of ${length} elements at ${learningRate}`);
      memory.expectIntact("sgdUpdate");
    };

    it("takes the step for every length", () => {
      for (const length of lengths) check(length, 0.1);
    });

    it.each([0, 1, -3, 1e-12, 1e6])("takes the step with a learning rate of %d", (learningRate) => {
      check(39, learningRate);
    });

    it("keeps NaN and infinities", () => {
      const parameter = floats(dtype, [1, Number.NaN, 1, Number.NEGATIVE_INFINITY]);
      backend().sgdUpdate(parameter, floats(dtype, [Number.NaN, 1, Number.POSITIVE_INFINITY, 1]), 0.5);
      expect([...parameter]).toEqual([
        Number.NaN,
        Number.NaN,
        Number.NEGATIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      ]);
    });
  });
}
