/** A rung of successive halving; of a sweep without halving there is one. */
export interface Rung {
  /** After how many epochs of a trial it ends. */
  readonly epochs: number;
  /** How many trials come to it at the most. */
  readonly trials: number;
}

/** How a sweep is halved; names and the factor are scikit-learn's (`HalvingGridSearchCV`). */
export interface HalvingOptions {
  /** How many trials begin. */
  readonly trials: number;
  /** Of the first rung. */
  readonly minEpochs: number;
  /** Of the last rung. */
  readonly epochs: number;
  /** At least 2. */
  readonly factor: number;
}

/**
 * The rungs of successive halving: minEpochs factor^k epochs each, the last one all; and to rung k come trials / factor^k, rounded
 * down, but one at least (K. Jamieson and A. Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", 2016).
 */
export function rungsOfHalving({ trials, minEpochs, epochs, factor }: HalvingOptions): readonly Rung[] {
  const rungs: Rung[] = [];
  for (let each = minEpochs, left = trials; ; each *= factor, left = Math.max(1, Math.floor(left / factor))) {
    if (each >= epochs) return [...rungs, { epochs, trials: left }];
    rungs.push({ epochs: each, trials: left });
  }
}
