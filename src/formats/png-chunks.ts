import { crc32, inflateSync } from "node:zlib";

// The PNG format: https://www.w3.org/TR/png-3/

/** What the header chunk says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
}

const SIGNATURE_BYTES = 8;
/** Length, type and checksum. */
const CHUNK_OVERHEAD = 12;
/** What the image is made of. Others, such as colour profiles and texts, are compressed without a stated size, and not needed. */
const NEEDED = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];
/** The depths that each colour type may have, and its samples a pixel. */
const COLOUR_TYPES: ReadonlyMap<number, { readonly depths: readonly number[]; readonly samples: number }> =
  new Map([
    [0, { depths: [1, 2, 4, 8, 16], samples: 1 }],
    [2, { depths: [8, 16], samples: 3 }],
    [3, { depths: [1, 2, 4, 8], samples: 1 }],
    [4, { depths: [8, 16], samples: 2 }],
    [6, { depths: [8, 16], samples: 4 }],
  ]);
/** Adam7: where each pass begins, and how far apart its pixels are. */
const PASSES = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/**
 * A PNG file with its image alone, after a check that the image decompresses to exactly the rows that the header promises: a file
 * of a megabyte may inflate to gigabytes.
 *
 * @param bytes A file whose header chunk has been read.
 * @throws an Error that says what is wrong, as a clause.
 */
export function withImageAlone(bytes: Buffer, header: PngHeader): Buffer {
  const kept = [bytes.subarray(0, SIGNATURE_BYTES)];
  const compressed: Buffer[] = [];
  let type = "";
  for (let start = SIGNATURE_BYTES; type !== "IEND"; ) {
    if (start + CHUNK_OVERHEAD > bytes.length) throw new Error("it ends before its last chunk");
    const end = start + CHUNK_OVERHEAD + bytes.readUInt32BE(start);
    if (end > bytes.length) throw new Error("it ends in the middle of a chunk");
    type = bytes.toString("latin1", start + 4, start + 8);
    if (crc32(bytes.subarray(start + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) {
      throw new Error(`the checksum of its chunk ${JSON.stringify(type)} is wrong`);
    }
    if (NEEDED.includes(type)) kept.push(bytes.subarray(start, end));
    if (type === "IDAT") compressed.push(bytes.subarray(start + 8, end - 4));
    start = end;
  }
  checkInflated(Buffer.concat(compressed), inflatedBytes(header));
  return Buffer.concat(kept);
}

function checkInflated(compressed: Buffer, expected: number): void {
  let length: number;
  try {
    ({ length } = inflateSync(compressed, { maxOutputLength: expected + 1 }));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new Error("it holds more rows than its header promises");
    throw new Error(`its compressed rows are damaged: ${message}`);
  }
  if (length > expected) throw new Error("it holds more rows than its header promises");
  if (length < expected) throw new Error("it holds fewer rows than its header promises");
}

/** Bytes of all rows, each with its filter's number in front. */
function inflatedBytes({ width, height, depth, colourType, interlaced }: PngHeader): number {
  const { samples, depths } = COLOUR_TYPES.get(colourType) ?? { samples: 0, depths: [] };
  if (!depths.includes(depth))
    throw new Error(`no image has colour type ${colourType} with ${depth} bits a sample`);
  const passes = interlaced ? PASSES : [{ x: 0, y: 0, dx: 1, dy: 1 }];
  let bytes = 0;
  for (const { x, y, dx, dy } of passes) {
    const columns = Math.max(0, Math.ceil((width - x) / dx));
    const rows = Math.max(0, Math.ceil((height - y) / dy));
    if (columns > 0) bytes += rows * (1 + Math.ceil((columns * samples * depth) / 8));
  }
  return bytes;
}
