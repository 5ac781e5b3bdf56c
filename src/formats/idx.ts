import { DataFormatError, LabelRangeError, ShapeError } from "../errors.js";
import { checkFitsInMemory } from "../system/memory.js";
import { type ByteSource, byteReader, contentOf, withByteSource } from "./byte-source.js";

/**
 * What an IDX file holds. `images`: [n_images, height, width] unsigned bytes. `labels`: [n_labels] unsigned bytes.
 * `extended-labels`: [n_labels, columns] integers of 32 bits, big-endian, the first column being the class (QMNIST's
 * `idx2-int`, https://github.com/facebookresearch/qmnist).
 */
export type IdxKind = "images" | "labels" | "extended-labels";

/** What the first bytes of an IDX file say. */
export interface IdxHeader {
  readonly path: string;
  readonly kind: IdxKind;
  /** As {@link IdxKind} describes it, each size at least 1. */
  readonly shape: readonly number[];
  /** Bytes in the body. */
  readonly byteLength: number;
  /** Whether the file is compressed, so that it can only be read from its start. */
  readonly compressed: boolean;
}

export interface ReadIdxHeaderOptions {
  /** `false`: the body is read in parts, so it may be larger than the memory. Default: `true`. */
  readonly mustFitInMemory?: boolean;
}

interface IdxFormat {
  readonly magic: number;
  readonly dimensions: number;
  readonly bytesPerElement: number;
}

const FORMATS: Readonly<Record<IdxKind, IdxFormat>> = {
  images: { magic: 0x00000803, dimensions: 3, bytesPerElement: 1 },
  labels: { magic: 0x00000801, dimensions: 1, bytesPerElement: 1 },
  "extended-labels": { magic: 0x00000c02, dimensions: 2, bytesPerElement: 4 },
};

/** Far more than a header has, and quickly read. */
const HEADER_CHUNK_BYTES = 1 << 12;

/** No deflate stream expands further (zlib's technical notes): a larger claim is false, whatever follows. */
const DEFLATE_MAX_EXPANSION = 1032;

/**
 * Reads the header of an IDX file, raw or gzip-compressed, and checks it against the size of the file and the memory of
 * the machine, so that the caller may allocate what it promises.
 *
 * The format is described at http://yann.lecun.com/exdb/mnist/; whether a file is compressed is decided by its content.
 *
 * @throws FileAccessError when the file is missing, is a folder, or cannot be read.
 * @throws DataFormatError when the file is not an IDX file of this kind, or when its header cannot be true.
 */
export async function readIdxHeader(
  path: string,
  kind: IdxKind,
  options: ReadIdxHeaderOptions = {},
): Promise<IdxHeader> {
  const parse = (source: ByteSource) => parseHeader(source, path, kind);
  const header = await withByteSource(path, parse, HEADER_CHUNK_BYTES);
  if (options.mustFitInMemory ?? true) {
    checkFitsInMemory(header.byteLength, path);
  }
  return header;
}

/**
 * Reads the body of an IDX file into `target`, decompressing on the way, without a second copy of the data.
 *
 * @param target Exactly `header.byteLength` bytes. Its content is undefined when this throws.
 * @throws ShapeError when `target` has another length.
 * @throws FileAccessError when the file cannot be read.
 * @throws DataFormatError when the body is shorter or longer than the header promises, or damaged.
 */
export async function readIdxBody(header: IdxHeader, target: Uint8Array): Promise<void> {
  const { path, kind, shape, byteLength } = header;
  if (target.length !== byteLength) {
    throw new ShapeError(`Expected ${byteLength} bytes to read ${path} into but received ${target.length}.`);
  }
  await withByteSource(path, async (source) => {
    const current = await parseHeader(source, path, kind);
    if (current.shape.join() !== shape.join()) {
      throw new DataFormatError(`${path} changed while it was being read; try again when it is complete.`);
    }
    const received = await source.read(target);
    if (received < byteLength) {
      throw truncated(header, received);
    }
    const excess = await source.read(new Uint8Array(1));
    if (excess > 0) {
      throw overlong(header);
    }
  });
}

/**
 * Reads the classes in a file of labels or extended labels.
 *
 * @param target [n_labels], the output. Its content is undefined when this throws.
 * @throws LabelRangeError when an extended label is not from 0 to 255. Otherwise throws as {@link readIdxBody} does.
 */
export async function readIdxLabels(header: IdxHeader, target: Uint8Array): Promise<void> {
  if (header.kind !== "extended-labels") {
    return readIdxBody(header, target);
  }
  const [count = 0, columns = 0] = header.shape;
  if (target.length !== count) {
    throw new ShapeError(
      `Expected ${count} bytes for the labels of ${header.path} but received ${target.length}.`,
    );
  }
  const body = new Uint8Array(header.byteLength);
  await readIdxBody(header, body);
  const view = new DataView(body.buffer);
  for (let row = 0; row < count; row++) {
    const label = view.getInt32(4 * columns * row);
    if (label < 0 || label > 255) {
      throw new LabelRangeError(
        `Expected labels from 0 to 255 in ${header.path}, but row ${row} has the label ${label}.`,
      );
    }
    target[row] = label;
  }
}

/**
 * Reads a whole IDX file, raw or compressed by gzip.
 *
 * @throws FileAccessError when the file cannot be read.
 * @throws DataFormatError when it is no IDX file of this kind, or is shorter or longer than it says.
 */
export async function readIdx(path: string, kind: IdxKind): Promise<IdxHeader & { data: Uint8Array }> {
  const header = await readIdxHeader(path, kind);
  const data = new Uint8Array(header.byteLength);
  await readIdxBody(header, data);
  return { ...header, data };
}

/**
 * Reads the body of an IDX file from its start in pieces of some rows, so that it may be larger than the memory.
 *
 * @param header What {@link readIdxHeader} gave, with `mustFitInMemory: false`.
 * @param rows Rows in a piece, of which the last may have fewer.
 * @throws as {@link readIdxBody}.
 */
export async function* readIdxPieces(header: IdxHeader, rows: number): AsyncGenerator<Uint8Array, void> {
  const { path, kind, shape, byteLength } = header;
  const [count = 0] = shape;
  const rowBytes = byteLength / count;
  const content = contentOf(path);
  try {
    const read = byteReader(content);
    await read(new Uint8Array(idxHeaderBytes(kind)));
    for (let start = 0; start < count; start += rows) {
      const piece = new Uint8Array(Math.min(rows, count - start) * rowBytes);
      const received = await read(piece);
      if (received < piece.length) throw truncated(header, start * rowBytes + received);
      yield piece;
    }
    if ((await read(new Uint8Array(1))) > 0) throw overlong(header);
  } finally {
    await content.return();
  }
}

/** The bytes that come before the body of an IDX file: the magic number and the shape, big-endian. */
export function encodeIdxHeader(kind: IdxKind, shape: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(idxHeaderBytes(kind));
  const view = new DataView(bytes.buffer);
  for (const [i, value] of [FORMATS[kind].magic, ...shape].entries()) {
    view.setUint32(4 * i, value);
  }
  return bytes;
}

/** How many bytes come before the body of an IDX file. */
export function idxHeaderBytes(kind: IdxKind): number {
  return 4 + 4 * FORMATS[kind].dimensions;
}

async function parseHeader(source: ByteSource, path: string, kind: IdxKind): Promise<IdxHeader> {
  const bytes = new Uint8Array(idxHeaderBytes(kind));
  const received = await source.read(bytes);
  checkMagic(bytes.subarray(0, received), path, kind);
  if (received < bytes.length) {
    throw new DataFormatError(
      `${path} ends after ${received} bytes, inside its header; the file is truncated: get it again.`,
    );
  }

  const { dimensions, bytesPerElement } = FORMATS[kind];
  const view = new DataView(bytes.buffer);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const byteLength = shape.reduce((product, size) => product * size, bytesPerElement);
  const header = { path, kind, shape, byteLength, compressed: source.compressed };
  if (byteLength === 0) {
    throw new DataFormatError(`${path} holds no ${kind}: its header gives the shape ${describe(shape)}.`);
  }
  checkClaim(header, source.fileBytes);
  return header;
}

function checkMagic(bytes: Uint8Array, path: string, kind: IdxKind): void {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  const expected = hex(FORMATS[kind].magic);
  if (magic === expected) {
    return;
  }
  const other = (Object.keys(FORMATS) as IdxKind[]).find((name) => hex(FORMATS[name].magic) === magic);
  if (other !== undefined) {
    throw new DataFormatError(
      `${path} holds ${other} where ${kind} were expected; the two files may have been swapped.`,
    );
  }
  const found = magic === "" ? "is empty" : `starts with the bytes ${magic}`;
  throw new DataFormatError(
    `${path} is not an IDX file of ${kind}: it ${found}, and ${expected} was expected.`,
  );
}

/** Compares what the header claims with what there is. */
function checkClaim(header: IdxHeader, fileBytes: number): void {
  const { path, kind, byteLength, compressed } = header;
  const bodyBytes = fileBytes - idxHeaderBytes(kind);
  if (compressed && byteLength > fileBytes * DEFLATE_MAX_EXPANSION) {
    throw new DataFormatError(
      `${path} claims ${promise(header)}, more than its ${fileBytes} compressed bytes can hold; get the file again.`,
    );
  }
  if (!compressed && byteLength > bodyBytes) {
    throw truncated(header, bodyBytes);
  }
  if (!compressed && byteLength < bodyBytes) {
    throw overlong(header);
  }
}

function truncated(header: IdxHeader, received: number): DataFormatError {
  return new DataFormatError(
    `${header.path} is truncated: its header promises ${promise(header)}, but only ${received} bytes follow; get the file again.`,
  );
}

function overlong(header: IdxHeader): DataFormatError {
  return new DataFormatError(
    `${header.path} is too long: its header promises ${promise(header)}, but more bytes follow; get the file again.`,
  );
}

function promise({ kind, shape, byteLength }: IdxHeader): string {
  return `${kind} of shape ${describe(shape)}, ${byteLength} bytes`;
}

function describe(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

function hex(magic: number): string {
  return magic.toString(16).padStart(8, "0");
}
