import { DataFormatError, InvalidArgumentError } from "../../errors.js";
import { printable } from "../../system/printable.js";

/** Which column of a CSV file holds what. */
export interface Columns {
  /** The fields of the header; `undefined` without one. */
  readonly names: readonly string[] | undefined;
  readonly count: number;
  readonly label: number;
  /** Whether nobody said which column has the labels. */
  readonly isGuessed: boolean;
}

const LABEL_NAMES = ["label", "class"];
/** The end of a sentence: how to say which column is meant. */
export const BY_LABEL_COLUMN = "by labelColumn (on the command line --label-column)";

/**
 * Whether a first line names the columns: it holds a text. A single one may also be the label of an image, unless it is the name that was
 * asked for or one that labels have, or the others count up, as numbers do that are names.
 */
export function isHeader(fields: readonly string[], wanted: string | number | undefined): boolean {
  const texts = fields.filter((field) => numberOf(field) === undefined);
  const [text = ""] = texts;
  if (texts.length !== 1) return texts.length > 1;
  const numbers = fields.map(numberOf).filter((value) => value !== undefined);
  const counts = numbers.length > 1 && numbers.every((value, i) => value === (numbers[0] as number) + i); // There is one for each i.
  return text === wanted || isLabelName(text) || counts;
}

/**
 * Finds the column of the labels: the one that is asked for; else the one named `label` or `class`; else the only one that holds a text
 * in the first line of data; else the first, unless its name tells that it holds pixels like the second.
 *
 * @param names Of the header.
 * @param fields Of the first line of data, as many.
 * @throws InvalidArgumentError when there is no such column, or none can be guessed.
 * @throws DataFormatError when there is a single column.
 */
export function findColumns(
  names: readonly string[] | undefined,
  fields: readonly string[],
  file: string,
  wanted: string | number | undefined,
): Columns {
  const count = fields.length;
  if (count < 2) {
    throw new DataFormatError(
      `${file} has lines of one column, and a label and pixels were expected, separated by commas, semicolons or tabs.`,
    );
  }
  const label = wanted === undefined ? guess(names, fields, file) : find(names, count, file, wanted);
  return { names, count, label, isGuessed: wanted === undefined };
}

function guess(names: readonly string[] | undefined, fields: readonly string[], file: string): number {
  const named = names?.findIndex(isLabelName) ?? -1;
  if (named !== -1) return named;
  const texts = [...fields.keys()].filter((column) => numberOf(fields[column] ?? "") === undefined);
  const [text] = texts;
  if (text !== undefined && texts.length === 1) return text;
  const [first = "", second = ""] = names ?? [];
  if (/\D/.test(first) && withoutNumbers(first) === withoutNumbers(second)) {
    throw new InvalidArgumentError(
      `${file} has no column named label or class, and its first, ${printable(first)}, seems to hold pixels like ${printable(second)}; name the column of the labels ${BY_LABEL_COLUMN}: ${list(names ?? [])}.`,
    );
  }
  return 0;
}

function find(
  names: readonly string[] | undefined,
  count: number,
  file: string,
  wanted: string | number,
): number {
  const named = typeof wanted === "string" ? (names?.indexOf(wanted) ?? -1) : -1;
  if (named !== -1) return named;
  const number = typeof wanted === "number" ? wanted : (numberOf(wanted) ?? Number.NaN);
  if (!Number.isInteger(number) || number < -count || number >= count) {
    const isName = Number.isNaN(number) && names !== undefined;
    const expected = isName ? list(names) : `a number from 0 to ${count - 1}, or from -${count} to -1`;
    throw new InvalidArgumentError(
      `${file} has no column ${wanted} for the labels; name one ${BY_LABEL_COLUMN}: ${expected}.`,
    );
  }
  return number < 0 ? number + count : number;
}

function isLabelName(name: string): boolean {
  return LABEL_NAMES.includes(name.trim().toLowerCase());
}

function withoutNumbers(name: string): string {
  return name.replaceAll(/\d+/g, "#");
}

function list(names: readonly string[]): string {
  const all = names.map(printable);
  const shown = all.length > 10 ? [...all.slice(0, 6), "…", ...all.slice(-2)] : all;
  return `one of ${shown.join(", ")}`;
}

/** In decimal digits: `Number` would also take `0x1`, `1e1` and nothing. */
export function numberOf(field: string): number | undefined {
  return /^\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*$/.test(field) ? Number(field) : undefined;
}

/**
 * Refuses a text in whose place there were other bytes than UTF-8, such as Latin-1: each became U+FFFD, and the name would be another.
 * Pixels need no such check, for they are no numbers then.
 *
 * @throws DataFormatError
 */
export function requireReadable(text: string, place: string): void {
  if (text.includes("\ufffd")) {
    throw new DataFormatError(
      `${place} has a character that is not UTF-8, the \ufffd in ${quote(text)}; save the file as UTF-8.`,
    );
  }
}

/** @throws DataFormatError when a line has another number of fields than the first. */
export function checkFieldCount(fields: readonly string[], count: number, place: string): void {
  if (fields.length !== count) {
    throw new DataFormatError(
      `${place} has ${fields.length} columns where ${count} were expected, as in the first line.`,
    );
  }
}

/** A field in a message. */
export function quote(field: string): string {
  return printable(JSON.stringify(field.length > 40 ? `${field.slice(0, 40)}…` : field));
}
