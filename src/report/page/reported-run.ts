import type { FloatArray } from "../../backend/backend.js";
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

/** What was asked for, and what the run was made on. */
export interface RunSettings {
  /** Units of every layer, the inputs first. */
  readonly layers: readonly number[];
  /** As many as were asked for. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly splitSeed: number | null;
  readonly dataset: string | null;
  readonly split: string | null;
  readonly dtype: string | null;
  readonly backend: string | null;
  readonly kernelSet: string | null;
  readonly threads: number | null;
  /** Of the package. */
  readonly version: string | null;
  /** A name for each class; `null`: their numbers. */
  readonly classNames: readonly string[] | null;
  readonly imageShape: readonly [height: number, width: number] | null;
  readonly examples: ExampleCounts | null;
  readonly environment: Environment | null;
  /** What follows `mnist-native` on the command line that makes the run again. */
  readonly command: readonly string[];
}

export interface ExampleCounts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** The machine that the run was made on. */
export interface Environment {
  readonly processor: string | null;
  /** Logical processors that the process could use. */
  readonly processors: number | null;
  readonly platform: string | null;
  /** Node.js, with its `v`. */
  readonly node: string | null;
  /** The most that the kernels' instructions can do on the run's threads, 1e9 operations a second. */
  readonly peakGflops: number | null;
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
