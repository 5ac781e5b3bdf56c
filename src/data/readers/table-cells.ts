import { DataFormatError } from "../../errors.js";
import { printable } from "../../system/printable.js";
import { quote, requireReadable } from "./csv-columns.js";

// What a cell of a table may be: a number, or a text that names a category or a class.

/** What stands for a value that is missing: of R, of NumPy and pandas, and of the UCI's data sets. */
const MISSING: readonly string[] = ["", "NA", "NaN", "nan", "?"];

/** What a file can make the program keep for a category. */
const LONGEST_TEXT = 200;

/** A cell with its place, for messages. The place is put into words only when a message needs them. */
export interface Cell {
  readonly field: string;
  readonly file: string;
  readonly line: number;
  readonly column: string;
}

export function placeOf({ file, line, column }: Omit<Cell, "field">): string {
  return `${file}, line ${line}, column ${printable(column)}`;
}

/** Whether a cell has what stands for a value that is missing. */
export function isMissing(field: string): boolean {
  return MISSING.includes(field.trim());
}

/** @throws DataFormatError when the value is missing. */
export function requireValue(cell: Cell): string {
  const text = cell.field.trim();
  if (MISSING.includes(text)) {
    const found = text === "" ? "the cell is empty" : `it is ${quote(text)}`;
    throw new DataFormatError(
      `A value is missing in ${placeOf(cell)}, where ${found}; fill it in, or leave out the row or the column.`,
    );
  }
  return text;
}

/** A number in decimal digits, with an exponent or without. */
export function isNumber(text: string): boolean {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text);
}

/** @throws DataFormatError when a cell is no finite number. */
export function numberOfCell(cell: Cell): number {
  const text = requireValue(cell);
  const value = isNumber(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) {
    throw new DataFormatError(`Expected a finite number in ${placeOf(cell)}, but it is ${quote(text)}.`);
  }
  return value;
}

/** @throws DataFormatError when a cell is no text for a category: too long, or not UTF-8. */
export function textOfCell(cell: Cell): string {
  const text = requireValue(cell);
  if (text.length > LONGEST_TEXT) {
    throw new DataFormatError(
      `Expected a number or a text of at most ${LONGEST_TEXT} characters in ${placeOf(cell)}, but it has ${text.length}; leave the column out.`,
    );
  }
  requireReadable(text, placeOf(cell));
  return text;
}

/** Numbers by their value where all are numbers, else by their characters. */
export function sortTexts(texts: Iterable<string>): readonly string[] {
  const sorted = [...texts].sort();
  return sorted.every(isNumber) ? sorted.sort((a, b) => Number(a) - Number(b)) : sorted;
}

/** Texts in a message, the first of many. */
export function listTexts(texts: readonly string[]): string {
  const shown = texts.slice(0, 10).map(printable).join(", ");
  return texts.length > 10 ? `${shown} and ${texts.length - 10} others` : shown;
}
