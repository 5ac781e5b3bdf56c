import type { FloatArray } from "../backend/backend.js";
import { selectBackend } from "../backend/select.js";
import type { Parameter } from "../tensor/parameter.js";
import { declarePadded } from "../tensor/parameter-runs.js";
import { byColumns, sizeByColumns, type TensorOptions, tensor, wholeLines } from "../tensor/tensor.js";

/** A parameter that a layer asks for. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
  readonly decays: boolean;
}

const isMatrix = (shape: readonly number[]) => shape.length === 2;

/**
 * Parameters of zeros, as views of two arrays: one of all values, one of all gradients. Each begins on a line of the processor's cache,
 * and matrices lie column by column. What lies between the numbers stays 0. Those that decay come first in the arrays, so that an
 * optimizer updates each kind by one call; the list has the order of `shapes`.
 */
export function createParameters(shapes: readonly ParameterShape[], options: TensorOptions): Parameter[] {
  const { dtype = "float32", backend = selectBackend() } = options;
  const sizes = shapes.map(({ shape }) => (isMatrix(shape) ? sizeByColumns(shape, dtype) : (shape[0] ?? 0)));
  const starts: number[] = [];
  let end = 0;
  for (const isOfThese of [true, false]) {
    for (const [i, { decays }] of shapes.entries()) {
      if (decays !== isOfThese) continue;
      starts[i] = end;
      end += wholeLines(sizes[i] ?? 0, dtype);
    }
  }
  const [values, gradients] = [backend.allocate(dtype, end), backend.allocate(dtype, end)];
  declarePadded(values, gradients);
  return shapes.map(({ name, shape, decays }, i) => {
    const [start = 0, size = 0] = [starts[i], sizes[i]];
    const view = (all: FloatArray) => {
      const data = all.subarray(start, start + size);
      return isMatrix(shape) ? byColumns(shape, data, { dtype, backend }) : tensor(data, shape, { backend });
    };
    return { name, value: view(values), gradient: view(gradients), decays, frozen: false };
  });
}
