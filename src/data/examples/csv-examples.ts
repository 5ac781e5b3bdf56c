import { DataFormatError, InvalidArgumentError } from "../../errors.js";
import { readPixels } from "../readers/csv.js";
import { checkFieldCount, findColumns, isHeader, quote, requireReadable } from "../readers/csv-columns.js";
import { delimiterOf, fieldsOfLine, type ParseLine } from "../readers/csv-lines.js";
import { isNumber } from "../readers/table-cells.js";
import type { ExampleFormat, ExamplePiece, ReadExample } from "./example.js";
import { examplesOfLines, linesOfFile, textOf } from "./text-lines.js";
import { truthOfLabel } from "./truth.js";

export interface CsvExamplesOptions {
  /** The column of the labels, as `loadCsv` takes it. */
  readonly labelColumn?: string | undefined;
}

/**
 * Every line of a file of images as `loadCsv` reads it, piece by piece, so that it may be larger than the memory. Labels may be missing:
 * whether there are some is told by the number of columns. A line is an image, also where it has quotes.
 *
 * @throws FileAccessError when the file cannot be read.
 * @throws DataFormatError when a line is something else; its message gives the line.
 * @throws LabelRangeError when a label is of no class that the network knows.
 * @throws InvalidArgumentError when there is no such column of labels, or none can be guessed.
 */
export async function* csvExamples(
  file: string,
  format: ExampleFormat,
  { labelColumn }: CsvExamplesOptions = {},
): AsyncGenerator<ExamplePiece, void> {
  const { inputs, isPixels } = format;
  const { parse } = await import("csv-parse/sync");
  let delimiter: string | undefined;
  let names: readonly string[] | undefined;
  let label: number | undefined;
  let row = 0;
  const found = (example: ReadExample["example"], labelText: string | undefined, place: string) => {
    const truth = labelText === undefined ? null : truthOfLabel(labelText, format, place);
    return { example, id: row++, isNamed: false, truth };
  };
  const read = (line: Uint8Array, number: number): ReadExample | undefined => {
    if (label !== undefined && delimiter !== undefined && isPixels) {
      const quick = quickPixels(line, delimiter.charCodeAt(0), label, inputs);
      if (quick !== undefined) {
        const text = label === -1 ? undefined : textOf(line.subarray(quick.labelStart, quick.labelEnd));
        if (!text?.includes('"')) return found(quick.pixels, text, `${file}, line ${number}`);
      }
    }
    const place = `${file}, line ${number}`;
    const text = textOf(line);
    if (text.trim() === "") return undefined;
    delimiter ??= delimiterOf(Buffer.from(line));
    const fields = fieldsOfLine(text, delimiter, parse as ParseLine, place);
    if (label === undefined && names === undefined && isHeader(fields, labelColumn)) {
      names = fields.map((name) => name.trim());
      for (const name of names) requireReadable(name, place);
      return undefined;
    }
    if (label === undefined) {
      if (names !== undefined) checkFieldCount(fields, names.length, place);
      label = labelOf(fields, { file, names, inputs, labelColumn });
    }
    checkFieldCount(fields, label === -1 ? inputs : inputs + 1, place);
    const example = isPixels
      ? readPixels(fields, { label, names }, place)
      : readNumbers(fields, label, place);
    return found(example, label === -1 ? undefined : fields[label], place);
  };
  yield* examplesOfLines(linesOfFile(file, inputs), read);
  if (row === 0) throw new DataFormatError(`${file} holds no examples: it has no line of numbers.`);
}

/** The column of the labels; -1 where there are no more columns than the network has inputs. */
function labelOf(
  fields: readonly string[],
  {
    file,
    names,
    inputs,
    labelColumn,
  }: {
    readonly file: string;
    readonly names: readonly string[] | undefined;
    readonly inputs: number;
    readonly labelColumn: string | undefined;
  },
): number {
  if (fields.length === inputs + 1) return findColumns(names, fields, file, labelColumn).label;
  if (fields.length !== inputs) {
    throw new DataFormatError(
      `${file} has lines of ${fields.length} columns, but the network has ${inputs} inputs; there must be one for each, and may be one for the label.`,
    );
  }
  if (labelColumn !== undefined) {
    throw new InvalidArgumentError(
      `${file} has no column of labels, as it has only the ${inputs} that the network reads; leave out --label-column.`,
    );
  }
  return -1;
}

function readNumbers(fields: readonly string[], label: number, place: string): Float64Array {
  const numbers = fields.filter((_, column) => column !== label);
  return Float64Array.from(numbers, (field) => {
    const value = isNumber(field.trim()) ? Number(field) : Number.NaN;
    if (!Number.isFinite(value)) {
      throw new DataFormatError(`Expected a finite number in ${place}, but it is ${quote(field)}.`);
    }
    return value;
  });
}

const ZERO = 48;
const CARRIAGE_RETURN = 13;

/**
 * The pixels of a line that has nothing but digits and what separates them, beside the label; anything else is left to the careful reader,
 * which also knows what to say. It reads some 300 MB a second, twenty times what splitting into fields does.
 */
function quickPixels(line: Uint8Array, delimiter: number, label: number, inputs: number) {
  const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
  const pixels = new Uint8Array(inputs);
  let [pixel, column, value, digits, fieldStart] = [0, 0, 0, 0, 0];
  let [labelStart, labelEnd] = [0, 0];
  for (let i = 0; i <= end; i++) {
    const byte = i === end ? delimiter : (line[i] as number); // i is below its length.
    if (byte === delimiter) {
      if (column === label) {
        labelStart = fieldStart;
        labelEnd = i;
      } else {
        if (digits === 0 || value > 255 || pixel === inputs) return undefined;
        pixels[pixel++] = value;
      }
      column++;
      value = 0;
      digits = 0;
      fieldStart = i + 1;
    } else if (column !== label) {
      const digit = byte - ZERO;
      if (digit < 0 || digit > 9 || ++digits > 3) return undefined;
      value = value * 10 + digit;
    }
  }
  const columns = label === -1 ? inputs : inputs + 1;
  return pixel === inputs && column === columns ? { pixels, labelStart, labelEnd } : undefined;
}
