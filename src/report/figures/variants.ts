import { type Dataset, requireImages } from "../../data/dataset.js";
import { LabelRangeError } from "../../errors.js";
import { requireKnownOptions } from "../../system/known-options.js";
import { classLabel, datasetImage } from "./dataset-tiles.js";
import { drawNote } from "./frame.js";
import { drawGallery } from "./gallery.js";
import { FIGURE_OPTIONS, type FigureOptions } from "./theme.js";

const MAX_TILES = 25;

/**
 * The first 25 examples of one class, in rows of five, as in the chapter's figure 11.5; fewer where the dataset has fewer, and a note
 * where it has none.
 *
 * @param label The class, an integer from 0 to `dataset.classes` - 1.
 * @returns An SVG document.
 * @throws InvalidArgumentError when these are no images of classes.
 * @throws LabelRangeError when there is no such class.
 */
export function variantsFigure(dataset: Dataset, label: number, options: FigureOptions = {}): string {
  requireKnownOptions("variantsFigure", options, FIGURE_OPTIONS, '{ theme: "light" }');
  const { theme = "auto", run, hasTitle } = options;
  const images = requireImages("This figure", dataset);
  const {
    features: { imageShape },
    targets: { labels, classes, classNames },
    rows,
  } = images;
  if (!Number.isInteger(label) || label < 0 || label >= classes) {
    throw new LabelRangeError(`Expected a class from 0 to ${classes - 1} but received ${label}.`);
  }
  const name = classLabel(classNames, label);
  const title = `Variants of class ${name}`;
  const shown = rows.filter((row) => labels[row] === label).subarray(0, MAX_TILES);
  if (shown.length === 0) {
    return drawNote(`The data set has no example of class ${name}.`, { title, theme, run, hasTitle });
  }
  const tiles = Array.from(shown, (row) => ({ image: datasetImage(images, row), caption: [] }));
  const description = `The first ${shown.length} examples of class ${name}.`;
  return drawGallery({ title, details: [description], description, theme, run, hasTitle }, tiles, {
    columns: 5,
    imageShape,
    imageSize: 84,
    captionSize: 14,
  });
}
