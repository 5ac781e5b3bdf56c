import type { Plan } from "../../sweeps/plan.js";
import { lastOutcomes, rankOutcomes } from "../../sweeps/results.js";
import type { Outcome, SettingValue, Trial } from "../../sweeps/trial.js";
import { printable } from "../../system/printable.js";
import { significant } from "../../training/history.js";

const MOST_SHOWN = 5;

/** How many trials have come to what, and how many to nothing yet. */
export function countsOf(plan: Pick<Plan, "trials">, outcomes: readonly Outcome[]) {
  const last = [...lastOutcomes(outcomes).values()];
  const count = (state: Outcome["state"]) => last.filter((outcome) => outcome.state === state).length;
  return {
    trained: count("trained"),
    diverged: count("diverged"),
    failed: count("failed"),
    open: plan.trials.length - last.length,
  };
}

/**
 * How much of a sweep is done, or left, in words: by trials where each is one task, else by tasks, as a trial that has a result may go on.
 *
 * @param tasksLeft As `sweepStatus` counts them.
 */
export function progressInWords(
  plan: Plan,
  outcomes: readonly Outcome[],
  tasksLeft: number,
): { readonly done: string; readonly left: string } {
  if (plan.rungs.length === 1) {
    const [all, { open }] = [plan.trials.length, countsOf(plan, outcomes)];
    return {
      done: `${all - open} of ${all} trials have a result`,
      left: `${open} of ${all} trials ${open === 1 ? "is" : "are"} still to be trained`,
    };
  }
  const all = `${plan.isAsynchronous ? "about " : ""}${outcomes.length + tasksLeft}`;
  return {
    done: `${outcomes.length} of ${all} tasks have ended`,
    left: `${tasksLeft} of ${all} tasks ${tasksLeft === 1 ? "is" : "are"} left, a task being a trial at a rung`,
  };
}

/**
 * A short table of the best trials, and how many there are of which kind. Of the test set it tells nothing, so that nobody chooses by it, but
 * for the best in a line of its own.
 */
export function bestTrials(plan: Plan, outcomes: readonly Outcome[]): readonly string[] {
  const best = rankOutcomes(plan, outcomes).slice(0, MOST_SHOWN);
  const { trained, diverged, failed } = countsOf(plan, outcomes);
  const counts = [
    [trained, "trained"],
    [diverged, "diverged"],
    [failed, "failed"],
  ] as const;
  const words = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const summary = `Trials: ${words.length === 0 ? "none has ended" : words.join(", ")}.`;
  if (best.length === 0) return [summary];
  const header = ["trial", ...plan.varied, "epochs", plan.metric];
  const rows = best.map((outcome) => [
    String(outcome.trial),
    ...plan.varied.map((path) => settingInWords(plan.trials[outcome.trial] as Trial, path)),
    String(outcome.epochs),
    figure(outcome.value),
  ]);
  return [summary, ...aligned([header, ...rows]), ...testLine(best[0])];
}

function testLine(best: Outcome | undefined): readonly string[] {
  const figures = ["test.accuracy", "test.loss"].flatMap((name) => {
    const value = best?.figures[name];
    return value === undefined ? [] : [`${name} ${figure(value)}`];
  });
  return best === undefined || figures.length === 0
    ? []
    : [`The best, trial ${best.trial}, by the test set: ${figures.join(", ")}.`];
}

/** What a trial's settings are, in words: `learningRate 0.1, seed 3`. */
export function settingsInWords({ varied, trials }: Pick<Plan, "varied" | "trials">, trial: number): string {
  return varied.map((path) => `${path} ${settingInWords(trials[trial] as Trial, path)}`).join(", ");
}

/** What varies, as a table shows it. */
export function settingInWords({ settings, seed }: Trial, path: string): string {
  const value = path === "seed" ? (settings.seed ?? seed) : settings[path];
  return value === undefined ? "" : valueInWords(value);
}

const DIGITS = 6;

function valueInWords(value: SettingValue): string {
  if (typeof value === "number") return String(Number(value.toPrecision(DIGITS)));
  return printable(typeof value === "string" ? value : JSON.stringify(value));
}

export function figure(value: number | null): string {
  return value === null ? "–" : significant(value);
}

/** Lines of a table whose columns stand below each other. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
