import { LabelRangeError } from "../../errors.js";
import { numberOf, quote } from "../readers/csv-columns.js";
import { listTexts } from "../readers/table-cells.js";
import type { ExampleFormat } from "./example.js";

/**
 * The class that a label names, by its name or its number; or the value that it is.
 *
 * @throws LabelRangeError when there is no such class, or when it is no number where values are learned.
 */
export function truthOfLabel(
  field: string,
  { classes, classNames }: Pick<ExampleFormat, "classes" | "classNames">,
  place: string,
): number {
  const text = field.trim();
  const named = classNames?.indexOf(text) ?? -1;
  if (named !== -1) return named;
  const number = numberOf(text);
  if (number !== undefined && classes === null) return number;
  if (number !== undefined && Number.isInteger(number) && number >= 0 && number < (classes ?? 0))
    return number;
  const expected =
    classes === null
      ? "a number"
      : `a class that the model knows, ${classNames === null ? `0 to ${classes - 1}` : listTexts(classNames)},`;
  throw new LabelRangeError(`Expected ${expected} as the label in ${place}, but it is ${quote(field)}.`);
}
