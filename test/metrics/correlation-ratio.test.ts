import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { correlationRatio } from "../../src/metrics/correlation-ratio.js";
import { averageRanks, spearman } from "../../src/metrics/rank-correlation.js";

interface Golden {
  readonly correlationRatios: readonly {
    readonly values: readonly number[];
    readonly groups: readonly number[];
    readonly etaSquared: number;
    readonly epsilonSquared: number;
  }[];
  readonly rankCorrelations: readonly {
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly ranks: readonly number[];
    readonly spearman: number;
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("../golden/importance.json", import.meta.url), "utf8"),
);

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 4, maxLength: 40 });

describe("correlationRatio", () => {
  it.each(golden.correlationRatios.map((one, i) => [i, one] as const))(
    "is that of SciPy's and scikit-learn's F, example %i",
    (_, { values, groups, etaSquared, epsilonSquared }) => {
      const found = correlationRatio(values, groups);
      expect(found.etaSquared).toBeCloseTo(etaSquared, 9);
      expect(found.epsilonSquared).toBeCloseTo(epsilonSquared, 9);
    },
  );

  it("comes out as by hand", () => {
    // Means 2 and 5 around 3.5: 4 (1.5)² = 9 between, 1 within.
    const { etaSquared, epsilonSquared } = correlationRatio([1.5, 2.5, 4.5, 5.5], [0, 0, 1, 1]);
    expect(etaSquared).toBeCloseTo(0.9, 12);
    expect(epsilonSquared).toBeCloseTo(1 - (0.1 * 3) / 2, 12);
  });

  it("does not depend on the unit, on the order, or on what groups are called", () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 1000 }), (values, scale) => {
        fc.pre(new Set(values.map((value) => value.toPrecision(3))).size > 1);
        const groups = values.map((_, i) => i % 3);
        const { etaSquared } = correlationRatio(values, groups);
        expect(etaSquared).toBeGreaterThanOrEqual(0);
        expect(etaSquared).toBeLessThanOrEqual(1);
        const others = [
          correlationRatio(
            values.map((value) => value * -scale),
            groups,
          ),
          correlationRatio(values.toReversed(), groups.toReversed()),
          correlationRatio(
            values,
            groups.map((group) => 10 - 2 * group),
          ),
        ];
        for (const other of others) expect(other.etaSquared).toBeCloseTo(etaSquared, 9);
      }),
    );
  });

  it("holds out at the ends of the range of numbers", () => {
    expect(correlationRatio([1e308, 1.1e308, -1e308, -1.1e308], [0, 0, 1, 1]).etaSquared).toBeGreaterThan(
      0.9,
    );
    expect(correlationRatio([1e-308, 1.1e-308, 3e-308, 3.1e-308], [0, 0, 1, 1]).etaSquared).toBeGreaterThan(
      0.9,
    );
  });

  it("is not a number where there is nothing to explain, or nothing to compare by", () => {
    expect(correlationRatio([0.1, 0.1, 0.1], [0, 1, 1]).etaSquared).toBeNaN();
    expect(correlationRatio([1, 2, 3], [0, 1, 2]).epsilonSquared).toBeNaN();
  });
});

describe("spearman", () => {
  it.each(golden.rankCorrelations.map((one, i) => [i, one] as const))(
    "and the ranks are SciPy's, example %i",
    (_, { x, y, ranks, spearman: expected }) => {
      expect(averageRanks(x)).toEqual(ranks);
      expect(spearman(x, y)).toBeCloseTo(expected, 12);
    },
  );

  it("is 1 for what grows together, -1 for its opposite, and not a number for what stays", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -100, max: 100 }), { minLength: 2 }), (x) => {
        const y = x.map((value) => value ** 3);
        expect(spearman(x, y)).toBeCloseTo(1, 12);
        expect(
          spearman(
            x,
            y.map((value) => -value),
          ),
        ).toBeCloseTo(-1, 12);
      }),
    );
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNaN();
  });
});
