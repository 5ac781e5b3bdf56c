import { InvalidArgumentError } from "../../errors.js";
import { Dense } from "../../nn/dense.js";
import { beginDrawingWeights, weightsGallery } from "../../report/figures/weights.js";
import { firstRows, toArray } from "../../tensor/tensor.js";
import type { Turns } from "./turns.js";
import type { ViewedModel } from "./viewed-model.js";

const MOST_UNITS = 100;
/** Of all pictures: they are in colour, and large images make a figure of megabytes. */
const PIXEL_BUDGET = 100_000;

/**
 * The report's figure of the first layer's weights, drawn in several turns.
 *
 * @throws InvalidArgumentError where the first layer has no weights for the pixels themselves.
 */
export async function drawWeightsFigure(
  { network, format }: ViewedModel,
  theme: "light" | "dark",
  turns: Turns,
): Promise<string> {
  const { imageShape, width } = format;
  const first = network.layers.find(({ parameters }) => parameters.length > 0);
  if (!(first instanceof Dense)) {
    throw new InvalidArgumentError(
      `The first layer of this network has no weight for each pixel that could be drawn: it is of the type ${first?.specification.type}.`,
    );
  }
  const shown = Math.min(first.units, MOST_UNITS, Math.max(1, Math.floor(PIXEL_BUDGET / width)));
  await turns.next();
  const drawing = beginDrawingWeights(toArray(firstRows(first.weight, shown)), imageShape);
  const images = [];
  for (let unit = 0; unit < drawing.units; unit++) {
    if (turns.isOver()) await turns.next();
    images.push(drawing.draw(unit));
  }
  await turns.next();
  return weightsGallery({ images, limit: drawing.limit }, { imageShape, theme }, first.units);
}
