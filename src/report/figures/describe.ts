import type { Point } from "./line-chart.js";

/** A number with four significant digits, as short as that goes. */
export function formatValue(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "not a number";
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
  const range = `${what}: ${format(first.y)} after epoch ${first.x}, ${format(last.y)} after epoch ${last.x}.`;
  return gaps === 0 ? range : `${range} ${gaps} of ${points.length} values are not finite.`;
}
