import { type SettingImportance, settingImportance, type ValueGroup } from "../../sweeps/importance.js";
import type { Plan } from "../../sweeps/plan.js";
import { type RankedTrial, valueOfSetting } from "../../sweeps/standings.js";
import type { SettingValue } from "../../sweeps/trial.js";
import { spansDecades } from "../figures/axis.js";
import {
  type Coordinate,
  type CoordinateAxis,
  parallelCoordinatesFigure,
} from "../figures/parallel-coordinates.js";
import { type Html, html, trusted } from "./html.js";
import { count, percent, plural } from "./numbers.js";
import type { ReportedSweep } from "./reported-sweep.js";
import type { Section } from "./section.js";
import { figureName, figureText, isShare, settingName, settingText } from "./sweep-words.js";

/** Lines of a figure that can be read and stays quick. */
const MOST_LINES = 1000;

/** A line for each trial, through its settings to its value; `null` where none has one. */
export function coordinatesSection(
  { plan, outcomes }: ReportedSweep,
  ranked: readonly RankedTrial[],
): Section | null {
  if (ranked.length === 0) return null;
  const shown = ranked.slice(0, MOST_LINES);
  const names = plan.varied.filter((name) => name !== "seed");
  const hasRungs = plan.rungs.length > 1;
  const scale = isShare(plan.metric) ? 100 : 1;
  const unit = isShare(plan.metric) ? " (%)" : "";
  const values = shown.map(({ outcome }) => outcome.value * scale);
  const axes: CoordinateAxis[] = [
    ...names.map((name) =>
      axisOf(
        name,
        shown.map(({ trial }) => valueOfSetting(trial, name)),
      ),
    ),
    ...(hasRungs ? [{ name: "epochs", scale: "categories" as const }] : []),
    {
      name: `${figureName(plan.metric)}${unit}`,
      scale: values.every((value) => value > 0) && spansDecades(values) ? "log" : "linear",
      top: plan.mode === "min" ? "least" : "most",
    },
  ];
  const lines = shown.map(({ trial, outcome }, i) => ({
    name: `Trial ${trial.number}`,
    values: [
      ...names.map((name, j) => coordinate(valueOfSetting(trial, name), axes[j])),
      ...(hasRungs ? [outcome.epochs] : []),
      Number((values[i] ?? Number.NaN).toPrecision(6)),
    ],
  }));
  const gone = new Set(outcomes.map(({ trial }) => trial)).size - ranked.length;
  const figure = parallelCoordinatesFigure(axes, lines, {
    title: "Settings and values of all trials",
    hasTitle: false,
  });
  const width = widthOf(figure);
  return {
    id: "settings",
    title: "Which settings lead where",
    word: "Settings",
    lead: [
      `A line for each trial, through its settings to its ${figureName(plan.metric)}, the best at the top of the last axis. The best trial is orange; the others are the paler, the worse they are${hasRungs ? " and the earlier they stopped" : ""}.`,
      ...(gone === 0
        ? []
        : [`${plural(gone, "trial")} without a value ${gone === 1 ? "is" : "are"} not drawn.`]),
      ...(shown.length === ranked.length
        ? []
        : [`The best ${count(MOST_LINES)} of ${count(ranked.length)} are drawn.`]),
    ].join(" "),
    body: html`<figure class="wide" style="max-width: ${LARGEST * width}px; --least: ${SMALLEST * width}px"><figcaption>Settings and values of all trials</figcaption><div class="scroll" tabindex="0" role="region" aria-label="Settings and values of all trials">${trusted(figure)}</div><p class="muted sideways">It is wider than the window: scroll it sideways to its last axis.</p></figure>`,
  };
}

/** How many times its natural size the figure is drawn at the most and at the least, where text can still be read: below, it scrolls. */
const LARGEST = 1.3;
const SMALLEST = 0.8;

/** The width that the figure's own first tag says, in pixels. */
function widthOf(svg: string): number {
  return Number(/<svg[^>]* width="([\d.]+)"/.exec(svg)?.[1]);
}

function axisOf(name: string, values: readonly SettingValue[]): CoordinateAxis {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < values.length || new Set(numbers).size < 2) return { name, scale: "categories" };
  // Numbers that are decades apart were meant to be: a distribution that is log-uniform, or a list of powers.
  return { name, scale: numbers.every((value) => value > 0) && spansDecades(numbers) ? "log" : "linear" };
}

function coordinate(value: SettingValue, axis: CoordinateAxis | undefined): Coordinate {
  return typeof value === "number" && axis?.scale !== "categories"
    ? Number(value.toPrecision(6))
    : settingText(value);
}

/** How much each setting explains by itself; `null` where nothing has been compared yet, or varies. */
export function importanceSection({ plan, outcomes }: ReportedSweep): Section | null {
  const { trials, leftOut, epochs, settings } = settingImportance(plan, outcomes);
  if (settings.length === 0 || trials === 0) return null;
  const sorted = settings.toSorted((a, b) => (b.share ?? -2) - (a.share ?? -2));
  const chosen = sorted.filter(({ setting }) => setting !== "seed");
  const metric = figureName(plan.metric);
  const isHalved = plan.rungs.length > 1;
  return {
    id: "importance",
    title: "How much each setting matters",
    word: "Importance",
    lead: `The share of the variation of ${metric} that a setting explains by itself: between the groups of its values, without what chance adds (ε²). What settings do together is in none of them, so the shares need not add up to 100 %.`,
    body: html`<div class="scroll" tabindex="0" role="region" aria-label="Importance of settings"><table class="numbers importance">
<thead><tr><th scope="col">Setting</th><th scope="col">Explains</th><th scope="col"><span class="unseen">Bar</span></th><th scope="col">Direction</th><th scope="col">Best values</th></tr></thead>
<tbody>${sorted.map((setting) => importanceRow(setting, plan))}</tbody></table></div>
<p class="muted">${isHalved ? `${plural(trials, "trial")} are compared after ${plural(epochs, "epoch")}, at the end of the first rung: all came to it, and had as many epochs there.` : `${plural(trials, "trial")} ${trials === 1 ? "is" : "are"} compared.`}${leftOut === 0 ? "" : ` ${plural(leftOut, "trial")} without a value ${leftOut === 1 ? "is" : "are"} left out.`} Numbers of many values are cut into groups of about as many trials. The direction is Spearman's ρ, the correlation of ranks.</p>
${chosen.length === 0 ? null : html`<details><summary>Means of all groups</summary>${chosen.map((setting) => groupTable(setting, plan))}</details>`}`,
  };
}

function importanceRow({ setting, share, direction, groups, unknown }: SettingImportance, plan: Plan): Html {
  const name = html`<th scope="row"><span class="name">${settingName(setting)}</span></th>`;
  if (share === null)
    return html`<tr>${name}<td>–</td><td colspan="3" class="reason">${unknown ?? ""}</td></tr>
`;
  const shown = Math.max(0, share);
  const best = bestGroup(groups, plan);
  const bar = html`<td>${percent(shown).replace(/\.\d+/, "")}</td><td class="bar"><span style="--share: ${(shown * 100).toFixed(1)}%"></span></td>`;
  if (setting === "seed")
    return html`<tr>${name}${bar}<td colspan="2" class="reason">The level of noise: a seed is chance, and none is better</td></tr>
`;
  return html`<tr>${name}${bar}<td>${direction === null ? "–" : directionText(direction, plan, share > LITTLE && isBetween(groups, best))}</td><td>${best === undefined ? "–" : html`<span class="name">${groupText(best)}</span>`}</td></tr>
`;
}

/** A weaker correlation of ranks is none to speak of. */
const WEAK = 0.2;
/** What explains less has no best place. */
const LITTLE = 0.1;

function directionText(direction: number, { mode }: Plan, hasBestBetween: boolean): string {
  const rho = `ρ ${direction < 0 ? "−" : ""}${Math.abs(direction).toFixed(2)}`;
  if (Math.abs(direction) < WEAK) return `${hasBestBetween ? "best in between" : "none"} (${rho})`;
  return `${direction > 0 === (mode === "max") ? "more is better" : "less is better"} (${rho})`;
}

function isBetween(groups: readonly ValueGroup[], best: ValueGroup | undefined): boolean {
  return best !== undefined && best !== groups[0] && best !== groups.at(-1);
}

function bestGroup(groups: readonly ValueGroup[], { mode }: Plan): ValueGroup | undefined {
  const sign = mode === "min" ? 1 : -1;
  return groups.toSorted((a, b) => sign * (a.mean - b.mean))[0];
}

function groupText({ values }: ValueGroup): string {
  const [first = null, ...others] = values;
  const last = others.at(-1);
  return last === undefined ? settingText(first) : `${settingText(first)} to ${settingText(last)}`;
}

function groupTable({ setting, groups }: SettingImportance, plan: Plan): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Means by ${setting}"><table class="numbers">
<thead><tr><th scope="col"><span class="name">${settingName(setting)}</span></th><th scope="col">Trials</th><th scope="col">Mean ${figureName(plan.metric)}</th></tr></thead>
<tbody>${groups
    .slice(0, MOST_GROUPS)
    .map(
      (group) =>
        html`<tr><th scope="row"><span class="name">${groupText(group)}</span></th><td>${count(group.trials)}</td><td>${figureText(plan.metric, group.mean)}</td></tr>`,
    )}</tbody></table></div>`;
}

const MOST_GROUPS = 50;
