import { correlationRatio } from "../metrics/correlation-ratio.js";
import { averageRanks, spearman } from "../metrics/rank-correlation.js";
import type { Plan } from "./plan.js";
import { valueOfSetting } from "./standings.js";
import type { Outcome, SettingValue } from "./trial.js";

/** How much the settings of a sweep matter, each by itself. */
export interface Importance {
  /** Trials that are compared with each other: those with a value at the end of the first rung. */
  readonly trials: number;
  /** Trials that came to that end without a value: failed, diverged, or with a figure that is no finite number. */
  readonly leftOut: number;
  /** After how many epochs they are compared. */
  readonly epochs: number;
  /** In the order of the plan. */
  readonly settings: readonly SettingImportance[];
}

export interface SettingImportance {
  readonly setting: string;
  /**
   * ε², the share of the metric's variation that the setting explains by itself, without what chance adds: at most 1, and 0 or less where it
   * explains no more than chance. `null` where it cannot be told.
   */
  readonly share: number | null;
  /** η², the same with what chance adds. */
  readonly etaSquared: number | null;
  /** Spearman's ρ of a setting that is a number and the metric: above 0 where both grow together. A seed has none: its numbers are names. */
  readonly direction: number | null;
  /** From the least number to the largest; of other values in the order in which trials have them. */
  readonly groups: readonly ValueGroup[];
  /** Why the share cannot be told, in a sentence. */
  readonly unknown?: string;
}

/** Trials with a value of a setting, or with numbers that are near each other. */
export interface ValueGroup {
  /** From the least. */
  readonly values: readonly SettingValue[];
  readonly trials: number;
  /** Of the metric. */
  readonly mean: number;
}

/** Fewer trials tell nothing. */
const LEAST_TRIALS = 6;
/** What is left in a group on average, at the least. */
const TRIALS_PER_GROUP = 2;
/** Numbers with more different values than this are drawn ones: they are cut into groups of about as many trials. */
const MOST_NUMBERS = 10;
const MOST_QUANTILES = 5;
const TRIALS_PER_QUANTILE = 4;

/**
 * How much of the metric's variation each setting explains by itself: the correlation ratio between groups of its values, corrected for chance.
 * Numbers that were drawn are cut at their quantiles into up to five groups. What two settings do together is in none of the shares,
 * so that they need not add up to 1.
 *
 * Under halving, trials are compared at the end of the first rung alone: all have had as many epochs there, and all come to it, while later ones
 * have only what was good already.
 *
 * Source: the share of a main effect in an analysis of variance, as in F. Hutter, H. Hoos and K. Leyton-Brown, "An efficient approach for
 * assessing hyperparameter importance" (2014), taken of the trials themselves instead of a model of them.
 */
export function settingImportance(plan: Plan, outcomes: readonly Outcome[]): Importance {
  const first = new Map(outcomes.filter(({ rung }) => rung === 0).map((outcome) => [outcome.trial, outcome]));
  const compared = plan.trials.flatMap((trial) => {
    const outcome = first.get(trial.number);
    const value = outcome?.state === "trained" ? outcome.value : null;
    return value === null || !Number.isFinite(value) ? [] : [{ trial, value }];
  });
  const values = compared.map(({ value }) => value);
  return {
    trials: compared.length,
    leftOut: first.size - compared.length,
    epochs: plan.rungs[0]?.epochs ?? 0,
    settings: plan.varied.map((setting) => ({
      setting,
      ...importanceOf(
        // The numbers of seeds have no order: 2 is no nearer to 1 than 7 is.
        compared.map(({ trial }) =>
          setting === "seed" ? String(trial.seed) : valueOfSetting(trial, setting),
        ),
        values,
      ),
    })),
  };
}

/**
 * The importance of one setting.
 *
 * @param settings What the setting is in each trial, [n].
 * @param values The metric of each trial, [n], finite.
 */
export function importanceOf(
  settings: readonly SettingValue[],
  values: readonly number[],
): Omit<SettingImportance, "setting"> {
  const groupOf = groupsOf(settings);
  const groups = describeGroups(settings, values, groupOf);
  const unknown = whyUnknown(settings, values, groups.length);
  if (unknown !== undefined) return { share: null, etaSquared: null, direction: null, groups, unknown };
  const { etaSquared, epsilonSquared } = correlationRatio(values, groupOf);
  const direction = areNumbers(settings) ? spearman(settings, values) : null;
  return { share: epsilonSquared, etaSquared, direction, groups };
}

function whyUnknown(
  settings: readonly SettingValue[],
  values: readonly number[],
  groups: number,
): string | undefined {
  const n = values.length;
  if (n < LEAST_TRIALS) {
    return `There are ${n} trials to compare, and fewer than ${LEAST_TRIALS} tell nothing.`;
  }
  if (new Set(settings.map(keyOf)).size < 2) return "It is the same in all trials that can be compared.";
  if (values.every((value) => value === values[0])) return "All trials have the same value of the metric.";
  if (n < TRIALS_PER_GROUP * groups) {
    return `It has ${groups} values in ${n} trials, and fewer than ${TRIALS_PER_GROUP} trials of each tell nothing.`;
  }
  return undefined;
}

/** The group of each trial, by a number. */
function groupsOf(settings: readonly SettingValue[]): readonly number[] {
  const keys = settings.map(keyOf);
  const different = [...new Set(keys)];
  const n = settings.length;
  if (
    areNumbers(settings) &&
    (different.length > MOST_NUMBERS || different.length * TRIALS_PER_GROUP > n) &&
    different.length > 2
  ) {
    const quantiles = Math.max(2, Math.min(MOST_QUANTILES, Math.floor(n / TRIALS_PER_QUANTILE)));
    // Those that are the same have the same rank, and so stay together.
    return averageRanks(settings).map((rank) => Math.floor((quantiles * (rank - 0.5)) / n));
  }
  const places = new Map(different.map((key, place) => [key, place]));
  return keys.map((key) => places.get(key) ?? 0);
}

function describeGroups(
  settings: readonly SettingValue[],
  values: readonly number[],
  groupOf: readonly number[],
): readonly ValueGroup[] {
  const members = new Map<number, number[]>();
  for (const [i, group] of groupOf.entries()) members.set(group, [...(members.get(group) ?? []), i]);
  const groups = [...members.values()].map((ofGroup) => {
    const own = new Map(ofGroup.map((i) => [keyOf(settings[i] ?? null), settings[i] ?? null]));
    const mean = ofGroup.reduce((sum, i) => sum + (values[i] ?? Number.NaN) / ofGroup.length, 0);
    return { values: [...own.values()].sort(byNumber), trials: ofGroup.length, mean };
  });
  return groups.sort((a, b) => byNumber(a.values[0] ?? null, b.values[0] ?? null));
}

function byNumber(a: SettingValue, b: SettingValue): number {
  return typeof a === "number" && typeof b === "number" ? a - b : 0;
}

function keyOf(value: SettingValue): string {
  return JSON.stringify(value);
}

function areNumbers(settings: readonly SettingValue[]): settings is readonly number[] {
  return settings.every((value) => typeof value === "number");
}
