import type { FloatArray } from "../backend/backend.js";
import { selectBackend } from "../backend/select.js";
import type { Parameter } from "../tensor/parameter.js";
import {
  byColumns,
  firstRows,
  sizeByColumns,
  type Tensor,
  type TensorOptions,
  tensor,
  wholeLines,
} from "../tensor/tensor.js";

/** A parameter that a layer asks for. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
  readonly decays: boolean;
}

const isMatrix = (shape: readonly number[]) => shape.length === 2;

/**
 * Parameters of zeros, as views of two arrays: one of all values, one of all gradients. Each begins on a line of the processor's cache,
 * and matrices lie column by column. What lies between the numbers stays 0.
 */
export function createParameters(shapes: readonly ParameterShape[], options: TensorOptions): Parameter[] {
  const { dtype = "float32", backend = selectBackend() } = options;
  const sizes = shapes.map(({ shape }) => (isMatrix(shape) ? sizeByColumns(shape, dtype) : (shape[0] ?? 0)));
  const starts: number[] = [];
  let end = 0;
  for (const size of sizes) {
    starts.push(end);
    end += wholeLines(size, dtype);
  }
  const [values, gradients] = [backend.allocate(dtype, end), backend.allocate(dtype, end)];
  return shapes.map(({ name, shape, decays }, i) => {
    const [start = 0, size = 0] = [starts[i], sizes[i]];
    const view = (all: FloatArray) => {
      const data = all.subarray(start, start + size);
      return isMatrix(shape) ? byColumns(shape, data, { dtype, backend }) : tensor(data, shape, { backend });
    };
    return { name, value: view(values), gradient: view(gradients), decays };
  });
}

/** The first `count` rows of each tensor of an object; whatever else it holds stays. */
export function firstRowsOfEach<T extends object>(tensors: T, count: number): T {
  const views = Object.entries(tensors).map(([name, x]) => [name, isTensor(x) ? firstRows(x, count) : x]);
  return Object.fromEntries(views) as T;
}

function isTensor(x: unknown): x is Tensor {
  return typeof x === "object" && x !== null && "shape" in x && "backend" in x;
}
