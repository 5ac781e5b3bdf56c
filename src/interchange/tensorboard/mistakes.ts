import type { ImageDataset } from "../../data/dataset.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { confidencesOf } from "../../training/confidence.js";
import { predict } from "../../training/predict.js";
import type { SummaryValue } from "./event.js";

/**
 * Pictures of images that a network takes for another class: of each two classes that it mistakes for each other the one of which it is
 * surest, and of these the surest. Where its outputs do not say how sure it is, the first ones. They go by what they are and what they are
 * taken for, `mistakes/true 4, predicted 9`, so that those of a later epoch take their places.
 *
 * @param most So many at most.
 */
export async function picturesOfMistakes(
  network: MultilayerPerceptron,
  dataset: ImageDataset,
  most: number,
): Promise<readonly SummaryValue[]> {
  const { rows, features, targets } = dataset;
  const { labels, classNames } = targets;
  const { classes, activations } = await predict(network, dataset);
  const confidences = confidencesOf(network, activations);
  const sureness = (position: number) => confidences?.[position] || 0; // Of one that is NaN, nothing is sure.
  const nameOf = (label: number) => classNames?.[label] ?? String(label);
  /** The place in the dataset of the surest of each kind. */
  const surest = new Map<string, number>();
  for (const [position, predicted] of classes.entries()) {
    const label = labels[rows[position] as number] as number; // There is one for each row.
    if (label === predicted) continue;
    const tag = `mistakes/true ${nameOf(label)}, predicted ${nameOf(predicted)}`;
    const other = surest.get(tag);
    if (other === undefined || sureness(position) > sureness(other)) surest.set(tag, position);
  }
  if (surest.size === 0) return [];
  const { encode } = await import("fast-png");
  const [height, width] = features.imageShape;
  return [...surest]
    .sort(([, a], [, b]) => sureness(b) - sureness(a) || a - b)
    .slice(0, most)
    .map(([tag, position]) => {
      const first = (rows[position] as number) * features.width;
      // Ink on paper, as the report draws it.
      const data = features.data.subarray(first, first + features.width).map((pixel) => 255 - pixel);
      const png = encode({ width, height, data, channels: 1, depth: 8 });
      return { tag, value: { kind: "image", image: { height, width, png } } };
    });
}
