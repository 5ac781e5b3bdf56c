import { selectBackend } from "../../backend/select.js";
import { openDataOrDraw } from "../../data/open-data.js";
import { duration } from "../../report/page/numbers.js";
import { type Plan, planSweep } from "../../sweeps/plan.js";
import { threadsOf, usableProcessors } from "../../sweeps/runners/local.js";
import { readSweepConfig } from "../../sweeps/sweep-config.js";
import type { Trial } from "../../sweeps/trial.js";
import { wholeNumber } from "../options/shared.js";
import { print, printJson } from "../process.js";
import { readTrial } from "../trials/train-trial.js";
import { aligned, settingInWords } from "./best-trials.js";
import { estimateSweep, type SweepEstimate } from "./estimate.js";
import { requireTrainable } from "./require-trainable.js";
import type { RunnerArguments } from "./runner-of.js";

const MOST_SHOWN = 20;

/** Prints what a sweep would do, and how long that would take on this machine; nothing is trained and nothing written. */
export async function printPlan(
  path: string,
  { json, ...args }: RunnerArguments & { readonly json: boolean },
): Promise<void> {
  const startUp = performance.now(); // Since the process began, as each trial's has to.
  const plan = planSweep(await readSweepConfig(path));
  await requireTrainable(plan);
  const processors = usableProcessors();
  const threads = args.threads === undefined ? undefined : wholeNumber("threads", args.threads, 1, 1024);
  const jobs =
    args.jobs === undefined
      ? Math.max(1, Math.floor(processors / (threads ?? 1)))
      : wholeNumber("jobs", args.jobs, 1, 1024);
  const estimate = await estimateOf(plan, {
    jobs,
    threads: threads ?? threadsOf({ rung: 0 }, plan, { processors, capacity: jobs }),
    startUp: startUp / 1000,
  });
  if (json) {
    const { trials, rungs, metric, mode, isAsynchronous } = plan;
    const listed = trials.map(({ number, settings, seed }) => ({ number, settings, seed }));
    printJson({ trials: listed, rungs, isAsynchronous, metric, mode, estimate: { ...estimate, jobs } });
    return;
  }
  for (const line of planLines(plan)) print(line);
  for (const line of estimateLines(estimate, jobs)) print(line);
}

async function estimateOf(
  plan: Plan,
  { jobs, threads, startUp }: { readonly jobs: number; readonly threads: number; readonly startUp: number },
): Promise<SweepEstimate> {
  const { choice, backendOptions } = await readTrial(plan.trials[0] as Trial); // A plan has one at least.
  const start = performance.now();
  const data = await openDataOrDraw(choice);
  const reading = (performance.now() - start) / 1000;
  try {
    const backend = selectBackend({ ...backendOptions, threads });
    return await estimateSweep(plan, { data, backend, jobs, overhead: startUp + reading });
  } finally {
    await data.close();
  }
}

function planLines(plan: Plan): readonly string[] {
  const { trials, rungs, varied, metric, mode } = plan;
  const direction = mode === "min" ? "lower" : "higher";
  const shown = trials.slice(0, MOST_SHOWN);
  const rows = shown.map((trial) => [
    String(trial.number),
    ...varied.map((path) => settingInWords(trial, path)),
  ]);
  const rest = trials.length - shown.length;
  return [
    `Plan: ${trials.length === 1 ? "one trial" : `${trials.length} trials`}, compared by ${metric}, of which the ${direction} one is better.`,
    ...aligned([["trial", ...varied], ...rows]),
    ...(rest > 0 ? [`… and ${rest} more`] : []),
    `Epochs: ${rungs.map(rungInWords).join(", then ")}.`,
  ];
}

function rungInWords({ epochs, trials }: Plan["rungs"][number], i: number): string {
  const all = epochs === 1 ? "one" : String(epochs);
  return i === 0 ? `${all} for all ${trials}` : `${all} for the best ${trials === 1 ? "one" : trials}`;
}

function estimateLines({ seconds, weights, epochSeconds, impossible }: SweepEstimate, jobs: number) {
  const size = (n: number) => n.toLocaleString("en-US");
  const [least, most] = weights;
  const networks =
    least === most
      ? `an epoch of ${size(least)} weights takes ${duration(epochSeconds[0])}`
      : `an epoch takes ${duration(epochSeconds[0])} with the smallest network, ${size(least)} weights, and ${duration(epochSeconds[1])} with the largest, ${size(most)} weights`;
  const faults = impossible
    .slice(0, MOST_SHOWN)
    .map(({ trial, reason }) => `Trial ${trial} will fail: ${reason}`);
  if (most === 0) return faults;
  return [
    ...faults,
    `Time: about ${duration(Number(seconds.toPrecision(2)))} on this machine, ${jobs === 1 ? "one trial" : `${jobs} trials`} at a time; ${networks}.`,
  ];
}
