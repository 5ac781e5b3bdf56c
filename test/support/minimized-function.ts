import type { Backend } from "../../src/backend/backend.js";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { tensor, zeros } from "../../src/tensor/tensor.js";
import type { TestFunction } from "./test-functions.js";

const backend: Backend = createJavaScriptBackend();

/** A function of one parameter, and what evaluates it. */
export function problem(f: TestFunction, start: readonly number[], dtype: "float32" | "float64" = "float64") {
  const value = tensor(start, [start.length], { dtype, backend });
  const gradient = zeros([start.length], { dtype, backend });
  const parameters: readonly Parameter[] = [{ name: "x", value, gradient, decays: false }];
  const evaluate = () => {
    const slopes = new Float64Array(start.length);
    const loss = f(Float64Array.from(value.data), slopes);
    gradient.data.set(slopes);
    return loss;
  };
  return { value, gradient, parameters, evaluate };
}
