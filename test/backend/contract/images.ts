import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, DType, FloatArray } from "../../../src/backend/backend.js";
import { wholeLines } from "../../../src/tensor/tensor.js";
import { floats, GuardedMemory, randomFloats, randomIntegers } from "../../support/guarded-memory.js";
import { expectClose, referenceImageGradient, referenceImageLinear } from "../../support/reference.js";

interface Case {
  readonly count: number;
  readonly width: number;
  readonly units: number;
  /** The share of pixels that are not background, in percent. */
  readonly ink: number;
}

const IMAGES = 7;

export function describeImages(backend: () => Backend, dtype: DType): void {
  const given = (memory: GuardedMemory, { count, width, ink }: Case) => {
    const next = randomIntegers(count * width + ink);
    const image = () => (next() % 100 < ink ? 1 + (next() % 255) : 0);
    return {
      images: memory.input(Uint8Array.from({ length: IMAGES * width }, image)),
      rows: memory.input(Int32Array.from({ length: count }, () => next() % IMAGES)),
      width,
      scale: 2 / 255,
      offset: -1,
    };
  };

  /** Values in rows of `units`, each followed by something else up to whole lines. */
  const byInputs = (values: FloatArray, units: number, between = Number.NaN) => {
    const stride = wholeLines(units, dtype);
    const rows = units === 0 ? 0 : values.length / units;
    return floats(dtype, rows * stride).map((_, e) =>
      e % stride < units ? (values[Math.floor(e / stride) * units + (e % stride)] as number) : between,
    );
  };

  const checkLinear = (shape: Case) => {
    const { count, width, units } = shape;
    const memory = new GuardedMemory();
    const args = {
      ...given(memory, shape),
      units,
      weight: memory.input(byInputs(randomFloats(dtype, units * width, 1), units)),
      ldw: wholeLines(units, dtype),
      ink: null,
      bias: units % 2 === 0 ? null : memory.input(randomFloats(dtype, units, 2)),
      activation: "identity" as const,
      out: memory.output(floats(dtype, count * units).fill(Number.NaN)),
    };
    backend().imageLinear(args);
    expectClose(args.out, referenceImageLinear(args), `imageLinear of ${JSON.stringify(shape)}`);
    memory.expectIntact("imageLinear");
  };

  const checkGradient = (shape: Case) => {
    const { count, width, units } = shape;
    const memory = new GuardedMemory();
    const args = {
      ...given(memory, shape),
      units,
      delta: memory.input(randomFloats(dtype, count * units, 3)),
      out: memory.output(byInputs(floats(dtype, units * width).fill(Number.NaN), units, 0)),
      ldo: wholeLines(units, dtype),
      ink: null,
    };
    backend().imageGradient(args);
    expectClose(args.out, referenceImageGradient(args), `imageGradient of ${JSON.stringify(shape)}`);
    memory.expectIntact("imageGradient");
  };

  const shapes = [
    { count: 100, width: 784, units: 50 },
    { count: 33, width: 785, units: 10 },
    { count: 1, width: 784, units: 50 },
    { count: 400, width: 263, units: 7 },
    { count: 3, width: 100, units: 300 },
    { count: 0, width: 9, units: 4 },
    { count: 4, width: 9, units: 0 },
  ];
  const cases = shapes.flatMap((shape) => [0, 19, 60, 100].map((ink) => ({ ...shape, ink })));
  const anyCase = fc.record({
    count: fc.integer({ min: 0, max: 40 }),
    width: fc.integer({ min: 1, max: 130 }),
    units: fc.integer({ min: 0, max: 70 }),
    ink: fc.integer({ min: 0, max: 100 }),
  });

  describe("imageLinear", () => {
    it.each(cases)(
      "is a layer on $count images of $width pixels, $ink % ink, with $units units",
      checkLinear,
    );

    it("is a layer for any shape and any share of ink", () => {
      fc.assert(fc.property(anyCase, checkLinear), { numRuns: 150 });
    });

    it.each([10, 90])("applies the sigmoid, with %i % ink", (ink) => {
      const shape = { count: 9, width: 50, units: 11, ink };
      const args = {
        ...given(new GuardedMemory(), shape),
        units: 11,
        weight: byInputs(randomFloats(dtype, 550, 1), 11),
        ldw: 16,
        ink: null,
        bias: null,
      };
      const z = floats(dtype, 99);
      const a = floats(dtype, 99);
      backend().imageLinear({ ...args, activation: "identity", out: z });
      backend().imageLinear({ ...args, activation: "sigmoid", out: a });
      const tolerance = dtype === "float32" ? 5e-7 : 1e-15;
      for (const [i, value] of z.entries()) {
        expect(Math.abs((a[i] as number) - 1 / (1 + Math.exp(-value)))).toBeLessThanOrEqual(tolerance);
      }
    });
  });

  describe("imageGradient", () => {
    it.each(cases)(
      "is the gradient of $units units on $count images of $width pixels, $ink % ink",
      checkGradient,
    );

    it("is the gradient for any shape and any share of ink", () => {
      fc.assert(fc.property(anyCase, checkGradient), { numRuns: 150 });
    });
  });
}
