import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../src/errors.js";
import { wilsonInterval } from "../../src/metrics/wilson-interval.js";
import { golden } from "./golden.js";

describe("wilsonInterval", () => {
  it.each(golden.wilson)("is SciPy's for $successes of $trials", ({ successes, trials, lower, upper }) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.lower).toBeCloseTo(lower, 13);
    expect(interval.upper).toBeCloseTo(upper, 13);
  });

  it("ends at exactly 0 and 1 where nothing or everything succeeded", () => {
    expect(wilsonInterval(0, 7).lower).toBe(0);
    expect(wilsonInterval(7, 7).upper).toBe(1);
  });

  it("knows nothing without a trial", () => {
    expect(wilsonInterval(0, 0)).toEqual({ lower: 0, upper: 1 });
  });

  it.each([
    [5, 4],
    [-1, 4],
    [0.5, 4],
    [0, -1],
    [0, Number.NaN],
  ])("refuses %s successes of %s", (successes, trials) => {
    expect(() => wilsonInterval(successes, trials)).toThrow(InvalidArgumentError);
  });
});
