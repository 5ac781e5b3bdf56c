import { join } from "node:path";
import { ResumeError } from "../../errors.js";
import { expectFunction, expectThat } from "../../system/expected.js";
import { makeFolders, writeFileAtomically } from "../../system/files.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { asOutputError } from "../../system/system-error.js";
import type { Callback, CheckpointContext } from "../callback.js";
import { BEST_CHECKPOINT, LAST_CHECKPOINT } from "../checkpoint-names.js";
import { createMonitor, type Monitor, type MonitorOptions } from "../monitor.js";

type Metadata = Readonly<Record<string, string>>;

export interface CheckpointingOptions extends MonitorOptions {
  /** Folder for `last.safetensors` and `best.safetensors`; made if need be. */
  readonly folder?: string | undefined;
  /** In place of a folder: keeps the bytes of a file of either name, so that the file of that name is always whole. */
  readonly write?: ((name: string, bytes: Uint8Array) => Promise<void>) | undefined;
  /** How long an epoch goes on before a checkpoint is written within it, in seconds, above 0. Default: 30. */
  readonly everySeconds?: number | undefined;
  /** What each file should say beside, as the metadata of `saveModel`; or what tells it of the moment. */
  readonly metadata?: Metadata | ((context: CheckpointContext) => Metadata) | undefined;
  /**
   * Told of a checkpoint that could not be written: the training goes on, the files stay as they were, and the next try is at the next
   * time. Default: the error ends the training.
   */
  readonly onError?: ((error: Error) => void) | undefined;
}

const OPTIONS: KnownOptions<CheckpointingOptions> = {
  folder: true,
  write: true,
  everySeconds: true,
  monitor: true,
  mode: true,
  metadata: true,
  onError: true,
};

/** Between two checkpoints after epochs, however short these are; less only where everySeconds is. */
const SHORTEST_SECONDS = 1;
/** The share of the time that writing may take, but for the first and the last checkpoint. */
const SHARE = 0.1;

/**
 * Writes checkpoints, which `loadCheckpoint` reads for `fit` to go on from: the last one after an epoch, but at most one a second, or as
 * often as `everySeconds` says where that is less; within long epochs every `everySeconds`; when the training ends or is aborted. The
 * best one is that after the epoch with the best monitored figure: of the validation set where there is one, else of the training set. A
 * file takes the place of the one before only when it is whole and on the disk.
 *
 * @throws InvalidArgumentError when there is no such option, or when one is out of range.
 */
export function checkpointing(options: CheckpointingOptions): Callback {
  requireKnownOptions("checkpointing", options, OPTIONS, '{ folder: "checkpoints" }');
  const { folder, everySeconds = 30, metadata, onError } = options;
  const encode = (context: CheckpointContext) =>
    context.encodeCheckpoint(typeof metadata === "function" ? metadata(context) : metadata);
  if (options.write !== undefined) {
    expectFunction("write", options.write);
    expectThat(folder === undefined, "no folder beside write", "folder", folder);
  } else {
    expectThat(typeof folder === "string" && folder !== "", "the path of a folder", "folder", folder);
  }
  const writeFile = options.write ?? ((name, bytes) => writeInto(folder as string, name, bytes));
  const isTime = typeof everySeconds === "number" && everySeconds > 0;
  expectThat(isTime, "a number above 0", "everySeconds", everySeconds);
  if (onError !== undefined) expectFunction("onError", onError);
  const named = createMonitor(options);
  /** By default the figure depends on the training. */
  let monitor = options.monitor === undefined ? undefined : named;
  let best = Number.NaN;
  let bestEpoch = 0;
  /** A best one that has not been written yet. */
  let unwritten: Uint8Array | undefined;
  let lastTime = 0;
  let dueAfter = 0;

  const takeBest = (context: CheckpointContext) => {
    const { history } = context;
    monitor ??= defaultMonitor(context, options);
    const value = monitor.read(history);
    if (!monitor.isBetter(value, bestEpoch === 0 ? monitor.worst : best)) return;
    best = value;
    bestEpoch = context.epoch;
    unwritten = encode(context);
  };

  const write = async (context: CheckpointContext) => {
    const start = performance.now();
    try {
      // The best one first: a training that goes on from the last one does not write an earlier one again.
      if (unwritten !== undefined) await writeFile(BEST_CHECKPOINT, unwritten);
      unwritten = undefined;
      await writeFile(LAST_CHECKPOINT, encode(context));
    } catch (error) {
      if (onError === undefined || !(error instanceof Error)) throw error;
      onError(error);
    }
    lastTime = performance.now();
    dueAfter = (lastTime - start) * (1 / SHARE - 1);
  };

  return {
    name: "checkpointing",
    onTrainBegin() {
      monitor = options.monitor === undefined ? undefined : named;
      best = Number.NaN;
      bestEpoch = 0;
      unwritten = undefined;
      lastTime = performance.now();
      dueAfter = 0;
    },
    onCheckpoint(context) {
      const { at, control, epoch, epochs } = context;
      if (at === "epoch") takeBest(context);
      const isEnd =
        at === "abort" || (at === "epoch" && (epoch === epochs || control.stopReason !== undefined));
      const seconds = at === "step" ? everySeconds : Math.min(everySeconds, SHORTEST_SECONDS);
      if (!isEnd && performance.now() - lastTime < Math.max(seconds * 1000, dueAfter)) return;
      return write(context);
    },
    save: () => ({ best, bestEpoch }),
    restore(saved) {
      const state = (saved ?? {}) as { readonly best?: unknown; readonly bestEpoch?: unknown };
      if (typeof state.best !== "number" || !Number.isSafeInteger(state.bestEpoch)) {
        throw new ResumeError(
          "The checkpoint does not say which epoch was the best; go on from another one.",
        );
      }
      best = state.best;
      bestEpoch = state.bestEpoch as number;
    },
  };
}

async function writeInto(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  await makeFolders(folder).catch((error: unknown) => {
    throw asOutputError(error, folder);
  });
  await writeFileAtomically(join(folder, name), bytes);
}

function defaultMonitor({ history }: CheckpointContext, { mode }: MonitorOptions): Monitor {
  const isValidated = !Number.isNaN(history.at(-1)?.validLoss ?? Number.NaN);
  return createMonitor({
    monitor: isValidated ? "validation.loss" : "train.loss",
    ...(mode !== undefined && { mode }),
  });
}
