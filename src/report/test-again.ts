import type { DataChoice } from "../data/open-data.js";
import type { DatasetParts } from "../data/split-dataset.js";
import { isStream } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import { predictionConfidences } from "../metrics/calibration.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import type { Run } from "../runs/read-run.js";
import { loadRunData } from "../runs/recorded-data.js";
import { toArray } from "../tensor/tensor.js";
import { predict } from "../training/predict.js";
import type { HiddenWeights } from "./page/reported-run.js";
import type { TestedImages } from "./page/tested-images.js";

/**
 * What the network says of the run's test images, or of another part of its data, or of those that `choice` names. Nothing is
 * downloaded.
 *
 * @throws InvalidArgumentError when the images do not fit the network, and as `loadRunData`.
 */
export async function testAgain(
  network: MultilayerPerceptron,
  run: Run,
  choice: DataChoice,
  part: keyof DatasetParts = "test",
): Promise<TestedImages> {
  const { parts, close } = await loadRunData(run, { ...choice, offline: true });
  await close();
  const test = parts[part];
  if (isStream(test)) {
    throw new InvalidArgumentError(`The ${part} images are too many to hold in memory.`);
  }
  const classes = network.sizes.at(-1) as number; // A network has at least two layers.
  if (test.targets.classes > classes) {
    throw new InvalidArgumentError(
      `The images belong to ${test.targets.classes} classes, and the network tells ${classes} apart.`,
    );
  }
  const { classes: predictions, activations } = await predict(network, test);
  const { classNames, ...unnamed } = test.targets;
  const targets = { ...(classNames?.length === classes ? test.targets : unnamed), classes };
  const dataset = { ...test, targets };
  return { dataset, predictions, confidences: predictionConfidences(activations, classes) };
}

/** The weights of the first layer, or `null` where they are not of images of this shape. */
export function firstLayer(
  network: MultilayerPerceptron,
  imageShape: readonly [number, number] | null,
): HiddenWeights | null {
  const weight = network.layers[0]?.weight;
  const isShape = imageShape !== null && imageShape[0] * imageShape[1] === network.sizes[0];
  return weight === undefined || !isShape ? null : { weights: toArray(weight), imageShape };
}
