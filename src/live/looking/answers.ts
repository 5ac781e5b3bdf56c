import type { Inputs } from "../../data/dataset.js";
import type { ByteFeatures } from "../../data/features.js";
import type { Tensor } from "../../tensor/tensor.js";
import { chooseClasses } from "../../training/choose-classes.js";
import { confidencesOf } from "../../training/confidence.js";
import type { Figure } from "../protocol.js";
import type { Visit } from "./forward.js";
import type { ViewedModel } from "./viewed-model.js";

/** What a network says of images, in their order. */
export interface Answers {
  /** [n_images] */
  readonly predictions: Int32Array;
  /** [n_images], 0 to 1, or NaN; `null` where the outputs do not say how sure the network is. */
  readonly confidences: Float64Array | null;
}

/** @param visit Is given the activations of some images, as by `Forward`. */
export async function answersOf(
  { network, forward }: ViewedModel,
  inputs: Inputs<ByteFeatures>,
  visit: Visit = () => {},
): Promise<Answers> {
  const predictions = new Int32Array(inputs.rows.length);
  const confidences = new Float64Array(inputs.rows.length);
  let areSure = true;
  await forward(inputs, (activations, first, count) => {
    const output = activations.at(-1) as Tensor; // A network has at least one layer.
    chooseClasses(output, predictions.subarray(first, first + count));
    const found = confidencesOf(network, output.data);
    if (found === null) areSure = false;
    else confidences.set(found, first);
    visit(activations, first, count);
  });
  return { predictions, confidences: areSure ? confidences : null };
}

/** A number as JSON can hold it. */
export function figureOf(value: number | undefined): Figure {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
