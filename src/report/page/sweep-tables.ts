import type { Plan } from "../../sweeps/plan.js";
import { type RankedSettings, type RankedTrial, standings, valueOfSetting } from "../../sweeps/standings.js";
import type { Trial } from "../../sweeps/trial.js";
import { type Html, html, trusted } from "./html.js";
import { count, duration, plural } from "./numbers.js";
import type { ReportedSweep } from "./reported-sweep.js";
import type { Section } from "./section.js";
import {
  epochsText,
  figureName,
  figureText,
  seedsText,
  settingName,
  settingText,
  spreadText,
} from "./sweep-words.js";

/** Rows that stand on the page at once; others open on demand. */
const FIRST_ROWS = 12;
/** Rows of a page that stays quick; results.csv has all. */
const MOST_ROWS = 1000;

/** The best settings, with means and deviations over their seeds where these vary, and all trials. */
export function trialsSection(
  { plan, outcomes }: ReportedSweep,
  settings: readonly RankedSettings[],
  ranked: readonly RankedTrial[],
): Section {
  const secondsOf = new Map<number, number>();
  for (const { trial, seconds } of outcomes) secondsOf.set(trial, (secondsOf.get(trial) ?? 0) + seconds);
  const timeOf = ({ number }: Trial) => secondsOf.get(number) ?? 0;
  const trials: RowsByValue = {
    head: trialHead(plan),
    rows: ranked.slice(0, MOST_ROWS).map((trial, i) => trialRow(plan, trial, timeOf(trial.trial), i === 0)),
    all: ranked.length,
  };
  if (!plan.varied.includes("seed")) {
    return {
      id: "trials",
      title: "Trials, best first",
      word: "Trials",
      lead: plan.rungs.length > 1 ? FURTHER_FIRST : "",
      body: tableWithRest("trials", trials),
    };
  }
  const bySettings: RowsByValue = {
    head: settingsHead(plan),
    rows: settings.slice(0, MOST_ROWS).map((of, i) => {
      const seconds = of.trials.reduce((sum, { trial }) => sum + timeOf(trial), 0);
      return settingsRow(plan, of, seconds, i === 0);
    }),
    all: settings.length,
  };
  return {
    id: "trials",
    title: "Settings, best first",
    word: "Trials",
    lead: [
      "Mean ± standard deviation over seeds, with n - 1 in its denominator.",
      ...(plan.rungs.length > 1
        ? [
            "Halving promotes each seed by itself, so settings are compared after the most epochs that all of their seeds have had; what some seeds came to beyond these stands beside it.",
            FURTHER_FIRST,
          ]
        : []),
      ...(settings.some(({ trials, seeds }) => trials.length < seeds)
        ? ["Settings with a seed that has no value, or none yet, stand below the others."]
        : []),
    ].join(" "),
    body: html`${tableWithRest("settings", bySettings)}
<details><summary>Each trial by itself</summary>${numberTable("Each trial, best first", trials.head, trials.rows, "scroll tall")}${noteOfRest(trials)}</details>`,
  };
}

const FURTHER_FIRST =
  "Those that went on further stand above others: values after different numbers of epochs do not compare.";

interface RowsByValue {
  readonly head: Html;
  /** Best first, as many as the page has room for. */
  readonly rows: readonly Html[];
  readonly all: number;
}

function tableWithRest(what: "trials" | "settings", { head, rows, all }: RowsByValue): Html {
  const summary =
    all > rows.length ? `The best ${count(MOST_ROWS)} of ${count(all)}` : `All ${count(rows.length)}`;
  return html`${numberTable(`${capital(what)}, best first`, head, rows.slice(0, FIRST_ROWS))}${
    rows.length > FIRST_ROWS
      ? html`<details><summary>${summary} in a table</summary>${numberTable(`All ${what}, best first`, head, rows, "scroll tall")}</details>`
      : null
  }${noteOfRest({ rows, all })}`;
}

function noteOfRest({ rows, all }: Pick<RowsByValue, "rows" | "all">): Html | null {
  return all > rows.length ? html`<p class="muted">All are in results.csv.</p>` : null;
}

function settingHeads(plan: Plan): readonly Html[] {
  return settingNames(plan).map(
    (name) => html`<th scope="col"><span class="name">${settingName(name)}</span></th>`,
  );
}

function settingCells(plan: Plan, trial: Trial): readonly Html[] {
  return settingNames(plan).map(
    (name) => html`<td>${settingCell(settingText(valueOfSetting(trial, name)))}</td>`,
  );
}

// No figures of the test set here: whoever saw those of all trials would choose by them, and the test would tell nothing any more.

function trialHead(plan: Plan): Html {
  const seed = plan.varied.includes("seed") ? html`<th scope="col">Seed</th>` : null;
  return html`<thead><tr><th scope="col">Trial</th><th scope="col">${capital(figureName(plan.metric))}</th>${settingHeads(plan)}${seed}<th scope="col">Epochs</th><th scope="col">Time</th></tr></thead>`;
}

function trialRow(plan: Plan, { trial, outcome }: RankedTrial, seconds: number, isBest: boolean): Html {
  const seed = plan.varied.includes("seed") ? html`<td>${trial.seed}</td>` : null;
  return html`<tr><th scope="row">${trial.number}</th>${valueCell(figureText(plan.metric, outcome.value), isBest)}${settingCells(plan, trial)}${seed}<td>${count(outcome.epochs)}</td><td>${duration(seconds)}</td></tr>
`;
}

function settingsHead(plan: Plan): Html {
  const further = plan.rungs.length > 1 ? html`<th scope="col" class="word">Beyond these epochs</th>` : null;
  return html`<thead><tr><th scope="col">Trials</th><th scope="col">${capital(figureName(plan.metric))}</th><th scope="col">Mean of</th>${settingHeads(plan)}<th scope="col">Epochs</th>${further}<th scope="col">Time</th></tr></thead>`;
}

function settingsRow(plan: Plan, settings: RankedSettings, seconds: number, isBest: boolean): Html {
  const { trials, seeds, outcomes, mean, standardDeviation, further } = settings;
  const beyond = further.map(
    (later) =>
      html`<div>${spreadText(plan.metric, later.mean, later.standardDeviation)} after ${epochsText(later.outcomes)}: ${seedsText(later.outcomes.length, seeds)}</div>`,
  );
  return html`<tr><th scope="row">${trialNumbers(trials.map(({ trial }) => trial.number))}</th>${valueCell(spreadText(plan.metric, mean, standardDeviation), isBest)}<td>${seedsText(trials.length, seeds)}</td>${settingCells(plan, trials[0].trial)}<td>${epochsText(outcomes).replace(/ \w+$/, "")}</td>${
    plan.rungs.length > 1 ? html`<td class="word">${beyond.length === 0 ? "–" : beyond}</td>` : null
  }<td>${duration(seconds)}</td></tr>
`;
}

function valueCell(text: string, isBest: boolean): Html {
  return html`<td${isBest ? trusted(' class="best"') : null}>${text}</td>`;
}

/** Trials that have come to no value, with their reasons; `null` where there are none. */
export function failuresSection({ plan, outcomes }: ReportedSweep): Section | null {
  const names = settingNames(plan);
  const gone = standings(plan, outcomes).flatMap(({ trial, outcome }) =>
    outcome === null || (outcome.state === "trained" && isNumber(outcome.value)) ? [] : [{ trial, outcome }],
  );
  if (gone.length === 0) return null;
  const states = { diverged: "diverged", failed: "failed", trained: "without a value" };
  const rows = gone.slice(0, MOST_ROWS).map(
    ({ trial, outcome }) =>
      html`<tr><th scope="row">${trial.number}</th><td class="word">${states[outcome.state]}</td><td class="reason">${outcome.reason ?? "–"}</td><td>${count(outcome.epochs)}</td>${names.map(
        (name) => html`<td>${settingCell(settingText(valueOfSetting(trial, name)))}</td>`,
      )}</tr>
`,
  );
  const head = html`<thead><tr><th scope="col">Trial</th><th scope="col" class="word">State</th><th scope="col" class="reason">Reason</th><th scope="col">Epochs</th>${names.map(
    (name) => html`<th scope="col"><span class="name">${settingName(name)}</span></th>`,
  )}</tr></thead>`;
  const label = "Trials that failed or diverged";
  return {
    id: "failures",
    title: label,
    word: "Failures",
    lead: "They are results as well: neither is trained again, and none is among the best.",
    body: html`${numberTable(label, head, rows.slice(0, FIRST_ROWS))}${
      rows.length > FIRST_ROWS
        ? html`<details><summary>${rows.length < gone.length ? `${count(MOST_ROWS)} of ${count(gone.length)}` : `All ${count(rows.length)}`} in a table</summary>${numberTable(`All ${label.toLowerCase()}`, head, rows, "scroll tall")}</details>`
        : null
    }`,
  };
}

/** How many came to each rung of successive halving, and who went on; `null` without halving. */
export function rungsSection({ plan, outcomes }: ReportedSweep): Section | null {
  if (plan.rungs.length < 2) return null;
  const sign = plan.mode === "min" ? 1 : -1;
  const at = (rung: number) => outcomes.filter((outcome) => outcome.rung === rung);
  const rows = plan.rungs.map(({ epochs }, rung) => {
    const here = at(rung);
    const on = new Set(at(rung + 1).map(({ trial }) => trial));
    const valued = here.filter(({ state, value }) => state === "trained" && isNumber(value));
    const values = valued.map(({ value }) => sign * (value ?? Number.NaN));
    const ofThose = valued
      .filter(({ trial }) => on.has(trial))
      .map(({ value }) => sign * (value ?? Number.NaN));
    const text = (list: readonly number[], pick: (...list: number[]) => number) =>
      list.length === 0 ? "–" : figureText(plan.metric, sign * pick(...list));
    return html`<tr><th scope="row">${count(epochs)}</th><td>${count(here.length)}</td><td>${count(here.length - valued.length)}</td><td>${text(values, Math.min)}</td><td>${rung === plan.rungs.length - 1 ? "–" : count(on.size)}</td><td>${text(ofThose, Math.max)}</td></tr>
`;
  });
  const last = at(plan.rungs.length - 1).map(({ trial }) => trial);
  const metric = figureName(plan.metric);
  return {
    id: "rungs",
    title: "Who went on",
    word: "Halving",
    lead: plan.isAsynchronous
      ? `Of ${plan.factor} trials at the end of a rung the best one goes on, as soon as it is known to be: who that is depends on the order in which trials end.`
      : `Of ${plan.factor} trials at the end of a rung the best one goes on, when all have come to that end.`,
    body: html`${numberTable(
      "Rungs of successive halving",
      html`<thead><tr><th scope="col">Epochs</th><th scope="col">Trials</th><th scope="col">Failed or diverged</th><th scope="col">Best ${metric}</th><th scope="col">Went on</th><th scope="col">Worst that went on</th></tr></thead>`,
      rows,
    )}${last.length === 0 ? null : html`<p class="muted">The last rung was reached by ${plural(last.length, "trial").replace(/^.* /, "")} ${trialNumbers(last)}.</p>`}`,
  };
}

/** Of the settings that vary, those that a trial is told apart by: seeds stand together. */
function settingNames(plan: Plan): readonly string[] {
  return plan.varied.filter((name) => name !== "seed");
}

const MOST_NUMBERS = 12;

/** `7`, `0, 3, 5`, or the first of many. */
export function trialNumbers(numbers: readonly number[]): string {
  const shown = numbers.slice(0, MOST_NUMBERS).join(", ");
  return numbers.length > MOST_NUMBERS ? `${shown} and ${numbers.length - MOST_NUMBERS} more` : shown;
}

/** Values of more characters are given room for some words in a line. */
const LONG_VALUE = 24;

/** A number stays on its line; other values may need several. */
function settingCell(text: string): Html {
  return html`<span class="name${text.length > LONG_VALUE ? " long" : ""}">${text}</span>`;
}

function numberTable(label: string, head: Html, rows: readonly Html[], look = "scroll"): Html {
  return html`<div class="${look}" tabindex="0" role="region" aria-label="${label}"><table class="numbers sweep">
${head}<tbody>${rows}</tbody></table></div>`;
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
