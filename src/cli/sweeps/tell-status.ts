import { duration } from "../../report/page/numbers.js";
import { lastOutcomes, rankOutcomes } from "../../sweeps/results.js";
import { resumeCommand } from "../../sweeps/resume-command.js";
import { type BegunTask, isRunning, type SweepStatus, sweepStatus } from "../../sweeps/status.js";
import { openSweepFolder, type SweepFolder } from "../../sweeps/sweep-folder.js";
import type { Outcome } from "../../sweeps/trial.js";
import { printable } from "../../system/printable.js";
import { holderInWords } from "../../system/process-lock.js";
import { shellCommand } from "../../system/shell.js";
import { print, printJson } from "../process.js";
import { aligned, bestTrials, countsOf, progressInWords, settingsInWords } from "./best-trials.js";
import { keptResumeOptions } from "./resume-options.js";
import { outcomeLine } from "./sweep-display.js";

/** Lines of a kind that a terminal has room for. */
const MOST_LINES = 10;

/** Prints how a sweep stands. */
export async function tellStatus(folder: string, json: boolean): Promise<void> {
  const sweep = await openSweepFolder(folder);
  const outcomes = await sweep.outcomes();
  const status = await sweepStatus(sweep, outcomes);
  const { plan, directory, id } = sweep;
  const failures = [...lastOutcomes(outcomes).values()]
    .filter(({ state }) => state !== "trained")
    .sort((a, b) => a.trial - b.trial);
  if (json) {
    const best = rankOutcomes(plan, outcomes)[0] ?? null;
    const { metric, mode } = plan;
    const counts = { trials: plan.trials.length, ...countsOf(plan, outcomes) };
    printJson({ directory, id, metric, mode, ...status, counts, best, failures });
    return;
  }
  const resumeOptions = await keptResumeOptions(sweep);
  const told = { outcomes, failures, folder, resumeOptions };
  for (const line of statusLines(sweep, status, told)) print(printable(line));
}

interface Told {
  readonly outcomes: readonly Outcome[];
  readonly failures: readonly Outcome[];
  /** As it was named. */
  readonly folder: string;
  /** Where its trials ran the last time. */
  readonly resumeOptions: readonly string[];
}

function statusLines(sweep: SweepFolder, status: SweepStatus, told: Told): readonly string[] {
  const { plan } = sweep;
  const { outcomes, failures, folder } = told;
  const running = status.begun.filter(isRunning);
  const waiting = status.begun.filter((task) => !isRunning(task));
  const begunLine = (task: BegunTask) => `  ${begunText(sweep, task)}`;
  return [
    `${folder}: ${STATES[status.state]}${status.coordinator === null ? "" : `, by ${holderInWords(status.coordinator)}`}; ${progressInWords(plan, outcomes, status.tasksLeft).done}.`,
    ...(plan.rungs.length > 1 ? rungTable(status) : []),
    ...section("Training now:", running.map(begunLine)),
    ...section("Begun, and silent:", waiting.map(begunLine)),
    ...timeLines(status, running.length),
    ...(outcomes.length === 0 ? [] : bestTrials(plan, outcomes)),
    ...section(
      "Failed or diverged:",
      failures.map((outcome) => `  ${outcomeLine(sweep, outcome)}`),
    ),
    ...nextLines(status, told),
  ];
}

const STATES: Readonly<Record<SweepStatus["state"], string>> = {
  new: "no trial has begun",
  running: "running",
  stopped: "stopped before its end",
  finished: "finished",
};

function rungTable({ rungs }: SweepStatus): readonly string[] {
  const rows = rungs.map(({ epochs, trials, trained, diverged, failed, begun }, rung) =>
    [rung, epochs, trials, trained, diverged, failed, begun].map(String),
  );
  return aligned([["rung", "epochs", "trials", "trained", "diverged", "failed", "begun"], ...rows]);
}

/** `Trial 7 (learningRate 0.1): epoch 3 of 9, process 4711`. */
function begunText({ plan }: SweepFolder, { trial, done, epochs, process, quiet }: BegunTask): string {
  const settings = settingsInWords(plan, trial);
  const since = quiet === null ? "" : `, its last epoch ended ${duration(Math.round(quiet))} ago`;
  const where = process === null ? since : `, ${holderInWords(process)}`;
  return `Trial ${trial}${settings === "" ? "" : ` (${settings})`}: ${done} of ${epochs} epochs${where}`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const rest = lines.length - MOST_LINES;
  return [title, ...lines.slice(0, MOST_LINES), ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

function timeLines(status: SweepStatus, running: number): readonly string[] {
  const { state, tasksLeft, epochsLeft, secondsLeft, trainingSecondsLeft } = status;
  if (state === "finished") return [];
  const left = `${epochsLeft} epochs in ${tasksLeft} ${tasksLeft === 1 ? "task" : "tasks"}`;
  const about = (seconds: number) => duration(Math.max(1, Math.round(seconds)));
  if (secondsLeft !== null) {
    const side = running === 1 ? "one trial at a time" : `${running} trials at a time`;
    return [`Left: ${left}, about ${about(secondsLeft)} with ${side}.`];
  }
  if (trainingSecondsLeft !== null)
    return [`Left: ${left}, about ${about(trainingSecondsLeft)} one trial after the other.`];
  return [`Left: ${left}; how long they take is known when the first has ended.`];
}

function nextLines({ state }: SweepStatus, { folder, resumeOptions }: Told): readonly string[] {
  if (state === "finished")
    return [`See it all: ${shellCommand(["npx", "mnist-native", "sweep", "report", folder])}`];
  return state === "running" ? [] : [`Go on with it: ${resumeCommand(folder, resumeOptions)}`];
}
