import { describe, expect, it } from "vitest";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import {
  expectedCalibrationError,
  predictionConfidences,
  reliabilityBins,
} from "../../src/metrics/calibration.js";
import { golden } from "./golden.js";

const DIGITS = 14;

describe("reliabilityBins and expectedCalibrationError", () => {
  it.each(golden.calibration)("are as recorded: $name", ({ confidences, correct, ...expected }) => {
    const bins = reliabilityBins(Float64Array.from(confidences), correct, { bins: expected.bins });
    expect(bins.map(({ count }) => count)).toEqual(expected.counts);
    const filled = bins.filter(({ count }) => count > 0);
    for (const [i, bin] of filled.entries()) {
      expect(bin.accuracy).toBeCloseTo(expected.accuracies[i] ?? Number.NaN, DIGITS);
      expect(bin.confidence).toBeCloseTo(expected.meanConfidences[i] ?? Number.NaN, DIGITS);
    }
    expect(expectedCalibrationError(bins)).toBeCloseTo(expected.expectedCalibrationError, DIGITS);
  });

  it("have 15 bins of equal width by default, without a gap from 0 to 1", () => {
    const bins = reliabilityBins([], []);
    expect(bins.length).toBe(15);
    expect(bins[0]?.lower).toBe(0);
    expect(bins[14]?.upper).toBe(1);
    for (const [i, { lower, upper }] of bins.entries()) {
      expect(upper - lower).toBeCloseTo(1 / 15, DIGITS);
      expect(lower).toBe(i === 0 ? 0 : bins[i - 1]?.upper);
    }
  });

  it("hold nothing, and no error, where there is no example", () => {
    const bins = reliabilityBins([], [], { bins: 2 });
    expect(bins).toEqual([
      { lower: 0, upper: 0.5, count: 0, confidence: null, accuracy: null },
      { lower: 0.5, upper: 1, count: 0, confidence: null, accuracy: null },
    ]);
    expect(expectedCalibrationError(bins)).toBe(0);
  });

  it("find no error in a network that is right as often as it says", () => {
    const bins = reliabilityBins([0.25, 0.25, 0.25, 0.25, 1, 1], [true, false, false, false, true, true]);
    expect(expectedCalibrationError(bins)).toBe(0);
  });

  it.each([-0.01, 1.01, Number.NaN, Number.POSITIVE_INFINITY])("refuse the confidence %s", (confidence) => {
    expect(() => reliabilityBins([0.5, confidence], [true, true])).toThrow(InvalidArgumentError);
    expect(() => reliabilityBins([0.5, confidence], [true, true])).toThrow(`${confidence} at position 1`);
  });

  it.each([0, 2.5, Number.NaN])("refuse %s bins", (bins) => {
    expect(() => reliabilityBins([], [], { bins })).toThrow(InvalidArgumentError);
  });

  it("refuse more confidences than predictions", () => {
    expect(() => reliabilityBins([0.5, 0.5], [true])).toThrow(ShapeError);
  });
});

describe("predictionConfidences", () => {
  it("are the largest activation of each row, not normalised", () => {
    const activations = Float32Array.of(0.5, 0.25, 0.125, 0.75, 0.75, 1);
    expect([...predictionConfidences(activations, 3)]).toEqual([0.5, 1]);
    expect([...predictionConfidences(activations, 1)]).toEqual([...activations]);
  });

  it("are NaN where an activation is", () => {
    expect([...predictionConfidences([0.5, Number.NaN, 0.25, 0.5], 2)]).toEqual([Number.NaN, 0.5]);
  });

  it("refuse activations that do not fill whole rows", () => {
    expect(() => predictionConfidences([0.5, 0.5, 0.5], 2)).toThrow(ShapeError);
  });

  it("refuse 0 classes", () => {
    expect(() => predictionConfidences([], 0)).toThrow(InvalidArgumentError);
  });
});
