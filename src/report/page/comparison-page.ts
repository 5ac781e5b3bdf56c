import { commonLossName, comparisonFigure } from "../figures/comparison.js";
import { comparedClasses, comparedResults, comparedSettings } from "./comparison-tables.js";
import { CHART_SIZE, linkedCharts } from "./curves.js";
import { renderDocument } from "./document.js";
import { html } from "./html.js";
import { noticesOf } from "./notices.js";
import { plural } from "./numbers.js";
import type { ReportedRun } from "./reported-run.js";
import { renderContents, renderSection, type Section } from "./section.js";
import { renderCommand } from "./settings.js";

/**
 * A page that holds runs against each other.
 *
 * @param runs Two or more, each by a name of its own.
 * @returns An HTML document.
 */
export function comparisonPage(runs: readonly ReportedRun[], footer: string): string {
  const sections = [
    comparedResults(runs),
    curvesSection(runs),
    comparedSettings(runs),
    comparedClasses(runs),
    commandsSection(runs),
  ].filter((section) => section !== null);
  const notices = runs.flatMap((run) => noticesOf(run).map((notice) => ({ name: run.name, notice })));
  return renderDocument({
    title: `${plural(runs.length, "training run")} compared`,
    style: "",
    body: html`<header>
<p class="overline">Comparison</p>
<h1>${plural(runs.length, "training run")}, side by side</h1>
<p class="gist">${runs.map(({ name }, i) => html`${i === 0 ? "" : " · "}<bdi>${name}</bdi>`)}</p>
${notices.map(({ name, notice }) => html`<p class="notice"><strong><bdi>${name}</bdi></strong>: ${notice}</p>`)}
</header>
${renderContents(sections)}<main>${sections.map(renderSection)}</main>
<footer>${footer}</footer>`,
  });
}

function curvesSection(runs: readonly ReportedRun[]): Section | null {
  const drawn = runs.filter(({ epochs }) => epochs.length > 0);
  if (drawn.length === 0) return null;
  const lossName = commonLossName(drawn.map(({ settings }) => settings.lossNames.long));
  const chart = (measure: "training loss" | "validation accuracy", against: "epoch" | "seconds") => {
    const figure = comparisonFigure(drawn, { measure, against, lossName, size: CHART_SIZE, hasTitle: false });
    const name = measure === "training loss" ? "Training loss" : "Validation accuracy";
    return { title: `${name} by ${against === "epoch" ? "epoch" : "training time"}`, figure };
  };
  const hasAccuracy = drawn.some(({ settings }) => settings.learns === "classes");
  const counts = drawn.map((run) => run.epochs.length);
  return {
    id: "curves",
    title: "Learning curves",
    word: "Curves",
    lead: "By epoch, and by the seconds that the epochs up to then took on the machine of each run.",
    body: linkedCharts(
      [
        ...(hasAccuracy
          ? [chart("validation accuracy", "epoch"), chart("validation accuracy", "seconds")]
          : []),
        chart("training loss", "epoch"),
        chart("training loss", "seconds"),
      ],
      // At first, the last epoch that all runs have.
      { epochs: Math.max(...counts), shown: Math.min(...counts) },
    ),
  };
}

function commandsSection(runs: readonly ReportedRun[]): Section {
  return {
    id: "commands",
    title: "Commands",
    word: "Commands",
    lead: runs.some(({ settings }) => settings.origin !== null)
      ? "Each makes its run again, or trains its imported network further."
      : "Each makes its run again.",
    body: html`<div>${runs.map(
      ({ name, settings }) => html`<h3><bdi>${name}</bdi></h3>${renderCommand(settings.command)}`,
    )}</div>`,
  };
}
