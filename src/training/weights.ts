import type { FloatArray } from "../backend/backend.js";
import { InvalidArgumentError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { assign, toArray } from "../tensor/tensor.js";

/** The numbers of every parameter and buffer, running means and the like, by their names; rows one after the other. */
export type Weights = ReadonlyMap<string, FloatArray>;

/** Copies all that a network has learned. */
export function copyWeights({ parameters, buffers }: MultilayerPerceptron): Weights {
  return new Map([...parameters, ...buffers].map(({ name, value }) => [name, toArray(value)]));
}

/**
 * Puts back what {@link copyWeights} took.
 *
 * @throws InvalidArgumentError when the network has others.
 * @throws ShapeError when they are of other sizes.
 */
export function putWeights({ parameters, buffers }: MultilayerPerceptron, weights: Weights): void {
  for (const { name, value } of [...parameters, ...buffers]) {
    const numbers = weights.get(name);
    if (numbers === undefined) {
      throw new InvalidArgumentError(`Expected weights of this network, but there are none of ${name}.`);
    }
    assign(value, numbers);
  }
}
