import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { formatAugmentation } from "../../data/augmentation/notation.js";
import { hasImages } from "../../data/dataset.js";
import { type DatasetOrStream, isStream } from "../../data/stream.js";
import { OutputError } from "../../errors.js";
import { openEventFolder } from "../../interchange/tensorboard/event-file.js";
import type { Hyperparameters } from "../../interchange/tensorboard/hyperparameters.js";
import { tensorBoard } from "../../interchange/tensorboard/tensorboard.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import type { LayerSpecification } from "../../nn/specification.js";
import type { BatchOptimizer } from "../../optim/batch-optimizer.js";
import type { Optimizer } from "../../optim/optimizer.js";
import { prepareRunFolder } from "../../runs/run-folder.js";
import type { Callback } from "../../training/callback.js";
import { formatSchedule } from "../../training/schedules/notation.js";
import { printWarning } from "../process.js";
import type { NetworkSettings } from "./training-network.js";

export interface BoardTrainingOptions {
  /** What TensorBoard is given: each run has a folder of its own in it. */
  readonly directory: string;
  /** Where the run is kept, whose name it has there, too. */
  readonly out: string | undefined;
  readonly isResumed: boolean;
  /** Whether what another run has written there may be replaced. */
  readonly force: boolean;
  readonly network: MultilayerPerceptron;
  readonly settings: NetworkSettings;
  readonly optimizer: Optimizer | BatchOptimizer;
  readonly batchSize: number;
  readonly validation: DatasetOrStream;
}

/**
 * What writes a run for TensorBoard.
 *
 * @throws OutputError when that is not possible, or when a run of the same name is there.
 */
export async function writtenForTensorBoard(options: BoardTrainingOptions): Promise<Callback> {
  const { directory, out, isResumed, force, validation } = options;
  const folder = join(directory, out === undefined ? freeName(directory) : basename(resolve(out)));
  await prepareRunFolder(folder);
  if (!isResumed && !force && (await openEventFolder(folder)).hasEarlier) {
    throw new OutputError(
      `${folder} holds what another run wrote for TensorBoard; name another folder, or pass --force to replace that.`,
    );
  }
  const isOfImages = !isStream(validation) && hasImages(validation) && validation.targets.kind === "classes";
  let told: string | undefined;
  return tensorBoard(folder, {
    hyperparameters: hyperparametersOf(options),
    ...(isOfImages && { validation }),
    onError: (error) => {
      if (error.message !== told) printWarning(`${error.message} The training goes on.`);
      told = error.message;
    },
  });
}

/** Of a run that is not kept: when it began, as `2026-03-01_17-20-33`. */
function freeName(directory: string): string {
  const now = new Date();
  const two = (number: number) => String(number).padStart(2, "0");
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(two).join("-");
  const name = `${day}_${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join("-")}`;
  let free = name;
  for (let i = 2; existsSync(join(directory, free)); i++) free = `${name}-${i}`;
  return free;
}

/** The same names for every run, so that they stand side by side; what is not there is 0, `false` or `none`. */
function hyperparametersOf({
  network,
  settings,
  optimizer,
  batchSize,
}: BoardTrainingOptions): Hyperparameters {
  const { learningRate, schedule, epochs, alpha, l1, augment, seed, dtype } = settings;
  const { layers, loss } = network.specification;
  const all = layers.flatMap(withInner);
  const hidden = all.slice(0, -1);
  const number = (name: string) => {
    const value = "settings" in optimizer ? optimizer.settings[name] : undefined;
    return typeof value === "number" ? value : 0;
  };
  return {
    network: network.sizes.join("-"),
    activation: activationsOf(hidden).join(", ") || "identity",
    output: activationsOf(all.slice(-1)).join(", ") || "identity",
    dropout: Math.max(0, ...all.map((layer) => (layer.type === "dropout" ? layer.rate : 0))),
    batchNormalization: all.some(({ type }) => type === "batchNormalization"),
    loss: loss.type,
    optimizer: settings.optimizer.type,
    learningRate: learningRate ?? 0,
    schedule: formatSchedule(schedule) ?? schedule.type,
    momentum: number("momentum"),
    weightDecay: number("weightDecay"),
    alpha,
    l1,
    batchSize,
    epochs,
    augment: augment === undefined ? "none" : (formatAugmentation(augment) ?? "none"),
    seed,
    dtype,
  };
}

function withInner(layer: LayerSpecification): readonly LayerSpecification[] {
  return layer.type === "residual" ? layer.layers.flatMap(withInner) : [layer];
}

/** Each once; linear layers are followed by one. */
function activationsOf(layers: readonly LayerSpecification[]): readonly string[] {
  const names = layers.flatMap((layer) => ("activation" in layer ? [layer.activation ?? "identity"] : []));
  return [...new Set(names.filter((name) => name !== "identity"))];
}
