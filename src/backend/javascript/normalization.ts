import type {
  NormalizeBatchArguments,
  NormalizeBatchBackwardArguments,
  ScaleColumnsArguments,
} from "../operations/normalization.js";

// Sums run in double, from the first row to the last. What is written is read again where it is needed, so that it is what a network
// keeps: rounded to the type of the arrays.

/** out = gamma * (x - mean) / sqrt(variance + epsilon) + beta */
export function normalizeBatch(args: NormalizeBatchArguments): void {
  const { x, rows, columns, gamma, beta, epsilon, momentum, mean, inverseDeviation, out } = args;
  const { runningMean, runningVariance } = args;
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    for (let i = j; i < x.length; i += columns) sum += x[i] as number;
    const center = sum / rows;
    let squares = 0;
    for (let i = j; i < x.length; i += columns) {
      const distance = (x[i] as number) - center;
      squares += distance * distance;
    }
    mean[j] = center;
    inverseDeviation[j] = 1 / Math.sqrt(squares / rows + epsilon);
    runningMean[j] = (1 - momentum) * (runningMean[j] as number) + momentum * center;
    runningVariance[j] = (1 - momentum) * (runningVariance[j] as number) + momentum * (squares / (rows - 1));

    const rounded = mean[j] as number;
    const scale = (gamma[j] as number) * (inverseDeviation[j] as number);
    const offset = beta[j] as number;
    for (let i = j; i < x.length; i += columns) out[i] = ((x[i] as number) - rounded) * scale + offset;
  }
}

/** With n = (x - mean) * inverseDeviation: dL/dx = gamma * inverseDeviation * (upstream - (dL/dbeta + n dL/dgamma) / rows) */
export function normalizeBatchBackward(args: NormalizeBatchBackwardArguments): void {
  const { x, upstream, rows, columns, gamma, mean, inverseDeviation, gammaGradient, betaGradient, out } =
    args;
  for (let j = 0; j < columns; j++) {
    const center = mean[j] as number;
    const inverse = inverseDeviation[j] as number;
    let gammaSum = 0;
    let betaSum = 0;
    for (let i = j; i < x.length; i += columns) {
      const normalized = ((x[i] as number) - center) * inverse;
      gammaSum += (upstream[i] as number) * normalized;
      betaSum += upstream[i] as number;
    }
    gammaGradient[j] = gammaSum;
    betaGradient[j] = betaSum;
    const scale = (gamma[j] as number) * inverse;
    for (let i = j; i < x.length; i += columns) {
      const normalized = ((x[i] as number) - center) * inverse;
      out[i] = scale * ((upstream[i] as number) - betaSum / rows - normalized * (gammaSum / rows));
    }
  }
}

/** out[i, j] = x[i, j] * scale[j] + offset[j] */
export function scaleColumns({ x, rows, columns, scale, offset, out }: ScaleColumnsArguments): void {
  for (let i = 0; i < rows; i++) {
    const row = i * columns;
    for (let j = 0; j < columns; j++) {
      out[row + j] = (x[row + j] as number) * (scale[j] as number) + (offset[j] as number);
    }
  }
}
