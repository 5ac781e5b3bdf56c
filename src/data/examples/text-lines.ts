import { contentOf } from "../../formats/byte-source.js";
import { type LineGroup, lineGroups } from "../../formats/line-groups.js";
import { LARGEST_LINE } from "../readers/csv-lines.js";
import type { ExamplePiece, ReadExample } from "./example.js";

/** Bytes of a line: room for an image of a thousand by a thousand pixels, and for every input of a wider network. */
export function largestLine(inputs: number): number {
  return Math.max(LARGEST_LINE, 32 * inputs);
}

/** The groups of lines of a file, with the share of it that has been read. */
export async function* linesOfFile(
  file: string,
  inputs: number,
): AsyncGenerator<LineGroup & { readonly share: number | null }, void> {
  let share: number | null = null;
  const onRead = (bytes: number, ofBytes: number) => {
    share = bytes / ofBytes;
  };
  for await (const group of lineGroups(contentOf(file, { onRead }), {
    largest: largestLine(inputs),
    name: file,
  })) {
    yield { ...group, share };
  }
}

/**
 * Examples of lines, group by group.
 *
 * @param read The example of a line, or `undefined` where it has none. What it throws is thrown after the examples before were given.
 */
export async function* examplesOfLines(
  groups: AsyncIterable<LineGroup & { readonly share?: number | null }>,
  read: (line: Uint8Array, number: number) => ReadExample | undefined,
): AsyncGenerator<ExamplePiece, void> {
  for await (const { first, lines, share = null } of groups) {
    const examples: ReadExample[] = [];
    try {
      for (const [i, line] of lines.entries()) {
        const example = read(line, first + i);
        if (example !== undefined) examples.push(example);
      }
    } catch (error) {
      if (examples.length > 0) yield { examples, share };
      throw error;
    }
    if (examples.length > 0) yield { examples, share };
  }
}

export function textOf(line: Uint8Array): string {
  return Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("utf8");
}
