import { expectThat } from "../system/expected.js";
import { checkLearningRate } from "./schedules/schedule.js";

const LONGEST_DELAY_MILLISECONDS = 2 ** 31 - 1;

/** How a callback changes the course of a training. */
export interface Control {
  /**
   * Ends the training after this epoch and its evaluation. The history has the reason, the first one where there are several.
   *
   * @throws InvalidArgumentError when the reason is no text.
   */
  stop(reason: string): void;
  /** Why the training is to end; `undefined` while it goes on. */
  readonly stopReason: string | undefined;
  /**
   * Makes the training wait after this minibatch, this iteration of a full-batch optimizer, or this epoch where all of them are over, until
   * `resume` is called or it is aborted. A process does not end in a pause by itself.
   */
  pause(): void;
  resume(): void;
  /** Multiplies the learning rate of all steps to come by a finite number above 0. */
  scaleLearningRate(by: number): void;
}

/** The side of a {@link Control} that `fit` looks at. */
export interface ControlState extends Control {
  /** What all learning rates are multiplied by. */
  readonly scale: number;
  readonly paused: boolean;
  /** Goes on from what another one had come to. */
  restore(scale: number, stopReason: string | undefined): void;
  /** Settled when a pause ends, rejected with the signal's reason when it is aborted. */
  whilePaused(signal: AbortSignal | undefined): Promise<void>;
}

export function createControl(): ControlState {
  let stopReason: string | undefined;
  let scale = 1;
  let paused: Pending | undefined;
  return {
    get stopReason() {
      return stopReason;
    },
    get scale() {
      return scale;
    },
    get paused() {
      return paused !== undefined;
    },
    stop(reason) {
      expectThat(typeof reason === "string" && reason !== "", "a text", "the reason of control.stop", reason);
      stopReason ??= reason;
    },
    pause() {
      paused ??= createPending();
    },
    resume() {
      paused?.resolve();
      paused = undefined;
    },
    scaleLearningRate(by) {
      checkLearningRate(by);
      scale *= by;
    },
    restore(savedScale, savedReason) {
      scale = savedScale;
      stopReason = savedReason;
    },
    async whilePaused(signal) {
      if (paused === undefined) return;
      const aborted = createPending();
      const abort = () => aborted.reject(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      // What may call resume, such as a message from another process, need not keep this one alive.
      const alive = setInterval(() => {}, LONGEST_DELAY_MILLISECONDS);
      try {
        signal?.throwIfAborted();
        await Promise.race([paused.promise, aborted.promise]);
      } finally {
        clearInterval(alive);
        signal?.removeEventListener("abort", abort);
      }
    },
  };
}

interface Pending {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(reason: unknown): void;
}

/** `Promise.withResolvers`, which Node.js 20 has not. */
function createPending(): Pending {
  let settle: Omit<Pending, "promise"> | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, resolve: () => settle?.resolve(), reject: (reason) => settle?.reject(reason) };
}
