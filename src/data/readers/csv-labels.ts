import { LabelRangeError } from "../../errors.js";
import { BY_LABEL_COLUMN, type Columns, numberOf, quote, requireReadable } from "./csv-columns.js";
import { byteOfInteger } from "./pixels.js";

/** Collects the labels of a CSV file, line by line. They are numbers of classes or texts, as the first of them is. */
export interface LabelCollector {
  /**
   * @throws DataFormatError when a text is not UTF-8.
   * @throws LabelRangeError when a label is not like the first, or there are more than 256 texts.
   */
  add(field: string, place: string): void;
  /** The class of each line. Texts come with their names: those given, or sorted. */
  finish(): { readonly labels: Uint8Array; readonly classNames: readonly string[] | undefined };
}

const MOST_CLASSES = 256;
/** What a file can make the program keep for a class. */
const LONGEST_NAME = 200;

/** @param classNames The texts that there may be, in the order of the classes. Default: those that there are. */
export function collectLabels(
  { isGuessed }: Columns,
  classNames: readonly string[] | undefined,
): LabelCollector {
  /** The texts, in the order in which they came. */
  const found = new Map<string, number>(classNames?.map((name, label) => [name, label]));
  const labels: number[] = [];
  let areTexts: boolean | undefined;
  const fail = (expected: string, field: string, place: string, given = quote(field)) => {
    const advice = isGuessed ? `; if another column has the labels, name it ${BY_LABEL_COLUMN}` : "";
    return new LabelRangeError(`Expected ${expected} as the label in ${place}, but it is ${given}${advice}.`);
  };
  const addText = (field: string, place: string) => {
    const text = field.trim();
    if (numberOf(text) !== undefined) {
      const expected = "a text, because the labels before it are texts,";
      throw fail(expected, field, place, `the number ${text}`);
    }
    if (text === "" || text.length > LONGEST_NAME) {
      throw fail(`a text of 1 to ${LONGEST_NAME} characters`, field, place);
    }
    requireReadable(text, place);
    const label = found.get(text) ?? found.size;
    if (label === found.size && classNames !== undefined) {
      throw fail(`one of ${classNames.slice(0, 10).join(", ")}`, field, place);
    }
    if (label === MOST_CLASSES) throw fail(`one of the ${MOST_CLASSES} texts before it`, field, place);
    found.set(text, label);
    labels.push(label);
  };
  return {
    add(field, place) {
      areTexts ??= numberOf(field) === undefined && field.trim() !== "";
      if (areTexts) return addText(field, place);
      const label = byteOfInteger(numberOf(field) ?? Number.NaN);
      if (label === undefined) throw fail("a whole number from 0 to 255", field, place);
      labels.push(label);
    },
    finish() {
      if (!areTexts || classNames !== undefined) return { labels: Uint8Array.from(labels), classNames };
      const names = [...found.keys()].sort();
      const sorted = [...found.keys()].map((name) => names.indexOf(name));
      return { labels: Uint8Array.from(labels, (label) => sorted[label] as number), classNames: names }; // Each was found.
    },
  };
}
