import type { FloatArray } from "../backend/backend.js";
import { type OutputOption, output } from "./output.js";
import { matrix, requireShape, type Tensor } from "./tensor.js";

/** What {@link normalizeBatch} uses and fills in. */
export interface BatchNormalizationOptions {
  readonly momentum: number;
  readonly epsilon: number;
  /** Filled in for {@link normalizeBatchBackward}, [columns]: means, and 1 / sqrt(variance + epsilon). */
  readonly mean: FloatArray;
  readonly inverseDeviation: FloatArray;
  /** Updated, [columns]. */
  readonly runningMean: Tensor;
  readonly runningVariance: Tensor;
  readonly out: Tensor;
}

/**
 * gamma * (x - mean) / sqrt(variance + epsilon) + beta, column by column, with mean and biased variance of the rows.
 *
 * @param x [rows, columns], of at least two rows
 * @param gamma [columns]
 * @param beta [columns]
 */
export function normalizeBatch(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  options: BatchNormalizationOptions,
): Tensor {
  const [rows, columns] = matrix(x);
  const { momentum, epsilon, mean, inverseDeviation, runningMean, runningVariance, out } = options;
  requireShape("gamma", gamma, [columns]);
  requireShape("the output", out, x.shape);
  x.backend.normalizeBatch({
    x: x.data,
    rows,
    columns,
    gamma: gamma.data,
    beta: beta.data,
    epsilon,
    momentum,
    mean,
    inverseDeviation,
    runningMean: runningMean.data,
    runningVariance: runningVariance.data,
    out: out.data,
  });
  return out;
}

export interface BatchNormalizationBackwardOptions {
  readonly mean: FloatArray;
  readonly inverseDeviation: FloatArray;
  /** Filled in, [columns]. */
  readonly gammaGradient: Tensor;
  readonly betaGradient: Tensor;
  /** May be `upstream`. */
  readonly out: Tensor;
}

/** The gradient of {@link normalizeBatch} with respect to `x`, and to gamma and beta. */
export function normalizeBatchBackward(
  x: Tensor,
  upstream: Tensor,
  gamma: Tensor,
  options: BatchNormalizationBackwardOptions,
): Tensor {
  const [rows, columns] = matrix(x);
  const { mean, inverseDeviation, gammaGradient, betaGradient, out } = options;
  requireShape("upstream", upstream, x.shape);
  requireShape("the output", out, x.shape);
  x.backend.normalizeBatchBackward({
    x: x.data,
    upstream: upstream.data,
    rows,
    columns,
    gamma: gamma.data,
    mean,
    inverseDeviation,
    gammaGradient: gammaGradient.data,
    betaGradient: betaGradient.data,
    out: out.data,
  });
  return out;
}

/** x[i, j] * scale[j] + offset[j]. `out` may be `x`. */
export function scaleColumns(x: Tensor, scale: Tensor, offset: Tensor, options: OutputOption = {}): Tensor {
  const [rows, columns] = matrix(x);
  requireShape("scale", scale, [columns]);
  requireShape("offset", offset, [columns]);
  const result = output(x, x.shape, options.out);
  x.backend.scaleColumns({
    x: x.data,
    rows,
    columns,
    scale: scale.data,
    offset: offset.data,
    out: result.data,
  });
  return result;
}
