import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Histogram, histogramOf } from "../../../src/interchange/tensorboard/histogram.js";

interface Recorded {
  readonly numbers: readonly number[];
  /** Those that have any: where they end, and how many there are. */
  readonly buckets: readonly (readonly [limit: number, count: number])[];
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

const { histograms } = JSON.parse(
  readFileSync(new URL("../../golden/tensorboard/recorded.json", import.meta.url), "utf8"),
) as { readonly histograms: readonly Recorded[] };

const full = ({ limits, counts }: Histogram) =>
  limits.map((limit, i) => [limit, counts[i]]).filter(([, count]) => count !== 0);

describe("a histogram", () => {
  it.each(histograms)("has the buckets that NumPy finds, of $numbers.length numbers", (recorded) => {
    const histogram = histogramOf(Float64Array.from(recorded.numbers)) as Histogram;
    expect(full(histogram)).toEqual(recorded.buckets);
    const { min, max, count, sum, sumOfSquares } = histogram;
    expect([min, max, count]).toEqual([recorded.min, recorded.max, recorded.numbers.length]);
    const size = recorded.numbers.reduce((total, number) => total + Math.abs(number), 0);
    expect(Math.abs(sum - recorded.sum)).toBeLessThanOrEqual(1e-14 * size);
    expect(Math.abs(sumOfSquares - recorded.sumOfSquares)).toBeLessThanOrEqual(1e-14 * recorded.sumOfSquares);
  });

  it("puts every number between two limits, and joins empty buckets", () => {
    const large = fc.double({ noNaN: true, noDefaultInfinity: true });
    const usual = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.oneof(large, usual), { minLength: 1, maxLength: 30 }), (numbers) => {
        const { limits, counts } = histogramOf(Float64Array.from(numbers)) as Histogram;
        const ends = [...limits.entries()];
        const found = limits.map((limit, i) => {
          const isIn = (number: number) => number < limit && (i === 0 || number >= (limits[i - 1] as number));
          return numbers.filter((number) => isIn(number) || (number === limit && limit === Number.MAX_VALUE))
            .length;
        });
        expect(counts).toEqual(found);
        for (const [i, limit] of ends.slice(1)) {
          expect(limit).toBeGreaterThan(limits[i - 1] as number);
          expect([counts[i], counts[i - 1]]).not.toEqual([0, 0]);
        }
      }),
    );
  });

  it("leaves out what is not finite, and is none of no numbers", () => {
    const odd = Float32Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    expect(histogramOf(odd)).toEqual(histogramOf(Float32Array.of(1)));
    expect(histogramOf(odd.filter((number) => number !== 1))).toBeUndefined();
    expect(histogramOf(new Float32Array(0))).toBeUndefined();
  });
});
