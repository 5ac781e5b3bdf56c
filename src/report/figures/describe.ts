import type { Point } from "./chart-panel.js";

/** A number with four significant digits, as short as that goes. */
export function formatValue(value: number): string {
  return shortest(value, LEAST_DIGITS);
}

const LEAST_DIGITS = 4;
/** More than the seven of a float32, so that no two different ones look the same. */
const MOST_DIGITS = 9;

/** Writes numbers of some series as {@link formatValue} does, with as many more digits as tell each from the next, where they differ. */
export function formatOf(...series: readonly (readonly number[])[]): (value: number) => string {
  const digits = digitsOf(series);
  return (value) => shortest(value, digits);
}

/** Writes numbers of some series as {@link formatOf}, all with the same decimals, so that they stand in a column. */
export function columnFormat(...series: readonly (readonly number[])[]): (value: number) => string {
  const digits = digitsOf(series);
  const least = series
    .flat()
    .filter((value) => Number.isFinite(value) && value !== 0)
    .reduce((smallest, value) => Math.min(smallest, Math.abs(value)), Number.POSITIVE_INFINITY);
  const decimals = Number.isFinite(least) ? Math.max(0, digits - 1 - Math.floor(Math.log10(least))) : 0;
  return (value) =>
    Number.isFinite(value) && decimals <= MOST_DIGITS ? value.toFixed(decimals) : shortest(value, digits);
}

function digitsOf(series: readonly (readonly number[])[]): number {
  const pairs = series.flatMap((values) =>
    values.slice(1).flatMap((value, i) => {
      const before = values[i] ?? Number.NaN;
      return Number.isFinite(value) && Number.isFinite(before) && value !== before ? [[before, value]] : [];
    }),
  );
  let digits = LEAST_DIGITS;
  const isTold = ([a = 0, b = 0]: readonly number[]) => a.toPrecision(digits) !== b.toPrecision(digits);
  while (digits < MOST_DIGITS && !pairs.every(isTold)) digits += 1;
  return digits;
}

function shortest(value: number, digits: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : "not a number";
}

/** A percentage with two decimals. */
export function formatPercent(percent: number): string {
  return Number.isFinite(percent) ? `${percent.toFixed(2)} %` : "not a number";
}

/** A sentence or two on where a line by epoch starts and ends, and on its gaps, for who cannot see it. */
export function span(what: string, points: readonly Point[], format: (value: number) => string): string {
  const finite = points.filter(({ y }) => Number.isFinite(y));
  const first = finite[0];
  const last = finite.at(-1);
  if (first === undefined || last === undefined) {
    return `${what}: no finite value in ${points.length} epochs.`;
  }
  const gaps = points.length - finite.length;
  const range =
    first === last
      ? `${what}: ${format(first.y)} after epoch ${first.x}.`
      : `${what}: ${format(first.y)} after epoch ${first.x}, ${format(last.y)} after epoch ${last.x}.`;
  return gaps === 0 ? range : `${range} ${gaps} of ${points.length} values are not finite.`;
}
