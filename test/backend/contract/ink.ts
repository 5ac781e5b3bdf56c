import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, DType, InkLists } from "../../../src/backend/backend.js";
import { InvalidArgumentError } from "../../../src/errors.js";
import { wholeLines } from "../../../src/tensor/tensor.js";
import { floats, randomFloats, sameBytes } from "../../support/guarded-memory.js";
import { inkyImages } from "./descent.js";

/** @param others A backend of another kind that lists ink, where this machine has one. */
export function describeInk(backend: () => Backend, dtype: DType, others: () => Backend | null): void {
  const given = (shape: { count: number; width: number; ink: number }, units: number) => {
    const images = inkyImages({ ...shape, units });
    const stride = wholeLines(units, dtype);
    return {
      ...images,
      units,
      stride,
      weight: randomFloats(dtype, shape.width * stride, 1).map((value, e) =>
        e % stride < units ? value : 0,
      ),
      delta: randomFloats(dtype, shape.count * units, 2),
      bias: randomFloats(dtype, units, 3),
    };
  };

  /** What each operation on images writes with these lists. */
  const compute = (args: ReturnType<typeof given>, ink: InkLists | null) => {
    const { images, rows, width, scale, offset, units, stride, delta } = args;
    const x = { images, rows, width, scale, offset, ink, units };
    const [weight, bias] = [args.weight.slice(), args.bias.slice()];
    const out = floats(dtype, rows.length * units);
    const gradient = floats(dtype, width * stride);
    backend().imageLinear({ ...x, weight, ldw: stride, bias, activation: "sigmoid", out });
    backend().imageGradient({ ...x, delta, out: gradient, ldo: stride });
    backend().imageDescent({ ...x, delta, learningRate: 0.1, weight, ldw: stride, bias });
    return [out, gradient, weight, bias];
  };

  describe("lists of ink", () => {
    it("change no bit of a result, whatever the shape", () => {
      const anyShape = fc.record({
        count: fc.integer({ min: 0, max: 300 }),
        width: fc.integer({ min: 1, max: 900 }),
        ink: fc.integer({ min: 0, max: 39 }),
      });
      let listed = 0;
      fc.assert(
        fc.property(anyShape, fc.integer({ min: 0, max: 70 }), (shape, units) => {
          const args = given(shape, units);
          const ink = backend().listInk(args.images, args.width);
          if (ink !== null) listed++;
          const expected = compute(args, null);
          for (const [i, array] of compute(args, ink).entries()) {
            expect(sameBytes(array, expected[i] as typeof array), `output ${i}`).toBe(true);
          }
        }),
        { numRuns: 60 },
      );
      expect(listed > 0).toBe(backend().name === "native");
    });

    it("are null where there is little background, and of images that another thread might change", () => {
      expect(backend().listInk(new Uint8Array(784).fill(1), 784)).toBeNull();
      expect(backend().listInk(new Uint8Array(new SharedArrayBuffer(784)), 784)).toBeNull();
    });

    it("say whose they are, and cannot be made to say otherwise", () => {
      const images = new Uint8Array(100);
      const ink = backend().listInk(images, 25);
      if (backend().name === "js") return expect(ink).toBeNull();
      expect(ink).toMatchObject({ images, width: 25 });
      expect(Object.isFrozen(ink)).toBe(true);
    });

    it("may be of no images", () => {
      const args = given({ count: 0, width: 9, ink: 0 }, 3);
      const images = new Uint8Array(0);
      expect(() => compute({ ...args, images }, backend().listInk(images, 9))).not.toThrow();
    });

    const args = given({ count: 5, width: 20, ink: 10 }, 3);
    const { images, width } = args;
    const handleOf = (ink: InkLists | null) => ink?.handle ?? {};
    const wrong: Readonly<Record<string, () => unknown>> = {
      "of other images": () =>
        backend().listInk(new Uint8Array(220), 20) ?? { images: new Uint8Array(220), width },
      "of images alike": () => backend().listInk(images.slice(), 20) ?? { images: images.slice(), width },
      "of another view of these images": () =>
        backend().listInk(images.subarray(), 20) ?? { images: images.subarray() },
      "of another width": () => backend().listInk(images, 10) ?? { images, width: 10 },
      "of another kind of backend": () => others()?.listInk(images, width) ?? { images, width, handle: {} },
      "with the handle of other images": () => ({
        images,
        width,
        handle: handleOf(backend().listInk(new Uint8Array(220), 20)),
      }),
      "copied from right ones": () => ({ images, width, handle: handleOf(backend().listInk(images, width)) }),
      "that inherit from right ones": () => Object.create(backend().listInk(images, width)),
      "behind a proxy": () => new Proxy(backend().listInk(images, width) ?? {}, {}),
      "sent through a channel": () => structuredClone(backend().listInk(images, width) ?? {}),
      "with an empty object for a handle": () => ({ images, width, handle: {} }),
      "with null for a handle": () => ({ images, width, handle: null }),
      "that are the handle": () => handleOf(backend().listInk(images, width)),
      "left out": () => undefined,
    };
    it.each(Object.entries(wrong))("%s are refused, and nothing is written", (_, make) => {
      const ink = make() as InkLists;
      const { rows, scale, offset, units, stride: ldw, delta } = args;
      const x = { images, rows, width, scale, offset, ink, units };
      const [weight, bias] = [args.weight.slice(), args.bias.slice()];
      const out = floats(dtype, rows.length * units);
      const gradient = floats(dtype, width * ldw);
      const calls: Readonly<Record<string, () => void>> = {
        imageLinear: () => backend().imageLinear({ ...x, weight, ldw, bias, activation: "sigmoid", out }),
        imageGradient: () => backend().imageGradient({ ...x, delta, out: gradient, ldo: ldw }),
        imageDescent: () => backend().imageDescent({ ...x, delta, learningRate: 0.1, weight, ldw, bias }),
      };
      for (const [name, call] of Object.entries(calls)) {
        expect(call).toThrow(InvalidArgumentError);
        expect(call).toThrow(
          `${name}: expected for ink what listInk of this backend returned for these images, or null, but received something else.`,
        );
      }
      expect([...out, ...gradient].every((value) => value === 0)).toBe(true);
      expect(sameBytes(weight, args.weight) && sameBytes(bias, args.bias)).toBe(true);
    });
  });
}
