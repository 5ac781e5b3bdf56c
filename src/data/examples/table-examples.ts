import { DataFormatError } from "../../errors.js";
import { checkFieldCount } from "../readers/csv-columns.js";
import { delimiterOf, fieldsOfLine, type ParseLine } from "../readers/csv-lines.js";
import { unknownCategory } from "../readers/encode-table.js";
import { findColumn } from "../readers/table.js";
import { type Cell, isMissing, numberOfCell, placeOf, textOfCell } from "../readers/table-cells.js";
import type { TableColumns } from "../readers/table-columns.js";
import type { ExampleFormat, ExamplePiece, ReadExample } from "./example.js";
import { examplesOfLines, linesOfFile, textOf } from "./text-lines.js";
import { truthOfLabel } from "./truth.js";

/**
 * The numbers of a row, as `encodeTable` makes them of a whole table.
 *
 * @param cellOf The cell of a column, by the column's place among the features.
 * @throws DataFormatError when a value is missing, is no number where one was expected, or is a category that no training row has.
 */
export function encodeRow(
  { features }: Pick<TableColumns, "features">,
  inputs: number,
  cellOf: (name: string, feature: number) => Cell,
): Float64Array {
  const numbers = new Float64Array(inputs);
  let start = 0;
  for (const [i, column] of features.entries()) {
    const cell = cellOf(column.name, i);
    if (column.kind === "numeric") {
      numbers[start++] = numberOfCell(cell);
      continue;
    }
    const text = textOfCell(cell);
    const place = column.categories.indexOf(text);
    if (place === -1) throw unknownCategory(column.categories, placeOf(cell), text);
    numbers[start + place] = 1;
    start += column.categories.length;
  }
  return numbers;
}

/**
 * Every row of a table as `loadTable` reads it for a network that knows its columns, piece by piece, so that it may be larger than the memory.
 * The target may be missing, in all rows or in some. A line is a row, also where it has quotes.
 *
 * @throws FileAccessError when the file cannot be read.
 * @throws DataFormatError as `loadTable` and `encodeTable`.
 * @throws LabelRangeError when the target has a class that the network does not know.
 */
export async function* tableExamples(
  file: string,
  columns: TableColumns,
  format: ExampleFormat,
): AsyncGenerator<ExamplePiece, void> {
  const { parse } = await import("csv-parse/sync");
  const { features, target } = columns;
  let header: { delimiter: string; count: number; places: readonly number[]; target: number } | undefined;
  let row = 0;
  const read = (line: Uint8Array, number: number): ReadExample | undefined => {
    const text = textOf(line);
    if (text.trim() === "") return undefined;
    const place = `${file}, line ${number}`;
    const delimiter = header?.delimiter ?? delimiterOf(Buffer.from(line));
    const fields = fieldsOfLine(text, delimiter, parse as ParseLine, place);
    if (header === undefined) {
      const names = fields.map((name) => name.trim());
      const places = features.map(({ name }) => findColumn(names, name, file));
      header = {
        delimiter,
        count: fields.length,
        places,
        target: names.includes(target.name) ? findColumn(names, target.name, file) : -1,
      };
      return undefined;
    }
    checkFieldCount(fields, header.count, place);
    const { places } = header;
    const example = encodeRow(columns, format.inputs, (column, feature) => ({
      field: fields[places[feature] as number] as string, // As many as names.
      file,
      line: number,
      column,
    }));
    const known = fields[header.target];
    const truth =
      known === undefined || isMissing(known)
        ? null
        : truthOfTarget({ field: known, file, line: number, column: target.name }, format);
    return { example, id: row++, isNamed: false, truth };
  };
  yield* examplesOfLines(linesOfFile(file, format.inputs), read);
  if (row === 0) {
    throw new DataFormatError(`${file} holds no table: it has no line after that with the names of columns.`);
  }
}

function truthOfTarget(cell: Cell, format: ExampleFormat): number {
  return format.classes === null ? numberOfCell(cell) : truthOfLabel(cell.field, format, placeOf(cell));
}
