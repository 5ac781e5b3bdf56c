import { Readable } from "node:stream";
import { DataFormatError, InvalidArgumentError, LabelRangeError } from "../../errors.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { printable } from "../../system/printable.js";
import { openRegularFile } from "../../system/regular-file.js";
import { asFileAccessError } from "../../system/system-error.js";
import { createDataset, type Dataset } from "../dataset.js";
import { classCount } from "../targets.js";
import { byteOfInteger, shapeOfPixels } from "./pixels.js";

export interface LoadCsvOptions {
  readonly file: string;
  /**
   * The column of the labels: its name in the header, or its number, counted from 0, or from the end by -1. A text that is
   * no name but a number is one. Default: the column named `label` or `class`, or else the first.
   */
  readonly labelColumn?: string | number | undefined;
  /** Whether the first line names the columns. Default: whether it holds anything that is not a number. */
  readonly header?: boolean | undefined;
  /** Default: the images are square. */
  readonly imageShape?: readonly [height: number, width: number] | undefined;
  /** How many classes the labels tell apart, 1 to 256. Default: the number of names, or the largest label plus 1. */
  readonly classes?: number | undefined;
  readonly classNames?: readonly string[] | undefined;
}

const OPTIONS: KnownOptions<LoadCsvOptions> = {
  file: true,
  labelColumn: true,
  header: true,
  imageShape: true,
  classes: true,
  classNames: true,
};

const LABEL_NAMES = ["label", "class"];
const CHUNK_BYTES = 1 << 20;
/** Characters of a line: room for an image of a thousand by a thousand pixels. A quote that is never closed makes the rest a line. */
const LARGEST_LINE = 1 << 22;

/**
 * Loads images from a file of comma-separated values: an image a line, its label and its pixels row by row, all whole numbers
 * from 0 to 255. Empty lines are passed over.
 *
 * @throws FileAccessError when the file is missing or cannot be read.
 * @throws DataFormatError when a line has another number of columns than the first, or something else than pixels; its message
 *   gives the line and the column.
 * @throws LabelRangeError when a label is not the number of a class.
 * @throws InvalidArgumentError when there is no such column, or another option is out of range.
 */
export async function loadCsv(options: LoadCsvOptions): Promise<Dataset> {
  requireKnownOptions("loadCsv", options, OPTIONS, '{ file: "digits.csv" }');
  const { file, classes, classNames } = options;
  const images: Uint8Array[] = [];
  const labels: number[] = [];
  let columns: Columns | undefined;
  let line = 0;
  for await (const fields of readLines(file)) {
    line++;
    if (fields.length === 1 && fields[0] === "") {
      continue;
    }
    if (columns === undefined) {
      columns = readColumns(fields, options);
      if (columns.names !== undefined) {
        continue;
      }
    }
    checkFieldCount(fields, columns, `${file}, line ${line}`);
    labels.push(readLabel(fields[columns.label], `${file}, line ${line}`));
    images.push(readPixels(fields, columns, `${file}, line ${line}`));
  }
  if (columns === undefined || labels.length === 0) {
    throw new DataFormatError(`${file} holds no images: it has no line of numbers.`);
  }
  const bytes = Uint8Array.from(labels);
  return createDataset({
    images: new Uint8Array(Buffer.concat(images)),
    labels: bytes,
    imageShape: shapeOfPixels(columns.count - 1, options.imageShape, file),
    classes: classCount(bytes, classes ?? classNames?.length),
    ...(classNames && { classNames }),
  });
}

interface Columns {
  readonly names: readonly string[] | undefined;
  readonly count: number;
  readonly label: number;
}

/** The fields of each line. Lines are records here: no number needs quotes with a line break in them. */
async function* readLines(file: string): AsyncGenerator<readonly string[]> {
  const { CsvError, parse } = await import("csv-parse");
  const handle = await openRegularFile(file);
  const text = handle.createReadStream({ highWaterMark: CHUNK_BYTES });
  const parser = parse({ bom: true, relax_column_count: true, max_record_size: LARGEST_LINE });
  const lines = Readable.from(withShortLines(text, file), { objectMode: false });
  lines.on("error", (error) => parser.destroy(error));
  try {
    yield* lines.pipe(parser) as AsyncIterable<string[]>;
  } catch (error) {
    throw error instanceof CsvError
      ? new DataFormatError(`${file} is not comma-separated values: ${error.message}.`, { cause: error })
      : asFileAccessError(error, file);
  } finally {
    text.destroy(); // Closes the file, too.
  }
}

/** The bytes as they come, unless a line is too long: the parser would make a field of each of a hundred million commas. */
async function* withShortLines(bytes: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of bytes) {
    const first = chunk.indexOf("\n");
    const last = chunk.lastIndexOf("\n");
    length += first === -1 ? chunk.length : first;
    if (length > LARGEST_LINE) {
      throw new DataFormatError(
        `${file} has a line of more than ${LARGEST_LINE} characters, where an image was expected; check what separates its lines.`,
      );
    }
    if (last !== -1) length = chunk.length - last - 1;
    yield chunk;
  }
}

function readColumns(
  fields: readonly string[],
  { file, header, labelColumn, imageShape }: LoadCsvOptions,
): Columns {
  const count = fields.length;
  if (count < 2) {
    throw new DataFormatError(
      `${file} has lines of one column, and a label and pixels were expected, separated by commas.`,
    );
  }
  shapeOfPixels(count - 1, imageShape, file);
  const hasHeader = header ?? fields.some((field) => numberOf(field) === undefined);
  const names = hasHeader ? fields.map((field) => field.trim()) : undefined;
  return { names, count, label: findLabelColumn(names, count, file, labelColumn) };
}

function findLabelColumn(
  names: readonly string[] | undefined,
  count: number,
  file: string,
  wanted: string | number | undefined,
): number {
  if (wanted === undefined) {
    return Math.max(names?.findIndex((name) => LABEL_NAMES.includes(name.toLowerCase())) ?? 0, 0);
  }
  const named = typeof wanted === "string" ? (names?.indexOf(wanted) ?? -1) : -1;
  if (named !== -1) {
    return named;
  }
  const number = typeof wanted === "number" ? wanted : (numberOf(wanted) ?? Number.NaN);
  if (!Number.isInteger(number) || number < -count || number >= count) {
    const isName = Number.isNaN(number) && names !== undefined;
    const expected = isName ? list(names) : `a number from 0 to ${count - 1}, or from -${count} to -1`;
    throw new InvalidArgumentError(`${file} has no column ${wanted} for the labels; expected ${expected}.`);
  }
  return number < 0 ? number + count : number;
}

function checkFieldCount(fields: readonly string[], { count }: Columns, place: string): void {
  if (fields.length !== count) {
    throw new DataFormatError(
      `${place} has ${fields.length} columns where ${count} were expected, as in the first line.`,
    );
  }
}

function readLabel(field = "", place: string): number {
  const label = byteOfInteger(numberOf(field) ?? Number.NaN);
  if (label === undefined) {
    throw new LabelRangeError(
      `Expected a whole number from 0 to 255 as the label in ${place}, but it is ${quote(field)}.`,
    );
  }
  return label;
}

function readPixels(fields: readonly string[], { label, names }: Columns, place: string): Uint8Array {
  const pixels = new Uint8Array(fields.length - 1);
  for (let column = 0; column < fields.length; column++) {
    if (column !== label) {
      const field = fields[column] ?? "";
      const pixel = byteOfInteger(numberOf(field) ?? Number.NaN);
      if (pixel === undefined) {
        const name = printable(names?.[column] ?? String(column));
        throw new DataFormatError(
          `Expected a whole number from 0 to 255 as a pixel in ${place}, column ${name}, but it is ${quote(field)}.`,
        );
      }
      pixels[column < label ? column : column - 1] = pixel;
    }
  }
  return pixels;
}

/** In decimal digits: `Number` would also take `0x1`, `1e1` and nothing. */
function numberOf(field: string): number | undefined {
  return /^\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*$/.test(field) ? Number(field) : undefined;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 10).map(printable).join(", ");
  return names.length > 10 ? `one of ${shown}, …` : `one of ${shown}`;
}

function quote(field: string): string {
  return printable(JSON.stringify(field.length > 40 ? `${field.slice(0, 40)}…` : field));
}
