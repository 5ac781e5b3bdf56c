// Goals: what was measured against what is wanted.

/**
 * A row of the table. Of `atMost`, `below` and `atLeast` it has one where `measure` gives a number, and `wanted` where it gives words.
 *
 * @typedef {{
 *   what: string,
 *   measure?: () => number | string,
 *   atMost?: number, below?: number, atLeast?: number, wanted?: string,
 *   unit?: string, digits?: number,
 *   note?: () => string,
 *   skipped?: string,
 * }} Goal
 */

/** How people read a goal, such as `at most 60.0 µs`. @param {Goal} goal */
export function wish(goal) {
  const { atMost, below, atLeast, wanted } = goal;
  if (atMost !== undefined) return `at most ${amount(atMost, goal)}`;
  if (below !== undefined) return `below ${amount(below, goal)}`;
  if (atLeast !== undefined) return `at least ${amount(atLeast, goal)}`;
  return wanted;
}

/**
 * `met`, or how much of the way there it is: `met at 87 %`. That is rounded down, so that what falls short never reads as 100 %.
 *
 * @param {Goal} goal
 * @param {number | string} measured
 */
export function verdict({ atMost, below, atLeast, wanted }, measured) {
  if (wanted !== undefined) return measured === wanted ? "met" : "not met";
  if (!Number.isFinite(measured)) throw new Error(`Expected a number but measured ${measured}.`);
  const most = atMost ?? below;
  const isMet = atLeast === undefined ? measured < most || measured === atMost : measured >= atLeast;
  if (isMet) return "met";
  const share = atLeast === undefined ? most / measured : measured / atLeast;
  return `met at ${Math.min(99, Math.max(0, Math.floor(100 * share)))} %`;
}

/**
 * The cells of a row, and whether what should have been measured was.
 *
 * @param {Goal} goal
 * @returns {{ cells: string[], isMissing: boolean }}
 */
export function goalCells(goal) {
  const { what, measure, note, skipped } = goal;
  if (skipped !== undefined)
    return { cells: [what, `skipped: ${skipped}`, wish(goal), ""], isMissing: false };
  try {
    const measured = measure();
    const found = typeof measured === "number" ? amount(measured, goal) : measured;
    const remark = note === undefined ? "" : ` (${note()})`;
    return { cells: [what, found + remark, wish(goal), verdict(goal, measured)], isMissing: false };
  } catch ({ message }) {
    // A table has a line for a row, and cells end at a bar.
    const reason = message.replaceAll(/\s+/g, " ").replaceAll("|", "/").trim();
    return { cells: [what, `not measured: ${reason}`, wish(goal), ""], isMissing: true };
  }
}

/** @param {readonly number[]} values */
export function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function amount(value, { unit, digits = 2 }) {
  return value.toFixed(digits) + (unit === undefined ? "" : ` ${unit}`);
}
