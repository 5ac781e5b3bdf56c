import { DataFormatError } from "../errors.js";

/** Lines that came together: all that a chunk of bytes ended, or {@link MOST_LINES} of them. */
export interface LineGroup {
  /** The number of the first of them, counted from 1. */
  readonly first: number;
  /** Without what ends them, valid until the next group is asked for. */
  readonly lines: readonly Uint8Array[];
}

export interface LineGroupOptions {
  /** The most bytes of a line. */
  readonly largest: number;
  /** What a message calls the text. */
  readonly name: string;
}

const LINE_FEED = 10;

/** What is made of a line may take a hundred times its bytes where it is short. */
const MOST_LINES = 4096;

/**
 * The lines of a text as its bytes come, so that nobody waits for a line that is there, and no more than a chunk and a line is in memory.
 * A last line need not be ended. The mark with which some programs begin UTF-8 is left out.
 *
 * @throws DataFormatError when a line is too long; those before it have been given.
 */
export async function* lineGroups(
  chunks: AsyncIterable<Uint8Array>,
  { largest, name }: LineGroupOptions,
): AsyncGenerator<LineGroup, void> {
  let count = 0;
  /** What is there of a line that has not ended. */
  let parts: Uint8Array[] = [];
  let length = 0;
  const tooLong = () =>
    new DataFormatError(
      `Line ${count + 1} of ${name} has more than ${largest} bytes, the most that are read; check what separates its lines.`,
    );
  const begun = (line: Uint8Array) => (count === 0 ? withoutMark(line) : line);
  for await (const chunk of chunks) {
    let lines: Uint8Array[] = [];
    let first = count + 1;
    let start = 0;
    let isTooLong = false;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      const last = chunk.subarray(start, end);
      isTooLong = length + last.length > largest;
      if (isTooLong) break;
      lines.push(begun(length === 0 ? last : Buffer.concat([...parts, last])));
      count++;
      parts = [];
      length = 0;
      start = end + 1;
      if (lines.length === MOST_LINES) {
        yield { first, lines };
        lines = [];
        first = count + 1;
      }
    }
    if (lines.length > 0) yield { first, lines };
    if (isTooLong) throw tooLong();
    if (start < chunk.length) {
      length += chunk.length - start;
      if (length > largest) throw tooLong();
      parts.push(Uint8Array.from(chunk.subarray(start))); // A copy: a part must not keep all of its chunk in memory.
    }
  }
  if (length > 0) yield { first: count + 1, lines: [begun(Buffer.concat(parts))] };
}

function withoutMark(line: Uint8Array): Uint8Array {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line;
}
