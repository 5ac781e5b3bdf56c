import type { Backend, DType } from "../../backend/backend.js";
import { pixelCount } from "../../data/dataset.js";
import type { OpenData } from "../../data/open-data.js";
import { outputCount, type TargetFormat } from "../../data/targets.js";
import { MultilayerPerceptron } from "../../nn/mlp.js";
import { isChapterKind, stackLayers } from "../../runs/stack.js";
import { assign, toArray } from "../../tensor/tensor.js";
import { cosine } from "../../training/schedules/cosine.js";
import type { TrainingSettings } from "../options/training-settings.js";
import { UsageError } from "../process.js";

// From settings to what `fit` takes, and to what config.json says.

export type NetworkSettings = TrainingSettings & { readonly seed: number; readonly dtype: DType };

/** A new network for the data, or one that goes on from `start`. */
export function createNetwork(
  settings: NetworkSettings,
  { train }: OpenData["parts"],
  start: MultilayerPerceptron | undefined,
  backend: Backend,
): MultilayerPerceptron {
  const { stack, seed, dtype, alpha, l1, freeze } = settings;
  const { targets } = train;
  requireTwoClasses(settings, targets);
  const layers =
    start === undefined ? stackLayers(stack, unitsFor(settings, targets)) : start.specification.layers;
  const loss = settings.loss ?? start?.specification.loss;
  const network = new MultilayerPerceptron({
    layers: [start?.inputs ?? pixelCount(train), ...layers],
    ...(loss !== undefined && { loss }),
    alpha,
    l1,
    seed,
    dtype,
    backend,
  });
  if (start !== undefined) copyNumbers(start, network);
  if (freeze.length > 0) network.freeze(...freeze);
  return network;
}

function requireTwoClasses({ needsTwoClasses }: NetworkSettings, targets: TargetFormat): void {
  if (!needsTwoClasses) return;
  const found = targets.kind === "classes" ? `the data have ${targets.classes}` : "the data have none";
  if (targets.kind !== "classes" || targets.classes !== 2) {
    throw new UsageError(
      `Expected two classes for --preset adaline, but ${found}; choose two by --classes, such as --classes 3,8.`,
    );
  }
}

/** An output for each class or value; one that is 0 or 1 for two classes, where a linear or a binary output can tell them apart. */
function unitsFor({ stack, loss }: NetworkSettings, targets: TargetFormat): number {
  const isBinary = stack.output === "identity" || loss?.type === "binaryCrossEntropy";
  return isBinary && targets.kind === "classes" && targets.classes === 2 ? 1 : outputCount(targets);
}

/** Copies all that a network has learned to one of the same layers, maybe of another type. */
function copyNumbers(from: MultilayerPerceptron, to: MultilayerPerceptron): void {
  const source = new Map([...from.parameters, ...from.buffers].map(({ name, value }) => [name, value]));
  for (const { name, value } of [...to.parameters, ...to.buffers]) {
    const known = source.get(name);
    if (known !== undefined) assign(value, toArray(known));
  }
}

/** What `fit` takes for a learning rate; `undefined` where the optimizer has no use for one. */
export function learningRateOf({ learningRate, schedule }: NetworkSettings) {
  if (learningRate === undefined || schedule.type === "constant") return learningRate;
  return cosine(learningRate, { warmUp: schedule.warmUp });
}

/**
 * What config.json says of network and training. A network of the chapter's kind that is trained as the chapter trains it is told by its
 * units alone, as ever.
 */
export function networkConfig(
  settings: NetworkSettings,
  network: MultilayerPerceptron,
  batchSize: number,
  optimizer: Readonly<Record<string, number | boolean>>,
) {
  const { epochs, learningRate, schedule, alpha, l1, classWeights, augment, from, freeze } = settings;
  const { inputs, layers, loss } = network.specification;
  const isPlain = isChapterKind(layers);
  const { type } = settings.optimizer;
  const isChapters =
    isPlain &&
    JSON.stringify(loss) === '{"type":"squaredError"}' &&
    Object.keys(settings.optimizer).length === 1 &&
    type === "sgd" &&
    schedule.type === "constant" &&
    from === undefined;
  return {
    ...(isPlain ? { layers: network.sizes, activation: "sigmoid" } : { inputs, layers }),
    ...(!isChapters && { loss, optimizer: { type, ...optimizer }, schedule }),
    ...(alpha > 0 && { alpha }),
    ...(l1 > 0 && { l1 }),
    ...(classWeights !== undefined && { classWeights }),
    ...(from !== undefined && { from }),
    ...(freeze.length > 0 && { freeze }),
    epochs,
    batchSize,
    ...(learningRate !== undefined && { learningRate }),
    ...(augment !== undefined && { augment }),
  };
}
