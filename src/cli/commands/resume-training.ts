import { existsSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Backend } from "../../backend/backend.js";
import { selectBackend } from "../../backend/select.js";
import { openData } from "../../data/open-data.js";
import { ResumeError } from "../../errors.js";
import { parseObject } from "../../runs/json-values.js";
import { loadStartNetwork } from "../../runs/load-run-model.js";
import { CONFIG_FILE, MODEL_FILE, SUMMARY_FILE } from "../../runs/run-folder.js";
import { LARGEST_FILE, readRegularFile } from "../../system/regular-file.js";
import { shellCommand } from "../../system/shell.js";
import type { Checkpoint } from "../../training/checkpoint-file.js";
import { liveOptions, parentOption, type Watching } from "../options/live.js";
import { readTrainArguments } from "../options/train-arguments.js";
import type { Given } from "../options/training-settings.js";
import { print, printWarning, UsageError } from "../process.js";
import { loadTrainer } from "./load-trainer.js";
import { withThreads } from "./open-training.js";
import type { Together } from "./parallel-training.js";
import { lastCheckpoint, readOnlyFolder, takeUnfinishedRun } from "./resumed-run.js";
import type { NetworkSettings } from "./training-network.js";

export interface ResumeOptions {
  readonly directory: string;
  readonly json: boolean;
  readonly summary: boolean | undefined;
  readonly checkpointEvery: number;
  readonly tensorboard: string | undefined;
  readonly watching: Watching | undefined;
  /** The other processes that go on with it. */
  readonly together: Together | undefined;
}

/** What may be others than when the run began: none of them changes what comes out, or the data are looked at. */
const OWN_OPTIONS = [
  "resume",
  "json",
  "summary",
  "checkpoint-every",
  "tensorboard",
  ...Object.keys({ ...liveOptions, ...parentOption }),
  "verbose",
  "help",
  "version",
];
const NEW_OPTIONS = ["epochs", "threads", "backend", "offline"];
const PLACES = ["data-dir", "csv", "npz", "image-folder", "table"];

/** Goes on with a run that was interrupted or killed. */
export async function resumeTraining(args: Given, options: ResumeOptions): Promise<void> {
  const { directory, json, summary, checkpointEvery, tensorboard, watching, together } = options;
  const given = givenOptions(args);
  // Of several processes the first writes, and the others read.
  const isFirst = together === undefined || together.communicator.rank === 0;
  const folder = isFirst ? takeUnfinishedRun(directory) : readOnlyFolder(directory);
  try {
    const path = join(directory, CONFIG_FILE);
    const asked = withThreads(await readTrainArguments(given, path), given.threads, together);
    const { choice, settings, backendOptions } = asked;
    const text = await readRegularFile(path, LARGEST_FILE.json);
    const kept = parseObject(text.toString("utf8"), path);
    const config = { ...kept, epochs: settings.epochs };
    const start = performance.now();
    const backend = selectBackend(backendOptions);
    const checkpoint = await lastCheckpoint(directory, backend);
    if (checkpoint !== undefined) {
      requireAsManyEpochs(checkpoint, settings.epochs, directory);
      if (isComplete(checkpoint, settings.epochs, directory)) {
        return await tellComplete(directory, checkpoint, settings, kept.epochs);
      }
      tellOtherBits(checkpoint, backend, together?.communicator.size ?? 1);
    }
    const isNew = checkpoint === undefined;
    const loaded =
      isNew && settings.from !== undefined ? await loadStartNetwork(settings.from, backend) : undefined;
    const data = await openData({ ...choice, columns: loaded?.columns });
    const train = await loadTrainer(watching);
    await train({
      choice,
      data,
      settings,
      startNetwork: loaded?.network,
      backend,
      out: directory,
      force: false,
      resumed: { folder, checkpoint, config },
      checkpointEvery,
      tensorboard,
      json,
      summary,
      start,
      together,
    });
  } finally {
    folder.release();
  }
}

function givenOptions(args: Given): Given {
  const given = Object.entries(args).filter(
    ([name, value]) => value !== undefined && value !== false && !["_", "$0", ...OWN_OPTIONS].includes(name),
  );
  const alien = given.find(([name]) => ![...NEW_OPTIONS, ...PLACES].includes(name));
  if (alien !== undefined) {
    throw new UsageError(
      `Expected no --${alien[0]} with --resume, because the run goes on with its own settings; leave it out, or begin a new run with --config and --out.`,
    );
  }
  return Object.fromEntries(given);
}

/** What was trained is not taken back. */
function requireAsManyEpochs({ state: { epoch } }: Checkpoint, asked: number, directory: string): void {
  if (asked >= epoch) return;
  throw new ResumeError(
    `Expected as many epochs as the run in ${directory} has come to, which is ${epoch}, or more, but received ${asked}; leave out --epochs to go on to as many as its ${CONFIG_FILE} says.`,
  );
}

/** Whether there is nothing left to do. */
function isComplete({ state }: Checkpoint, epochs: number, directory: string): boolean {
  const hasEnded = !state.isWithinEpoch && (state.epoch >= epochs || state.stopReason !== null);
  return hasEnded && existsSync(join(directory, SUMMARY_FILE));
}

/** Why there is nothing left to do, and how there could be more. @param planned As many as the run was to have. */
async function tellComplete(
  directory: string,
  { state: { epoch, stopReason } }: Checkpoint,
  { schedule, epochs }: NetworkSettings,
  planned: unknown,
): Promise<void> {
  const { dependsOnEpochs } = await import("../../training/schedules/specification.js");
  const command = (...words: readonly string[]) => shellCommand(["npx", "mnist-native", "train", ...words]);
  const further = `to train its network further, ${command("--from", join(directory, MODEL_FILE))}`;
  const all = epoch === 1 ? "its one epoch" : `all of its ${epoch} epochs`;
  if (stopReason !== null) {
    print(`The run in ${directory} stopped after ${epoch} of ${epochs} epochs: ${stopReason}; ${further}`);
  } else if (Number(planned) > epoch) {
    const others = command("--resume", directory);
    print(
      `The run in ${directory} has had ${epoch} of its ${planned} epochs, as many as are asked for; for the others: ${others}`,
    );
  } else if (dependsOnEpochs(schedule)) {
    print(
      `The run in ${directory} has had ${all}, and its learning rate goes by their number, so that there cannot be more; ${further}`,
    );
  } else {
    const more = command("--resume", directory, "--epochs", String(2 * epoch));
    print(`The run in ${directory} has had ${all}; for more of them: ${more}`);
  }
}

/** Bits are promised for one backend and kernel set; the number of threads changes none. */
function tellOtherBits({ state }: Checkpoint, { name, kernelSet }: Backend, ranks: number): void {
  const { computedBy } = state;
  const { ranks: before = 1 } = computedBy;
  if (before !== ranks) {
    printWarning(
      `The run was begun in ${processes(before)} and goes on in ${ranks}: its numbers agree with those of an uninterrupted run within rounding, not to the bit.`,
    );
  }
  if (computedBy.backend === name && computedBy.kernelSet === kernelSet) return;
  printWarning(
    `The run was begun with the ${computedBy.backend} backend (${computedBy.kernelSet}) and goes on with ${name} (${kernelSet}): its numbers agree with those of an uninterrupted run within rounding, not to the bit.`,
  );
}

function processes(count: number): string {
  return count === 1 ? "one process" : `${count} processes`;
}
