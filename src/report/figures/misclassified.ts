import { type Dataset, type ImageDataset, requireImages } from "../../data/dataset.js";
import { LabelRangeError, ShapeError } from "../../errors.js";
import { requireKnownOptions } from "../../system/known-options.js";
import { classLabel, datasetImage } from "./dataset-tiles.js";
import { drawNote } from "./frame.js";
import { drawGallery, type Tile } from "./gallery.js";
import { FIGURE_OPTIONS, type FigureOptions } from "./theme.js";

const MAX_TILES = 25;

/**
 * The first 25 images that were taken for another class, in rows of five, as in the chapter's figure 11.9, each titled
 * `n) True: t / Predicted: p`; a note where there is no mistake.
 *
 * @param predictions The predicted class of each example of the dataset, [n_examples], in the order of `dataset.rows`.
 * @returns An SVG document.
 * @throws InvalidArgumentError when these are no images of classes.
 * @throws ShapeError when there are not as many predictions as examples.
 * @throws LabelRangeError when a prediction is not a class of the dataset.
 */
export function misclassifiedFigure(
  dataset: Dataset,
  predictions: ArrayLike<number>,
  options: FigureOptions = {},
): string {
  requireKnownOptions("misclassifiedFigure", options, FIGURE_OPTIONS, '{ theme: "light" }');
  const { theme = "auto", run, hasTitle } = options;
  const images = requireImages("This figure", dataset);
  const {
    features: { imageShape },
    targets: { labels, classNames },
    rows,
  } = images;
  checkPredictions(images, predictions);
  const title = "Misclassified images";
  const count = rows.length.toLocaleString("en-US");
  const mistakes = [...rows.entries()].filter(([i, row]) => labels[row] !== predictions[i]);
  if (mistakes.length === 0) {
    return drawNote(`No mistakes: all ${count} images are classified correctly.`, {
      title,
      theme,
      run,
      hasTitle,
    });
  }
  const shown = mistakes.slice(0, MAX_TILES);
  const tiles = shown.map(([i, row], k): Tile => {
    const trueName = classLabel(classNames, labels[row] ?? 0);
    const predictedName = classLabel(classNames, predictions[i] ?? 0);
    return {
      image: datasetImage(images, row),
      caption: [`${k + 1}) True: ${trueName} /`, `Predicted: ${predictedName}`],
    };
  });
  const some = shown.length < mistakes.length ? `The first ${shown.length} of ` : "";
  const gist = `${some}${mistakes.length.toLocaleString("en-US")} mistake${mistakes.length === 1 ? "" : "s"} among ${count} images`;
  const description = `${gist}: ${tiles.map(({ caption }) => caption.join(" ")).join("; ")}.`;
  return drawGallery({ title, details: [`${gist}.`], description, theme, run, hasTitle }, tiles, {
    columns: 5,
    imageShape,
    imageSize: 84,
    captionSize: 14,
    minTileWidth: 102,
  });
}

function checkPredictions(
  { targets: { classes }, rows }: ImageDataset,
  predictions: ArrayLike<number>,
): void {
  if (predictions.length !== rows.length) {
    throw new ShapeError(
      `Expected a prediction for each of ${rows.length} images but received ${predictions.length}.`,
    );
  }
  for (let i = 0; i < predictions.length; i++) {
    const prediction = predictions[i] ?? Number.NaN;
    if (!Number.isInteger(prediction) || prediction < 0 || prediction >= classes) {
      throw new LabelRangeError(
        `Expected predictions from 0 to ${classes - 1}, but the one at position ${i} is ${prediction}.`,
      );
    }
  }
}
