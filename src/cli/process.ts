import { constants } from "node:os";
import { inspect } from "node:util";
import { CommunicatorError, MnistNativeError } from "../errors.js";
import { printable } from "../system/printable.js";
import { shortageOf } from "../system/shortage.js";
import { asOutputError } from "../system/system-error.js";

/** The command line is wrong: reported with a pointer to `--help`, and exit code 2. */
export class UsageError extends Error {}

/** Exit codes: 1 for an error in what was given, 2 for wrong usage; an interrupted command has that of {@link Interruption}. */
export const EXIT_ERROR = 1;
export const EXIT_USAGE = 2;

/** The reason of an abort by a signal of the operating system. */
export class Interruption extends Error {
  /** As shells report it: 130 for Ctrl-C, 143 for a request to terminate. */
  readonly exitCode: number;

  constructor(signalNumber: number) {
    super("The command was interrupted.");
    this.exitCode = 128 + signalNumber;
  }
}

/** The interruption behind an error, where a signal of the operating system ended what failed; `undefined` elsewhere. */
export function interruptionOf(error: unknown): Interruption | undefined {
  if (error instanceof Interruption) return error;
  // Of several processes that train together, another one was told to end.
  const isAborted = error instanceof MnistNativeError && error.code === "ERR_TRAINING_ABORTED"; // Whose class would load more.
  const isElsewhere = isAborted && error.cause instanceof CommunicatorError;
  if (isElsewhere) return new Interruption(constants.signals.SIGTERM);
  return error instanceof Error && error.cause instanceof Interruption ? error.cause : undefined;
}

/** Writes one line to standard output. */
export function print(line: string): void {
  if (!readerHasLeft && !isSilent) process.stdout.write(`${line}\n`);
}

/** Tells on standard error of what does not end the command. */
export function printWarning(message: string): void {
  if (!isSilent) process.stderr.write(`mnist-native: ${printable(message)}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/**
 * Reports an error on standard error and sets the exit code. A stack trace only comes with `--verbose`.
 *
 * @param command What the options belong to, where that is known.
 */
export function reportError(error: unknown, verbose: boolean, command?: string): void {
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_ERROR;
  const help =
    command === undefined
      ? "mnist-native --help for the commands and options"
      : `mnist-native ${command} --help for its options`;
  const hint = error instanceof UsageError ? `\nRun ${help}.` : "";
  const isOurs = error instanceof UsageError || error instanceof MnistNativeError;
  const known = deniedAccess(error) ?? shortageOf(error)?.message;
  const message = known ?? (error instanceof Error ? error.message : String(error));
  const isExpected = isOurs || known !== undefined;
  const text = verbose ? inspect(error) : `${isExpected ? "" : "unexpected error: "}${printable(message)}`;
  process.stderr.write(`mnist-native: ${text}${hint}\n`);
}

/** What Node.js's permission model (`node --permission`) did not allow. */
function deniedAccess(error: unknown): string | undefined {
  const { code, permission, resource } = (error ?? {}) as {
    readonly code?: unknown;
    readonly permission?: unknown;
    readonly resource?: unknown;
  };
  if (code !== "ERR_ACCESS_DENIED") return undefined;
  const what = [permission, resource].filter((part) => typeof part === "string" && part !== "").join(" of ");
  return `Node.js's permission model does not allow what this command needs (${what}); allow it, or run without --permission.`;
}

let isSilent = false;

/** From now on nothing but errors is told: another process tells how it goes. */
export function silence(): void {
  isSilent = true;
}

let mustEndFirst = false;
let readerHasLeft = false;

/** From now on the command comes to its end though nobody may read what it prints any more: it keeps results elsewhere. */
export function outliveReader(): void {
  mustEndFirst = true;
}

/** Ends the process when nothing more can be printed. A reader that has seen enough, such as `head`, is no error. */
export function watchStandardOutput(verbose: boolean): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    readerHasLeft = true;
    if (error.code === "EPIPE" && mustEndFirst) return;
    if (error.code !== "EPIPE") reportError(asOutputError(error, "Standard output"), verbose);
    process.exit();
  });
}

/**
 * A signal that Ctrl-C or a request to terminate aborts, with an {@link Interruption}. The second one ends the process at once.
 *
 * It listens until `release` is called, and not just for the first one: write-file-atomic ends the process at a signal that
 * nobody else listens to.
 */
export function interruptSignal(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const interrupt = (_name: string, signalNumber: number) => {
    const interruption = new Interruption(signalNumber);
    if (controller.signal.aborted) process.exit(interruption.exitCode);
    controller.abort(interruption);
  };
  const release = () => {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return { signal: controller.signal, release };
}
