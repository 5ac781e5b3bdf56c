import { asTableColumns, featureNames } from "../data/readers/table-columns.js";
import type { ModelDescription } from "./model-description.js";

// Texts in generated programs: names that came from a data set must stay names.

export type Language = "python" | "javascript";

/** What a reader of the program sees as it is; all else, such as ends of lines and marks that turn the direction of writing, is escaped. */
const VISIBLE = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** A text as a literal of the language. What is no Unicode, half of a surrogate pair, becomes U+FFFD. */
export function literal(text: string, language: Language): string {
  return `"${Array.from(text, (character) => escaped(character, language)).join("")}"`;
}

function escaped(character: string, language: Language): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  // A module may be put between <script> and </script>.
  const ends = language === "javascript" && character === "<";
  if (VISIBLE.test(character) && !ends) return character;
  const point = character.codePointAt(0) as number; // There is one.
  if (point >= 0xd800 && point <= 0xdfff) return "\ufffd";
  const hex = point.toString(16);
  if (point <= 0xffff) return `\\u${hex.padStart(4, "0")}`;
  return language === "python" ? `\\U${hex.padStart(8, "0")}` : `\\u{${hex}}`;
}

/**
 * Texts as a list of the language, in one line where that is short enough.
 *
 * @param start What stands before it in its line: `CLASSES = `.
 * @param width Characters that a line may have.
 */
export function literalList(
  start: string,
  texts: readonly string[],
  { language, width }: { readonly language: Language; readonly width: number },
): string {
  const items = texts.map((text) => literal(text, language));
  const line = `${start}[${items.join(", ")}]`;
  if (line.length < width) return line;
  const indent = language === "python" ? "    " : "  ";
  return `${start}[\n${items.map((item) => `${indent}${item},\n`).join("")}]`;
}

/** What the outputs of a network tell: the classes of a single one are two. Classes without a name are called by their number. */
export function outputNames(
  { learns, classNames, valueNames }: ModelDescription,
  outputs: number,
): readonly string[] {
  const names = learns === "values" ? valueNames : classNames;
  const count = learns === "classes" && outputs === 1 ? 2 : outputs;
  return Array.from({ length: count }, (_, i) => names?.[i] ?? String(i));
}

/** What the numbers of a table's row are called that a network reads, or `null` where that is not known. */
export function inputNames({ metadata }: ModelDescription, inputs: number): readonly string[] | null {
  const columns = asTableColumns(JSON.parse(metadata.columns ?? "null")); // The description has been read, so that it is JSON.
  const names = columns === undefined ? [] : featureNames(columns);
  return names.length === inputs ? names : null;
}
