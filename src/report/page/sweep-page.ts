import { rankSettings, rankTrials } from "../../sweeps/standings.js";
import { renderDocument } from "./document.js";
import { html } from "./html.js";
import type { ReportedSweep } from "./reported-sweep.js";
import { renderContents, renderSection } from "./section.js";
import { sweepCurvesSection } from "./sweep-curves.js";
import { bestSection, renderSweepHeadline } from "./sweep-headline.js";
import { coordinatesSection, importanceSection } from "./sweep-settings.js";
import { failuresSection, rungsSection, trialsSection } from "./sweep-tables.js";

/**
 * A page that tells all of a sweep, begun or finished: which settings are best, which matter, and what failed.
 *
 * @param footer A line about how the page was made.
 * @returns An HTML document.
 */
export function sweepPage(sweep: ReportedSweep, footer: string): string {
  const ranked = rankTrials(sweep.plan, sweep.outcomes);
  const settings = rankSettings(sweep.plan, sweep.outcomes);
  const [best] = settings;
  const sections = [
    best === undefined ? null : bestSection(sweep, best, ranked),
    best === undefined ? null : trialsSection(sweep, settings, ranked),
    coordinatesSection(sweep, ranked),
    importanceSection(sweep),
    sweepCurvesSection(sweep.curves),
    rungsSection(sweep),
    failuresSection(sweep),
  ].filter((section) => section !== null);
  return renderDocument({
    title: `${sweep.name}: sweep`,
    style: "",
    body: html`${renderSweepHeadline(sweep, best)}${sections.length === 0 ? null : renderContents(sections)}<main>${sections.map(renderSection)}</main>
<footer>${footer}</footer>`,
  });
}
