import { describe, expect, it } from "vitest";
import { epochFlop, median, speedOf } from "../../../src/report/page/speed.js";
import { sampleEpochs } from "../figures/sample-data.js";

const chapter = { train: 55_000, validation: 5_000, test: 10_000 };

describe("epochFlop", () => {
  it("counts the chapter's epoch: 8.79 GFLOP of training and 4.76 of evaluation", () => {
    const layers = [784, 50, 10];
    expect(epochFlop(layers, { ...chapter, validation: -55_000 })).toBe(55_000 * 159_800);
    expect(epochFlop(layers, chapter)).toBe(55_000 * 159_800 + 60_000 * 79_400);
  });

  it("counts 6 operations for each weight beyond the first layer, and 4 in it", () => {
    const counts = { train: 1, validation: -1, test: 0 };
    expect(epochFlop([3, 5], counts)).toBe(4 * 15);
    expect(epochFlop([3, 5, 7, 2], counts)).toBe(4 * 15 + 6 * (35 + 14));
  });
});

describe("speedOf", () => {
  const environment = { processor: null, processors: 1, platform: null, node: null, peakGflops: 100 };

  it("goes by the median epoch", () => {
    const speed = speedOf(sampleEpochs(3), { layers: [784, 50, 10], examples: chapter, environment });
    expect(speed?.secondsPerEpoch).toBe(0.76);
    expect(speed?.imagesPerSecond).toBeCloseTo(55_000 / 0.76);
    expect(speed?.gflops).toBeCloseTo(epochFlop([784, 50, 10], chapter) / 0.76 / 1e9);
    expect(speed?.shareOfPeak).toBeCloseTo((speed?.gflops ?? Number.NaN) / 100);
  });

  it("leaves out what is not known", () => {
    expect(speedOf([], { layers: [2, 2], examples: chapter, environment })).toBeNull();
    const speed = speedOf(sampleEpochs(1), { layers: [2, 2], examples: null, environment: null });
    expect(speed).toEqual({ secondsPerEpoch: 0.75, imagesPerSecond: null, gflops: null, shareOfPeak: null });
  });
});

describe("median", () => {
  it("is the middle value, or the mean of the two in the middle", () => {
    expect(median([])).toBeNull();
    expect(median([3])).toBe(3);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 2])).toBe(3.5);
  });
});
