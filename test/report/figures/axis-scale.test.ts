import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { niceScale, tickFormat } from "../../../src/report/figures/axis-scale.js";

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe("niceScale", () => {
  it("holds all values, in few steps of a round size", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
        const [least, most] = [Math.min(...values), Math.max(...values)];
        const { min, max, interval } = niceScale(values);
        const slack = interval * 1e-6;
        expect(min).toBeLessThanOrEqual(least + slack);
        expect(max).toBeGreaterThanOrEqual(most - slack);
        const steps = (max - min) / interval;
        expect(steps).toBeCloseTo(Math.round(steps), 4);
        expect(steps).toBeGreaterThan(0.5);
        expect(steps).toBeLessThan(9.5);
        const [first] = interval.toExponential(9);
        expect(["1", "2", "5", "9"]).toContain(first);
      }),
    );
  });

  it.each([
    [[0, 50], {}, { min: 0, max: 50, interval: 10 }],
    [[76.2, 95.6], {}, { min: 75, max: 100, interval: 5 }],
    [[0, 2], { minInterval: 1 }, { min: 0, max: 2, interval: 1 }],
    [[0, 0.0499], {}, { min: 0, max: 0.05, interval: 0.01 }],
    [[], {}, { min: 0, max: 1, interval: 0.2 }],
    [[0], {}, { min: 0, max: 1, interval: 0.2 }],
    [[100, 100], { limit: 100 }, { min: 98, max: 100, interval: 0.5 }],
  ])("of %j with %j is %j", (values, options, expected) => {
    const scale = niceScale(values, options);
    expect(scale.min).toBe(expected.min);
    expect(scale.max).toBe(expected.max);
    expect(scale.interval).toBeCloseTo(expected.interval, 12);
  });
});

describe("tickFormat", () => {
  it.each([
    [10, 120, "120"],
    [0.01, 0.05, "0.05"],
    [0.05, 0.1, "0.10"],
    [0.2, 1, "1.0"],
    [20_000, 120_000, "120,000"],
    [2e-8, 4e-8, "4e-8"],
  ])("writes, for ticks %s apart, %s as %s", (interval, tick, text) => {
    expect(tickFormat(interval)(tick)).toBe(text);
  });
});
