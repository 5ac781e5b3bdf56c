import { argmax } from "../tensor/operations.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * The class that a network predicts for each example: the one with the largest output; of a single output, 1 where it is at least 0.5, else 0.
 *
 * @param output Of the output layer, [n_examples, n_outputs].
 * @param chosen Where the classes are written, [n_examples].
 */
export function chooseClasses(output: Tensor, chosen: Int32Array): void {
  if (output.shape[1] !== 1) {
    argmax(output, chosen);
    return;
  }
  for (const i of chosen.keys()) chosen[i] = Number((output.data[i] as number) >= 0.5); // One for each.
}
