import { fingerprint } from "../data/fingerprint.js";
import type { OpenData } from "../data/open-data.js";
import { isStream } from "../data/stream.js";
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

/**
 * Says on standard error where a model is used on other data than those that it was trained on.
 *
 * @returns Whether they are the same; `null` where that is not known: of models of older versions, and of data larger than memory.
 */
export function noticeOtherData(
  { dataset: trainedOn, fingerprint: known }: Readonly<Record<string, string>>,
  { dataset, parts: { train } }: OpenData,
  path: string,
): boolean | null {
  if (known === undefined || isStream(train)) return null;
  if (fingerprint(train) === known) return true;
  const names =
    trainedOn === undefined || trainedOn === dataset ? "" : `: on ${trainedOn}, and not on ${dataset}`;
  process.stderr.write(
    `${printable(path)} was trained on other data than these${names}. What follows says how well it does on these.\n`,
  );
  return false;
}
