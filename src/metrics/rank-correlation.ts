/** The rank of each value, from 1 for the least; values that are the same share the mean of their ranks. SciPy's `rankdata`. */
export function averageRanks(values: readonly number[]): readonly number[] {
  const order = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    const value = values[order[start] as number];
    let end = start + 1;
    while (end < order.length && values[order[end] as number] === value) end += 1;
    for (const i of order.slice(start, end)) ranks[i] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/**
 * Spearman's ρ, the correlation of ranks: 1 where one grows whenever the other does, -1 where it falls, near 0 where neither. SciPy's
 * `spearmanr`.
 *
 * Formula: C. Spearman, "The proof and measurement of association between two things", American Journal of Psychology 15 (1904).
 *
 * @param x Finite numbers, [n].
 * @param y Finite numbers, [n].
 * @returns -1 to 1; NaN where all of one are the same.
 */
export function spearman(x: readonly number[], y: readonly number[]): number {
  // Ranks have the mean (n + 1) / 2, however many are shared.
  const middle = (x.length + 1) / 2;
  const [a, b] = [x, y].map((values) => averageRanks(values).map((rank) => rank - middle));
  const product = (u: readonly number[] = [], v: readonly number[] = []) =>
    u.reduce((sum, value, i) => sum + value * (v[i] ?? Number.NaN), 0);
  const size = Math.sqrt(product(a, a)) * Math.sqrt(product(b, b));
  return Math.max(-1, Math.min(1, product(a, b) / size));
}
