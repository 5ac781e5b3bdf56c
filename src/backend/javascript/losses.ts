import type { OutputDeltaArguments, SquaredErrorArguments } from "../backend.js";
import { argmax } from "./rows.js";

/** Adds the squared error and the number of correct rows to `totals`. The sum is kept in double. */
export function squaredError({ a, labels, classes, totals }: SquaredErrorArguments): void {
  let sum = 0;
  let correct = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    const row = i * classes;
    for (let j = 0; j < classes; j++) {
      const error = (a[row + j] as number) - (j === label ? 1 : 0);
      sum += error * error;
    }
    correct += argmax(a, row, classes) === label ? 1 : 0;
  }
  totals[0] = (totals[0] as number) + sum;
  totals[1] = (totals[1] as number) + correct;
}

/** delta = scale * (a - onehot) * a * (1 - a), and what {@link squaredError} does. */
export function outputDelta(args: OutputDeltaArguments): void {
  squaredError(args); // First, because delta may be written onto a.
  const { a, labels, classes, scale, delta } = args;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    const row = i * classes;
    for (let j = row; j < row + classes; j++) {
      const value = a[j] as number;
      const error = value - (j === row + label ? 1 : 0);
      delta[j] = scale * error * (value * (1 - value));
    }
  }
}
