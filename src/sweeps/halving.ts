import { SweepError } from "../errors.js";
import type { Plan } from "./plan.js";
import type { Rung } from "./rungs.js";
import type { Outcome, Task } from "./trial.js";

/** The task of a trial at a rung. A trial that has fewer epochs than the rung has them all. */
export function taskOf(plan: Plan, trial: number, rung: number): Task {
  const { epochs } = plan.rungs[rung] as Rung; // The caller's rungs are the plan's.
  const most = plan.trials[trial]?.config.epochs ?? epochs;
  return { trial, rung, epochs: Math.min(epochs, most) };
}

/** Whether a trial can go on at all, if it is good enough: it was trained, and its figure is a number. */
export function canGoOn(outcome: Outcome): outcome is Outcome & { readonly value: number } {
  return outcome.state === "trained" && outcome.value !== null && Number.isFinite(outcome.value);
}

/** Whether a training stopped by itself before its task's epochs were over. It keeps its figure and is not trained further. */
export function hasStopped(plan: Plan, outcome: Outcome): boolean {
  return outcome.state === "trained" && outcome.epochs < taskOf(plan, outcome.trial, outcome.rung).epochs;
}

/** Orders outcomes with figures: the better one first, of equal ones the trial with the lower number. */
export function byValue({ mode }: Pick<Plan, "mode">): (a: Outcome, b: Outcome) => number {
  const sign = mode === "min" ? 1 : -1;
  return (a, b) => sign * ((a.value ?? Number.NaN) - (b.value ?? Number.NaN)) || a.trial - b.trial;
}

/**
 * The tasks of a rung of a synchronous sweep: those of the trials that are best at the rung before, best first; of the first rung all,
 * by number. A trial that has stopped by itself takes its place among the best of the next rung without a task.
 *
 * @param rung From 0.
 * @param outcomes All of the rungs before this one; others are not looked at.
 * @throws SweepError when an outcome of the rungs before is missing, or when there is no such rung.
 */
export function tasksOfRung(plan: Plan, rung: number, outcomes: readonly Outcome[]): readonly Task[] {
  if (!(Number.isInteger(rung) && rung >= 0 && rung < plan.rungs.length)) {
    throw new SweepError(
      `Expected a rung from 0 to ${plan.rungs.length - 1} of this sweep but received ${rung}.`,
    );
  }
  let standing = standingAtFirst(plan);
  const of = outcomesByTask(outcomes);
  for (let below = 0; below < rung; below++) {
    const next = plan.rungs[below + 1] as Rung;
    standing = standing
      .map(({ trial, stopped }) => ({ stopped, outcome: stopped ?? outcomeAt(of, trial, below) }))
      .filter(({ outcome }) => canGoOn(outcome))
      .sort((a, b) => byValue(plan)(a.outcome, b.outcome))
      .slice(0, next.trials)
      .map(({ stopped, outcome }) => ({
        trial: outcome.trial,
        stopped: stopped ?? (hasStopped(plan, outcome) ? outcome : undefined),
      }));
  }
  return standing
    .filter(({ stopped }) => stopped === undefined)
    .map(({ trial }) => taskOf(plan, trial, rung));
}

/** A trial that has come to a rung, with its last outcome where it is not trained further. */
interface Standing {
  readonly trial: number;
  readonly stopped: Outcome | undefined;
}

function standingAtFirst(plan: Plan): readonly Standing[] {
  return plan.trials.map(({ number }) => ({ trial: number, stopped: undefined }));
}

function outcomesByTask(outcomes: readonly Outcome[]): ReadonlyMap<string, Outcome> {
  return new Map(outcomes.map((outcome) => [`${outcome.trial}/${outcome.rung}`, outcome]));
}

function outcomeAt(outcomes: ReadonlyMap<string, Outcome>, trial: number, rung: number): Outcome {
  const outcome = outcomes.get(`${trial}/${rung}`);
  if (outcome !== undefined) return outcome;
  throw new SweepError(
    `Trial ${trial} has no outcome of rung ${rung} yet, by which it is known who goes on; wait until all trials of that rung have ended.`,
  );
}
