import type { Layer } from "../../nn/layer.js";
import { lossNames } from "../../nn/losses/loss-names.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import type { TrainingContext } from "../../training/callback.js";
import type { EpochMetrics } from "../../training/history.js";
import type { EpochPoint, Figure, TrainingFacts } from "../protocol.js";

/** What is said of a training when it begins, with the epochs that it has had. */
export function factsOf(context: TrainingContext): TrainingFacts {
  const { network, optimizer, epochs, stepsPerEpoch, examplesPerEpoch, history } = context;
  return {
    epochs,
    stepsPerEpoch,
    examplesPerEpoch,
    history: history.map(epochPoint),
    network: network.sizes.join("-"),
    layers: learningLayers(network).map(({ name }) => name),
    loss: lossNames(network.loss).short,
    optimizer: optimizer.name,
  };
}

/** The layers that have parameters, by the names that begin those of their parameters. */
export function learningLayers({
  layers,
}: MultilayerPerceptron): readonly { readonly name: string; readonly layer: Layer }[] {
  return layers
    .map((layer, l) => ({ name: `layers.${l}`, layer }))
    .filter(({ layer }) => layer.parameters.length > 0);
}

export function epochPoint(metrics: EpochMetrics): EpochPoint {
  return {
    epoch: metrics.epoch,
    step: figure(metrics.step),
    trainLoss: figure(metrics.trainLoss),
    trainAccuracy: figure(metrics.trainAccuracy),
    validLoss: figure(metrics.validLoss),
    validAccuracy: figure(metrics.validAccuracy),
    learningRate: figure(metrics.learningRate),
    seconds: metrics.seconds,
  };
}

/** A number as JSON can hold it. */
export function figure(number: number | undefined): Figure {
  return number === undefined || !Number.isFinite(number) ? null : number;
}
