import { byValue, canGoOn, hasStopped, taskOf } from "./halving.js";
import type { Plan } from "./plan.js";
import type { Outcome, Task } from "./trial.js";

/** A rung while outcomes arrive. */
interface Ladder {
  /** How many trials have come to its end, whatever became of them. */
  arrived: number;
  /** Those that have not gone on and may, best first. */
  readonly waiting: Outcome[];
  /** How many have gone on. */
  promoted: number;
}

/**
 * What may start now in asynchronous successive halving, ASHA (L. Li, K. Jamieson, A. Rostamizadeh, E. Gonina, J. Ben-tzur, M. Hardt,
 * B. Recht and A. Talwalkar, "A system for massively parallel hyperparameter tuning", MLSys 2020): trials that go on, those with the most
 * epochs first, and after them trials that have not begun, by number.
 *
 * Each time that `factor` more trials have come to the end of a rung, the best one there that has not gone on does, at once: so that never
 * more than a factor-th of those that have come goes on. (In the paper's algorithm all go on that are among the best factor-th when a
 * worker is free, which may be more where later trials are better.) Where nobody can come any more and nobody has gone on, the best one
 * does, so that one trial has all epochs in the end.
 *
 * Who goes on depends on the order of arrival and on nothing else: the same outcomes in another order may lead to other tasks.
 *
 * @param outcomes All that there are, in the order in which they came.
 * @param running Tasks that have been started and have no outcome yet.
 */
export function nextTasks(
  plan: Plan,
  outcomes: readonly Outcome[],
  running: readonly Pick<Task, "trial" | "rung">[],
): readonly Task[] {
  const taken = new Set([...outcomes, ...running].map(({ trial, rung }) => `${trial}/${rung}`));
  const isFree = ({ trial, rung }: Task) => !taken.has(`${trial}/${rung}`);
  const promotions = promotionsOf(plan, outcomes).filter(isFree);
  const last = plan.rungs.length - 1;
  const highestFirst = Array.from({ length: last }, (_, i) =>
    promotions.filter(({ rung }) => rung === last - i),
  ).flat();
  return [...highestFirst, ...plan.trials.map(({ number }) => taskOf(plan, number, 0)).filter(isFree)];
}

/** All tasks above the first rung that these outcomes have led to, in the order in which it was decided. */
function promotionsOf(plan: Plan, outcomes: readonly Outcome[]): readonly Task[] {
  const ladders = plan.rungs.map((): Ladder => ({ arrived: 0, waiting: [], promoted: 0 }));
  const better = byValue(plan);
  const tasks: Task[] = [];

  const arrive = (outcome: Outcome, rung: number): void => {
    const ladder = ladders[rung];
    if (ladder === undefined) return;
    ladder.arrived++;
    if (canGoOn(outcome)) insert(ladder.waiting, outcome, better);
    if (ladder.promoted < Math.floor(ladder.arrived / plan.factor)) promote(ladder, rung);
    for (const [i, one] of ladders.entries()) {
      if (one.promoted === 0 && isClosed(i)) promote(one, i);
    }
  };

  const promote = (ladder: Ladder, rung: number): void => {
    const best = rung + 1 < ladders.length ? ladder.waiting.shift() : undefined;
    if (best === undefined) return;
    ladder.promoted++;
    // What has stopped by itself is at the end of the next rung, too, with the figure that it has.
    if (hasStopped(plan, best)) arrive(best, rung + 1);
    else tasks.push(taskOf(plan, best.trial, rung + 1));
  };

  /** Whether all trials have come to the end of a rung that ever will. */
  const isClosed = (rung: number): boolean => {
    const ladder = ladders[rung] as Ladder; // The caller's rungs are there.
    const below = ladders[rung - 1];
    if (below === undefined) return ladder.arrived === plan.trials.length;
    return ladder.arrived === below.promoted && isSettled(rung - 1);
  };

  /** Whether no further trial goes on from a rung. */
  const isSettled = (rung: number): boolean => {
    const { waiting, promoted, arrived } = ladders[rung] as Ladder;
    return (
      isClosed(rung) && (waiting.length === 0 || promoted >= Math.max(1, Math.floor(arrived / plan.factor)))
    );
  };

  for (const outcome of outcomes) arrive(outcome, outcome.rung);
  return tasks;
}

/** Puts a value into a list that is in order, behind its equals. */
function insert<T>(list: T[], value: T, compare: (a: T, b: T) => number): void {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (compare(list[middle] as T, value) <= 0) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, value);
}
