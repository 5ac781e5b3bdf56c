import { MnistNativeError } from "../errors.js";
import { UsageError } from "./usage.js";

/** Exit codes: 1 for an error in what was given, 2 for wrong usage, 130 as shells report Ctrl-C. */
export const EXIT_ERROR = 1;
export const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;

/** Writes one line to standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Reports an error on standard error and sets the exit code. A stack trace only comes with `--verbose`. */
export function reportError(error: unknown, verbose: boolean): void {
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_ERROR;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const hint = error instanceof UsageError ? "\nRun mnist-native --help for the commands and options." : "";
  const isOurs = error instanceof UsageError || error instanceof MnistNativeError;
  const prefix = isOurs ? "" : "unexpected error: ";
  process.stderr.write(`mnist-native: ${verbose ? stack : `${prefix}${message}`}${hint}\n`);
}

/**
 * A signal that Ctrl-C or a request to terminate aborts. The second Ctrl-C ends the process at once, as usual.
 *
 * @returns The signal, and a function that stops listening.
 */
export function interruptSignal(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const abort = () => {
    release();
    controller.abort();
  };
  const release = () => {
    process.off("SIGINT", abort);
    process.off("SIGTERM", abort);
  };
  process.on("SIGINT", abort);
  process.on("SIGTERM", abort);
  return { signal: controller.signal, release };
}
