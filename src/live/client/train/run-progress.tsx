import { useId } from "preact/hooks";
import type { RunDetail } from "../../protocol.js";
import { formatCount, formatDuration, formatRate } from "../parts/format.js";
import { useCalm } from "../parts/use-calm.js";

/** @returns How much of a training is done, 0 to 1. */
function shareDone({ run, samples, stepsPerEpoch }: RunDetail): number {
  if (run.epochs === 0) return 0;
  const last = samples.at(-1);
  const bySteps = last === undefined || !stepsPerEpoch ? 0 : last.step / stepsPerEpoch / run.epochs;
  return Math.min(1, Math.max(bySteps, run.epoch / run.epochs));
}

/** How far a training is, and how fast. */
export function RunProgress({
  detail,
  isLost,
}: {
  readonly detail: RunDetail;
  /** Whether the program does not answer: then all is as it was when it was last heard of. */
  readonly isLost: boolean;
}) {
  const { run, samples, epochs } = detail;
  const id = useId();
  const shown = useCalm(samples.at(-1));
  const isMoving = run.state === "training";
  const epoch = Math.min(run.epochs, run.state === "training" ? run.epoch + 1 : run.epoch);
  const seconds = shown?.seconds ?? epochs.reduce((sum, { seconds: time }) => sum + time, 0);
  return (
    <div class="run-progress">
      <div class="run-progress-head">
        <label for={id}>
          {isMoving ? "Epoch " : "Epochs done: "}
          <strong>{formatCount(epoch)}</strong> of {formatCount(run.epochs)}
        </label>
        <span class="muted">
          {isMoving
            ? `${formatDuration(shown?.secondsLeft ?? null)} left${isLost ? " when last heard of" : ""}`
            : ""}
        </span>
      </div>
      <progress id={id} max={1} value={shareDone(detail)} />
      <p class="run-pace muted">
        <span>{formatDuration(seconds)} so far</span>
        {isMoving && !isLost && <span>{formatRate(shown?.examplesPerSecond ?? null)} images per second</span>}
      </p>
    </div>
  );
}
