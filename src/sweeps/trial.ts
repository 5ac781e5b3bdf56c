import type { TrainConfig } from "../runs/config/schema.js";

/** A value of a setting, as a configuration file can have it. */
export type SettingValue = string | number | boolean | null | readonly SettingValue[] | SettingMap;

export interface SettingMap {
  readonly [name: string]: SettingValue;
}

/** Settings by their paths in a configuration, such as `optimizer.momentum` or `layers.0.units`. */
export type Settings = Readonly<Record<string, SettingValue>>;

/** One training of a sweep: a function of the sweep's configuration and of its number alone, and so the same everywhere. */
export interface Trial {
  /** From 0 in the order of the plan. */
  readonly number: number;
  /** What varies, and what it is in this trial. */
  readonly settings: Settings;
  /** Of weights and shuffling. */
  readonly seed: number;
  /** What `train` would be told, whole: all settings that the trials share, with this trial's over them. */
  readonly config: TrainConfig;
}

/**
 * A part of a trial that is run in one go. Where nothing is halved, there is one for each trial; otherwise a trial goes on from rung to
 * rung, each with more epochs, for as long as it is among the best (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and
 * Hyperparameter Optimization", 2016).
 */
export interface Task {
  readonly trial: number;
  /** From 0. */
  readonly rung: number;
  /** After how many epochs of the trial, counted from its beginning, the task ends. */
  readonly epochs: number;
}

/** What has come of a task. A training that has failed is a result, too. */
export interface Outcome {
  readonly trial: number;
  readonly rung: number;
  /**
   * `trained`: all epochs of the task, or fewer where the training stopped by itself. `diverged`: its numbers grew without end.
   * `failed`: it cannot be trained, or its process died again and again.
   */
  readonly state: "trained" | "diverged" | "failed";
  /** How many the trial has had. */
  readonly epochs: number;
  /** The figure that trials are compared by, of the model that is kept; `null` where there is none, or where it is no finite number. */
  readonly value: number | null;
  /** Of the model that is kept, by the names that `monitor` has, such as `validation.accuracy`, and `test.loss` and `test.accuracy`. */
  readonly figures: Readonly<Record<string, number | null>>;
  /** Why the training stopped before its last epoch, diverged or failed. */
  readonly reason?: string;
  /** That it took, which no table compares. */
  readonly seconds: number;
}
