import { existsSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { MnistNativeError } from "../errors.js";
import { readRun } from "../runs/read-run.js";
import { CONFIG_FILE } from "../runs/run-folder.js";
import { runSettings } from "../runs/settings.js";
import { rankTrials } from "../sweeps/standings.js";
import { sweepStatus } from "../sweeps/status.js";
import type { SweepFolder } from "../sweeps/sweep-folder.js";
import type { Outcome } from "../sweeps/trial.js";
import { packageVersion } from "../system/package-version.js";
import type { ReportedSweep, SweepCurve } from "./page/reported-sweep.js";
import { sweepPage } from "./page/sweep-page.js";

/** Trials whose curves are drawn: as many as a legend of two lines names. */
const MOST_CURVES = 6;

/**
 * The page of a sweep, while it runs and after it: its best settings, how much each setting matters, the curves of the best trials, and what
 * failed. Nothing is written.
 *
 * @param folder The folder of the sweep, as commands on the page are to name it.
 * @returns An HTML document, which asks no other place for anything.
 * @throws FileAccessError when there is no sweep in the folder.
 * @throws SweepError when a file of it is not as a sweep writes it.
 */
export async function sweepReport(folder: string): Promise<string> {
  const { page } = await reportSweep(folder);
  return page;
}

/** The page of a sweep, with what could not be had for it. */
export async function reportSweep(
  folder: string,
): Promise<{ readonly page: string; readonly notices: readonly string[] }> {
  // What reads configurations is large, and figures do without.
  const { openSweepFolder } = await import("../sweeps/sweep-folder.js");
  const sweep = await openSweepFolder(folder);
  const { plan } = sweep;
  const outcomes = await sweep.outcomes();
  const { state } = await sweepStatus(sweep, outcomes);
  const { curves, notices } = await readCurves(sweep, outcomes);
  const reported: ReportedSweep = {
    name: basename(sweep.directory),
    config: sweep.config,
    plan,
    outcomes,
    isFinished: state === "finished",
    trialFolder: (trial) => join(folder, relative(sweep.directory, sweep.trialFolder(trial))),
    curves,
    notices,
  };
  return { page: sweepPage(reported, `Made by mnist-native ${packageVersion()} sweep report.`), notices };
}

/** A run that cannot be read leaves the page without its curve. */
async function readCurves(
  sweep: SweepFolder,
  outcomes: readonly Outcome[],
): Promise<{ readonly curves: readonly SweepCurve[]; readonly notices: readonly string[] }> {
  const curves: SweepCurve[] = [];
  const notices: string[] = [];
  for (const { trial } of rankTrials(sweep.plan, outcomes).slice(0, MOST_CURVES)) {
    const directory = sweep.trialFolder(trial.number);
    if (!existsSync(join(directory, CONFIG_FILE))) {
      notices.push(`The run of trial ${trial.number} is not in its folder, so that its curve is left out.`);
      continue;
    }
    try {
      const run = await readRun(directory);
      const { lossNames, learns } = runSettings(run);
      curves.push({
        name: `trial ${trial.number}`,
        epochs: run.epochs,
        lossName: lossNames.long,
        hasAccuracy: learns === "classes",
      });
    } catch (error) {
      if (!(error instanceof MnistNativeError)) throw error;
      notices.push(`The curve of trial ${trial.number} is left out. ${error.message}`);
    }
  }
  return { curves, notices };
}
