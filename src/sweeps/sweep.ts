import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { InvalidArgumentError } from "../errors.js";
import { resolvePlaces } from "../runs/config/read-config.js";
import type { TrainConfig } from "../runs/config/schema.js";
import { expectFunction, expectThat, hasFunctions, show } from "../system/expected.js";
import { isOptions, type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import type { Objective, SettingsOf } from "./objective.js";
import {
  type ObjectivePlanOptions,
  planObjective,
  requireSame,
  sweepInFolder,
  sweepInMemory,
} from "./objective-sweep.js";
import { lastOutcomes, type ResultsTable, rankOutcomes, resultsTable } from "./results.js";
import type { Runner, RunOptions, SweepListener } from "./runner.js";
import { inProcessRunner, type ObjectiveRunner } from "./runners/in-process.js";
import type { ScheduledSweep } from "./schedule.js";
import type { Space } from "./space.js";
import { parseSweepConfig, resolvePlacesOf, type SweepConfig } from "./sweep-config.js";
import { createSweepFolder, openSweepFolder, SWEEP_FILE, type SweepFolder } from "./sweep-folder.js";
import type { Outcome } from "./trial.js";

interface SharedOptions<S extends Space> extends SweepListener {
  /** What varies. */
  readonly space: S;
  /** How settings are chosen. Default: all combinations, which takes parameters with values alone. */
  readonly search?: SweepConfig["search"];
  /** Each combination is tried with each of these. */
  readonly seeds?: readonly number[] | undefined;
  /** Whether less of the figure is better or more. */
  readonly mode?: "min" | "max" | undefined;
  /** Ends the sweep: the promise is rejected with the signal's reason. With a folder, calling it again goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** A sweep of a function of one's own. */
export interface ObjectiveSweepOptions<S extends Space = Space> extends SharedOptions<S> {
  /** What is to be small, or with `mode: "max"` large. */
  readonly objective: Objective<NoInfer<S>>;
  /** Default: `inProcessRunner()`, one call after the other. */
  readonly runner?: ObjectiveRunner | undefined;
  /** Whether only the best go on, from `minEpochs` (1) to `maxEpochs`, `factor` (3) times as many at each rung. Default: none. */
  readonly halving?: ObjectivePlanOptions["halving"];
  /** Where outcomes are kept, so that a sweep which has been ended goes on when it is called again. Default: nowhere. */
  readonly folder?: string | undefined;
}

/** A sweep of trainings, each of which is a run as `train --out` keeps it. */
export interface TrainingSweepOptions<S extends Space = Space> extends SharedOptions<S> {
  /** Settings that all trials share, as a configuration file of `train` has them. What varies are paths of settings. */
  readonly train: TrainConfig;
  /** Where the trainings run, such as `localRunner()`: processes of this machine. */
  readonly runner: Runner;
  /** The sweep's folder. Where it holds this sweep already, the sweep goes on. */
  readonly folder: string;
  readonly halving?: SweepConfig["halving"];
  /** The figure that trials are compared by. Default: `validation.loss`. */
  readonly metric?: string | undefined;
}

/** What has come of a trial. */
export interface TrialResult<Settings = SettingsOf<Space>> {
  /** From 0 in the order of the plan. */
  readonly number: number;
  readonly settings: Settings;
  readonly seed: number;
  readonly state: Outcome["state"];
  /** `null` where the trial failed or diverged. */
  readonly value: number | null;
  readonly figures: Outcome["figures"];
  /** The highest rung that it has come to. */
  readonly rung: number;
  readonly epochs: number;
  /** Why it failed, diverged or stopped by itself. */
  readonly reason?: string;
}

export interface SweepResult<Settings = SettingsOf<Space>> {
  /** All, in the order of the plan. */
  readonly trials: readonly TrialResult<Settings>[];
  /** The one with the best figure of those that came to the end; `undefined` where all failed. */
  readonly best: TrialResult<Settings> | undefined;
  /** As `results.csv` has it, which `formatResults` makes of it. */
  readonly results: ResultsTable;
}

const LISTENER: KnownOptions<SweepListener> = {
  onStart: true,
  onProgress: true,
  onOutcome: true,
  onNotice: true,
};
const SHARED = {
  space: true,
  search: true,
  seeds: true,
  mode: true,
  signal: true,
  runner: true,
  folder: true,
  halving: true,
  ...LISTENER,
} as const;
const OF_OBJECTIVE: KnownOptions<ObjectiveSweepOptions> = { ...SHARED, objective: true };
const OF_TRAINING: KnownOptions<TrainingSweepOptions> = { ...SHARED, train: true, metric: true };

/**
 * Tries settings and says which are best. With `objective`, each trial is a call of a function; what that throws, and NaN, are results, too.
 * With `train`, each trial is a training in a process of its own.
 *
 * Which trials there are depends on `space`, `search` and `seeds` alone: trial k is the same everywhere, and stays the same when a random
 * search is told to draw more.
 *
 * @throws InvalidArgumentError or ConfigFormatError when something is not as it must be, before anything runs; with `train`, messages call
 *   the space `parameters`, as a configuration file does.
 * @throws SweepError when the folder is that of another sweep, or in use.
 */
export function sweep<const S extends Space>(
  options: ObjectiveSweepOptions<S>,
): Promise<SweepResult<SettingsOf<S>>>;
export function sweep<const S extends Space>(
  options: TrainingSweepOptions<S>,
): Promise<SweepResult<SettingsOf<S>>>;
export async function sweep(options: ObjectiveSweepOptions | TrainingSweepOptions): Promise<SweepResult> {
  const isTraining = isOptions(options) && "train" in options;
  requireKnownOptions("sweep", options, isTraining ? OF_TRAINING : OF_OBJECTIVE, "{ space, objective }");
  const { signal } = options;
  expectThat(signal === undefined || signal instanceof AbortSignal, "an AbortSignal", "signal", signal);
  for (const name of Object.keys(LISTENER) as (keyof SweepListener)[]) {
    if (options[name] !== undefined) expectFunction(name, options[name]);
  }
  return isTraining
    ? sweepTrainings(options as TrainingSweepOptions)
    : sweepObjective(options as ObjectiveSweepOptions);
}

async function sweepObjective(options: ObjectiveSweepOptions): Promise<SweepResult> {
  const { space, search, seeds, halving, mode, objective, runner = inProcessRunner(), folder } = options;
  expectFunction("objective", objective);
  expectThat(
    hasFunctions(runner, "runObjective"),
    "what calls a function in this process, such as inProcessRunner(),",
    "runner",
    hasFunctions(runner, "run") ? `a runner of trainings: ${(runner as unknown as Runner).name}` : runner,
  );
  requireFolder(folder);
  const asked = { space, search, seeds, halving, mode };
  const plan = await planObjective(asked);
  if (folder === undefined) {
    const held = sweepInMemory(plan);
    await runner.runObjective(held, objective, listenerOf(options));
    return resultOf(held);
  }
  const { sweep: held, release } = await sweepInFolder(folder, plan, asked);
  try {
    await runner.runObjective(held, objective, listenerOf(options));
    return await resultOf(held);
  } finally {
    release();
  }
}

async function sweepTrainings(options: TrainingSweepOptions): Promise<SweepResult> {
  const { train, space, search, seeds, halving, metric, mode, runner, folder } = options;
  expectThat(hasFunctions(runner, "run"), "where trainings run, such as localRunner(),", "runner", runner);
  expectThat(folder !== undefined, "the path of a folder", "folder", folder);
  requireFolder(folder);
  const given = Object.entries({ train, parameters: space, search, seeds, halving, metric, mode });
  const config = await parseSweepConfig(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  const held = await openTrainings(folder, {
    ...config,
    train: resolvePlaces(config.train, process.cwd()),
    parameters: resolvePlacesOf(config.parameters, process.cwd()),
  });
  await runner.run(held, listenerOf(options));
  return resultOf(held);
}

/** The folder of this sweep, or a new one. */
async function openTrainings(folder: string, config: SweepConfig): Promise<SweepFolder> {
  if (!existsSync(join(folder, SWEEP_FILE))) return createSweepFolder(folder, config);
  const held = await openSweepFolder(folder);
  requireSame(resolve(folder), held.config, JSON.parse(JSON.stringify(config)));
  return held;
}

function requireFolder(folder: unknown): void {
  const isPath = folder === undefined || (typeof folder === "string" && folder !== "");
  if (!isPath)
    throw new InvalidArgumentError(`Expected the path of a folder for folder but received ${show(folder)}.`);
}

function listenerOf({ onStart, onProgress, onOutcome, onNotice, signal }: RunOptions): RunOptions {
  return {
    ...(onStart && { onStart }),
    ...(onProgress && { onProgress }),
    ...(onOutcome && { onOutcome }),
    ...(onNotice && { onNotice }),
    signal,
  };
}

async function resultOf(held: ScheduledSweep): Promise<SweepResult> {
  const { plan } = held;
  const outcomes = await held.outcomes();
  const last = lastOutcomes(outcomes);
  const trials = plan.trials.flatMap(({ number, settings: all, seed }): TrialResult[] => {
    const outcome = last.get(number);
    if (outcome === undefined) return [];
    const { trial: _, seconds: __, ...about } = outcome;
    const { seed: ___, ...settings } = all;
    return [{ number, settings: settings as SettingsOf<Space>, seed, ...about }];
  });
  const [first] = rankOutcomes(plan, outcomes);
  return {
    trials,
    best: trials.find(({ number }) => number === first?.trial),
    results: resultsTable(plan, outcomes),
  };
}
