import { describe, expect, it } from "vitest";
import { plateauInWords, stoppingInWords, stoppingOptions } from "../../src/runs/stopping-options.js";

describe("what config.json says of early stopping and the like", () => {
  it("is nothing where there is none, or something else", () => {
    for (const config of [{}, { earlyStopping: 3, reduceOnPlateau: "yes", timeLimit: "soon" }]) {
      expect(stoppingOptions(config)).toEqual({});
      expect(stoppingInWords(config)).toBeNull();
      expect(plateauInWords(config)).toBeNull();
    }
  });

  it("leaves out defaults in the options", () => {
    const config = {
      monitor: "validation.loss",
      earlyStopping: { patience: 5, minDelta: 0, restoreBestWeights: true },
    };
    expect(stoppingOptions(config)).toEqual({ "early-stopping": "5" });
    expect(stoppingInWords(config)).toBe(
      "after 5 epochs without a gain in validation.loss, with the weights of the best",
    );
  });

  it("has the library's defaults where a file leaves them out", () => {
    const config = { earlyStopping: {}, reduceOnPlateau: {} };
    expect(stoppingOptions(config)).toEqual({ "early-stopping": "10", "reduce-on-plateau": "factor=0.1" });
    expect(plateauInWords(config)).toBe("by validation.loss");
  });

  it("is told by options and in words", () => {
    const config = {
      monitor: "validation.f1Macro",
      earlyStopping: { patience: 5, minDelta: 0.01, restoreBestWeights: false },
      reduceOnPlateau: { factor: 0.5, minLr: 1e-5, thresholdMode: "abs" },
      timeLimit: 90,
    };
    expect(stoppingOptions(config)).toEqual({
      "early-stopping": "5",
      "min-delta": "0.01",
      "restore-best": false,
      "reduce-on-plateau": "factor=0.5,min-lr=0.00001,threshold-mode=abs",
      monitor: "validation.f1Macro",
      "time-limit": "90",
    });
    expect(stoppingInWords(config)).toBe(
      "after 5 epochs without a gain of more than 0.01 in validation.f1Macro; after 90 s",
    );
    expect(plateauInWords(config)).toBe(
      "factor 0.5, minLr 0.00001, thresholdMode abs, by validation.f1Macro",
    );
  });
});
