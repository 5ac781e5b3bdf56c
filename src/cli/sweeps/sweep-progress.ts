import { duration } from "../../report/page/numbers.js";
import type { Plan } from "../../sweeps/plan.js";
import { rankOutcomes } from "../../sweeps/results.js";
import type { TrialProgress } from "../../sweeps/runner.js";
import type { Outcome, Task } from "../../sweeps/trial.js";
import { aligned, countsOf, figure, settingsInWords } from "./best-trials.js";

/** How far a sweep is, in lines for a terminal. */
export interface SweepProgress {
  started(task: Task): void;
  progressed(task: Task, progress: TrialProgress): void;
  ended(outcome: Outcome): void;
  /** What runs, the best trial so far, and how much is left. */
  lines(): readonly string[];
}

/** As many running trials are shown at the most. */
const MOST_ROWS = 12;

/**
 * @param before Outcomes that there were when the sweep went on: they tell nothing of how long others take.
 * @param now The time in milliseconds.
 */
export function createSweepProgress(
  plan: Plan,
  before: readonly Outcome[],
  now: () => number,
): SweepProgress {
  const outcomes = [...before];
  const running = new Map<number, { readonly task: Task; progress: TrialProgress | undefined }>();
  const start = now();
  const epochsBelow = (rung: number) => plan.rungs[rung - 1]?.epochs ?? 0;
  const work = ({ rung, epochs }: Pick<Task, "rung" | "epochs">) => Math.max(0, epochs - epochsBelow(rung));
  /** In epochs. One that ended early leaves nothing of its task to do. */
  const workOf = (ended: readonly Outcome[]) =>
    ended.reduce((sum, { rung }) => sum + work({ rung, epochs: plan.rungs[rung]?.epochs ?? 0 }), 0);
  const total = plan.rungs.reduce(
    (sum, { trials, epochs }, rung) => sum + trials * work({ rung, epochs }),
    0,
  );
  const tasks = plan.rungs.reduce((sum, { trials }) => sum + trials, 0);
  const doneBefore = workOf(before);

  const timeLeft = () => {
    const partly = [...running.values()].map(({ task, progress }) =>
      Math.max(0, Math.min(progress?.epoch ?? 0, task.epochs) - epochsBelow(task.rung)),
    );
    const done = workOf(outcomes) + partly.reduce((sum, epochs) => sum + epochs, 0) - doneBefore;
    if (done <= 0) return "";
    const seconds = (((now() - start) / 1000) * Math.max(0, total - doneBefore - done)) / done;
    if (seconds < 1) return "";
    return `, about ${duration(Number(seconds.toPrecision(2)))} left`;
  };
  const best = () => {
    const [first] = rankOutcomes(plan, outcomes);
    if (first === undefined) return [];
    const settings = settingsInWords(plan, first.trial);
    return [`Best so far: trial ${first.trial}, ${plan.metric} ${figure(first.value)} (${settings})`];
  };
  return {
    started(task) {
      running.set(task.trial, { task, progress: undefined });
    },
    progressed({ trial }, progress) {
      const row = running.get(trial);
      if (row !== undefined) row.progress = progress;
    },
    ended(outcome) {
      running.delete(outcome.trial);
      outcomes.push(outcome);
    },
    lines() {
      const rows = [...running.values()]
        .slice(0, MOST_ROWS)
        .map(({ task, progress }) => [
          String(task.trial),
          `${progress?.epoch ?? epochsBelow(task.rung)}/${task.epochs}`,
          progress === undefined ? "" : figure(progress.value),
          settingsInWords(plan, task.trial),
        ]);
      const table = rows.length === 0 ? [] : aligned([["trial", "epoch", plan.metric, ""], ...rows]);
      const { diverged, failed } = countsOf(plan, outcomes);
      const bad = [
        ...(diverged > 0 ? [`${diverged} diverged`] : []),
        ...(failed > 0 ? [`${failed} failed`] : []),
      ];
      const words = bad.length === 0 ? "" : ` (${bad.join(", ")})`;
      const what = plan.rungs.length === 1 ? "trials" : "tasks";
      return [
        ...table,
        ...best(),
        `${outcomes.length} of ${plan.isAsynchronous ? "about " : ""}${tasks} ${what} have ended${words}, ${running.size} running${timeLeft()}`,
      ];
    },
  };
}
