import { readFileSync } from "node:fs";

/** What `scripts/record-metrics.py` writes. */
export interface GoldenMetrics {
  readonly classification: readonly ({
    readonly name: string;
    readonly classes: number;
    readonly labels: readonly number[];
    readonly predictions: readonly number[];
    readonly byWeight: GoldenClassification & { readonly weights: readonly number[] };
  } & GoldenClassification)[];
  readonly regression: readonly {
    readonly name: string;
    readonly outputs: number;
    /** [n_examples * outputs], and so are the predictions. */
    readonly targets: readonly number[];
    readonly predictions: readonly number[];
    readonly scores: GoldenRegression;
    readonly weights: readonly number[];
    readonly weighted: GoldenRegression;
  }[];
  readonly calibration: readonly {
    readonly name: string;
    readonly bins: number;
    readonly confidences: readonly number[];
    readonly correct: readonly boolean[];
    readonly counts: readonly number[];
    /** Of the bins that are not empty, and so is the next. */
    readonly accuracies: readonly number[];
    readonly meanConfidences: readonly number[];
    readonly expectedCalibrationError: number;
  }[];
  readonly wilson: readonly {
    readonly successes: number;
    readonly trials: number;
    readonly lower: number;
    readonly upper: number;
  }[];
}

export interface GoldenClassification {
  readonly confusionMatrix: readonly (readonly number[])[];
  readonly perClass: GoldenScores<readonly number[]> & { readonly support: readonly number[] };
  readonly macro: GoldenScores<number>;
  readonly weighted: GoldenScores<number>;
  readonly accuracy: number;
}

/** Of each score the average over the outputs, and that of each output. */
export type GoldenRegression = Readonly<
  Record<
    "meanAbsoluteError" | "meanSquaredError" | "rootMeanSquaredError" | "r2",
    readonly [average: number, perOutput: readonly number[]]
  >
>;

export interface GoldenScores<T> {
  readonly precision: T;
  readonly recall: T;
  readonly f1: T;
}

export const golden = JSON.parse(
  readFileSync(new URL("../golden/metrics.json", import.meta.url), "utf8"),
) as GoldenMetrics;
