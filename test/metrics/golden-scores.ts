import { readFileSync } from "node:fs";

/** Figures of scores, without or with weights; `null` where they are not defined. */
export interface GoldenFigures {
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly adjustedBalancedAccuracy: number | null;
  readonly top1: number;
  readonly top2: number;
  readonly top3: number;
  readonly logLoss: number;
  /** Of the scores in single precision. */
  readonly logLossOfFloats: number;
  readonly cohenKappa: number | null;
  readonly matthewsCorrelation: number;
  readonly calibrationError: number;
  readonly rocAuc: number | null;
  readonly rocAucWeighted: number | null;
  readonly averagePrecision: number;
  readonly averagePrecisionWeighted: number;
  /** By `"macro 0 occurring"`: the average, `zero_division`, and whether it is over the classes that occur or over all. */
  readonly averages: Readonly<Record<string, readonly [precision: number, recall: number, f1: number]>>;
}

export interface GoldenScoresCase {
  readonly name: string;
  /** Scores of an example. */
  readonly width: number;
  readonly labels: readonly number[];
  /** [n_examples * width] */
  readonly scores: readonly number[];
  readonly predictions: readonly number[];
  readonly weights: readonly number[];
  readonly plain: GoldenFigures;
  readonly weighted: GoldenFigures;
}

/** What `scripts/record-scores.py` wrote. */
export const goldenScores: { readonly cases: readonly GoldenScoresCase[] } = JSON.parse(
  readFileSync(new URL("../golden/scores.json", import.meta.url), "utf8"),
);
