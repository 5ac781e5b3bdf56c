import type { FloatArray } from "../../backend/backend.js";
import type { RunSettings } from "../../runs/settings.js";
import type { EpochMetrics } from "../../training/history.js";
import type { TestedImages } from "./tested-images.js";

/** All that a page tells of a run. Where something is `null`, nobody knows it, and the page goes without. */
export interface ReportedRun {
  readonly name: string;
  readonly settings: RunSettings;
  /** Those that were finished. */
  readonly epochs: readonly EpochMetrics[];
  readonly result: RunResult | null;
  /** The test images, classified again by the trained network. */
  readonly test: TestedImages | null;
  readonly weights: HiddenWeights | null;
  /** Whole sentences about what could not be had, and what to do. */
  readonly notices: readonly string[];
}

/** What the run said of the test set when it ended. */
export interface RunResult {
  /** NaN where it is not a number. */
  readonly testLoss: number;
  readonly testCorrect: number;
  readonly testCount: number;
  /** From the start of the run to its end, data and test included. */
  readonly seconds: number;
  readonly interrupted: boolean;
}

export interface HiddenWeights {
  /** Of the first layer, [n_units, height * width]. */
  readonly weights: FloatArray;
  readonly imageShape: readonly [height: number, width: number];
}
