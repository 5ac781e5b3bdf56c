import { InvalidArgumentError } from "../../errors.js";
import type {
  EndState,
  Figure,
  LiveEvent,
  RunState,
  RunSummary,
  TrainingCommand,
  TrainingFacts,
  TrainingMessage,
} from "../protocol.js";
import { EMPTY_HISTORY, type RunHistory, withEpochs, withSample } from "../run-history.js";
import type { SharedImages } from "../run-library.js";

/** The server's side of a training: what comes of it, and what it is called. */
export interface AttachedTraining {
  /** @param listener Called with each message of the training; one at a time is heard. */
  onMessage(listener: (message: TrainingMessage) => void): void;
  send(command: TrainingCommand): void;
  /** Ends it at once, also before it has begun to listen, as while its data are downloaded. Default: then nothing can be asked of it. */
  interrupt?(): void;
  /** Where the run is kept; `null` where it is not. */
  readonly folder: string | null;
  /** Images to look at, where no file has them. */
  readonly images: SharedImages | null;
  readonly name: string;
  /** In words, in the order in which they are shown. */
  readonly settings: Readonly<Record<string, string>>;
  readonly dataset: string | null;
  /** Epochs that were asked for, as far as they are known before it begins. */
  readonly epochs?: number;
  /** Of a run that goes on again: what there was of it before. */
  readonly before?: RunBefore;
  /** Default: whether there are images. */
  readonly readsImages?: boolean;
}

/** What was known of a run before it went on. */
export interface RunBefore extends Pick<RunSummary, "startedAt" | "notice" | "network" | "loss"> {
  readonly history: RunHistory;
  readonly model: AttachedModel | null;
}

export interface AttachedModel {
  readonly version: number;
  /** Epochs that it has learned for; `null` where that is not known, as of one that a run goes on from. */
  readonly epoch: Figure;
  readonly bytes: Uint8Array;
}

/** A training that tells how it goes. */
export interface AttachedRun {
  readonly id: string;
  readonly folder: string | null;
  readonly images: SharedImages | null;
  readonly history: RunHistory;
  readonly layers: readonly string[];
  readonly stepsPerEpoch: Figure;
  readonly modelVersion: number;
  readonly model: AttachedModel | null;
  readonly state: RunState;
  /** Why it ended, or what is worth knowing of its beginning. */
  readonly reason: string | null;
  summary(): RunSummary;
  /** @throws InvalidArgumentError when the training cannot do so now. */
  command(command: TrainingCommand): void;
  /** What is known of it from elsewhere: of its process, or its folder. */
  tell(facts: {
    readonly state?: RunState;
    readonly reason?: string | null;
    readonly notice?: string | null;
    readonly dataset?: string | null;
    readonly settings?: Readonly<Record<string, string>>;
  }): void;
}

/** A reason may be the end of a sentence: `it was stopped from the page`. */
function asSentence(reason: string): string {
  const whole = reason.charAt(0).toUpperCase() + reason.slice(1);
  return /[.?!]$/.test(whole) ? whole : `${whole}.`;
}

/** Which commands a state takes. */
const COMMANDS: Partial<Record<RunState, readonly TrainingCommand[]>> = {
  training: ["pause", "step", "stop"],
  paused: ["resume", "step", "stop"],
};

const WORDS: Readonly<Record<RunState, string>> = {
  starting: "is still getting ready",
  training: "is training",
  paused: "is paused",
  stopping: "is about to stop",
  elsewhere: "is trained by another process",
  interrupted: "was interrupted",
  imported: "was imported",
  finished: "has finished",
  stopped: "was stopped",
  failed: "has failed",
};

/**
 * Follows a training.
 *
 * @param id Of the run.
 * @param publish Called with what happens, and with `null` where the run's summary has changed.
 */
export function followTraining(
  id: string,
  training: AttachedTraining,
  publish: (event: LiveEvent | null) => void,
): AttachedRun {
  const { before } = training;
  const startedAt = before?.startedAt ?? new Date().toISOString();
  let history = before?.history ?? EMPTY_HISTORY;
  let facts: TrainingFacts | undefined;
  let state: RunState = "starting";
  let reason: string | null = null;
  let { dataset, settings } = training;
  let notice = before?.notice ?? null;
  let testAccuracy: Figure = null;
  let model: AttachedModel | null = before?.model ?? null;

  const receive = (message: TrainingMessage) => {
    switch (message.type) {
      case "begin":
        facts = message.training;
        history = withEpochs(history, facts.history);
        if (state === "starting") state = "training";
        return publish(null);
      case "sample": {
        const before = history;
        history = withSample(history, message.sample);
        return history === before ? undefined : publish({ type: "sample", id, sample: message.sample });
      }
      case "epochs": {
        const before = history;
        history = withEpochs(history, message.epochs);
        if (history === before) return;
        publish({ type: "epochs", id, epochs: message.epochs });
        return publish(null);
      }
      case "model":
        model = { version: (model?.version ?? 0) + 1, epoch: message.epoch, bytes: message.bytes };
        publish({ type: "model", id, epoch: message.epoch, modelVersion: model.version });
        return publish(null);
      case "state":
        state = message.state;
        return publish(null);
      case "end":
        state = message.state satisfies EndState;
        reason =
          message.reason === undefined ? (state === "finished" ? null : reason) : asSentence(message.reason);
        testAccuracy = message.testAccuracy ?? testAccuracy;
        return publish(null);
    }
  };
  training.onMessage(receive);
  const commands = () =>
    state === "starting" && training.interrupt !== undefined ? (["stop"] as const) : COMMANDS[state];

  return {
    id,
    folder: training.folder,
    images: training.images,
    get history() {
      return history;
    },
    get layers() {
      return facts?.layers ?? [];
    },
    get stepsPerEpoch() {
      return facts?.stepsPerEpoch ?? null;
    },
    get modelVersion() {
      return model?.version ?? 0;
    },
    get model() {
      return model;
    },
    get state() {
      return state;
    },
    get reason() {
      return reason;
    },
    summary() {
      const last = history.epochs.at(-1);
      return {
        id,
        name: training.name,
        state,
        reason,
        notice,
        startedAt,
        network: facts?.network ?? before?.network ?? "",
        dataset,
        loss: facts?.loss ?? before?.loss ?? "",
        epochs: facts?.epochs ?? training.epochs ?? 0,
        epoch: last?.epoch ?? 0,
        validAccuracy: last?.validAccuracy ?? null,
        testAccuracy,
        isSteerable: commands() !== undefined,
        canGoOn: false,
        goOnCommand: null,
        hasModel: model !== null,
        readsImages: training.readsImages ?? training.images !== null,
        settings,
      };
    },
    command(command) {
      const can = commands();
      if (can?.includes(command) !== true) {
        const advice =
          can === undefined ? "nothing can be asked of it now" : `it takes ${can.join(", ")} now`;
        throw new InvalidArgumentError(
          `Expected another command than ${command} for ${training.name}, which ${WORDS[state]}; ${advice}.`,
        );
      }
      if (state !== "starting") return training.send(command);
      training.interrupt?.();
      state = "stopping";
      publish(null);
    },
    tell(told) {
      if (told.state !== undefined) state = told.state;
      if (told.reason !== undefined) reason = told.reason;
      if (told.notice !== undefined) notice = told.notice;
      if (told.dataset !== undefined) dataset = told.dataset;
      if (told.settings !== undefined) settings = told.settings;
      publish(null);
    },
  };
}
