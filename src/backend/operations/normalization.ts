import type { FloatArray } from "../float-array.js";
import {
  failType,
  requireDisjoint,
  requireFloats,
  requireLength,
  requireNumber,
  requirePositive,
  requireSameOrDisjoint,
  requireSameType,
  requireSize,
} from "../requirements.js";

export interface NormalizationOperations {
  /**
   * Batch normalisation of each column (Ioffe and Szegedy, "Batch Normalization", 2015; PyTorch's `BatchNorm1d` in training):
   * out = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with the biased variance of the batch, the mean squared distance from
   * the mean. Running figures move by `momentum` towards those of the batch, its variance unbiased: divided by rows - 1.
   */
  normalizeBatch(args: NormalizeBatchArguments): void;

  /** The gradients of {@link normalizeBatch}, from `upstream`, which is dL/d(out), and what it wrote for the same x. */
  normalizeBatchBackward(args: NormalizeBatchBackwardArguments): void;

  /** out[i, j] = x[i, j] * scale[j] + offset[j]; `out` may be `x`. */
  scaleColumns(args: ScaleColumnsArguments): void;
}

interface Batch {
  /** [rows, columns] */
  readonly x: FloatArray;
  /** At least 2: one row has no variance. */
  readonly rows: number;
  readonly columns: number;
  /** [columns] */
  readonly gamma: FloatArray;
}

export interface NormalizeBatchArguments extends Batch {
  /** [columns] */
  readonly beta: FloatArray;
  /** Positive. */
  readonly epsilon: number;
  /** From 0 to 1: running = (1 - momentum) * running + momentum * that of the batch. */
  readonly momentum: number;
  /** [columns], an output: the mean of the batch. */
  readonly mean: FloatArray;
  /** [columns], an output: 1 / sqrt(variance + epsilon) of the batch. */
  readonly inverseDeviation: FloatArray;
  /** [columns], updated. */
  readonly runningMean: FloatArray;
  /** [columns], updated. */
  readonly runningVariance: FloatArray;
  /** [rows, columns], an output. */
  readonly out: FloatArray;
}

export interface NormalizeBatchBackwardArguments extends Batch {
  /** [rows, columns] */
  readonly upstream: FloatArray;
  /** [columns], as {@link NormalizationOperations.normalizeBatch} wrote it. */
  readonly mean: FloatArray;
  /** [columns], as {@link NormalizationOperations.normalizeBatch} wrote it. */
  readonly inverseDeviation: FloatArray;
  /** [columns], an output: dL/d(gamma). */
  readonly gammaGradient: FloatArray;
  /** [columns], an output: dL/d(beta). */
  readonly betaGradient: FloatArray;
  /** [rows, columns], an output: dL/dx. May be `upstream`. */
  readonly out: FloatArray;
}

export interface ScaleColumnsArguments {
  /** [rows, columns] */
  readonly x: FloatArray;
  readonly rows: number;
  readonly columns: number;
  /** [columns] */
  readonly scale: FloatArray;
  /** [columns] */
  readonly offset: FloatArray;
  /** [rows, columns], the output. May be `x`. */
  readonly out: FloatArray;
}

type Arrays<Name extends string> = Readonly<Record<Name, FloatArray>>;

/** Arrays of one type, one element for each column. */
function requireColumns<Name extends string>(
  call: string,
  args: Arrays<Name> & { readonly x: FloatArray; readonly columns: number },
  names: readonly Name[],
): void {
  const dtype = requireFloats(call, "x", args.x);
  for (const name of names) {
    requireSameType(call, name, args[name], dtype);
    requireLength(call, name, args[name], args.columns);
  }
}

/** Arrays of the type of x, [rows, columns] as x itself. */
function requireRows<Name extends string>(
  call: string,
  args: Arrays<Name> & { readonly x: FloatArray; readonly rows: number; readonly columns: number },
  names: readonly Name[],
): void {
  const dtype = requireFloats(call, "x", args.x);
  requireLength(call, "x", args.x, args.rows * args.columns);
  for (const name of names) {
    requireSameType(call, name, args[name], dtype);
    requireLength(call, name, args[name], args.rows * args.columns);
  }
}

/** Outputs that share memory neither with each other nor with an input. */
function requireApart<Name extends string>(
  call: string,
  args: Arrays<Name>,
  outputs: readonly Name[],
  inputs: readonly Name[],
): void {
  for (const [i, output] of outputs.entries()) {
    for (const other of [...outputs.slice(i + 1), ...inputs]) {
      requireDisjoint(call, output, args[output], other, args[other]);
    }
  }
}

function checkNormalizeBatch(args: NormalizeBatchArguments): void {
  const call = "normalizeBatch";
  const { rows, columns, epsilon, momentum } = args;
  requireSize(call, "rows", rows, 2);
  requireSize(call, "columns", columns, 0);
  requirePositive(call, "epsilon", epsilon);
  requireNumber(call, "momentum", momentum);
  if (!(momentum >= 0 && momentum <= 1)) failType(call, "momentum", "a number from 0 to 1", momentum);
  const statistics = ["mean", "inverseDeviation", "runningMean", "runningVariance"] as const;
  requireColumns(call, args, ["gamma", "beta", ...statistics]);
  requireRows(call, args, ["out"]);
  requireApart(call, args, [...statistics, "out"], ["x", "gamma", "beta"]);
}

function checkNormalizeBatchBackward(args: NormalizeBatchBackwardArguments): void {
  const call = "normalizeBatchBackward";
  requireSize(call, "rows", args.rows, 2);
  requireSize(call, "columns", args.columns, 0);
  const gradients = ["gammaGradient", "betaGradient"] as const;
  requireColumns(call, args, ["gamma", "mean", "inverseDeviation", ...gradients]);
  requireRows(call, args, ["upstream", "out"]);
  requireApart(call, args, gradients, ["upstream"]);
  requireApart(call, args, [...gradients, "out"], ["x", "gamma", "mean", "inverseDeviation"]);
  requireSameOrDisjoint(call, "out", args.out, "upstream", args.upstream);
}

function checkScaleColumns(args: ScaleColumnsArguments): void {
  requireSize("scaleColumns", "rows", args.rows, 0);
  requireSize("scaleColumns", "columns", args.columns, 0);
  requireColumns("scaleColumns", args, ["scale", "offset"]);
  requireRows("scaleColumns", args, ["out"]);
  requireApart("scaleColumns", args, ["out"], ["scale", "offset"]);
  requireSameOrDisjoint("scaleColumns", "out", args.out, "x", args.x);
}

export const normalizationChecks: NormalizationOperations = {
  normalizeBatch: checkNormalizeBatch,
  normalizeBatchBackward: checkNormalizeBatchBackward,
  scaleColumns: checkScaleColumns,
};
