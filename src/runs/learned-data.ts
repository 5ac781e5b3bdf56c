import { fingerprint } from "../data/fingerprint.js";
import { DATASETS, type OpenData } from "../data/open-data.js";
import { DATASET_SPLITS, type DatasetSplit } from "../data/split-dataset.js";
import { isStream } from "../data/stream.js";

// Whether data are those that a model has learned from, by what its metadata say.

type Metadata = Readonly<Record<string, string>>;

/** Whether data have the fingerprint of those that a model was trained on; `null` where it tells none, or they are larger than memory. */
export function isLearnedData(
  { fingerprint: known }: Metadata,
  { parts: { train } }: Pick<OpenData, "parts">,
): boolean | null {
  return known === undefined || isStream(train) ? null : fingerprint(train) === known;
}

/**
 * The split that a model was trained with, where it is another than that of the data, and the data are the same: the test examples of one
 * are training examples of the other. The same by their fingerprint; published data also by their name, as other classes of them may be
 * selected.
 */
export function otherSplit(
  metadata: Metadata,
  data: Pick<OpenData, "dataset" | "split" | "parts">,
): DatasetSplit | undefined {
  const split = DATASET_SPLITS.find((name) => name === metadata.split);
  if (split === undefined || split === data.split) return undefined;
  const isPublished = DATASETS.some((name) => name === data.dataset);
  const isSame = (isPublished && data.dataset === metadata.dataset) || isLearnedData(metadata, data);
  return isSame ? split : undefined;
}

/** What it means where a model is tested on the data that it was trained on, but split otherwise; `undefined` where it is not. */
export function otherSplitNotice(
  metadata: Metadata,
  data: Pick<OpenData, "dataset" | "split" | "parts">,
  name: string,
): string | undefined {
  const trainedWith = otherSplit(metadata, data);
  return trainedWith === undefined
    ? undefined
    : `${name} was trained with split ${trainedWith} of these data, so that the test images of split ${data.split} may be among those that it has learned from; leave out --split, or give --split ${trainedWith}, to test it on others.`;
}
