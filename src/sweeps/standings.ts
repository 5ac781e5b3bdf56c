import { meanAndDeviation } from "../metrics/mean-and-deviation.js";
import { canGoOn, hasStopped } from "./halving.js";
import type { Plan } from "./plan.js";
import { lastOutcomes, rankOutcomes } from "./results.js";
import type { Outcome, SettingValue, Trial } from "./trial.js";

/** Where a trial stands by the outcomes that there are. */
export interface Standing {
  readonly trial: Trial;
  /** Of the last rung that it has come to an end of; `null` where it has come to none. */
  readonly outcome: Outcome | null;
}

/** What has come of a task that was trained, with the figure that trials are compared by. */
export type ValuedOutcome = Outcome & { readonly value: number };

/** A trial that has a value to be compared by. */
export interface RankedTrial extends Standing {
  readonly outcome: ValuedOutcome;
  /** That of its outcome; of a training that has stopped by itself the last one, because it has all the epochs that it will have. */
  readonly rung: number;
}

/** A mean over seeds. */
export interface SeedMean {
  readonly rung: number;
  /** What it is of: the outcomes of seeds there, or those by which they stopped by themselves. */
  readonly outcomes: readonly [ValuedOutcome, ...ValuedOutcome[]];
  readonly mean: number;
  /** Of a sample: with n - 1, Bessel's correction; `null` of a single seed. */
  readonly standardDeviation: number | null;
}

/** Trials with the same settings and different seeds. Its mean is at the highest rung that all `trials` have a value of. */
export interface RankedSettings extends SeedMean {
  /** Those with a value, the one that came furthest first, and of several the best. */
  readonly trials: readonly [RankedTrial, ...RankedTrial[]];
  /** How many trials the plan has of these settings. */
  readonly seeds: number;
  /** Of those seeds that went on beyond the others, a mean for each rung that they came to. */
  readonly further: readonly SeedMean[];
}

/** What a setting is in a trial; `seed` is that of weights and shuffling. */
export function valueOfSetting(trial: Trial, setting: string): SettingValue {
  return setting in trial.settings
    ? (trial.settings[setting] ?? null)
    : setting === "seed"
      ? trial.seed
      : null;
}

/** All trials of a plan, in its order. */
export function standings(plan: Plan, outcomes: readonly Outcome[]): readonly Standing[] {
  const last = lastOutcomes(outcomes);
  return plan.trials.map((trial) => ({ trial, outcome: last.get(trial.number) ?? null }));
}

/** Trials with a value, in the order of `rankOutcomes`. */
export function rankTrials(plan: Plan, outcomes: readonly Outcome[]): readonly RankedTrial[] {
  return rankOutcomes(plan, outcomes).flatMap((outcome) => {
    const trial = plan.trials[outcome.trial];
    if (trial === undefined || !canGoOn(outcome)) return [];
    return [{ trial, outcome, rung: hasStopped(plan, outcome) ? plan.rungs.length - 1 : outcome.rung }];
  });
}

/**
 * Settings, best first by the mean over their seeds, at the highest rung that all of these have a value of. Those of a higher rung stand
 * before others, whatever one seed has come to by itself; and those of which all seeds have a value before those of which some have none.
 */
export function rankSettings(plan: Plan, outcomes: readonly Outcome[]): readonly RankedSettings[] {
  const names = plan.varied.filter((name) => name !== "seed");
  const keyOf = (trial: Trial) => JSON.stringify(names.map((name) => valueOfSetting(trial, name)));
  const seeds = new Map<string, number>();
  for (const trial of plan.trials) seeds.set(keyOf(trial), (seeds.get(keyOf(trial)) ?? 0) + 1);
  const groups = new Map<string, [RankedTrial, ...RankedTrial[]]>();
  for (const trial of rankTrials(plan, outcomes)) {
    const key = keyOf(trial.trial);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [trial]);
    else group.push(trial);
  }
  const sign = plan.mode === "min" ? 1 : -1;
  const had = new Map(
    outcomes.filter(canGoOn).map((outcome) => [`${outcome.trial}/${outcome.rung}`, outcome]),
  );
  const missing = ({ seeds, trials }: RankedSettings) => Math.sign(seeds - trials.length);
  return [...groups]
    .map(([key, trials]): RankedSettings => {
      const rung = Math.min(...trials.map(({ rung }) => rung));
      return {
        trials,
        seeds: seeds.get(key) ?? trials.length,
        ...seedMean(trials, rung, had),
        further: [...plan.rungs.keys()].slice(rung + 1).flatMap((later) => {
          // A training that has stopped by itself has nothing new to tell of later rungs.
          const [first, ...others] = trials.filter(({ trial }) => had.has(`${trial.number}/${later}`));
          return first === undefined ? [] : [seedMean([first, ...others], later, had)];
        }),
      };
    })
    .sort(
      (a, b) =>
        missing(a) - missing(b) ||
        b.rung - a.rung ||
        sign * (a.mean - b.mean) ||
        a.trials[0].trial.number - b.trials[0].trial.number,
    );
}

/** @param had Outcomes with a value, by trial and rung; of a training that has stopped by itself before the rung, its last one counts. */
function seedMean(
  [first, ...others]: RankedSettings["trials"],
  rung: number,
  had: ReadonlyMap<string, ValuedOutcome>,
): SeedMean {
  const at = ({ trial, outcome }: RankedTrial) => had.get(`${trial.number}/${rung}`) ?? outcome;
  const outcomes = [at(first), ...others.map(at)] as const;
  const { mean, standardDeviation } = meanAndDeviation(outcomes.map(({ value }) => value));
  return { rung, outcomes, mean, standardDeviation: outcomes.length < 2 ? null : standardDeviation };
}
