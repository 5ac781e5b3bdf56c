import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, DType, FloatArray } from "../../../src/backend/backend.js";
import { wholeLines } from "../../../src/tensor/tensor.js";
import {
  floats,
  GuardedMemory,
  randomFloats,
  randomIntegers,
  sameBytes,
} from "../../support/guarded-memory.js";

interface Case {
  readonly count: number;
  readonly width: number;
  readonly units: number;
  /** Of images: the share of pixels that are not background, in percent. */
  readonly ink: number;
}

const IMAGES = 11;
const RATE = 0.3;

/** Numbers in `width` rows of whole lines, with zeros behind the units, where a network has them. */
function weights(dtype: DType, { width, units }: Case, seed: number): FloatArray {
  const stride = wholeLines(units, dtype);
  return randomFloats(dtype, width * stride, seed).map((value, e) => (e % stride < units ? value : 0));
}

/** Images, of which some pixels have ink, and rows of them. */
export function inkyImages({ count, width, ink }: Case) {
  const next = randomIntegers(count * width + ink);
  const images = Uint8Array.from({ length: IMAGES * width }, () =>
    next() % 100 < ink ? 1 + (next() % 255) : 0,
  );
  const rows = Int32Array.from({ length: count }, () => next() % IMAGES);
  return { images, rows, width, scale: 2 / 255, offset: -1 };
}

export function describeDescent(backend: () => Backend, dtype: DType): void {
  /** What a descent must leave: the gradient and the sums of columns by themselves, and a step of each. */
  const stepApart = (shape: Case, delta: FloatArray, gradient: FloatArray) => {
    const weight = weights(dtype, shape, 1);
    const bias = randomFloats(dtype, shape.units, 2);
    const sums = floats(dtype, shape.units);
    backend().columnSums({ x: delta, rows: shape.count, columns: shape.units, out: sums });
    backend().sgdUpdate(weight, gradient, RATE);
    backend().sgdUpdate(bias, sums, RATE);
    return { weight, bias };
  };

  const expectSame = (
    what: string,
    shape: Case,
    actual: readonly FloatArray[],
    expected: readonly FloatArray[],
  ) => {
    const different = actual.findIndex((array, i) => !sameBytes(array, expected[i] as FloatArray));
    expect(different, `${what} of ${JSON.stringify(shape)}: the number of the parameter that differs`).toBe(
      -1,
    );
  };

  const checkLinear = (shape: Case) => {
    const { count: examples, width: inputs, units } = shape;
    const memory = new GuardedMemory();
    const x = memory.input(randomFloats(dtype, examples * inputs, 3));
    const delta = memory.input(randomFloats(dtype, examples * units, 4));
    const [weight, bias] = [
      memory.output(weights(dtype, shape, 1)),
      memory.output(randomFloats(dtype, units, 2)),
    ];
    const ldw = wholeLines(units, dtype);
    backend().linearDescent({ x, delta, examples, inputs, units, learningRate: RATE, weight, ldw, bias });
    memory.expectIntact("linearDescent");

    const gradient = floats(dtype, inputs * ldw);
    backend().gemm({
      ...{ transposeA: true, transposeB: false, m: inputs, n: units, k: examples, alpha: 1, beta: 0 },
      ...{
        a: x,
        lda: inputs,
        b: delta,
        ldb: units,
        c: gradient,
        ldc: ldw,
        bias: null,
        activation: "identity",
      },
    });
    const expected = stepApart(shape, delta, gradient);
    expectSame("linearDescent", shape, [weight, bias], [expected.weight, expected.bias]);
  };

  const checkImages = (shape: Case) => {
    const { count, units, width } = shape;
    const memory = new GuardedMemory();
    const { images, rows, ...scaled } = inkyImages(shape);
    const given = { ...scaled, images: memory.input(images), rows: memory.input(rows), units };
    const delta = memory.input(randomFloats(dtype, count * units, 4));
    const ldw = wholeLines(units, dtype);
    for (const ink of [null, backend().listInk(given.images, width)]) {
      const [weight, bias] = [
        memory.output(weights(dtype, shape, 1)),
        memory.output(randomFloats(dtype, units, 2)),
      ];
      backend().imageDescent({ ...given, ink, delta, learningRate: RATE, weight, ldw, bias });
      memory.expectIntact("imageDescent");

      const gradient = floats(dtype, width * ldw);
      backend().imageGradient({ ...given, ink, delta, out: gradient, ldo: ldw });
      const expected = stepApart(shape, delta, gradient);
      expectSame("imageDescent", shape, [weight, bias], [expected.weight, expected.bias]);
    }
  };

  const shapes = [
    { count: 100, width: 784, units: 50 },
    { count: 100, width: 50, units: 10 },
    { count: 1, width: 784, units: 300 },
    { count: 129, width: 97, units: 17 },
    { count: 257, width: 300, units: 7 },
    { count: 0, width: 9, units: 4 },
    { count: 4, width: 9, units: 0 },
    { count: 3, width: 1, units: 1 },
  ];
  const anyCase = fc.record({
    count: fc.integer({ min: 0, max: 150 }),
    width: fc.integer({ min: 1, max: 130 }),
    units: fc.integer({ min: 0, max: 70 }),
    ink: fc.integer({ min: 0, max: 100 }),
  });

  describe("linearDescent", () => {
    it.each(shapes)(
      "has the bits of gemm, columnSums and sgdUpdate: $count x $width, $units units",
      (shape) => checkLinear({ ...shape, ink: 0 }),
    );

    it("has these bits for any shape, no inputs included", () => {
      checkLinear({ count: 3, width: 0, units: 4, ink: 0 });
      fc.assert(fc.property(anyCase, checkLinear), { numRuns: 100 });
    });
  });

  describe("imageDescent", () => {
    const cases = shapes.flatMap((shape) => [0, 19, 60, 100].map((ink) => ({ ...shape, ink })));
    it.each(cases)(
      "has the bits of imageGradient, columnSums and sgdUpdate: $count x $width, $ink % ink, $units units",
      checkImages,
    );

    it("has these bits for any shape and any share of ink", () => {
      fc.assert(fc.property(anyCase, checkImages), { numRuns: 100 });
    });
  });
}
