import { Readable } from "node:stream";
import { DataFormatError } from "../../errors.js";
import { openRegularFile } from "../../system/regular-file.js";
import { asFileAccessError } from "../../system/system-error.js";

const CHUNK_BYTES = 1 << 20;
/** Characters of a line: room for an image of a thousand by a thousand pixels. A quote that is never closed makes the rest a line. */
export const LARGEST_LINE = 1 << 22;
/** What may separate the fields; where a line has as many of two of them, the first. */
const DELIMITERS = [",", ";", "\t"] as const;

/**
 * The fields of each line of a file of values that commas, semicolons or tabs separate: what the first line has most of. Lines are
 * records here: no number needs quotes with a line break in them.
 *
 * @param what What a line holds, for the message about one that is too long.
 * @throws FileAccessError when the file is missing or cannot be read.
 * @throws DataFormatError when a line is too long, or its quotes do not match.
 */
export async function* readLines(file: string, what = "an image"): AsyncGenerator<readonly string[]> {
  const { CsvError, parse } = await import("csv-parse");
  const handle = await openRegularFile(file);
  const text = handle.createReadStream({ highWaterMark: CHUNK_BYTES });
  try {
    const chunks = withShortLines(text, file, what);
    const { value: first = Buffer.alloc(0) } = await chunks.next();
    const delimiter = delimiterOf(first);
    const parser = parse({ bom: true, delimiter, relax_column_count: true, max_record_size: LARGEST_LINE });
    const lines = Readable.from(startingWith(first, chunks), { objectMode: false });
    lines.on("error", (error) => parser.destroy(error));
    yield* lines.pipe(parser) as AsyncIterable<string[]>;
  } catch (error) {
    throw error instanceof CsvError
      ? new DataFormatError(
          `${file} is not comma-separated values, nor separated by semicolons or tabs: ${error.message}.`,
          { cause: error },
        )
      : asFileAccessError(error, file);
  } finally {
    text.destroy(); // Closes the file, too.
  }
}

/**
 * The fields of one line, as {@link readLines} gives them, for files that are read in pieces: there a line is a record, also in quotes.
 *
 * @throws DataFormatError when its quotes do not match.
 */
export function fieldsOfLine(
  text: string,
  delimiter: string,
  parse: ParseLine,
  place: string,
): readonly string[] {
  const line = text.endsWith("\r") ? text.slice(0, -1) : text;
  if (!line.includes('"')) return line.split(delimiter);
  try {
    return parse(line, { delimiter, relax_column_count: true, max_record_size: LARGEST_LINE })[0] ?? [""];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\.$/, "") : String(cause);
    throw new DataFormatError(`${place} has quotes that do not match: ${reason}.`, { cause });
  }
}

/** `parse` of csv-parse/sync, which whoever reads lines imports at use. */
export type ParseLine = (
  text: string,
  options: {
    readonly delimiter: string;
    readonly relax_column_count: boolean;
    readonly max_record_size: number;
  },
) => string[][];

/** The bytes as they come, unless a line is too long: the parser would make a field of each of a hundred million commas. */
async function* withShortLines(
  bytes: AsyncIterable<Buffer>,
  file: string,
  what: string,
): AsyncGenerator<Buffer, void> {
  let length = 0;
  for await (const chunk of bytes) {
    const first = chunk.indexOf("\n");
    const last = chunk.lastIndexOf("\n");
    length += first === -1 ? chunk.length : first;
    if (length > LARGEST_LINE) {
      throw new DataFormatError(
        `${file} has a line of more than ${LARGEST_LINE} characters, where ${what} was expected; check what separates its lines.`,
      );
    }
    if (last !== -1) length = chunk.length - last - 1;
    yield chunk;
  }
}

async function* startingWith(first: Buffer, others: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  yield first;
  yield* others;
}

/** What separates fields in the first line that is not empty, as far as the first bytes hold it; names in quotes may have any character. */
export function delimiterOf(bytes: Buffer): string {
  const line = /[^\r\n]+/.exec(bytes.toString("utf8").replace(/^\ufeff/, ""))?.[0] ?? "";
  const unquoted = line.replaceAll(/"[^"]*"/g, "");
  const counts = DELIMITERS.map((delimiter) => unquoted.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] as string; // One of them is the largest.
}
