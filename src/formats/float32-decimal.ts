/** Exact as doubles, so that a whole number divided by one of them is the double nearest to that decimal. */
const POWERS = Array.from({ length: 23 }, (_, places) => Number(`1e${places}`));
/** Every float32 is told from its neighbours by so many digits; what six tell is found with seven, as their last is 0. */
const MOST = 9;
const LEAST = 7;

/**
 * The decimal by which people know a float32: `0.1`, whose float32 is 0.10000000149011612. It is the shortest that reads back as the same
 * float32, as NumPy prints it; of powers of two, and of those below 1.2e-38, it may be longer.
 *
 * @param value A float32.
 * @returns A double that is printed as that decimal.
 */
export function float32Decimal(value: number): number {
  const size = Math.abs(value);
  if (size < 1e-13 || size >= 1e7) return byText(value); // Also 0; further factors would not be exact.
  const places = LEAST - 1 - Math.floor(Math.log10(size));
  for (let k = places; k < places + MOST - LEAST; k++) {
    const decimal = Math.round(value * (POWERS[k] as number)) / (POWERS[k] as number); // At most 22.
    if (Math.fround(decimal) === value) return decimal;
  }
  const last = POWERS[places + MOST - LEAST] as number;
  return Math.round(value * last) / last;
}

function byText(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  for (let digits = LEAST; digits < MOST; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) return decimal;
  }
  return Number(value.toPrecision(MOST));
}
