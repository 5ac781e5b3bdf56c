import { classificationReport } from "../../metrics/classification-report.js";
import { classesSection } from "./classes.js";
import { type Calibration, calibrationOf, confidenceSection } from "./confidence.js";
import { confusionSection } from "./confusion.js";
import { curvesSection } from "./curves.js";
import { renderDocument } from "./document.js";
import { renderHeadline } from "./headline.js";
import { html } from "./html.js";
import { mistakesSection } from "./mistakes.js";
import { choosePictures, type Pictures } from "./pictures.js";
import type { ReportedRun } from "./reported-run.js";
import { renderContents, renderSection, type Section } from "./section.js";
import { settingsSection } from "./settings.js";
import {
  areImages,
  type Cell,
  cellsOf,
  matrixOf,
  type TestedClasses,
  type TestedImages,
} from "./tested-images.js";
import { timeSection } from "./time.js";
import { valuesSection } from "./values.js";
import { weightsSection } from "./weights.js";

/** What is worked out of the test images once, for several sections. */
interface TestDetails {
  readonly test: TestedClasses;
  readonly cells: readonly Cell[];
  /** Of examples that are images. */
  readonly shown: { readonly tested: TestedImages; readonly pictures: Pictures } | null;
  readonly calibration: Calibration | null;
}

/**
 * A page that tells all of one run. It is whole in itself: no network, and nothing but hovering and opening needs its script.
 *
 * @param footer A line about how the page was made.
 * @returns An HTML document.
 */
export function runPage(run: ReportedRun, footer: string): string {
  const { name, settings, weights, values = null } = run;
  const details = run.test === null ? null : detailsOf(run.test);
  // Sections of one row stand side by side where there is room for that.
  const rows = [
    [curvesSection(run)],
    ...(details === null ? [] : testRows(details)),
    [values === null ? null : valuesSection(values, run.result?.testScores ?? null)],
    [weights === null ? null : weightsSection(weights)],
    [timeSection(run)],
    [settingsSection(settings)],
  ].map((row) => row.filter((section) => section !== null));
  return renderDocument({
    title: `${name}: ${run.settings.origin === null ? "training run" : "imported network"}`,
    style: details?.shown?.pictures.style ?? "",
    body: html`${renderHeadline(run, details?.calibration ?? null)}${renderContents(rows.flat())}<main>${rows.map(
      (row) => html`<div class="${row.length > 1 ? "pair" : "row"}">${row.map(renderSection)}</div>`,
    )}</main>
<footer>${footer}</footer>`,
  });
}

function detailsOf(test: TestedClasses): TestDetails {
  const cells = cellsOf(test);
  const shown = areImages(test) ? { tested: test, pictures: choosePictures(test, cells) } : null;
  return { test, cells, shown, calibration: calibrationOf(test) };
}

function testRows({
  test,
  cells,
  shown,
  calibration,
}: TestDetails): readonly (readonly (Section | null)[])[] {
  const report = classificationReport(matrixOf(test));
  const noun = shown === null ? "row" : "image";
  return [
    [
      classesSection(report, test.dataset.targets.classNames ?? null, noun),
      calibration === null ? null : confidenceSection(calibration, noun),
    ],
    [confusionSection(test, cells, shown?.pictures ?? null)],
    [shown === null ? null : mistakesSection(shown.tested, cells, shown.pictures)],
  ];
}
