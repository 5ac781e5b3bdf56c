import type { FloatArray } from "../../backend/backend.js";
import { hasImages } from "../../data/dataset.js";
import type { RegressionReport } from "../../metrics/regression.js";
import { exampleWord, type RunSettings } from "../../runs/settings.js";
import type { EpochMetrics } from "../../training/history.js";
import type { PredictedValues } from "../../training/score-values.js";
import type { TestedClasses } from "./tested-images.js";

/** All that a page tells of a run. Where something is `null`, nobody knows it, and the page goes without. */
export interface ReportedRun {
  readonly name: string;
  readonly settings: RunSettings;
  /** Those that were finished. */
  readonly epochs: readonly EpochMetrics[];
  readonly result: RunResult | null;
  /** The test examples, classified again by the trained network; `null` where it learned values, too. */
  readonly test: TestedClasses | null;
  /** The test values, predicted again by a network that learned values. */
  readonly values?: PredictedValues | null;
  readonly weights: HiddenWeights | null;
  /** Whole sentences about what could not be had, and what to do. */
  readonly notices: readonly string[];
}

/** What the run said of the test set when it ended. */
export interface RunResult {
  /** NaN where it is not a number. */
  readonly testLoss: number;
  /** NaN where values are learned. */
  readonly testCorrect: number;
  /** Where values are learned. */
  readonly testScores?: RegressionReport;
  /** 0 where the run was interrupted and not tested. */
  readonly testCount: number;
  /** From the start of the run to its end, data and test included. */
  readonly seconds: number;
  readonly interrupted: boolean;
  /** Why it ended before its last epoch; left out where it did not. */
  readonly stopReason?: string;
}

export interface HiddenWeights {
  /** Of the first layer, [n_units, height * width]. */
  readonly weights: FloatArray;
  readonly imageShape: readonly [height: number, width: number];
}

/** What an example of the run's data is called. */
export function nounOf({ settings, test }: Pick<ReportedRun, "settings" | "test">): "image" | "row" {
  if (test === null) return exampleWord(settings);
  return hasImages(test.dataset) ? "image" : "row";
}
