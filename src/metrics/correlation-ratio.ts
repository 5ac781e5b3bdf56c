/** How much of the variation of some values lies between groups of them. */
export interface CorrelationRatio {
  /** η², the sum of squares between the groups over that of all values: 0 to 1, and above 0 by chance alone. NaN where all values are the same. */
  readonly etaSquared: number;
  /**
   * ε², the same without what chance adds on average: 1 - (1 - η²) (n - 1) / (n - k) of n values in k groups. At most 1, and below 0 where
   * groups differ less than those of chance. NaN where no group has a second value.
   */
  readonly epsilonSquared: number;
}

/**
 * The correlation ratio of values and the groups that they are in: `sum_between / sum_total` of a one-way analysis of variance, whose F is that
 * of SciPy's `f_oneway` and scikit-learn's `f_classif`.
 *
 * Formulas: K. Pearson, "On the general theory of skew correlation and non-linear regression" (1905); T. L. Kelley, "An unbiased correlation
 * ratio measure", PNAS 21 (1935).
 *
 * @param values Finite numbers, [n].
 * @param groups The group of each value, [n], by any number.
 */
export function correlationRatio(values: readonly number[], groups: readonly number[]): CorrelationRatio {
  const n = values.length;
  const deviations = deviationsOf(values);
  const sums = new Map<number, { count: number; sum: number }>();
  for (const [i, deviation] of deviations.entries()) {
    const group = groups[i] ?? Number.NaN;
    const { count, sum } = sums.get(group) ?? { count: 0, sum: 0 };
    sums.set(group, { count: count + 1, sum: sum + deviation });
  }
  const total = deviations.reduce((sum, deviation) => sum + deviation ** 2, 0);
  const between = [...sums.values()].reduce((sum, group) => sum + group.sum ** 2 / group.count, 0);
  // Rounding may leave a little more between the groups than there is in all.
  const etaSquared = Math.min(1, between / total);
  const rest = n - sums.size;
  return {
    etaSquared,
    epsilonSquared: rest === 0 ? Number.NaN : 1 - ((1 - etaSquared) * (n - 1)) / rest,
  };
}

/** From the mean, in a unit in which no square of theirs is too large or too small; all 0 where the values are the same. */
function deviationsOf(values: readonly number[]): readonly number[] {
  if (values.every((value) => value === values[0])) return values.map(() => 0);
  const largest = largestSize(values);
  const scaled = values.map((value) => value / largest);
  const mean = scaled.reduce((sum, value) => sum + value / scaled.length, 0);
  const deviations = scaled.map((value) => value - mean);
  const unit = largestSize(deviations);
  return deviations.map((deviation) => deviation / unit);
}

function largestSize(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
