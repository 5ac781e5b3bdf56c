/** Where several numbers lie, and how far they are apart. */
export interface MeanAndDeviation {
  readonly mean: number;
  /** Of a sample: the root of Σ (value - mean)² / (n - 1), NumPy's `std(ddof=1)`; NaN of a single number. */
  readonly standardDeviation: number;
}

/** The mean and the standard deviation of a sample. NaN where a value is, and of no values. */
export function meanAndDeviation(values: readonly number[]): MeanAndDeviation {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardDeviation: n < 2 ? Number.NaN : Math.sqrt(squares / (n - 1)) };
}
