import { DataFormatError, InvalidArgumentError } from "../../errors.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { checkFitsInMemory } from "../../system/memory.js";
import { printable } from "../../system/printable.js";
import type { Dataset, Inputs } from "../dataset.js";
import type { FloatFeatures } from "../features.js";
import {
  type DatasetParts,
  SPLIT_DATASET_OPTIONS,
  type SplitDatasetOptions,
  splitRows,
} from "../split-dataset.js";
import { type NoticeOption, warn } from "../targets.js";
import { quote } from "./csv-columns.js";
import type { RawColumn, Table } from "./table.js";
import { listTexts, placeOf, sortTexts } from "./table-cells.js";
import { featureNames, type TableColumn, type TableColumns } from "./table-columns.js";

/** A table as numbers that a network reads, and what it has to know to read another table alike. */
export interface EncodedTable {
  /** All rows. */
  readonly inputs: Inputs<FloatFeatures>;
  readonly columns: TableColumns;
}

/** The parts of a table. */
export interface SplitTable {
  readonly parts: DatasetParts<Dataset<FloatFeatures>>;
  readonly columns: TableColumns;
}

export interface SplitTableOptions extends SplitDatasetOptions, NoticeOption {}

const SPLIT_OPTIONS: KnownOptions<SplitTableOptions> = { ...SPLIT_DATASET_OPTIONS, onNotice: true };

/**
 * Splits a table as `splitDataset` does, and learns on its training rows what its columns become:
 *
 * ```ts
 * const table = await loadTable("flowers.csv", { targetColumn: "species", task: "classify" });
 * const { parts, columns } = splitTable(table);
 * await fit(network, parts.train, { validation: parts.validation });
 * const another = await loadTable("found-today.csv", { columns });
 * const { classes } = await predict(network, encodeTable(another).inputs);
 * ```
 *
 * @throws DataFormatError as {@link encodeTable}.
 * @throws InvalidArgumentError when the table has no target, and as `splitDataset`.
 */
export function splitTable(table: Table, options: SplitTableOptions = {}): SplitTable {
  requireKnownOptions("splitTable", options, SPLIT_OPTIONS, "{ seed: 123 }");
  const { onNotice, ...splitOptions } = options;
  const { targets, lines, file, target } = table;
  if (targets === undefined) {
    throw new InvalidArgumentError(
      `${file} has no column ${printable(target.name)}, the target, so that its rows can only be predicted.`,
    );
  }
  const rows = splitRows(targets, Int32Array.from(lines.keys()), splitOptions);
  const { inputs, columns } = encodeTable(table, { trainRows: rows.train, onNotice });
  const part = (which: Int32Array) => ({ ...inputs, targets, rows: which });
  return { parts: { train: part(rows.train), validation: part(rows.valid), test: part(rows.test) }, columns };
}

export interface EncodeTableOptions extends NoticeOption {
  /** The rows on which categories are learned, where nothing is known of the columns. Default: all. */
  readonly trainRows?: Int32Array | undefined;
}

const ENCODE_OPTIONS: KnownOptions<EncodeTableOptions> = { trainRows: true, onNotice: true };

/**
 * The columns of a table as numbers: those that are numeric as they are, and of categories a number for each, 1 for that of the row
 * and 0 for the others (one-hot).
 *
 * @throws DataFormatError when a row has a category that no training row has; its message gives line and column.
 */
export function encodeTable(table: Table, options: EncodeTableOptions = {}): EncodedTable {
  requireKnownOptions("encodeTable", options, ENCODE_OPTIONS, "{ trainRows }");
  const columns = table.known ?? learnColumns(table, options);
  const names = featureNames(columns);
  const [count, width] = [table.lines.length, names.length];
  checkFitsInMemory(count * width * Float64Array.BYTES_PER_ELEMENT, table.file);
  const data = new Float64Array(count * width);
  let start = 0;
  for (const [i, column] of columns.features.entries()) {
    const raw = table.columns[i] as RawColumn; // A table has the columns of its description, in its order.
    start += writeColumn(table, raw, column, { data, width, start });
  }
  return {
    inputs: {
      features: { kind: "floats", data, width, names },
      rows: Int32Array.from({ length: count }, (_, row) => row),
    },
    columns,
  };
}

function learnColumns(table: Table, { trainRows, onNotice }: EncodeTableOptions): TableColumns {
  const rows = trainRows ?? Int32Array.from(table.lines.keys());
  const features = table.columns.map((column) => learnColumn(column, rows));
  const constant = table.columns
    .filter((column) => isConstant(column, rows))
    .map(({ name }) => printable(name));
  if (constant.length > 0) {
    const [subject, them] =
      constant.length === 1
        ? [`Column ${constant[0]} of`, "it"]
        : [`Columns ${listTexts(constant)} of`, "them"];
    const sentence = `${subject} ${table.file} ${constant.length === 1 ? "is" : "are"} the same in all training rows, so that a network learns nothing from ${them}.`;
    if (onNotice === undefined) warn(sentence, "TABLE_COLUMNS");
    else onNotice(sentence);
  }
  return { features, target: table.target };
}

function learnColumn(column: RawColumn, trainRows: Int32Array): TableColumn {
  const { name, kind } = column;
  if (kind === "numeric") return { name, kind };
  const codes = new Set<number>();
  for (const row of trainRows) codes.add(column.codes[row] as number); // Each is a row of the table.
  return { name, kind, categories: sortTexts([...codes].map((code) => column.texts[code] as string)) };
}

function isConstant(column: RawColumn, rows: Int32Array): boolean {
  const values = column.kind === "numeric" ? column.numbers : column.codes;
  const [first = 0] = rows;
  return rows.every((row) => values[row] === values[first]);
}

/** @returns How many numbers of each row were written. */
function writeColumn(
  { file, lines }: Table,
  raw: RawColumn,
  column: TableColumn,
  { data, width, start }: { readonly data: Float64Array; readonly width: number; readonly start: number },
): number {
  if (raw.kind === "numeric") {
    for (const [row, value] of raw.numbers.entries()) data[row * width + start] = value;
    return 1;
  }
  const categories = column.kind === "category" ? column.categories : []; // It was read as the kind that its description says.
  const places = new Map(categories.map((text, place) => [text, place]));
  const placeOfCode = raw.texts.map((text) => places.get(text));
  for (const [row, code] of raw.codes.entries()) {
    const place = placeOfCode[code];
    if (place === undefined) {
      const where = placeOf({ file, line: lines[row] ?? 0, column: column.name });
      throw unknownCategory(categories, where, raw.texts[code] ?? "");
    }
    data[row * width + start + place] = 1;
  }
  return categories.length;
}

/** The error for a category that no training row has. */
export function unknownCategory(categories: readonly string[], where: string, text: string): DataFormatError {
  return new DataFormatError(
    `Expected one of ${listTexts(categories)}, the categories of the training rows, in ${where}, but it is ${quote(text)}; leave out the row or the column.`,
  );
}
