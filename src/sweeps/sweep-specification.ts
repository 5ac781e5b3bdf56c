import type { TrainConfig } from "../runs/config/schema.js";
import type { Space } from "./space.js";

/** What `sweep FILE` reads, JSON or YAML, with the file of `config` taken in as `train`. */
export interface SweepConfig {
  /** Settings that all trials share. */
  readonly train: TrainConfig;
  /** What varies, by paths of settings such as `learningRate`, `optimizer.momentum` and `layers.0.units`. */
  readonly parameters: Space;
  /** Each combination of settings is trained with each of these. Default: the one that `train` has. */
  readonly seeds?: readonly number[];
  /** How settings are chosen. Default: all combinations. */
  readonly search?:
    | { readonly type: "grid" }
    | {
        readonly type: "random";
        /** How many combinations are drawn. */
        readonly trials: number;
        /** Default: 123. */
        readonly seed?: number;
      };
  /** Whether only the best go on: scikit-learn's names. Default: all trials have all epochs. */
  readonly halving?: {
    /** `synchronous`: a rung begins when the one before has ended; `asynchronous`: ASHA (Li et al., 2020). */
    readonly type: "synchronous" | "asynchronous";
    /** Of the first rung. Default: 1. */
    readonly minEpochs?: number;
    /** Of so many the best one goes on. Default: 3. */
    readonly factor?: number;
  };
  /** The figure that trials are compared by, as `monitor`. Default: `validation.loss`. */
  readonly metric?: string;
  /** Default: what the figure is made for. */
  readonly mode?: "min" | "max";
}
