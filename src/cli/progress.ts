import { MultiBar, type SingleBar } from "cli-progress";
import type { Callback } from "../training/callback.js";
import { progress } from "../training/callbacks/progress.js";
import type { Progress } from "../training/callbacks/reporting.js";
import { type EpochMetrics, formatEpoch } from "../training/history.js";
import { terminalEpochLine } from "./epoch-line.js";
import { print } from "./process.js";
import { isTerminal } from "./terminal.js";

/** Lines about a training run, and on a terminal a bar with the time left below them. */
export interface TrainingDisplay {
  line(text: string): void;
  progress(progress: Progress): void;
  close(): void;
}

/** For `--json`: the one document comes at the end. */
export const silentDisplay: TrainingDisplay = { line: () => {}, progress: () => {}, close: () => {} };

export function createTrainingDisplay(epochs: number): TrainingDisplay {
  if (!isTerminal(process.stdout)) return { ...silentDisplay, line: print };
  const bars = new MultiBar({
    format: "{bar} {percentage} % | time left: {eta_formatted}",
    stream: process.stdout,
    clearOnComplete: true,
    hideCursor: true,
    etaBuffer: 50,
    gracefulExit: false,
  });
  const bar: SingleBar = bars.create(epochs * 1000, 0);
  const close = () => {
    process.off("exit", close);
    bars.update(); // Lines wait for the next update, and stop() would drop them.
    bars.stop();
  };
  process.on("exit", close); // A second Ctrl-C must not leave the terminal without a cursor.
  return {
    line: (text) => bars.log(`${text}\n`),
    progress({ epoch, examples, examplesPerEpoch }) {
      bar.update(Math.round((epoch - 1 + examples / examplesPerEpoch) * 1000));
    },
    close,
  };
}

/** What tells a training's course on a display: a line for each epoch, and how far it is. */
export function showTraining(display: TrainingDisplay): Callback {
  const bar = progress(display.progress);
  return {
    ...bar,
    onEpochEnd(context) {
      const { history, epochs, network } = context;
      const metrics = history.at(-1) as EpochMetrics;
      display.line(
        isTerminal(process.stdout)
          ? terminalEpochLine(metrics, epochs, process.stdout.columns, network.loss)
          : formatEpoch(metrics, epochs, { loss: network.loss }),
      );
      return bar.onEpochEnd?.(context);
    },
  };
}
