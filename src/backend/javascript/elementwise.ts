import type { ElementwiseOperations, FloatArray } from "../backend.js";
import * as activations from "./activations.js";

type Unary = (x: FloatArray, out: FloatArray) => void;
type Binary = (a: FloatArray, b: FloatArray, out: FloatArray) => void;

/** out[i] = f(x[i]) */
function unary(f: (x: number) => number): Unary {
  return (x, out) => {
    for (let i = 0; i < out.length; i++) {
      out[i] = f(x[i] as number);
    }
  };
}

/** out[i] = f(a[i], b[i]) */
function binary(f: (a: number, b: number) => number): Binary {
  return (a, b, out) => {
    for (let i = 0; i < out.length; i++) {
      out[i] = f(a[i] as number, b[i] as number);
    }
  };
}

/** parameter -= learningRate * gradient */
export function sgdUpdate(parameter: FloatArray, gradient: FloatArray, learningRate: number): void {
  for (let i = 0; i < parameter.length; i++) {
    parameter[i] = (parameter[i] as number) - learningRate * (gradient[i] as number);
  }
}

export const elementwise: ElementwiseOperations = {
  sigmoid: unary(activations.sigmoid),
  sigmoidBackward: binary(activations.sigmoidBackward),
  tanh: unary(activations.tanh),
  tanhBackward: binary(activations.tanhBackward),
  relu: unary(activations.relu),
  reluBackward: binary(activations.reluBackward),
  leakyRelu: unary(activations.leakyRelu),
  leakyReluBackward: binary(activations.leakyReluBackward),
  elu: unary(activations.elu),
  eluBackward: binary(activations.eluBackward),
  gelu: unary(activations.gelu),
  geluBackward: binary(activations.geluBackward),
  silu: unary(activations.silu),
  siluBackward: binary(activations.siluBackward),
  add: binary((a, b) => a + b),
};
