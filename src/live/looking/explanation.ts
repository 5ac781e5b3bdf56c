import { paperOf } from "../../data/readers/digit-image.js";
import { drawWeights } from "../../report/figures/weights.js";
import { imageRows } from "../../tensor/layer-input.js";
import { type Tensor, tensor, toArray } from "../../tensor/tensor.js";
import type { Recognition } from "../protocol.js";
import type { Turns } from "./turns.js";
import type { ViewedModel } from "./viewed-model.js";

/**
 * How much each pixel speaks for a class: the gradient of the class's output before its softmax or sigmoid, times the input. The gradient is
 * that of the network in use, with respect to the pixel as the network sees it, scaled; and the input is counted from the paper, as paper is
 * not 0 there, but -1, and should neither speak for a class nor against it. So the sum over all pixels is, to first order, what the ink
 * changes in the output.
 *
 * Gradient times input is of A. Shrikumar, P. Greenside and A. Kundaje, "Learning important features through propagating activation
 * differences", ICML 2017, which also counts inputs from a reference; M. Ancona, E. Ceolini, C. Öztireli and M. Gross, "Towards better
 * understanding of gradient-based attribution methods for deep neural networks", ICLR 2018, compare it with others.
 *
 * @param pixels Of one image, [height * width].
 * @returns [height * width]
 */
export async function attributionsOf(
  { network, format }: ViewedModel,
  pixels: Uint8Array,
  predicted: number,
  turns: Turns,
): Promise<Float64Array> {
  const { width, scale, offset, imageShape } = format;
  const x = imageRows({ images: pixels, rows: Int32Array.of(0), width, scale, offset });
  const slots = network.createSlots(1, { inputGradient: true });
  await turns.next(true);
  network.forward(x, slots);
  await turns.next(true);
  const gradient = toArray(network.inputGradient(x, classWeights(network, predicted), slots));
  const { paper } = paperOf({ pixels, height: imageShape[0], width: imageShape[1] });
  return Float64Array.from(pixels, (pixel, i) => (gradient[i] ?? Number.NaN) * (pixel - paper) * scale);
}

/** 1 for the output of the class, 0 for others; a single output speaks for class 1, and against class 0. */
function classWeights(
  { outputs, dtype, backend }: Pick<ViewedModel["network"], "outputs" | "dtype" | "backend">,
  predicted: number,
): Tensor {
  const values = dtype === "float32" ? new Float32Array(outputs) : new Float64Array(outputs);
  if (outputs === 1) values[0] = predicted === 1 ? 1 : -1;
  else values[predicted] = 1;
  return tensor(values, [1, outputs], { backend });
}

/** The picture of {@link attributionsOf}: red-brown for, blue against. */
export async function explain(
  model: ViewedModel,
  pixels: Uint8Array,
  predicted: number,
  turns: Turns,
): Promise<Recognition["explanation"]> {
  const attributions = await attributionsOf(model, pixels, predicted, turns);
  const { images, limit } = drawWeights(attributions, model.format.imageShape);
  const [image] = images;
  return image === undefined ? null : { uri: image.uri, limit };
}
