import type { Backend, InkLists } from "../backend/backend.js";
import { selectBackend } from "../backend/select.js";
import { expectThat, hasFunctions } from "../system/expected.js";
import { isOptions, type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { expectDataset, type Inputs } from "./dataset.js";

export interface ListInkOptions {
  /** The network's. Default: the one that {@link selectBackend} chooses. */
  readonly backend?: Backend | undefined;
}

const OPTIONS: KnownOptions<ListInkOptions> = { backend: true };

/**
 * Finds once where the ink of a dataset's images is, for {@link batches}: its minibatches need not look for it again.
 * `fit` does so by itself.
 *
 * @param dataset Whose images, all of them, are listed. They must not change while the lists are used, which tell of them as they were.
 * @returns Two bytes for each pixel with ink, outside of JavaScript's own memory; `null` where there is too much ink for that to pay, or
 *   the backend has no use for it, or the images are on a SharedArrayBuffer; and for what is no images.
 * @throws InvalidArgumentError when there is no such option, or when this is no dataset in memory.
 */
export function listInk(dataset: Inputs, options: ListInkOptions = {}): InkLists | null {
  requireKnownOptions("listInk", options, OPTIONS, "{ backend }");
  expectDataset(isOptions(dataset) && "features" in dataset && "rows" in dataset, "dataset", dataset);
  const { backend = selectBackend() } = options;
  const isBackend = hasFunctions(backend, "listInk");
  expectThat(isBackend, "a backend, such as selectBackend() gives,", "backend", backend);
  const { features } = dataset;
  return features.kind === "bytes" ? backend.listInk(features.data, features.width) : null;
}
