import type { FloatArray } from "../backend/backend.js";
import { outputConfidences } from "../metrics/calibration.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";

/** Whether the outputs of a network say how likely classes are, or at least how sure it is of them: those from 0 to 1. */
export function hasConfidences({ specification }: MultilayerPerceptron): boolean {
  const last = specification.layers.at(-1);
  const activation = last?.type === "dense" ? last.activation : undefined;
  return activation === "softmax" || activation === "sigmoid";
}

/** Whether the outputs are trained to be probabilities, by a cross-entropy. */
export function givesProbabilities({ loss }: MultilayerPerceptron): boolean {
  return loss.specification.type === "crossEntropy" || loss.specification.type === "binaryCrossEntropy";
}

/**
 * How sure a network is of the class that it predicts, [n_examples], 0 to 1: its largest output or, of a single one, that of its class.
 *
 * @param activations Its outputs, [n_examples, n_outputs].
 * @returns `null` where its outputs are no such numbers.
 */
export function confidencesOf(network: MultilayerPerceptron, activations: FloatArray): Float64Array | null {
  return hasConfidences(network) ? outputConfidences(activations, network.outputs) : null;
}

/** The outputs for two classes, where one unit tells them apart: the share of the other, and its own. */
export function outputsByClass(activations: readonly number[]): readonly number[] {
  const [a = 0] = activations;
  return activations.length === 1 ? [1 - a, a] : activations;
}
