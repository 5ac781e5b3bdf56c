import type { MultilayerPerceptron } from "../nn/mlp.js";
import { printable } from "../system/printable.js";
import { hasFiniteWeights } from "../training/model-file.js";

/** Says on standard error what is wrong with a model that can be used all the same. */
export function noticeDivergence(network: MultilayerPerceptron, path: string): void {
  if (hasFiniteWeights(network)) return;
  process.stderr.write(
    `${printable(path)} has weights that are not numbers, as a training that diverged leaves them, so that its outputs mean nothing; train with a lower learning rate.\n`,
  );
}
