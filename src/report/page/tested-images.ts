import { type Dataset, hasImages, type ImageDataset } from "../../data/dataset.js";
import type { Features } from "../../data/features.js";
import type { ClassTargets } from "../../data/targets.js";
import { type ConfusionMatrix, confusionMatrix } from "../../metrics/confusion-matrix.js";

/** The test examples, each of a class, with what the network says of them. The arrays are in the order of `dataset.rows`. */
export interface TestedClasses {
  readonly dataset: Dataset<Features, ClassTargets>;
  /** The predicted class of each example, [n_examples]. */
  readonly predictions: ArrayLike<number>;
  /**
   * How sure the network is of each prediction, [n_examples], 0 to 1; NaN where its output is not a number. `null` where its outputs do not
   * say how sure it is.
   */
  readonly confidences: Float64Array | null;
}

/** Examples that are images, which can be shown. */
export interface TestedImages extends TestedClasses {
  readonly dataset: ImageDataset;
}

export function areImages(tested: TestedClasses): tested is TestedImages {
  return hasImages(tested.dataset);
}

export function matrixOf({ dataset, predictions }: TestedClasses): ConfusionMatrix {
  const {
    targets: { labels, classes },
    rows,
  } = dataset;
  return confusionMatrix(
    Array.from(rows, (row) => labels[row] ?? -1),
    predictions,
    classes,
  );
}

/** One test image. */
export interface TestedImage {
  /** Its place in the test set, counted from 0: what `predict --row` takes. */
  readonly position: number;
  readonly trueClass: number;
  readonly predicted: number;
  readonly confidence: number;
}

/** Images that were taken for the same class and are of the same class. */
export interface Cell {
  readonly trueClass: number;
  readonly predicted: number;
  /** Mistakes with the most confident first, correct images with the least confident first. */
  readonly images: readonly TestedImage[];
}

/** Every cell of the confusion matrix that holds an image, row by row. */
export function cellsOf({ dataset, predictions, confidences }: TestedClasses): readonly Cell[] {
  const {
    targets: { labels, classes },
    rows,
  } = dataset;
  const cells = new Map<number, TestedImage[]>();
  for (const [position, row] of rows.entries()) {
    const trueClass = labels[row] ?? 0;
    const predicted = predictions[position] ?? 0;
    const image = { position, trueClass, predicted, confidence: confidences?.[position] ?? Number.NaN };
    const key = trueClass * classes + predicted;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, [image]);
    else cell.push(image);
  }
  return [...cells]
    .toSorted(([a], [b]) => a - b)
    .map(([key, images]) => {
      const [trueClass, predicted] = [Math.floor(key / classes), key % classes];
      const sorted = images.toSorted(mostConfidentFirst);
      return { trueClass, predicted, images: trueClass === predicted ? sorted.reverse() : sorted };
    });
}

/** Outputs that are not numbers come last. */
export function mostConfidentFirst(a: TestedImage, b: TestedImage): number {
  const [sureA, sureB] = [a, b].map(({ confidence }) => (Number.isNaN(confidence) ? -1 : confidence));
  return (sureB ?? -1) - (sureA ?? -1) || a.position - b.position;
}
