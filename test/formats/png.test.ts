import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { DataFormatError, FileAccessError } from "../../src/errors.js";
import { readPngAsGray } from "../../src/formats/png.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const GRAY = 0;
const RGB = 2;
const PALETTE = 3;
const GRAY_ALPHA = 4;
const RGB_ALPHA = 6;

interface PngParts {
  colourType: number;
  depth: number;
  width: number;
  /** The bytes of each line. */
  lines: number[][];
  /** Overrides the number of lines in the header. */
  height?: number;
  palette?: number[];
  transparency?: number[];
  interlace?: 0 | 1;
}

/** A file put together by hand from the specification (https://www.w3.org/TR/png-3/). */
function png({
  colourType,
  depth,
  width,
  lines,
  height = lines.length,
  palette,
  transparency,
  interlace = 0,
}: PngParts) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, interlace], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    ...(palette === undefined ? [] : [chunk("PLTE", Uint8Array.from(palette))]),
    ...(transparency === undefined ? [] : [chunk("tRNS", Uint8Array.from(transparency))]),
    // Each line starts with its filter: none.
    chunk("IDAT", deflateSync(Uint8Array.from(lines.flatMap((line) => [0, ...line])))),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(data.length, 0);
  bytes.set(body, 4);
  bytes.writeUInt32BE(crc32(body), bytes.length - 4);
  return bytes;
}

function write(content: Uint8Array): string {
  const path = join(folder, "image.png");
  writeFileSync(path, content);
  return path;
}

describe("readPngAsGray", () => {
  it.each<[what: string, parts: PngParts, expected: number[]]>([
    [
      "gray, 8 bits",
      {
        colourType: GRAY,
        depth: 8,
        width: 2,
        lines: [
          [0, 7],
          [128, 255],
        ],
      },
      [0, 7, 128, 255],
    ],
    [
      "gray, 16 bits, rounded",
      { colourType: GRAY, depth: 16, width: 3, lines: [[0, 0, 0x80, 0x80, 0x7f, 0xff]] },
      [0, 128, 127],
    ],
    [
      "gray, 4 bits",
      {
        colourType: GRAY,
        depth: 4,
        width: 3,
        lines: [
          [0x0f, 0x80],
          [0x10, 0x20],
        ],
      },
      [0, 255, 136, 17, 0, 34],
    ],
    [
      "gray, 2 bits",
      { colourType: GRAY, depth: 2, width: 5, lines: [[0b00011011, 0b11000000]] },
      [0, 85, 170, 255, 255],
    ],
    [
      "gray, 1 bit",
      { colourType: GRAY, depth: 1, width: 3, lines: [[0b10100000], [0b01000000]] },
      [255, 0, 255, 0, 255, 0],
    ],
    [
      "gray with alpha, on white",
      { colourType: GRAY_ALPHA, depth: 8, width: 3, lines: [[0, 255, 0, 0, 100, 51]] },
      [0, 255, 224],
    ],
    [
      "colour, by luma",
      { colourType: RGB, depth: 8, width: 4, lines: [[255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]] },
      [76, 150, 29, 9],
    ],
    ["colour, 16 bits", { colourType: RGB, depth: 16, width: 1, lines: [[0xff, 0xff, 0, 0, 0, 0]] }, [76]],
    [
      "colour with alpha, on white",
      { colourType: RGB_ALPHA, depth: 8, width: 2, lines: [[255, 0, 0, 255, 0, 0, 0, 128]] },
      [76, 127],
    ],
    [
      "a palette, 8 bits",
      { colourType: PALETTE, depth: 8, width: 2, lines: [[1, 0]], palette: [5, 5, 5, 255, 0, 0] },
      [76, 5],
    ],
    [
      "a palette, 2 bits",
      { colourType: PALETTE, depth: 2, width: 3, lines: [[0b01000100]], palette: [5, 5, 5, 255, 0, 0] },
      [76, 5, 76],
    ],
    [
      "a palette with alpha",
      {
        colourType: PALETTE,
        depth: 8,
        width: 2,
        lines: [[1, 0]],
        palette: [5, 5, 5, 6, 6, 6],
        transparency: [0],
      },
      [6, 255],
    ],
    [
      "a transparent gray",
      { colourType: GRAY, depth: 8, width: 2, lines: [[3, 4]], transparency: [0, 3] },
      [255, 4],
    ],
    [
      "a transparent colour",
      {
        colourType: RGB,
        depth: 8,
        width: 3,
        lines: [[1, 2, 3, 1, 1, 1, 1, 2, 4]],
        transparency: [0, 1, 0, 2, 0, 3],
      },
      [255, 1, 2],
    ],
    [
      "interlaced",
      { colourType: GRAY, depth: 8, width: 2, height: 2, lines: [[1], [2], [3, 4]], interlace: 1 },
      [1, 2, 3, 4],
    ],
  ])("reads %s", async (_, parts, expected) => {
    const image = await readPngAsGray(write(png(parts)));
    expect(image.width).toBe(parts.width);
    expect(image.height).toBe(parts.height ?? parts.lines.length);
    expect([...image.pixels]).toEqual(expected);
  });
});

describe("readPngAsGray refuses", () => {
  const small: PngParts = {
    colourType: GRAY,
    depth: 8,
    width: 2,
    lines: [
      [0, 7],
      [128, 255],
    ],
  };

  async function expectFault(path: string, errorClass: new (message: string) => Error, fault: RegExp) {
    const error = await readPngAsGray(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toHaveProperty("message", expect.stringContaining(path));
    expect(error).toHaveProperty("message", expect.stringMatching(fault));
  }

  it("a missing file", () =>
    expectFault(join(folder, "missing.png"), FileAccessError, /no such file; name a picture/));

  it("a folder", () => {
    mkdirSync(join(folder, "folder.png"));
    return expectFault(join(folder, "folder.png"), FileAccessError, /it is a folder/);
  });

  it("an empty file", () => expectFault(write(new Uint8Array(0)), DataFormatError, /not a PNG file/));

  it("another kind of file", () =>
    expectFault(write(Buffer.from(`GIF89a${" ".repeat(100)}`)), DataFormatError, /not a PNG file/));

  it("a truncated file", () =>
    expectFault(write(png(small).subarray(0, -20)), DataFormatError, /damaged PNG file/));

  it("a file with a wrong checksum", () => {
    const content = png(small);
    content[content.length - 17] = (content[content.length - 17] ?? 0) ^ 0xff;
    return expectFault(
      write(content),
      DataFormatError,
      /damaged PNG file \(the checksum of its chunk "IDAT" is wrong/,
    );
  });

  it("a file with fewer lines than it claims", () =>
    expectFault(write(png({ ...small, height: 3 })), DataFormatError, /damaged PNG file/));

  it("a few lines that inflate to gigabytes, without inflating them", () => {
    const bomb = deflateSync(new Uint8Array(64 * 2 ** 20));
    const content = png(small);
    const start = content.indexOf("IDAT") - 4;
    const end = start + 12 + content.readUInt32BE(start);
    const file = Buffer.concat([content.subarray(0, start), chunk("IDAT", bomb), content.subarray(end)]);
    expect(file.length).toBeLessThan(100_000);
    return expectFault(write(file), DataFormatError, /it holds more rows than its header promises/);
  });

  it("compressed rows with a wrong Adler sum", () => {
    const rows = deflateSync(Uint8Array.of(0, 1, 2, 0, 3, 4));
    rows[rows.length - 1] = (rows[rows.length - 1] ?? 0) ^ 0xff;
    const content = png(small);
    const start = content.indexOf("IDAT") - 4;
    const end = start + 12 + content.readUInt32BE(start);
    const file = Buffer.concat([content.subarray(0, start), chunk("IDAT", rows), content.subarray(end)]);
    return expectFault(write(file), DataFormatError, /compressed rows are damaged: incorrect data check/);
  });

  it("depths that its colour type cannot have", async () => {
    await expectFault(
      write(png({ ...small, colourType: 2, depth: 4 })),
      DataFormatError,
      /colour type 2 with 4 bits/,
    );
    await expectFault(write(png({ ...small, colourType: 5 })), DataFormatError, /colour type 5 with 8 bits/);
  });

  it("no colour profile, of whatever size: it is passed over", async () => {
    const content = png(small);
    const profile = Buffer.concat([Buffer.from("p\0\0"), deflateSync(new Uint8Array(64 * 2 ** 20))]);
    const start = content.indexOf("IDAT") - 4;
    const file = Buffer.concat([content.subarray(0, start), chunk("iCCP", profile), content.subarray(start)]);
    const before = process.memoryUsage.rss();
    expect(await readPngAsGray(write(file))).toEqual(await readPngAsGray(write(content)));
    expect(process.memoryUsage.rss() - before).toBeLessThan(60 * 2 ** 20);
  });

  it("a claim of too many pixels", () =>
    expectFault(write(png({ ...small, height: 2 ** 31 })), DataFormatError, /2 x 2147483648 pixels/));

  it("an image without pixels", () =>
    expectFault(write(png({ ...small, width: 0 })), DataFormatError, /0 x 2 pixels/));

  it("an interlaced image of few bits", () =>
    expectFault(write(png({ ...small, depth: 4, interlace: 1 })), DataFormatError, /without interlacing/));

  it("a pixel outside the palette", () =>
    expectFault(
      write(png({ ...small, colourType: PALETTE, palette: [1, 2, 3] })),
      DataFormatError,
      /damaged PNG file \(the palette has no colour 7\)/,
    ));

  it("a palette image without a palette", () =>
    expectFault(
      write(png({ ...small, colourType: PALETTE })),
      DataFormatError,
      /the palette has no colour 0/,
    ));
});
