import { DataFormatError, InvalidArgumentError } from "../../errors.js";
import { type KnownOptions, nearestName, requireKnownOptions } from "../../system/known-options.js";
import { printable } from "../../system/printable.js";
import { BYTE_CLASSES, type Labels, type NoticeOption, type Targets, warn } from "../targets.js";
import { checkFieldCount, quote, requireReadable } from "./csv-columns.js";
import { readLines } from "./csv-lines.js";
import {
  type Cell,
  isNumber,
  listTexts,
  numberOfCell,
  placeOf,
  requireValue,
  sortTexts,
  textOfCell,
} from "./table-cells.js";
import { TASKS, type TableColumns, type Task } from "./table-columns.js";

export interface LoadTableOptions extends NoticeOption {
  /** The column that is to be learned, by its name. Needed unless `columns` tells. */
  readonly targetColumn?: string | undefined;
  /** Whether the target names classes, or is a number to be learned. Needed unless `columns` tells. */
  readonly task?: Task | undefined;
  /**
   * What a network knows of its columns, by {@link splitTable} or `encodeTable`: the table is read as the one that it was trained on.
   * Columns are found by their names, others are ignored, and the target may be missing.
   */
  readonly columns?: TableColumns | undefined;
  /** A column that tells which rows belong together, such as those of one patient: it becomes `groups`, and no network reads it. */
  readonly groupColumn?: string | undefined;
}

const OPTIONS: KnownOptions<LoadTableOptions> = {
  targetColumn: true,
  task: true,
  columns: true,
  groupColumn: true,
  onNotice: true,
};

/** A column as the file has it. */
export type RawColumn =
  | { readonly name: string; readonly kind: "numeric"; readonly numbers: Float64Array }
  | {
      readonly name: string;
      readonly kind: "category";
      /** The number in `texts` of each row's text. */
      readonly codes: Int32Array;
      /** In the order in which the file has them. */
      readonly texts: readonly string[];
    };

/** A table as its file has it: what each category becomes is learned later, on the training rows alone. */
export interface Table {
  readonly file: string;
  /** The line of each row in the file, counted from 1: for messages. */
  readonly lines: Int32Array;
  /** The columns that a network reads. */
  readonly columns: readonly RawColumn[];
  /** What it learns; `undefined` where a table to predict has no such column. */
  readonly targets: Targets | undefined;
  readonly target: TableColumns["target"];
  /** What the network that reads it knows of the columns; `undefined` where it is still to be learned. */
  readonly known: TableColumns | undefined;
  /** What each row belongs to, [n_rows], where a column of the table tells it. */
  readonly groups?: readonly string[];
}

/** The end of a sentence: how to say which column is meant. */
const BY_TARGET_COLUMN = "by targetColumn (on the command line --target-column)";

/** Different texts of a column; each becomes an input of the network. */
const MOST_CATEGORIES = 1000;

/**
 * Reads a table from a file of values that commas, semicolons or tabs separate, whose first line names the columns. A column is numeric
 * where all its cells are numbers, else one of categories. Names of classes are sorted, as numbers where all are numbers. Empty lines
 * are passed over. {@link splitTable} makes of it what `fit` takes.
 *
 * @throws FileAccessError when the file is missing or cannot be read.
 * @throws DataFormatError when a value is missing, or is not a number where one was expected, or a line has another number of columns
 *   than the first; its message gives line and column. Also when a column that a network needs is not there.
 * @throws InvalidArgumentError when there is no such target, or an option is missing.
 */
export async function loadTable(path: string, options: LoadTableOptions): Promise<Table> {
  requireKnownOptions("loadTable", options, OPTIONS, '{ targetColumn: "price", task: "regress" }');
  const { columns: known, groupColumn, onNotice = warnOfColumns } = options;
  if (known === undefined) {
    const layout = await learnLayout(path, options, onNotice);
    const table = await readTable(path, layout, { groupColumn });
    requireSeveralClasses(table);
    return table;
  }
  const { targetColumn = known.target.name, task = known.target.task } = options;
  if (targetColumn !== known.target.name || task !== known.target.task) {
    throw new InvalidArgumentError(
      `Expected no other targetColumn and task than ${known.target.name} and ${known.target.task}, which the network was trained for, but received ${targetColumn} and ${task}.`,
    );
  }
  return readTable(path, known, { known, groupColumn });
}

function warnOfColumns(sentence: string): void {
  warn(sentence, "TABLE_COLUMNS");
}

/** Which columns to read, and how. */
interface Layout {
  readonly features: readonly { readonly name: string; readonly kind: "numeric" | "category" }[];
  readonly target: { readonly name: string; readonly task: Task };
}

/** Goes through the file once to see which columns are numeric, so that nothing of them has to be kept as texts. */
async function learnLayout(
  file: string,
  { targetColumn, task, groupColumn }: LoadTableOptions,
  onNotice: (sentence: string) => void,
): Promise<Layout> {
  if (targetColumn === undefined) {
    throw new InvalidArgumentError(`Expected the column that is to be learned, ${BY_TARGET_COLUMN}.`);
  }
  if (task === undefined || !TASKS.includes(task)) {
    throw new InvalidArgumentError(
      `Expected ${TASKS.join(" or ")} for task (on the command line --task) but received ${task ?? "none"}.`,
    );
  }
  let names: readonly string[] = [];
  const firstTexts: (Cell | undefined)[] = [];
  const haveNumbers: boolean[] = [];
  for await (const { fields, line } of tableLines(file)) {
    if (names.length === 0) {
      names = fields;
      checkNames(names, file);
      requireTarget(names, targetColumn, file);
      if (groupColumn !== undefined) requireGroups(names, groupColumn, { file, targetColumn });
      continue;
    }
    for (let i = 0; i < names.length; i++) {
      const cell = { field: fields[i] as string, file, line, column: names[i] as string }; // As many as names.
      if (isNumber(requireValue(cell))) haveNumbers[i] = true;
      else firstTexts[i] ??= cell;
    }
  }
  const target = names.indexOf(targetColumn);
  for (const [i, cell] of firstTexts.entries()) {
    if (cell !== undefined && haveNumbers[i] && i !== target && cell.column !== groupColumn) {
      onNotice(
        `Column ${printable(cell.column)} of ${file} is read as one of categories and not of numbers, because in line ${cell.line} it has ${quote(cell.field)}.`,
      );
    }
  }
  const all = names.map((name, i) => ({ name, kind: firstTexts[i] ? "category" : "numeric" }) as const);
  const features = all.filter(({ name }, i) => i !== target && name !== groupColumn);
  return { features, target: { name: targetColumn, task } };
}

/** The fields of each line that is not empty, those of the header first, trimmed. */
async function* tableLines(file: string) {
  let line = 0;
  let count: number | undefined;
  for await (const fields of readLines(file, "a row of a table")) {
    line++;
    if (fields.length === 1 && fields[0] === "") continue;
    const isHeader = count === undefined;
    count ??= fields.length;
    if (fields.length !== count) checkFieldCount(fields, count, `${file}, line ${line}`);
    yield { fields: isHeader ? fields.map((name) => name.trim()) : fields, line };
  }
}

function checkNames(names: readonly string[], file: string): void {
  for (const [i, name] of names.entries()) {
    requireReadable(name, `The first line of ${file}`);
    if (name === "") {
      throw new DataFormatError(
        `${file} has no name for column ${i + 1} in its first line; name it, or leave it out if it only numbers the rows.`,
      );
    }
    if (names.indexOf(name) !== i) throw duplicate(name, file);
  }
}

function duplicate(name: string, file: string): DataFormatError {
  return new DataFormatError(
    `${file} has several columns named ${printable(name)}; give each a name of its own.`,
  );
}

function requireTarget(names: readonly string[], target: string, file: string): void {
  if (names.length < 2) {
    throw new DataFormatError(
      `${file} has lines of one column, and a target and at least one other were expected, separated by commas, semicolons or tabs.`,
    );
  }
  if (names.includes(target)) return;
  const nearest = nearestName(target, names);
  const header = names.every(isNumber)
    ? "; its first line, which has to name the columns, holds numbers"
    : "";
  const advice = nearest === undefined ? "name one" : `did you mean ${printable(nearest)}? Name one`;
  throw new InvalidArgumentError(
    `${file} has no column ${printable(target)}${header}; ${advice} ${BY_TARGET_COLUMN}: ${listTexts(names)}.`,
  );
}

function requireGroups(
  names: readonly string[],
  groups: string,
  { file, targetColumn }: { readonly file: string; readonly targetColumn: string },
): void {
  const all = names.filter((name) => name !== targetColumn);
  if (!all.includes(groups)) {
    throw new InvalidArgumentError(
      `${file} has no column ${printable(groups)} to tell which rows belong together; name one by groupColumn (on the command line --group-column): ${listTexts(all)}.`,
    );
  }
  if (all.length < 2) {
    throw new InvalidArgumentError(
      `${file} has no column but ${printable(groups)} and the target, so that nothing is left to learn from; add one, or leave out groupColumn.`,
    );
  }
}

/** Reads the columns that a layout names. */
async function readTable(
  file: string,
  layout: Layout,
  { known, groupColumn }: { readonly known?: TableColumns; readonly groupColumn: string | undefined },
): Promise<Table> {
  const { target } = layout;
  const features = layout.features.map(({ name, kind }) => ({
    ...(kind === "numeric" ? collectNumbers(name) : collectTexts(name, MOST_CATEGORIES)),
    index: -1,
  }));
  const targetValues =
    target.task === "regress"
      ? collectNumbers(target.name)
      : collectTexts(target.name, Number.POSITIVE_INFINITY);
  let targetIndex: number | undefined;
  let groupIndex = -1;
  const groups: string[] = [];
  const lines: number[] = [];
  for await (const { fields, line } of tableLines(file)) {
    if (targetIndex === undefined) {
      for (const column of features) column.index = findColumn(fields, column.name, file);
      targetIndex = fields.includes(target.name) ? findColumn(fields, target.name, file) : -1;
      if (groupColumn !== undefined) {
        groupIndex = findColumn(fields, groupColumn, file, "which told which rows belong together");
      }
      continue;
    }
    lines.push(line);
    if (groupColumn !== undefined) {
      groups.push(textOfCell({ field: fields[groupIndex] as string, file, line, column: groupColumn }));
    }
    for (const { index, name, add } of features) {
      add({ field: fields[index] as string, file, line, column: name }); // As many as names.
    }
    if (targetIndex >= 0) {
      targetValues.add({ field: fields[targetIndex] as string, file, line, column: target.name });
    }
  }
  if (lines.length === 0) {
    throw new DataFormatError(`${file} holds no table: it has no line after that with the names of columns.`);
  }
  const place = { file, lines: Int32Array.from(lines) };
  const learned = targetIndex === -1 ? undefined : asTargets(targetValues.finish(), known, place);
  return {
    ...place,
    columns: features.map(({ finish }) => finish()),
    targets: learned,
    target: known?.target ?? describeTarget(target, learned),
    known,
    ...(groupColumn !== undefined && { groups }),
  };
}

export function findColumn(
  names: readonly string[],
  name: string,
  file: string,
  what = "which the network was trained on",
): number {
  const index = names.indexOf(name);
  if (index === -1) {
    throw new DataFormatError(
      `${file} has no column ${printable(name)}, ${what}; its columns are ${listTexts(names)}.`,
    );
  }
  if (names.lastIndexOf(name) !== index) throw duplicate(name, file);
  return index;
}

/** Collects the cells of a column. */
interface Collector {
  readonly name: string;
  readonly add: (cell: Cell) => void;
  readonly finish: () => RawColumn;
}

function collectNumbers(name: string): Collector {
  const numbers: number[] = [];
  return {
    name,
    add: (cell) => void numbers.push(numberOfCell(cell)),
    finish: () => ({ name, kind: "numeric", numbers: Float64Array.from(numbers) }),
  };
}

function collectTexts(name: string, most: number): Collector {
  const found = new Map<string, number>();
  const codes: number[] = [];
  return {
    name,
    add(cell) {
      const text = textOfCell(cell);
      const code = found.get(text) ?? found.size;
      if (code === most) {
        throw new DataFormatError(
          `Expected numbers, or at most ${most} different texts, in column ${printable(name)} of ${cell.file}, but line ${cell.line} has one more, ${quote(text)}; leave the column out.`,
        );
      }
      if (code === found.size) found.set(text, code);
      codes.push(code);
    },
    finish: () => ({ name, kind: "category", codes: Int32Array.from(codes), texts: [...found.keys()] }),
  };
}

function asTargets(
  column: RawColumn,
  known: TableColumns | undefined,
  { file, lines }: Pick<Table, "file" | "lines">,
): Targets {
  if (column.kind === "numeric") {
    return { kind: "values", data: column.numbers, width: 1, names: [column.name] };
  }
  const { codes, texts, name } = column;
  const classNames = known?.target.task === "classify" ? known.target.classNames : sortTexts(texts);
  const numbers = new Map(classNames.map((text, label) => [text, label]));
  const labels: Labels =
    classNames.length <= BYTE_CLASSES ? new Uint8Array(codes.length) : new Int32Array(codes.length);
  const labelOf = texts.map((text) => numbers.get(text));
  for (const [row, code] of codes.entries()) {
    const label = labelOf[code];
    if (label === undefined) {
      const place = placeOf({ file, line: lines[row] ?? 0, column: name });
      throw new DataFormatError(
        `Expected one of the classes ${listTexts(classNames)} in ${place}, but it is ${quote(texts[code] ?? "")}.`,
      );
    }
    labels[row] = label;
  }
  return { kind: "classes", labels, classes: classNames.length, classNames };
}

function describeTarget(
  { name, task }: Layout["target"],
  learned: Targets | undefined,
): TableColumns["target"] {
  const classNames = learned?.kind === "classes" ? (learned.classNames ?? []) : [];
  return task === "regress" ? { name, task } : { name, task, classNames };
}

/** A wrong target often shows in that all rows are of one class. */
function requireSeveralClasses({ file, target, lines }: Table): void {
  if (target.task === "classify" && target.classNames.length < 2) {
    throw new DataFormatError(
      `All ${lines.length} rows of ${file} have ${quote(target.classNames[0] ?? "")} in column ${printable(target.name)}, and a network tells classes apart; name another column ${BY_TARGET_COLUMN}.`,
    );
  }
}
