/**
 * Values with the same key together, in the order of their first.
 *
 * @template T
 * @param {readonly T[]} values
 * @param {(value: T) => string} keyOf
 * @returns {T[][]}
 */
export function groupBy(values, keyOf) {
  const groups = new Map();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return [...groups.values()];
}
