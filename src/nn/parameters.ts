import type { DType } from "../backend/backend.js";
import type { Parameter } from "../tensor/parameter.js";
import { firstRows, type Tensor, type TensorOptions, tensor, zeros } from "../tensor/tensor.js";

/** A parameter that a layer asks for. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
  readonly decays: boolean;
}

/** Every parameter begins with a whole line of the processor's cache. */
const ALIGNMENT_BYTES = 64;
const ELEMENT_BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8 };

/** Parameters of zeros, as views of two arrays: one of all values, one of all gradients. What lies between them stays 0. */
export function createParameters(shapes: readonly ParameterShape[], options: TensorOptions): Parameter[] {
  const { dtype = "float32", backend } = options;
  const line = ALIGNMENT_BYTES / ELEMENT_BYTES[dtype];
  const sizes = shapes.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  const starts: number[] = [];
  let end = 0;
  for (const size of sizes) {
    starts.push(end);
    end += Math.ceil(size / line) * line;
  }
  const [values, gradients] = [zeros([end], options).data, zeros([end], options).data];
  return shapes.map(({ name, shape, decays }, i) => {
    const [start = 0, size = 0] = [starts[i], sizes[i]];
    const view = (all: Tensor["data"]) => tensor(all.subarray(start, start + size), shape, { backend });
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
