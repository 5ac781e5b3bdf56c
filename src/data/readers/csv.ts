import { DataFormatError } from "../../errors.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { printable } from "../../system/printable.js";
import { createDataset, type ImageDataset } from "../dataset.js";
import { classCount, type NoticeOption } from "../targets.js";
import {
  BY_LABEL_COLUMN,
  type Columns,
  checkFieldCount,
  findColumns,
  isHeader,
  numberOf,
  quote,
  requireReadable,
} from "./csv-columns.js";
import { collectLabels, type LabelCollector } from "./csv-labels.js";
import { readLines } from "./csv-lines.js";
import { byteOfInteger, shapeOfPixels } from "./pixels.js";

export interface LoadCsvOptions extends NoticeOption {
  readonly file: string;
  /**
   * The column of the labels: its name in the header, or its number, counted from 0, or from the end by -1. A text that is
   * no name but a number is one. Default: the column named `label` or `class`, or else the only one that holds texts, or else the first.
   */
  readonly labelColumn?: string | number | undefined;
  /** Whether the first line names the columns. Default: whether it holds texts, other than a label. */
  readonly header?: boolean | undefined;
  /** Default: the images are square. */
  readonly imageShape?: readonly [height: number, width: number] | undefined;
  /** How many classes the labels tell apart, 1 to 256. Default: the number of names, or the largest label plus 1. */
  readonly classes?: number | undefined;
  /** Of labels that are texts also those that there may be, in the order of their classes. Default: those that there are, sorted. */
  readonly classNames?: readonly string[] | undefined;
}

const OPTIONS: KnownOptions<LoadCsvOptions> = {
  file: true,
  labelColumn: true,
  header: true,
  imageShape: true,
  classes: true,
  classNames: true,
  onNotice: true,
};

/**
 * Loads images from a file of values that commas, semicolons or tabs separate: an image a line, its label and its pixels row by row, these
 * whole numbers from 0 to 255. Labels are the numbers of their classes, or texts, which become names of classes. Empty lines are passed over.
 *
 * @throws FileAccessError when the file is missing or cannot be read.
 * @throws DataFormatError when a line has another number of columns than the first, something else than pixels, or a
 *   text that is not UTF-8; its message gives the line.
 * @throws LabelRangeError when a label is not the number of a class, or not a text where the first is.
 * @throws InvalidArgumentError when there is no such column, when none can be guessed, or when another option is out of range.
 */
export async function loadCsv(options: LoadCsvOptions): Promise<ImageDataset> {
  requireKnownOptions("loadCsv", options, OPTIONS, '{ file: "digits.csv" }');
  const { file, labelColumn, header } = options;
  const images: Uint8Array[] = [];
  let names: readonly string[] | undefined;
  let table: { readonly columns: Columns; readonly labels: LabelCollector } | undefined;
  let line = 0;
  for await (const fields of readLines(file)) {
    line++;
    if (fields.length === 1 && fields[0] === "") continue;
    const place = `${file}, line ${line}`;
    if (table === undefined && names === undefined && (header ?? isHeader(fields, labelColumn))) {
      names = fields.map((field) => field.trim());
      for (const name of names) requireReadable(name, place);
      continue;
    }
    checkFieldCount(fields, table?.columns.count ?? names?.length ?? fields.length, place);
    if (table === undefined) {
      const columns = findColumns(names, fields, file, labelColumn);
      shapeOfPixels(columns.count - 1, options.imageShape, file);
      table = { columns, labels: collectLabels(columns, options.classNames) };
    }
    table.labels.add(fields[table.columns.label] ?? "", place);
    images.push(readPixels(fields, table.columns, place));
  }
  if (table === undefined) {
    throw new DataFormatError(`${file} holds no images: it has no line of numbers.`);
  }
  const { labels, classNames } = table.labels.finish();
  return createDataset({
    images: new Uint8Array(Buffer.concat(images)),
    labels,
    imageShape: shapeOfPixels(table.columns.count - 1, options.imageShape, file),
    classes: classCount(labels, options.classes ?? classNames?.length, { ...options, source: file }),
    ...(classNames && { classNames }),
  });
}

/**
 * @param columns Its `label` is -1 where there is no column of labels.
 * @throws DataFormatError when a field is no pixel.
 */
export function readPixels(
  fields: readonly string[],
  { label, names }: Pick<Columns, "label" | "names">,
  place: string,
): Uint8Array {
  const pixels = new Uint8Array(label === -1 ? fields.length : fields.length - 1);
  for (let column = 0; column < fields.length; column++) {
    if (column !== label) {
      const field = fields[column] ?? "";
      const pixel = byteOfInteger(numberOf(field) ?? Number.NaN);
      if (pixel === undefined) {
        const name = printable(names?.[column] ?? String(column));
        const isText = numberOf(field) === undefined && field.trim() !== "";
        const advice = isText ? `; if that column has the labels, name it ${BY_LABEL_COLUMN}` : "";
        throw new DataFormatError(
          `Expected a whole number from 0 to 255 as a pixel in ${place}, column ${name}, but it is ${quote(field)}${advice}.`,
        );
      }
      pixels[label === -1 || column < label ? column : column - 1] = pixel;
    }
  }
  return pixels;
}
