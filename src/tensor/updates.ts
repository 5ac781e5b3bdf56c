import { requireShape, type Tensor } from "./tensor.js";

/** gradient += l2 * parameter + l1 * sign(parameter), in place. */
export function addPenalty(parameter: Tensor, gradient: Tensor, l2: number, l1: number): void {
  requireShape("the gradient", gradient, parameter.shape);
  parameter.backend.addPenalty({ parameter: parameter.data, gradient: gradient.data, l2, l1 });
}
