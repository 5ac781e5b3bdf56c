import { MultiBar, type SingleBar } from "cli-progress";
import type { Progress } from "../training/callbacks/reporting.js";
import { print } from "./process.js";

/** Lines about a training run, and on a terminal a bar with the time left below them. */
export interface TrainingDisplay {
  line(text: string): void;
  progress(progress: Progress): void;
  close(): void;
}

/** For `--json`: the one document comes at the end. */
export const silentDisplay: TrainingDisplay = { line: () => {}, progress: () => {}, close: () => {} };

export function createTrainingDisplay(epochs: number): TrainingDisplay {
  if (!process.stdout.isTTY) return { ...silentDisplay, line: print };
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
