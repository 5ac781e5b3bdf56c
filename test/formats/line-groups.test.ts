import fc from "fast-check";
import { expect, it } from "vitest";
import { lineGroups } from "../../src/formats/line-groups.js";

async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let [start, i] = [0, 0]; start < bytes.length; i++) {
    const end = start + (sizes[i % sizes.length] as number);
    yield bytes.subarray(start, end);
    start = end;
  }
}

async function linesOf(bytes: Uint8Array, sizes: readonly number[], largest: number) {
  const lines: string[] = [];
  try {
    for await (const group of lineGroups(inChunks(bytes, sizes), { largest, name: "it" })) {
      expect(group.first).toBe(lines.length + 1);
      lines.push(...group.lines.map((line) => Buffer.from(line).toString()));
    }
    return { lines, error: null };
  } catch (error) {
    return { lines, error: (error as Error).message };
  }
}

it("lines are the same however the bytes come, and a long one is refused after those before", async () => {
  const text = fc
    .array(fc.constantFrom("a", "é", "\n", "\n", "\r", '"'), { maxLength: 60 })
    .map((all) => all.join(""));
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(text, sizes, fc.integer({ min: 1, max: 12 }), async (content, chunks, largest) => {
      const bytes = Buffer.from(content);
      const all = content.split("\n");
      if (all.at(-1) === "") all.pop();
      const long = all.findIndex((line) => Buffer.byteLength(line) > largest);
      expect(await linesOf(bytes, chunks, largest)).toEqual({
        lines: long === -1 ? all : all.slice(0, long),
        error:
          long === -1
            ? null
            : `Line ${long + 1} of it has more than ${largest} bytes, the most that are read; check what separates its lines.`,
      });
    }),
    { numRuns: 300 },
  );
});

it("the mark before UTF-8 is left out", async () => {
  expect(await linesOf(Buffer.from("\ufeffa\n\ufeffb"), [2], 9)).toEqual({
    lines: ["a", "\ufeffb"],
    error: null,
  });
});

it("short lines come in groups of some thousands, however many bytes there are", async () => {
  const bytes = Buffer.from("1\n".repeat(10_000));
  const counts: number[] = [];
  for await (const { first, lines } of lineGroups(inChunks(bytes, [bytes.length]), {
    largest: 9,
    name: "it",
  })) {
    expect(first).toBe(counts.reduce((sum, count) => sum + count, 1));
    counts.push(lines.length);
  }
  expect(counts).toEqual([4096, 4096, 1808]);
});
