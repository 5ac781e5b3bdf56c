import { type Dataset, type ImageDataset, requireImages } from "../../data/dataset.js";
import { requireKnownOptions } from "../../system/known-options.js";
import { classLabel, datasetImage } from "./dataset-tiles.js";
import { drawGallery, type Tile } from "./gallery.js";
import { textWidth } from "./svg.js";
import { FIGURE_OPTIONS, type FigureOptions } from "./theme.js";

/**
 * One example of each class, the first that the dataset has: in two rows of five for ten digits, as in the chapter's figure 11.4, and in
 * rows of ten for more than ten classes. The frame of a class without an example stays empty.
 *
 * @returns An SVG document.
 * @throws InvalidArgumentError when these are no images of classes.
 */
export function digitsFigure(dataset: Dataset, options: FigureOptions = {}): string {
  requireKnownOptions("digitsFigure", options, FIGURE_OPTIONS, '{ theme: "light" }');
  const { theme = "auto", run, hasTitle } = options;
  const images = requireImages("This figure", dataset);
  const {
    features: { imageShape },
    targets: { classes, classNames },
  } = images;
  const firstRows = firstRowOfEachClass(images);
  const tiles = Array.from({ length: classes }, (_, label): Tile => {
    const row = firstRows.get(label);
    return {
      image: row === undefined ? null : datasetImage(images, row),
      caption: [classLabel(classNames, label)],
    };
  });
  const captionSize = classes > 10 ? 16 : 14;
  const widestName = Math.max(...tiles.map(({ caption }) => textWidth(caption.join(" "), captionSize)));
  const description = `The first example of each of ${classes} classes; ${classes - firstRows.size} of them have none.`;
  return drawGallery({ title: "One example of each class", description, theme, run, hasTitle }, tiles, {
    columns: classes > 10 ? 10 : 5,
    imageShape,
    imageSize: classes > 10 ? 56 : 84,
    captionSize,
    minTileWidth: Math.min(112, widestName),
  });
}

function firstRowOfEachClass({ targets: { labels }, rows }: ImageDataset): ReadonlyMap<number, number> {
  const first = new Map<number, number>();
  for (const row of rows) {
    const label = labels[row];
    if (label !== undefined && !first.has(label)) {
      first.set(label, row);
    }
  }
  return first;
}
