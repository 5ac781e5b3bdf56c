import type { Plan } from "../../sweeps/plan.js";
import { type RankedSettings, type RankedTrial, standings, valueOfSetting } from "../../sweeps/standings.js";
import { type Html, html, trusted } from "./html.js";
import { count, duration, plural } from "./numbers.js";
import type { ReportedSweep } from "./reported-sweep.js";
import { type Fact, renderFacts, renderStats, type Section } from "./section.js";
import { renderCommand } from "./settings.js";
import {
  bestWord,
  epochsText,
  figureName,
  figureText,
  seedsText,
  settingName,
  settingText,
  spreadText,
} from "./sweep-words.js";

/** A name of more characters is set smaller. */
const LONG_NAME = 40;
/** Settings that the line below the name has room for. */
const MOST_NAMES = 6;

/** Name, gist, and the best value with what it took to find it. */
export function renderSweepHeadline(sweep: ReportedSweep, best: RankedSettings | undefined): Html {
  const { name, plan, outcomes, notices } = sweep;
  const all = standings(plan, outcomes);
  const inState = (state: string) => all.filter(({ outcome }) => outcome?.state === state).length;
  const begun = all.filter(({ outcome }) => outcome !== null).length;
  const epochs = all.reduce((sum, { outcome }) => sum + (outcome?.epochs ?? 0), 0);
  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
  const test = best?.trials[0].outcome.figures["test.accuracy"];
  const stats = renderStats([
    { name: "trials", value: count(plan.trials.length) },
    { name: "trained", value: count(inState("trained")) },
    { name: "diverged", value: orNull(inState("diverged")) },
    { name: "failed", value: orNull(inState("failed")) },
    { name: "without a result yet", value: orNull(plan.trials.length - begun) },
    {
      name: "test accuracy of the best",
      value: test === null || test === undefined ? null : figureText("test.accuracy", test),
    },
    { name: epochs === 1 ? "epoch in all" : "epochs in all", value: count(epochs) },
    { name: "of training, trial by trial", value: outcomes.length === 0 ? null : duration(seconds) },
  ]);
  return html`<header>
<p class="overline">Sweep</p>
<h1${[...name].length > LONG_NAME ? trusted(' class="long"') : null}><bdi>${name}</bdi></h1>
<p class="gist">${gistOf(sweep)}</p>
${[...progressNotices(sweep, begun), ...notices].map((notice) => html`<p class="notice">${notice}</p>`)}
<div class="headline">${best === undefined ? null : renderBest(sweep, best)}${stats}</div>
</header>
`;
}

function orNull(value: number): string | null {
  return value === 0 ? null : count(value);
}

function progressNotices({ isFinished, plan, outcomes }: ReportedSweep, begun: number): readonly string[] {
  if (begun > 0 && !outcomes.some(({ state }) => state === "trained")) {
    return ["No trial has been trained to an end; below stands why."];
  }
  if (isFinished) return [];
  return [
    `The sweep has not come to its end: ${count(begun)} of ${plural(plan.trials.length, "trial")} ${begun === 1 ? "has" : "have"} a result. What follows is of these.`,
  ];
}

function renderBest({ plan }: ReportedSweep, best: RankedSettings): Html {
  const { trials, seeds, outcomes, mean, standardDeviation } = best;
  const what = `${figureName(plan.metric)}, the ${bestWord(plan)}`;
  const after = `after ${epochsText(outcomes)}`;
  const of =
    standardDeviation === null
      ? `trial ${trials[0].trial.number}, ${after}${seeds > 1 ? `, ${seedsText(1, seeds)}` : ""}`
      : `mean of ${trials.length === seeds ? plural(seeds, "seed") : seedsText(trials.length, seeds)}, ${spreadText(plan.metric, mean, standardDeviation)}${plan.rungs.length > 1 ? `, ${after}` : ""}`;
  return html`<p class="score"><b>${figureText(plan.metric, mean)}</b>
<span>${what}</span>
<small>${of}</small></p>`;
}

/** What was varied, and how, in a line. */
function gistOf({ plan, config }: ReportedSweep): string {
  const { varied, rungs } = plan;
  const shown = varied.slice(0, MOST_NAMES);
  const rest = varied.length - shown.length;
  const isRandom = config.search?.type === "random";
  return [
    `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`,
    isRandom ? "drawn at random" : "all combinations",
    ...(config.halving === undefined
      ? []
      : [
          `${plan.isAsynchronous ? "asynchronous successive halving" : "successive halving"} at ${rungs.map(({ epochs }) => count(epochs)).join(", ")} epochs, one of ${plan.factor} goes on`,
        ]),
  ].join(" · ");
}

/** Its settings, and the command that trains it again. */
export function bestSection(
  sweep: ReportedSweep,
  { trials, outcomes }: RankedSettings,
  ranked: readonly RankedTrial[],
): Section {
  const { plan } = sweep;
  const [first] = trials;
  const [bestTrial] = ranked;
  const number = first.trial.number;
  const several = trials.length > 1;
  const names = plan.varied.filter((name) => name !== "seed" || !several);
  const settings = html`<div><h3>Settings</h3><table class="facts">${names.map(
    (name) =>
      html`<tr><th scope="row">${settingName(name)}</th><td>${settingText(valueOfSetting(first.trial, name))}</td></tr>`,
  )}</table></div>`;
  const figures = Object.entries(first.outcome.figures)
    .filter(([name, value]) => value !== null && name !== plan.metric)
    .map(([name, value]): Fact => ({ name: capital(figureName(name)), value: figureText(name, value) }));
  const own = { name: capital(figureName(plan.metric)), value: figureText(plan.metric, first.outcome.value) };
  return {
    id: "best",
    title: "The best settings",
    word: "Best",
    lead: several
      ? `The best by the mean of their ${trials.length} seeds${plan.rungs.length > 1 ? ` after ${epochsText(outcomes)}` : ""}. This command trains the best of these again, trial ${number}.`
      : `This command trains trial ${number} again.`,
    body: html`${renderCommand(["train", "--config", `${sweep.trialFolder(number)}/config.json`])}
<div class="pair">${settings}${renderFacts(`Trial ${number}, after ${plural(first.outcome.epochs, "epoch")}`, [own, ...figures])}</div>
<p class="muted">The ${bestWord(plan)} of many values is so in part by luck: trained with other seeds, these settings may come out a little worse. Figures of the test set had no part in the choice.${
      bestTrial === undefined || trials.some(({ trial }) => trial.number === bestTrial.trial.number)
        ? null
        : ` ${aloneText(plan, bestTrial)}`
    }</p>`,
  };
}

/** Of the best trial by itself, where it is not one of the best settings. */
function aloneText(plan: Plan, { trial, outcome }: RankedTrial): string {
  const how = plan.rungs.length > 1 ? ", by how far it came and then by its value," : "";
  return `The best single trial${how} is trial ${trial.number} of other settings (${figureText(plan.metric, outcome.value)} after ${plural(outcome.epochs, "epoch")}): one seed, in which luck weighs more than in a mean.`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
