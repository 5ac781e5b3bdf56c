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

/** How many numbers there is room for before the gradients, for what several processes say of a step in the message that has them. */
export const HEADER_LENGTH = 9;

/** Parameters, and the memory that all of their gradients have in common. */
export interface ParameterMemory {
  readonly parameters: readonly Parameter[];
  /** {@link HEADER_LENGTH} numbers, to be used as one likes, and what fills their line of the cache; then all gradients. */
  readonly gradients: FloatArray;
}

/**
 * Parameters of zeros, as views of two arrays: one of all values, one of all gradients. Each begins on a line of the processor's cache,
 * and matrices lie column by column. What lies between the numbers stays 0. Those that decay come first in the arrays, so that an
 * optimizer updates each kind by one call; the list has the order of `shapes`.
 */
export function createParameters(shapes: readonly ParameterShape[], options: TensorOptions): ParameterMemory {
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
  const header = wholeLines(HEADER_LENGTH, dtype);
  const [values, gradients] = [backend.allocate(dtype, end), backend.allocate(dtype, header + end)];
  declarePadded(values, gradients);
  const parameters = shapes.map(({ name, shape, decays }, i) => {
    const [start = 0, size = 0] = [starts[i], sizes[i]];
    const view = (all: FloatArray, from: number) => {
      const data = all.subarray(from, from + size);
      return isMatrix(shape) ? byColumns(shape, data, { dtype, backend }) : tensor(data, shape, { backend });
    };
    return {
      name,
      value: view(values, start),
      gradient: view(gradients, header + start),
      decays,
      frozen: false,
    };
  });
  return { parameters, gradients };
}
