import { requireClasses } from "../data/dataset.js";
import type { DataChoice } from "../data/open-data.js";
import type { DatasetParts } from "../data/split-dataset.js";
import { isStream } from "../data/stream.js";
import { InvalidArgumentError } from "../errors.js";
import { Dense } from "../nn/dense.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { Standardize } from "../nn/standardize.js";
import { otherSplitNotice } from "../runs/learned-data.js";
import type { Run } from "../runs/read-run.js";
import { loadRunData } from "../runs/recorded-data.js";
import { toArray } from "../tensor/tensor.js";
import { confidencesOf } from "../training/confidence.js";
import { predict } from "../training/predict.js";
import { type PredictedValues, predictValues } from "../training/score-values.js";
import type { HiddenWeights } from "./page/reported-run.js";
import type { TestedClasses } from "./page/tested-images.js";

/** What the network says of examples, by what it learned. */
export type Tested = (
  | { readonly kind: "classes"; readonly tested: TestedClasses }
  | { readonly kind: "values"; readonly values: PredictedValues }
) & {
  /** What is to be said of the examples. */
  readonly notice?: string | undefined;
};

/**
 * What the network says of the run's test examples, or of another part of its data, or of those that `choice` names. Nothing is
 * downloaded.
 *
 * @throws InvalidArgumentError when the examples do not fit the network, and as `loadRunData`.
 */
export async function testAgain(
  network: MultilayerPerceptron,
  run: Run,
  choice: DataChoice,
  part: keyof DatasetParts = "test",
): Promise<Tested> {
  const data = await loadRunData(run, { ...choice, offline: true });
  const { parts, close } = data;
  await close();
  const notice = part === "train" ? undefined : otherSplitNotice(learnedBy(run), data, "The network");
  const test = parts[part];
  if (isStream(test)) {
    throw new InvalidArgumentError(`The ${part} images are too many to hold in memory.`);
  }
  const values = await predictValues(network, test);
  if (values !== null) return { kind: "values", values, notice };
  const dataset = requireClasses("This page or figure", test);
  const classes = network.outputs === 1 ? 2 : network.outputs;
  if (dataset.targets.classes > classes) {
    throw new InvalidArgumentError(
      `The examples belong to ${dataset.targets.classes} classes, and the network tells ${classes} apart.`,
    );
  }
  const { classes: predictions, activations } = await predict(network, dataset);
  const { classNames, ...unnamed } = dataset.targets;
  const targets = { ...(classNames?.length === classes ? dataset.targets : unnamed), classes };
  const confidences = confidencesOf(network, activations);
  return { kind: "classes", tested: { dataset: { ...dataset, targets }, predictions, confidences }, notice };
}

/** What a run says of the data that its network has learned from, as a model's metadata would. */
function learnedBy({ config, environment }: Run): Readonly<Record<string, string>> {
  const { fingerprint } = (environment.data ?? {}) as { readonly fingerprint?: unknown };
  const all = Object.entries({ dataset: config.dataset, split: config.split, fingerprint });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** The weights of the first layer that has any, or `null` where they are not of images of this shape. */
export function firstLayer(
  network: MultilayerPerceptron,
  imageShape: readonly [number, number] | null,
): HiddenWeights | null {
  // The one that sees pixels: standardized ones are still pixels.
  const first = network.layers.find((layer) => !(layer instanceof Standardize));
  const isShape = imageShape !== null && imageShape[0] * imageShape[1] === network.inputs;
  return first instanceof Dense && isShape ? { weights: toArray(first.weight), imageShape } : null;
}
