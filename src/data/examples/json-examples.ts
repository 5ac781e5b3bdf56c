import { TextDecoder } from "node:util";
import { DataFormatError } from "../../errors.js";
import type { LineGroup } from "../../formats/line-groups.js";
import { quote } from "../readers/csv-columns.js";
import { byteOfInteger } from "../readers/pixels.js";
import type { TableColumns } from "../readers/table-columns.js";
import type { ExampleFormat, ExamplePiece } from "./example.js";
import { encodeRow } from "./table-examples.js";
import { examplesOfLines } from "./text-lines.js";

/** An object of JSON. */
type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The examples of lines of JSON. A line is an array of numbers: pixels from 0 to 255 for a network that reads images, and numbers as they are
 * for any other; or an object with `pixels` or `features` that says which they are, or, for a table, with a value for each of its columns;
 * beside them may stand an `id`, a text or a number. Empty lines are passed over.
 *
 * @param name What a message calls the text.
 * @throws DataFormatError when a line is something else; its message gives the line.
 */
export function jsonExamples(
  groups: AsyncIterable<LineGroup & { readonly share?: number | null }>,
  format: ExampleFormat,
  name: string,
): AsyncGenerator<ExamplePiece, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let row = 0;
  return examplesOfLines(groups, (line, number) => {
    const quick = format.isPixels ? quickPixels(line, format.inputs) : undefined;
    if (quick !== undefined) return { example: quick, id: row++, isNamed: false, truth: null };
    const place = `line ${number} of ${name}`;
    const value = parseLine(line, decoder, place);
    if (value === undefined) return undefined;
    const id = idOf(value, place);
    const read = exampleOf(value, format, { file: name, line: number, place });
    const own = row++;
    return { example: read, id: id ?? own, isNamed: id !== undefined, truth: null };
  });
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly place: string;
}

const [ZERO, COMMA, SPACE, OPEN, CLOSE, CARRIAGE_RETURN] = [48, 44, 32, 91, 93, 13] as const;

/**
 * The pixels of an array that has nothing but whole numbers up to 255, commas and spaces, as programs write it; anything else is left to the
 * careful reader, which also knows what to say. It takes a quarter of its time.
 */
function quickPixels(line: Uint8Array, inputs: number): Uint8Array | undefined {
  const end = (line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length) - 1;
  if (line[0] !== OPEN || line[end] !== CLOSE) return undefined;
  const pixels = new Uint8Array(inputs);
  let [pixel, value, digits] = [0, 0, 0];
  for (let i = 1; i <= end; i++) {
    const byte = line[i] as number; // i is below its length.
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && value === 0) return undefined; // JSON has no 07.
      value = value * 10 + digit;
      if (++digits > 3) return undefined;
    } else if (byte === COMMA || i === end) {
      if (digits === 0 || value > 255 || pixel === inputs) return undefined;
      pixels[pixel++] = value;
      value = 0;
      digits = 0;
    } else if (byte !== SPACE || digits > 0) return undefined;
  }
  return pixel === inputs ? pixels : undefined;
}

/** @returns `undefined` where the line is empty. */
function parseLine(line: Uint8Array, decoder: TextDecoder, place: string): unknown {
  let text: string;
  try {
    text = decoder.decode(line);
  } catch (cause) {
    throw new DataFormatError(`Expected UTF-8 in ${place}, but it has other bytes.`, { cause });
  }
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataFormatError(
      `Expected an array of numbers or an object of JSON in ${place}, but it is ${quote(text)}.`,
      { cause },
    );
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function idOf(value: unknown, place: string): string | number | undefined {
  const id = isObject(value) && Object.hasOwn(value, "id") ? value.id : undefined;
  if (id === undefined || typeof id === "string") return id;
  if (typeof id === "number") return exactId(id, place);
  throw new DataFormatError(`Expected a text or a number for id in ${place}, but it is ${shown(id)}.`);
}

/** A number as it is in the answer: JSON has no infinities, and larger ones have lost digits by now. */
function exactId(id: number, place: string): number {
  if (Number.isFinite(id) && (Number.isSafeInteger(id) || !Number.isInteger(id))) return id;
  throw new DataFormatError(
    `Expected a number up to ${Number.MAX_SAFE_INTEGER} for id in ${place}, but it is ${id}; write it as a text, in quotes.`,
  );
}

function exampleOf(value: unknown, format: ExampleFormat, where: Place): Uint8Array | Float64Array {
  const { columns, isPixels } = format;
  if (Array.isArray(value))
    return isPixels ? pixelsOf(value, format, where) : numbersOf(value, format, where);
  if (!isObject(value)) {
    throw new DataFormatError(
      `Expected an array of numbers or an object in ${where.place}, but it is ${shown(value)}.`,
    );
  }
  const isColumn = (name: string) => columns?.features.some((column) => column.name === name) === true;
  const has = (name: string) => Object.hasOwn(value, name) && !isColumn(name);
  if (has("pixels") && has("features")) {
    throw new DataFormatError(`Expected either pixels or features in ${where.place}, but it has both.`);
  }
  if (has("features")) return numbersOf(value.features, format, where);
  if (columns !== undefined) return rowOf(value, columns, format, where);
  if (has("pixels")) return pixelsOf(value.pixels, format, where);
  throw new DataFormatError(
    `Expected pixels or features in the object in ${where.place}, but it has neither.`,
  );
}

function pixelsOf(value: unknown, { inputs }: ExampleFormat, { place }: Place): Uint8Array {
  const list = listOf(value, inputs, "pixels", place);
  const pixels = new Uint8Array(inputs);
  for (let i = 0; i < inputs; i++) {
    const item = list[i];
    const pixel = typeof item === "number" ? byteOfInteger(item) : undefined;
    if (pixel === undefined) {
      throw new DataFormatError(
        `Expected whole numbers from 0 to 255 as pixels in ${place}, but number ${i} is ${shown(item)}; numbers that the network takes as they are go into { "features": [...] }.`,
      );
    }
    pixels[i] = pixel;
  }
  return pixels;
}

function numbersOf(value: unknown, { inputs }: ExampleFormat, { place }: Place): Float64Array {
  const list = listOf(value, inputs, "features", place);
  const numbers = new Float64Array(inputs);
  for (let i = 0; i < inputs; i++) {
    const item = list[i];
    if (typeof item !== "number" || !Number.isFinite(item)) {
      throw new DataFormatError(`Expected finite numbers in ${place}, but number ${i} is ${shown(item)}.`);
    }
    numbers[i] = item;
  }
  return numbers;
}

function listOf(value: unknown, inputs: number, what: string, place: string): readonly unknown[] {
  const isList = Array.isArray(value);
  if (isList && value.length === inputs) return value;
  throw new DataFormatError(
    `Expected ${inputs} ${what} in ${place}, one for each input of the network, but it has ${isList ? value.length : shown(value)}.`,
  );
}

/** A row of a table, a value for each column by its name; texts of numbers are numbers, as in a table's file. */
function rowOf(
  value: JsonObject,
  columns: TableColumns,
  { inputs }: ExampleFormat,
  { file, line, place }: Place,
): Float64Array {
  return encodeRow(columns, inputs, (column) => {
    const item = Object.hasOwn(value, column) ? value[column] : undefined;
    if (item === undefined) {
      throw new DataFormatError(`Expected a value for the column ${column} in ${place}, but it has none.`);
    }
    if (item !== null && typeof item !== "number" && typeof item !== "string") {
      throw new DataFormatError(
        `Expected a number or a text for the column ${column} in ${place}, but it is ${shown(item)}.`,
      );
    }
    return { field: item === null ? "" : String(item), file, line, column };
  });
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string") return quote(value);
  return isObject(value) ? "an object" : String(value); // Numbers too large for JavaScript are Infinity.
}
