import type { FloatArray } from "../backend.js";
import type { LossArguments } from "../operations/losses.js";
import { argmax } from "./rows.js";

/** The weighted sums of a loss, kept in double, and its gradient with respect to z. */
export function loss(args: LossArguments): void {
  const { kind, rows, outputs, a, values, weights, totals, delta } = args;
  const lossOf = kind === "crossEntropy" ? crossEntropyOf : sumOfOutputs;
  const slopeOf = slopes(args);
  let [lossSum, correctSum, weightSum] = [0, 0, 0];
  for (let i = 0; i < rows; i++) {
    const row = i * outputs;
    const hot = values === null ? hotOutput(args, i) : -1;
    const weight = weights === null ? 1 : (weights[i] as number);
    lossSum += weight * lossOf(args, row, hot);
    correctSum += isCorrect(args, i, hot) ? weight : 0;
    weightSum += weight;
    if (delta === null) continue;
    const factor = args.scale * weight;
    for (let j = 0; j < outputs; j++) {
      delta[row + j] = factor * slopeOf(a[row + j] as number, smoothedTarget(args, row, j, hot));
    }
  }
  totals[0] = (totals[0] as number) + lossSum;
  totals[1] = (totals[1] as number) + correctSum;
  totals[2] = (totals[2] as number) + weightSum;
}

/** Of all losses but the cross-entropy of classes: the sum over the outputs. */
function sumOfOutputs(args: LossArguments, row: number, hot: number): number {
  const { outputs, a, z } = args;
  let sum = 0;
  for (let j = 0; j < outputs; j++) {
    const y = smoothedTarget(args, row, j, hot);
    sum +=
      z === null ? errorOf(args, (a[row + j] as number) - y) : binaryCrossEntropyOf(z[row + j] as number, y);
  }
  return sum;
}

function errorOf({ kind, threshold }: LossArguments, error: number): number {
  if (kind === "squaredError") return error * error;
  const distance = Math.abs(error);
  if (kind === "absoluteError") return distance;
  return distance > threshold ? threshold * (distance - threshold / 2) : (error * error) / 2;
}

function binaryCrossEntropyOf(z: number, y: number): number {
  return (z > 0 ? z : 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)));
}

/** With the largest of z taken off before exp, so that nothing overflows. */
function crossEntropyOf({ z, outputs, smoothing }: LossArguments, row: number, hot: number): number {
  const inputs = z as FloatArray;
  let most = Number.NEGATIVE_INFINITY;
  for (let j = row; j < row + outputs; j++) most = Math.max(most, inputs[j] as number);
  let exps = 0;
  let distances = 0;
  for (let j = row; j < row + outputs; j++) {
    exps += Math.exp((inputs[j] as number) - most);
    distances += (inputs[j] as number) - most;
  }
  const logSum = Math.log(exps);
  const ofLabel = most - (inputs[row + hot] as number) + logSum;
  if (smoothing === 0) return ofLabel;
  return (1 - smoothing) * ofLabel + (smoothing / outputs) * (outputs * logSum - distances);
}

/** The derivative of the loss with respect to z, from a and y. */
function slopes({ kind, output, threshold }: LossArguments): (a: number, y: number) => number {
  switch (kind) {
    case "squaredError":
      return output === "sigmoid" ? (a, y) => 2 * (a - y) * (a * (1 - a)) : (a, y) => 2 * (a - y);
    case "absoluteError":
      return (a, y) => Math.sign(a - y);
    case "huber":
      return (a, y) => Math.max(-threshold, Math.min(threshold, a - y));
    default:
      return (a, y) => a - y;
  }
}

/** The output that should be 1: that of the label, or the only one if the label is 1 of 0 and 1, else -1. */
function hotOutput({ labels, outputs }: LossArguments, i: number): number {
  const label = labels?.[i] as number;
  return outputs > 1 ? label : label - 1;
}

function targetOf({ values }: LossArguments, row: number, j: number, hot: number): number {
  if (values !== null) return values[row + j] as number;
  return j === hot ? 1 : 0;
}

function smoothedTarget(args: LossArguments, row: number, j: number, hot: number): number {
  const { kind, smoothing, outputs } = args;
  const y = targetOf(args, row, j, hot);
  if (smoothing === 0) return y;
  return (1 - smoothing) * y + smoothing / (kind === "crossEntropy" ? outputs : 2);
}

function isCorrect(args: LossArguments, i: number, hot: number): boolean {
  const { kind, a, values, outputs } = args;
  const row = i * outputs;
  if (values === null && outputs > 1) return argmax(a, row, outputs) === hot;
  if (values !== null && kind !== "binaryCrossEntropy") return false;
  for (let j = 0; j < outputs; j++) {
    if ((a[row + j] as number) >= 0.5 !== targetOf(args, row, j, hot) >= 0.5) return false;
  }
  return true;
}
