import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Backend, DType } from "../../../src/backend/backend.js";
import { floats, GuardedMemory, randomFloats, sameBytes } from "../../support/guarded-memory.js";
import { expectClose, expected } from "../../support/reference.js";

const word = 2n ** 32n;

/** Philox4x32-10 as its paper defines it, in whole numbers of any size. */
export function philoxReference(counter: readonly bigint[], key: readonly bigint[]): bigint[] {
  let [c0, c1, c2, c3] = counter as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const [p0, p1] = [0xd2511f53n * c0, 0xcd9e8d57n * c2];
    [c0, c1, c2, c3] = [(p1 / word) ^ c1 ^ k0, p1 % word, (p0 / word) ^ c3 ^ k1, p0 % word];
    [k0, k1] = [(k0 + 0x9e3779b9n) % word, (k1 + 0xbb67ae85n) % word];
  }
  return [c0, c1, c2, c3];
}

interface Mask {
  readonly length: number;
  readonly rate: number;
  readonly seed: number;
  readonly stream: number;
  readonly draw: number;
}

function stays({ length, rate, seed, stream, draw }: Mask): boolean[] {
  const [low, high] = [BigInt(draw) % word, BigInt(draw) / word];
  const blocks = Array.from({ length: Math.ceil(length / 4) }, (_, block) =>
    philoxReference([BigInt(block), 0n, low, high], [BigInt(seed), BigInt(stream)]),
  );
  const words = blocks.flat().slice(0, length);
  return words.map((random) => Number(random) >= rate * 2 ** 32);
}

const anyWord = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1));
const anyMask: fc.Arbitrary<Mask> = fc.record({
  length: fc.oneof(fc.integer({ min: 0, max: 70 }), fc.constantFrom(127, 128, 129, 300)),
  rate: fc.oneof(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.constantFrom(0, 0.5)),
  seed: anyWord,
  stream: anyWord,
  draw: fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER)),
});

export function describeDropout(backend: () => Backend, dtype: DType): void {
  describe("dropout", () => {
    it("leaves out what its random numbers say, and scales what stays", () => {
      fc.assert(
        fc.property(anyMask, (mask) => {
          const { length, ...rest } = mask;
          const memory = new GuardedMemory();
          const x = memory.input(randomFloats(dtype, length, length));
          const out = memory.output(floats(dtype, length).fill(Number.NaN));
          backend().dropout({ x, out, ...rest });
          const kept = stays(mask);
          const scaled = expected(length, dtype, 4, (i) => {
            const value = kept[i] ? (x[i] as number) / (1 - mask.rate) : 0;
            return { value, magnitude: Math.abs(value) };
          });
          expectClose(out, scaled, `dropout of ${JSON.stringify(mask)}`);
          const onto = memory.output(x);
          backend().dropout({ x: onto, out: onto, ...rest });
          expect(sameBytes(onto, out)).toBe(true);
          memory.expectIntact("dropout");
        }),
        { numRuns: 150 },
      );
    });

    // The first of Random123's known answers for Philox4x32-10: all of counter and key 0.
    it.each([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])(
      "keeps an element whose number %i is at least the rate, and no other",
      (answer) => {
        const index = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8].indexOf(answer);
        const keeps = (rate: number) => {
          const out = floats(dtype, 4);
          const x = floats(dtype, 4).fill(1);
          backend().dropout({ x, out, rate, seed: 0, stream: 0, draw: 0 });
          return (out[index] as number) > 0;
        };
        expect(keeps(answer / 2 ** 32)).toBe(true);
        expect(keeps((answer + 1) / 2 ** 32)).toBe(false);
      },
    );

    it("of a part is that part of the dropout of all", () => {
      const anyPart = fc.record({
        length: fc.integer({ min: 0, max: 300 }),
        first: fc.integer({ min: 0, max: 100 }).map((block) => 4 * block),
      });
      fc.assert(
        fc.property(anyPart, ({ length, first }) => {
          const mask = { rate: 0.4, seed: 7, stream: 3, draw: 2 ** 33 + 1 };
          const x = randomFloats(dtype, first + length, length);
          const [whole, part] = [floats(dtype, first + length), floats(dtype, length)];
          backend().dropout({ x, out: whole, ...mask });
          backend().dropout({ x: x.subarray(first), out: part, ...mask, first });
          expect(sameBytes(part, whole.subarray(first))).toBe(true);
        }),
        { numRuns: 60 },
      );
      const all = floats(dtype, 4).fill(1);
      const far = floats(dtype, 4);
      backend().dropout({ x: all, out: far, rate: 0.5, seed: 9, stream: 1, draw: 2, first: 2 ** 34 + 4 });
      const words = philoxReference([1n, 1n, 2n, 0n], [9n, 1n]);
      expect([...far].map((value) => value > 0)).toEqual(words.map((random) => random >= word / 2n));
    });

    it("keeps about as many as it should, differently for each seed, stream and draw", () => {
      const length = 40_000;
      const x = floats(dtype, length).fill(1);
      const of = (changed: Partial<Mask>) => {
        const out = floats(dtype, length);
        backend().dropout({ x, out, rate: 0.2, seed: 1, stream: 1, draw: 1, ...changed });
        return out;
      };
      const masks = [of({}), of({ seed: 2 }), of({ stream: 2 }), of({ draw: 2 }), of({ draw: 2 ** 32 + 1 })];
      for (const [i, mask] of masks.entries()) {
        const kept = mask.filter((value) => value > 0).length / length;
        expect(Math.abs(kept - 0.8)).toBeLessThan(0.01); // Five times the standard deviation.
        for (const other of masks.slice(0, i)) {
          const alike = mask.filter((value, at) => value === other[at]).length / length;
          expect(Math.abs(alike - 0.68)).toBeLessThan(0.012);
        }
      }
    });

    it("puts 0 for what is left out, whatever it was, and keeps everything at a rate of 0", () => {
      const spoilt = floats(dtype, 64).fill(Number.NaN);
      const out = floats(dtype, 64);
      backend().dropout({ x: spoilt, out, rate: 0.5, seed: 5, stream: 0, draw: 0 });
      expect(new Set([...out])).toEqual(new Set([0, Number.NaN]));
      const x = randomFloats(dtype, 65, 1);
      const same = floats(dtype, 65);
      backend().dropout({ x, out: same, rate: 0, seed: 5, stream: 0, draw: 0 });
      expect(sameBytes(same, x)).toBe(true);
    });
  });
}
