import { expect, it } from "vitest";
import { meanAndDeviation } from "../../src/index.js";

it("meanAndDeviation is that of a sample", () => {
  // statistics.mean and statistics.stdev of Python.
  const { mean, standardDeviation } = meanAndDeviation([0.91, 0.94, 0.9, 0.97, 0.93]);
  expect(mean).toBeCloseTo(0.93, 14);
  expect(standardDeviation).toBeCloseTo(0.02738612787525828, 14);
});

it("meanAndDeviation has no deviation of one number, and no mean of none", () => {
  expect(meanAndDeviation([3])).toEqual({ mean: 3, standardDeviation: Number.NaN });
  expect(meanAndDeviation([]).mean).toBeNaN();
});
