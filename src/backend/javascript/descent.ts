import type { FloatArray, ImageDescentArguments, LinearDescentArguments } from "../backend.js";
import { sgdUpdate } from "./elementwise.js";
import { gemm } from "./gemm.js";
import { imageGradient } from "./images.js";
import { columnSums } from "./rows.js";
import { createScratch } from "./scratch.js";

const [reserveGradient, reserveSums] = [createScratch(), createScratch()];

/** weight -= learningRate * deltaᵀ x, bias -= learningRate * (column sums of delta), with the weights by inputs */
export function linearDescent(args: LinearDescentArguments): void {
  const { x, delta, examples, inputs, units, ldw } = args;
  descend(args, examples, (gradient) =>
    gemm({
      transposeA: true,
      transposeB: false,
      m: inputs,
      n: units,
      k: examples,
      alpha: 1,
      a: x,
      lda: inputs,
      b: delta,
      ldb: units,
      beta: 0,
      c: gradient,
      ldc: ldw,
      bias: null,
      activation: "identity",
    }),
  );
}

/** The same for rows of images, scaled. */
export function imageDescent(args: ImageDescentArguments): void {
  const { rows, ldw } = args;
  descend(args, rows.length, (gradient) => imageGradient({ ...args, out: gradient, ldo: ldw }));
}

interface Descent {
  readonly delta: FloatArray;
  readonly units: number;
  readonly learningRate: number;
  readonly weight: FloatArray;
  readonly bias: FloatArray;
}

function descend(
  { delta, units, learningRate, weight, bias }: Descent,
  examples: number,
  sumGradient: (gradient: FloatArray) => void,
): void {
  const gradient = reserveGradient(weight, weight.length).fill(0); // What lies behind the units must be 0.
  const sums = reserveSums(bias, units);
  sumGradient(gradient);
  columnSums({ x: delta, rows: examples, columns: units, out: sums });
  sgdUpdate(weight, gradient, learningRate);
  sgdUpdate(bias, sums, learningRate);
}
