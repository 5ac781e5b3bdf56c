import { join } from "node:path";
import { SweepError } from "../../errors.js";
import { planSweep } from "../../sweeps/plan.js";
import { lastOutcomes } from "../../sweeps/results.js";
import { resumeCommand } from "../../sweeps/resume-command.js";
import type { Runner } from "../../sweeps/runner.js";
import { sweepStatus } from "../../sweeps/status.js";
import {
  createSweepFolder,
  openSweepFolder,
  RESULTS_FILE,
  type SweepFolder,
} from "../../sweeps/sweep-folder.js";
import type { Outcome } from "../../sweeps/trial.js";
import { shellCommand } from "../../system/shell.js";
import type { SweepArguments } from "../options/sweep.js";
import { Interruption, interruptSignal, outliveReader, print, printJson, UsageError } from "../process.js";
import { bestTrials, countsOf, progressInWords } from "./best-trials.js";
import { keepResumeOptions, resumeOptions } from "./resume-options.js";
import { runnerOf } from "./runner-of.js";
import { tellSubmitted } from "./slurm-runner-of.js";
import { createSweepDisplay } from "./sweep-display.js";

/** Makes a sweep, or goes on with one, and brings it to its end. */
export async function runSweep(args: SweepArguments): Promise<void> {
  const { config, resume, out, json } = args;
  checkTogether(args);
  if (args["dry-run"]) {
    const { printPlan } = await import("./dry-run.js");
    return printPlan(config as string, args); // As was checked.
  }
  const runner = await runnerOf(args);
  const { signal, release } = interruptSignal();
  try {
    const sweep =
      resume !== undefined
        ? await openSweepFolder(resume)
        : await newSweep(config as string, out as string, runner); // As was checked.
    const options = resumeOptions(args);
    await keepResumeOptions(sweep, options);
    outliveReader();
    const before = await sweep.outcomes();
    const display = createSweepDisplay(sweep, { json, where: runner.name, before });
    try {
      await runner.run(sweep, { ...display.listener, signal });
    } catch (error) {
      if (!(signal.aborted && error === signal.reason)) throw error;
    } finally {
      display.close();
    }
    if (args["no-wait"] && !signal.aborted) await tellSubmitted(sweep, json);
    else await tellEnd(sweep, signal, { json, options });
  } finally {
    release();
  }
}

function checkTogether({ config, resume, out, ...args }: SweepArguments): void {
  if (resume !== undefined) {
    const alien =
      config !== undefined
        ? `the configuration ${config}`
        : out !== undefined
          ? "--out"
          : args["dry-run"]
            ? "--dry-run"
            : undefined;
    if (alien !== undefined) {
      throw new UsageError(
        `Expected no ${alien.replace(/^the/, "other")} with --resume, because the sweep goes on as it is; leave it out.`,
      );
    }
  } else if (config === undefined) {
    throw new UsageError("Expected a file with the settings that vary, or --resume and a sweep's folder.");
  } else if (out === undefined && !args["dry-run"]) {
    throw new UsageError("Expected --out and a folder for the sweep, or --dry-run.");
  }
}

async function newSweep(path: string, out: string, runner: Runner): Promise<SweepFolder> {
  const { readSweepConfig } = await import("../../sweeps/sweep-config.js");
  const { withFoundData } = await import("./found-data.js");
  const { requireTrainable } = await import("./require-trainable.js");
  const asked = await readSweepConfig(path);
  const plan = planSweep(asked);
  runner.check?.(plan);
  await requireTrainable(plan);
  const config = await withFoundData(asked);
  return createSweepFolder(out, config, { needed: [path] });
}

async function tellEnd(
  sweep: SweepFolder,
  signal: AbortSignal,
  { json, options }: { readonly json: boolean; readonly options: readonly string[] },
): Promise<void> {
  const outcomes = await sweep.outcomes();
  const results = join(sweep.directory, RESULTS_FILE);
  const { trained, diverged, failed, open } = countsOf(sweep.plan, outcomes);
  const interrupted = signal.reason instanceof Interruption;
  if (interrupted) process.exitCode = (signal.reason as Interruption).exitCode;
  if (json) {
    printJson({
      directory: sweep.directory,
      results,
      interrupted,
      trained,
      diverged,
      failed,
      open,
      trials: inOrder(outcomes),
    });
  } else {
    if (interrupted) {
      const { tasksLeft } = await sweepStatus(sweep, outcomes);
      print(`Interrupted: ${progressInWords(sweep.plan, outcomes, tasksLeft).left}.`);
    }
    for (const line of bestTrials(sweep.plan, outcomes)) print(line);
    print(`All results: ${join(sweep.given, RESULTS_FILE)}`);
    if (interrupted) print(`Go on with it: ${resumeCommand(sweep.given, options)}`);
    else print(`See it all: ${shellCommand(["npx", "mnist-native", "sweep", "report", sweep.given])}`);
  }
  if (!interrupted && trained === 0) throw noneTrained(sweep, outcomes);
}

/** The last outcome of each trial that has one, by number. */
function inOrder(outcomes: readonly Outcome[]): readonly Outcome[] {
  return [...lastOutcomes(outcomes).values()].sort((a, b) => a.trial - b.trial);
}

function noneTrained({ plan, given }: SweepFolder, outcomes: readonly Outcome[]): SweepError {
  const [first] = inOrder(outcomes);
  const what = plan.trials.length === 1 ? "The one trial" : `All ${plan.trials.length} trials`;
  const example =
    first?.reason === undefined ? "" : ` Trial ${first.trial}: ${first.reason.replace(/\.$/, "")}.`;
  return new SweepError(
    `${what} of the sweep in ${given} failed or diverged; change the settings, and begin a new sweep.${example}`,
  );
}
