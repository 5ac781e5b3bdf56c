import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { InvalidArgumentError, LivePageError, MissingDependencyError } from "../../errors.js";
import { BUNDLE_ADVICE, packageRoot } from "../../system/package-root.js";
import type { TrainingChannel } from "../channel.js";
import type {
  LiveWorkerClose,
  LiveWorkerData,
  LiveWorkerFailure,
  LiveWorkerListening,
} from "../worker-messages.js";
import { portChannel } from "./port-channel.js";

/** Milliseconds for a page's readers to hear how the training has ended, when the page ends with it. */
const GRACE = 2000;

/** A page whose server runs in a thread of its own, beside trainings. */
export interface LivePage {
  /** What to open in a browser, such as `http://127.0.0.1:4747/`. */
  readonly address: string;
  /** For `watchTraining`. */
  readonly channel: TrainingChannel;
  /** Whether there is a page: it may end by an error, too. */
  readonly isOpen: boolean;
  /** Whether the process stays for the page alone. At first it does not. */
  stay(stays: boolean): void;
  /** Ends the page; a training that is paused goes on. */
  close(): Promise<void>;
}

/**
 * Starts the page of a training.
 *
 * @param file The worker's program. Default: the one of this package.
 * @throws InvalidArgumentError when it cannot listen as it was asked to.
 * @throws LivePageError when it cannot be started otherwise.
 */
export async function startLivePage(data: LiveWorkerData, file = workerFile()): Promise<LivePage> {
  const worker = new Worker(file, { workerData: data, name: "live page", execArgv: inheritedOptions() });
  const address = await addressOf(worker);
  const channel = portChannel(worker);
  // A training does not end because nobody can watch it.
  let isOpen = true;
  worker.on("exit", () => {
    isOpen = false;
  });
  worker.on("error", (error) => {
    process.emitWarning(`The live page ended by an error, and the training goes on: ${messageOf(error)}`);
  });
  worker.unref();
  return {
    address,
    channel,
    get isOpen() {
      return isOpen;
    },
    stay(stays) {
      if (stays) worker.ref();
      else worker.unref();
    },
    async close() {
      if (isOpen) {
        // Its readers hear the end first.
        worker.postMessage({ type: "close" } satisfies LiveWorkerClose);
        await exitOf(worker, GRACE);
      }
      await worker.terminate();
      channel.close();
    },
  };
}

/** Options of Node.js that are meant for the program, such as `--input-type` beside `--eval`, are none of the worker's. */
function inheritedOptions(): string[] {
  return process.execArgv.filter((option) => option === "--no-addons");
}

/** Waits until the worker has ended, but no longer than so many milliseconds. */
function exitOf(worker: Worker, milliseconds: number): Promise<void> {
  worker.ref();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    worker.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function workerFile(): string {
  const root = packageRoot();
  if (root === null) {
    throw new MissingDependencyError(
      `The live page is served by files of mnist-native that this program, a bundle, does not find; ${BUNDLE_ADVICE}.`,
    );
  }
  return join(root, "dist", "live", "server", "live-worker.js");
}

/** Where it listens, once it does. */
function addressOf(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void) => {
      worker.off("message", hear);
      worker.off("error", fail);
      worker.off("exit", exit);
      settled();
    };
    const hear = (report: LiveWorkerListening | LiveWorkerFailure) => {
      if (report.type === "listening") settle(() => resolve(report.address));
      else settle(() => reject(errorOf(report)));
    };
    const fail = (error: unknown) => {
      const message = `The live page cannot be started: ${messageOf(error)}`;
      settle(() => reject(new LivePageError(message, { cause: error })));
    };
    const exit = (code: number) => {
      const message = `The live page cannot be started: its thread ended with code ${code} before it was ready.`;
      settle(() => reject(new LivePageError(message)));
    };
    worker.on("message", hear);
    worker.on("error", fail);
    worker.on("exit", exit);
  });
}

/** What the worker has said, as the error that it was there. */
function errorOf({ code, message }: LiveWorkerFailure): Error {
  return code === "ERR_INVALID_ARGUMENT" ? new InvalidArgumentError(message) : new LivePageError(message);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
