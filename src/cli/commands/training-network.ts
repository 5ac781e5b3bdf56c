import { isDeepStrictEqual } from "node:util";
import type { Backend, DType } from "../../backend/backend.js";
import { pixelCount } from "../../data/dataset.js";
import type { OpenData } from "../../data/open-data.js";
import { outputCount, type TargetFormat } from "../../data/targets.js";
import { InvalidArgumentError } from "../../errors.js";
import { MultilayerPerceptron } from "../../nn/mlp.js";
import { isChapterKind, stackLayers } from "../../runs/stack.js";
import { assign, toArray } from "../../tensor/tensor.js";
import type { TrainingSettings } from "../options/training-settings.js";
import { UsageError } from "../process.js";
import type { StoppingSettings } from "../stopping.js";

// From settings to what `fit` takes, and to what config.json says.

export type NetworkSettings = TrainingSettings & {
  /** Left out where nothing ends the training before its last epoch. */
  readonly stopping?: StoppingSettings;
  readonly seed: number;
  readonly dtype: DType;
  /** More figures to compute, by name; `undefined`: none. */
  readonly metrics: readonly string[] | undefined;
};

/** A new network for the data, or one that goes on from `start`. */
export function createNetwork(
  settings: NetworkSettings,
  { train }: OpenData["parts"],
  start: MultilayerPerceptron | undefined,
  backend: Backend,
): MultilayerPerceptron {
  const { stack, stated, seed, dtype, alpha, l1, freeze } = settings;
  const { targets } = train;
  requireTwoClasses(settings, targets);
  if (start !== undefined) requireStatedLayers(settings, start);
  const layers =
    start?.specification.layers ??
    stated.layers ??
    stackLayers(stack, stated.outputs ?? unitsFor(settings, targets));
  const loss = settings.loss ?? start?.specification.loss;
  const network = new MultilayerPerceptron({
    layers: [start?.inputs ?? stated.inputs ?? pixelCount(train), ...layers],
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

/** A configuration that trains further may say what layers it expects of the model. */
function requireStatedLayers(
  { stated, from }: NetworkSettings,
  { specification }: MultilayerPerceptron,
): void {
  const { layersOfModel, inputs = specification.inputs } = stated;
  if (layersOfModel === undefined) return;
  if (inputs !== specification.inputs || !isDeepStrictEqual(layersOfModel, specification.layers)) {
    throw new InvalidArgumentError(
      `The configuration expects other layers of ${from} than that model has; name another model, or leave out layers.`,
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
export async function learningRateOf({ learningRate, schedule }: NetworkSettings) {
  const isPlain = schedule.type === "constant" && schedule.warmUp === undefined;
  if (learningRate === undefined || isPlain) return learningRate;
  const { createSchedule } = await import("../../training/schedules/specification.js");
  return createSchedule(schedule, learningRate);
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
  const { type, ...options } = settings.optimizer;
  const isChapters =
    isPlain &&
    JSON.stringify(loss) === '{"type":"squaredError"}' &&
    Object.keys(options).length === 0 &&
    type === "sgd" &&
    schedule.type === "constant" &&
    schedule.warmUp === undefined &&
    from === undefined;
  return {
    ...(isPlain ? { layers: network.sizes, activation: "sigmoid" } : { inputs, layers }),
    ...(!isChapters && { loss, optimizer: { type, ...optimizer, ...options }, schedule }),
    ...(alpha > 0 && { alpha }),
    ...(l1 > 0 && { l1 }),
    ...(classWeights !== undefined && { classWeights }),
    ...(from !== undefined && { from }),
    ...(freeze.length > 0 && { freeze }),
    epochs,
    batchSize,
    ...(learningRate !== undefined && { learningRate }),
    ...(augment !== undefined && { augment }),
    ...settings.stopping,
  };
}
