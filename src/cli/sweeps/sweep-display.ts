import type { SweepListener } from "../../sweeps/runner.js";
import type { SweepFolder } from "../../sweeps/sweep-folder.js";
import type { Outcome } from "../../sweeps/trial.js";
import { printable } from "../../system/printable.js";
import { print, printWarning } from "../process.js";
import { isTerminal } from "../terminal.js";
import { figure, settingsInWords } from "./best-trials.js";
import { createLiveLines } from "./live-lines.js";
import { createSweepProgress } from "./sweep-progress.js";

export interface SweepDisplay {
  readonly listener: SweepListener;
  close(): void;
}

export interface SweepDisplayOptions {
  readonly json: boolean;
  /** The runner's name. */
  readonly where: string;
  /** Outcomes that there were when the sweep went on. */
  readonly before: readonly Outcome[];
}

/** Tells how a sweep goes: on a terminal by a table that is drawn anew, elsewhere by a line for each outcome, and nothing where JSON is asked for. */
export function createSweepDisplay(sweep: SweepFolder, options: SweepDisplayOptions): SweepDisplay {
  const onNotice = printWarning;
  if (options.json) return { listener: { onNotice }, close: () => {} };
  const { plan } = sweep;
  const { before, where } = options;
  const rungs = plan.rungs.length === 1 ? "" : `, ${plan.rungs.length} rungs`;
  const had = before.length === 0 ? "" : ` Of its tasks ${before.length} have ended before.`;
  print(`Sweep: ${plan.trials.length} trials${rungs}, on ${where}, compared by ${plan.metric}.${had}`);
  const tell = (outcome: Outcome) => print(outcomeLine(sweep, outcome));
  if (!isTerminal(process.stdout)) return { listener: { onOutcome: tell, onNotice }, close: () => {} };
  const progress = createSweepProgress(plan, before, performance.now.bind(performance));
  const live = createLiveLines(process.stdout, progress.lines);
  return {
    listener: {
      onStart(task) {
        progress.started(task);
        live.draw();
      },
      onProgress(task, of) {
        progress.progressed(task, of);
        live.draw();
      },
      onOutcome(outcome) {
        progress.ended(outcome);
        live.above(() => tell(outcome));
      },
      onNotice: (line) => live.above(() => onNotice(line)),
    },
    close: live.close,
  };
}

/** Letters of a reason that are shown. */
const LONGEST_REASON = 2000;

/** `Trial 7 (learningRate 0.1): validation.loss 0.01234 after 5 epochs.` */
export function outcomeLine({ plan }: Pick<SweepFolder, "plan">, outcome: Outcome): string {
  const { trial, state, value, epochs, reason } = outcome;
  const settings = settingsInWords(plan, trial);
  const name = `Trial ${trial}${settings === "" ? "" : ` (${settings})`}`;
  const told = reason === undefined ? undefined : printable(reason).slice(0, LONGEST_REASON); // It may come from another machine.
  if (state !== "trained") return `${name}: ${state}. ${told ?? ""}`.trim();
  const after = epochs === 1 ? "an epoch" : `${epochs} epochs`;
  const why = told === undefined ? "" : `, stopped: ${told}`;
  return `${name}: ${plan.metric} ${figure(value)} after ${after}${why}.`;
}
