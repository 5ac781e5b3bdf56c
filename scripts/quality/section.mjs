/**
 * A part of the report: what was measured, as a table, or why it was not.
 *
 * @typedef {object} Section
 * @property {string} title
 * @property {string} text What the table shows, in whole sentences.
 * @property {string[]} [header]
 * @property {string[][]} [rows]
 * @property {string} [notRun] Why there is no table: a sentence.
 * @property {string[]} faults What does not hold, a sentence each. None where all does.
 */

/** A small number as people read it: 3.5e-14, 0 or "not a number". @param {number | null} value */
export function difference(value) {
  if (value === null || Number.isNaN(value)) return "not a number";
  return value === 0 ? "0" : value.toExponential(1).replace(".0e", "e");
}

/** @param {number} value */
export function count(value) {
  return value.toLocaleString("en-US");
}
