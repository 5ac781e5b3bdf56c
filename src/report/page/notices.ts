import { count, plural } from "./numbers.js";
import { nounOf, type ReportedRun } from "./reported-run.js";

/** What a reader must know before the numbers: what went wrong, and what could not be had. */
export function noticesOf(run: ReportedRun): readonly string[] {
  const { epochs, settings, result, test } = run;
  const notices: string[] = [];
  const finished = `${count(epochs.length)} of ${plural(settings.epochs, "epoch")}`;
  if (settings.origin !== null) {
    if (result === null) {
      notices.push(
        `The network was imported from ${settings.origin.file} without data to test it on, so that nothing is recorded of how well it does.`,
      );
    }
  } else if (result === null) {
    notices.push(
      `The run did not come to its end: it finished ${finished} and left no result on the test set. It may still be going on.`,
    );
  } else if (result.interrupted) {
    const untested = result.testCount === 0 ? ", and not tested" : "";
    notices.push(`The run was interrupted after ${finished}${untested}.`);
  } else if (result.stopReason !== undefined) {
    notices.push(`The run stopped after ${finished}: ${result.stopReason}.`);
  }
  const diverged = epochs.find(({ trainLoss }) => !Number.isFinite(trainLoss));
  if (diverged !== undefined) {
    notices.push(
      `The training loss is not a number from epoch ${diverged.epoch} on: the weights have grown out of range. A smaller learning rate than ${settings.learningRate} may help.`,
    );
  }
  if (test !== null && result !== null && result.testCount > 0) {
    const correct = correctOf(test);
    const tested = test.predictions.length;
    if (correct !== result.testCorrect || tested !== result.testCount) {
      notices.push(
        `Tested again for this page, the network is right for ${count(correct)} of ${plural(tested, nounOf(run))}; the run recorded ${count(result.testCorrect)} of ${count(result.testCount)}. The ${nounOf(run)}s may not be those of the run.`,
      );
    }
  }
  return [...notices, ...run.notices];
}

function correctOf({ dataset, predictions }: NonNullable<ReportedRun["test"]>): number {
  return dataset.rows.reduce(
    (sum, row, i) => sum + (dataset.targets.labels[row] === predictions[i] ? 1 : 0),
    0,
  );
}
