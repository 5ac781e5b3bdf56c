import type { TrainingCommand } from "./protocol.js";
import type { SharedImages } from "./run-library.js";

// Between a training in the main thread and the page's server in a worker thread, `server/live-worker`. The training posts each
// TrainingMessage as it is; the worker posts a LiveWorkerReport. Of a training in a process of its own, both travel as they are, too:
// TrainingMessage by `process.send`, TrainingCommand by the `send` of who started it, serialized "advanced".

/** The worker's `workerData`. */
export interface LiveWorkerData {
  /** Where to listen, a name or an address of this machine; `null`: as the server does by default. */
  readonly host: string | null;
  /** 0: any that is free; `null`: the default one. Where another program has it: the next one that is free. */
  readonly port: number | null;
  /** Of the training, as the page's list shows it. */
  readonly name: string;
  /** Of the run, by whose config.json its data are found; `null` where there is none. */
  readonly folder: string | null;
  /** As in a RunSummary. */
  readonly settings: Readonly<Record<string, string>>;
  readonly dataset: string | null;
  readonly images: SharedImages | null;
  /** The folder for what is drawn on the page and named; left out: nothing of it is kept. */
  readonly drawings?: string | undefined;
}

/** What the worker is posted after the last of all messages: it tells its readers what is left to tell, and ends. */
export interface LiveWorkerClose {
  readonly type: "close";
}

/** What the worker posts: first one of the objects, then what the page asks of the training. */
export type LiveWorkerReport = LiveWorkerListening | LiveWorkerFailure | TrainingCommand;

export interface LiveWorkerListening {
  readonly type: "listening";
  /** What to open in a browser, a token included where there is one: `http://127.0.0.1:8000/`. */
  readonly address: string;
}

/** Why there is no page. The worker ends by itself after it. */
export interface LiveWorkerFailure {
  readonly type: "failed";
  /** Of an error of this package, such as `ERR_INVALID_ARGUMENT`; `null` of others. */
  readonly code: string | null;
  /** A sentence for a person. */
  readonly message: string;
}
