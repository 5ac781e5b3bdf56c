import type { OpenData } from "../data/open-data.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { isLearnedData, otherSplitNotice } from "../runs/learned-data.js";
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
  metadata: Readonly<Record<string, string>>,
  data: OpenData,
  path: string,
): boolean | null {
  const isSame = isLearnedData(metadata, data);
  if (isSame !== false) return isSame;
  const { dataset: trainedOn } = metadata;
  const { dataset } = data;
  const names =
    trainedOn === undefined || trainedOn === dataset ? "" : `: on ${trainedOn}, and not on ${dataset}`;
  process.stderr.write(
    `${printable(path)} was trained on other data than these${names}. What follows says how well it does on these.\n`,
  );
  return false;
}

/** Says on standard error where a model is tested on the data that it was trained on, but split otherwise. */
export function noticeOtherSplit(
  metadata: Readonly<Record<string, string>>,
  data: OpenData,
  path: string,
): void {
  const notice = otherSplitNotice(metadata, data, printable(path));
  if (notice !== undefined) process.stderr.write(`${notice}\n`);
}

/** Says on standard error that a file does not tell what its network takes for pixels. */
export function noticeAssumedPixels(path: string): void {
  process.stderr.write(
    `${printable(path)} does not tell what its program made of the bytes of pixels, so that -1 to 1 was assumed; give what it was by --pixels 0..1, 0..255 or MEAN,DEVIATION, or --pixels -1..1 where that is right.\n`,
  );
}
