import { byValue, canGoOn, hasStopped } from "./halving.js";
import type { Plan } from "./plan.js";
import type { Outcome, SettingValue } from "./trial.js";

/** What a cell holds; `null` where there is nothing. */
export type ResultCell = SettingValue;

/** What has come of all trials, a row each in the order of the plan. It has neither times nor places: whatever ran it, it is the same. */
export interface ResultsTable {
  /**
   * `trial`, what varies, `state`, `rung`, `epochs` that the trial has had (`trainedEpochs` where `epochs` itself varies), the metric, figures
   * of the test such as `test.accuracy`, and `reason`.
   */
  readonly columns: readonly string[];
  /** [n_trials, n_columns]. Of a trial that has not ended at any rung, all after what varies is `null`. */
  readonly rows: readonly (readonly ResultCell[])[];
}

/** The table of a sweep, of each trial with its outcome at the highest rung that it has come to the end of. */
export function resultsTable(plan: Plan, outcomes: readonly Outcome[]): ResultsTable {
  const last = lastOutcomes(outcomes);
  const figures = otherFigures([...last.values()]);
  const rows = plan.trials.map(({ number, settings }): readonly ResultCell[] => {
    const outcome = last.get(number);
    return [
      number,
      ...plan.varied.map((name) => settings[name] ?? null),
      outcome?.state ?? null,
      outcome?.rung ?? null,
      outcome?.epochs ?? null,
      outcome?.value ?? null,
      ...figures.map((name) => outcome?.figures[name] ?? null),
      outcome?.reason ?? null,
    ];
  });
  const epochs = plan.varied.includes("epochs") ? "trainedEpochs" : "epochs";
  const columns = ["trial", ...plan.varied, "state", "rung", epochs, plan.metric, ...figures, "reason"];
  return { columns, rows };
}

/**
 * A table as text by RFC 4180: lines that end in CR LF, the first with the names. Numbers are the shortest decimals that give them back,
 * lists and objects are JSON, and a cell with nothing is empty.
 */
export function formatResults({ columns, rows }: ResultsTable): string {
  return [columns, ...rows].map((cells) => `${cells.map(formatCell).join(",")}\r\n`).join("");
}

/** Each trial's outcome at the highest rung that it has come to the end of, by the trial's number. */
export function lastOutcomes(outcomes: readonly Outcome[]): ReadonlyMap<number, Outcome> {
  const last = new Map<number, Outcome>();
  for (const outcome of outcomes) {
    if (outcome.rung >= (last.get(outcome.trial)?.rung ?? 0)) last.set(outcome.trial, outcome);
  }
  return last;
}

/**
 * The last outcomes of all trials that were trained and have a figure, best first: those with all epochs, and those that have stopped by
 * themselves, by the figure and then by their numbers; after them those that did not go on, from the higher rungs to the lower.
 */
export function rankOutcomes(plan: Plan, outcomes: readonly Outcome[]): readonly Outcome[] {
  const top = plan.rungs.length - 1;
  const rungOf = (outcome: Outcome) => (hasStopped(plan, outcome) ? top : outcome.rung);
  const better = byValue(plan);
  return [...lastOutcomes(outcomes).values()]
    .filter(canGoOn)
    .sort((a, b) => rungOf(b) - rungOf(a) || better(a, b));
}

/** All figures but those that a trial may be chosen by: those of the test, its loss and accuracy first, and what an objective tells of. */
function otherFigures(outcomes: readonly Outcome[]): readonly string[] {
  const first = ["test.loss", "test.accuracy"];
  const names = new Set(outcomes.flatMap(({ figures }) => Object.keys(figures)));
  const others = [...names].filter((name) => !/^(train|validation)\./.test(name) && !first.includes(name));
  return [...first.filter((name) => names.has(name)), ...others.sort()];
}

function formatCell(cell: ResultCell): string {
  const text = cell === null ? "" : typeof cell === "object" ? JSON.stringify(cell) : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
