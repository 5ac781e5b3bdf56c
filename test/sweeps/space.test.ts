import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combinationOfGrid, countCombinations, drawCombination, type Space } from "../../src/sweeps/space.js";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const numbers = fc.integer({ min: 0, max: 99_999 });

describe("a grid", () => {
  const space: Space = { a: { values: [1, 2] }, b: { values: ["x", "y", "z"] } };

  it("has all combinations, the last parameter changing first", () => {
    expect(countCombinations(space)).toBe(6);
    const all = Array.from({ length: 6 }, (_, i) => combinationOfGrid(space, i));
    expect(all).toEqual([
      { a: 1, b: "x" },
      { a: 1, b: "y" },
      { a: 1, b: "z" },
      { a: 2, b: "x" },
      { a: 2, b: "y" },
      { a: 2, b: "z" },
    ]);
    expect(Object.keys(all[0] ?? {})).toEqual(["a", "b"]);
  });

  it("has each combination once, whatever the sizes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), (sizes) => {
        const sized = Object.fromEntries(
          sizes.map((size, i) => [`p${i}`, { values: Array.from({ length: size }, (_, j) => j) }]),
        );
        const count = countCombinations(sized);
        const all = Array.from({ length: count }, (_, i) => JSON.stringify(combinationOfGrid(sized, i)));
        expect(count).toBe(sizes.reduce((product, size) => product * size, 1));
        expect(new Set(all).size).toBe(count);
      }),
    );
  });

  it("has no end where a parameter has a range", () => {
    expect(countCombinations({ a: { distribution: "uniform", min: 0, max: 1 } })).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});

describe("a combination that is drawn", () => {
  const space: Space = {
    rate: { distribution: "logUniform", min: 1e-4, max: 1 },
    momentum: { distribution: "uniform", min: 0.5, max: 0.75 },
    units: { distribution: "integer", min: 3, max: 9 },
    name: { distribution: "choice", values: ["a", "b", "c"] },
    flag: { values: [true, false] },
  };

  it("stays as it is with other parameters beside, in any order", () => {
    const names = Object.keys(space);
    fc.assert(
      fc.property(seeds, numbers, fc.shuffledSubarray(names, { minLength: 1 }), (seed, combination, some) => {
        const all = drawCombination(space, { seed, combination });
        const fewer = Object.fromEntries(some.flatMap((name) => (space[name] ? [[name, space[name]]] : [])));
        const drawn = drawCombination(fewer, { seed, combination });
        expect(drawn).toEqual(Object.fromEntries(some.map((name) => [name, all[name]])));
        expect(Object.keys(drawn)).toEqual(some);
      }),
    );
  });

  it("keeps to its bounds, whatever they are", () => {
    const positive = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });
    const finite = fc.double({ min: -1e300, max: 1e300, noNaN: true });
    const integer = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
    const ranges = fc.oneof(
      fc.tuple(fc.constant("logUniform" as const), positive, positive),
      fc.tuple(fc.constant("uniform" as const), finite, finite),
      fc.tuple(fc.constant("integer" as const), integer, integer),
    );
    fc.assert(
      fc.property(ranges, seeds, numbers, ([distribution, a, b], seed, combination) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const { x } = drawCombination({ x: { distribution, min, max } }, { seed, combination });
        expect(x).toBeGreaterThanOrEqual(min);
        expect(x).toBeLessThanOrEqual(max);
        if (distribution === "integer") expect(x).toSatisfy(Number.isSafeInteger);
      }),
    );
  });

  const count = 20_000;
  const draws = (parameter: Space[string]) =>
    Array.from({ length: count }, (_, combination) =>
      Number(drawCombination({ x: parameter }, { seed: 1, combination }).x),
    );

  /** Kolmogorov's and Smirnov's largest difference from the uniform distribution over [0, 1]. */
  function largestDifference(values: readonly number[]): number {
    return [...values]
      .sort((a, b) => a - b)
      .reduce((most, u, i) => Math.max(most, Math.abs(u - i / count), Math.abs((i + 1) / count - u)), 0);
  }
  const critical = 1.95 / Math.sqrt(count); // At a level of 0.1 %; the draws are the same every time.

  it("is uniform over a range", () => {
    const values = draws({ distribution: "uniform", min: -2, max: 6 });
    expect(largestDifference(values.map((x) => (x + 2) / 8))).toBeLessThan(critical);
  });

  it("is uniform by its logarithm", () => {
    const values = draws({ distribution: "logUniform", min: 1e-5, max: 10 });
    const shares = values.map((x) => (Math.log10(x) + 5) / 6);
    expect(largestDifference(shares)).toBeLessThan(critical);
    expect(largestDifference(values.map((x) => x / 10))).toBeGreaterThan(critical);
  });

  it("has every whole number of a range, the ends as often as the others", () => {
    const values = draws({ distribution: "integer", min: -1, max: 2 });
    const expected = count / 4;
    const squares = [-1, 0, 1, 2].map((value) => {
      const observed = values.filter((one) => one === value).length;
      return (observed - expected) ** 2 / expected;
    });
    expect(squares.reduce((sum, square) => sum + square)).toBeLessThan(16.27); // Chi-squared, 3 degrees, 0.1 %.
  });

  it("is the same in every version: these have been drawn before", () => {
    expect(drawCombination(space, { seed: 123, combination: 7 })).toMatchInlineSnapshot(`
      {
        "flag": false,
        "momentum": 0.5515117794135886,
        "name": "c",
        "rate": 0.00012356913665813947,
        "units": 3,
      }
    `);
  });
});
