import { mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { DataFormatError, FileAccessError, LabelRangeError, ShapeError } from "../../src/errors.js";
import {
  encodeIdxHeader,
  readIdx,
  readIdxBody,
  readIdxHeader,
  readIdxLabels,
} from "../../src/formats/idx.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const pixels = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 37) % 256);
const imageFile = Buffer.concat([encodeIdxHeader("images", [5, 4, 3]), pixels]);
const labelFile = Buffer.concat([encodeIdxHeader("labels", [4]), Uint8Array.of(7, 0, 9, 255)]);

function write(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Bytes that gzip cannot shrink, so that a cut or a flipped bit lands in the compressed data. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

async function expectFault(
  path: string,
  errorClass: new (message: string) => Error,
  fault: RegExp,
  kind: "images" | "labels" = "images",
): Promise<void> {
  const error = await readIdx(path, kind).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(errorClass);
  expect(error).toHaveProperty("message", expect.stringContaining(path));
  expect(error).toHaveProperty("message", expect.stringMatching(fault));
}

describe("an IDX file that is in order", () => {
  it.each([
    ["raw", imageFile],
    ["compressed", gzipSync(imageFile)],
    [
      "compressed in several members",
      Buffer.concat([gzipSync(imageFile.subarray(0, 21)), gzipSync(imageFile.subarray(21))]),
    ],
  ])("gives its images: %s", async (_, content) => {
    // The name says nothing about compression.
    const path = write("images", content);
    expect(await readIdx(path, "images")).toMatchObject({ shape: [5, 4, 3], byteLength: 60, data: pixels });
  });

  it("gives its labels", async () => {
    const path = write("labels.gz", labelFile);
    expect(await readIdx(path, "labels")).toMatchObject({ shape: [4], data: Uint8Array.of(7, 0, 9, 255) });
  });

  it("is read across many chunks", async () => {
    const body = noise(3_000_000);
    const content = Buffer.concat([encodeIdxHeader("labels", [body.length]), body]);
    const path = write("large.gz", gzipSync(content));
    const { data } = await readIdx(path, "labels");
    expect(Buffer.compare(data, body)).toBe(0);
  });

  it("can be read into a part of a larger array", async () => {
    const header = await readIdxHeader(write("part", imageFile), "images");
    const target = new Uint8Array(70);
    await readIdxBody(header, target.subarray(5, 65));
    expect(target.subarray(5, 65)).toEqual(pixels);
    expect(target.subarray(65)).toEqual(new Uint8Array(5));
  });

  it("is not read into an array of another length", async () => {
    const header = await readIdxHeader(write("unfit", imageFile), "images");
    await expect(readIdxBody(header, new Uint8Array(59))).rejects.toThrow(ShapeError);
  });
});

describe("a file of extended labels", () => {
  function writeLabels(classes: readonly number[]): string {
    const body = Buffer.alloc(classes.length * 12, 9);
    for (const [row, label] of classes.entries()) {
      body.writeInt32BE(label, row * 12);
    }
    return write("extended", Buffer.concat([encodeIdxHeader("extended-labels", [classes.length, 3]), body]));
  }

  it("gives its first column", async () => {
    const header = await readIdxHeader(writeLabels([4, 0, 255]), "extended-labels");
    expect(header).toMatchObject({ shape: [3, 3], byteLength: 36, compressed: false });
    const target = new Uint8Array(3);
    await readIdxLabels(header, target);
    expect(target).toEqual(Uint8Array.of(4, 0, 255));
  });

  it.each([256, -1])("is refused with the label %i", async (label) => {
    const header = await readIdxHeader(writeLabels([4, label]), "extended-labels");
    const reading = readIdxLabels(header, new Uint8Array(2));
    await expect(reading).rejects.toThrow(LabelRangeError);
    await expect(reading).rejects.toThrow(`row 1 has the label ${label}`);
  });

  it("is not read into an array of another length", async () => {
    const header = await readIdxHeader(writeLabels([4, 1]), "extended-labels");
    await expect(readIdxLabels(header, new Uint8Array(3))).rejects.toThrow(ShapeError);
  });

  it("is reported where plain labels were expected", () =>
    expectFault(
      writeLabels([1]),
      DataFormatError,
      /holds extended-labels where labels were expected/,
      "labels",
    ));
});

describe("a file that cannot be read", () => {
  it("is reported when it is missing", () =>
    expectFault(join(folder, "missing"), FileAccessError, /no such file/));

  it("is reported when it is a folder", () => {
    mkdirSync(join(folder, "subfolder"));
    return expectFault(join(folder, "subfolder"), FileAccessError, /it is a folder/);
  });

  it.skipIf(process.platform === "win32")("is reported when it is a device", () =>
    expectFault("/dev/null", FileAccessError, /a device or a pipe/),
  );
});

describe("a file that is not what was expected", () => {
  it("is reported when it is empty", () =>
    expectFault(write("empty", new Uint8Array(0)), DataFormatError, /it is empty/));

  it("is reported when it is something else", () =>
    expectFault(
      write("text", Buffer.from("<html>Not found</html>")),
      DataFormatError,
      /not an IDX file.*3c68746d/,
    ));

  it("is reported when it holds labels in place of images", () =>
    expectFault(write("swapped", labelFile), DataFormatError, /holds labels where images were expected/));

  it("is reported when it holds images in place of labels", () =>
    expectFault(
      write("swapped", imageFile),
      DataFormatError,
      /holds images where labels were expected/,
      "labels",
    ));

  it("is reported when a dimension is zero", () =>
    expectFault(
      write("zero", encodeIdxHeader("images", [0, 28, 28])),
      DataFormatError,
      /shape \[0, 28, 28\]/,
    ));
});

describe("a file of the wrong length", () => {
  it("is reported when it ends in the header", () =>
    expectFault(
      write("cut", imageFile.subarray(0, 10)),
      DataFormatError,
      /after 10 bytes, inside its header/,
    ));

  it("is reported when it is truncated", () =>
    expectFault(
      write("cut", imageFile.subarray(0, 70)),
      DataFormatError,
      /truncated.*60 bytes, but only 54 bytes/,
    ));

  it("is reported when it is over-long", () =>
    expectFault(write("long", Buffer.concat([imageFile, Uint8Array.of(0)])), DataFormatError, /too long/));

  it("is reported when its compressed content is truncated", () =>
    expectFault(
      write("cut.gz", gzipSync(imageFile.subarray(0, 70))),
      DataFormatError,
      /truncated.*only 54 bytes/,
    ));

  it("is reported when its compressed content is over-long", () =>
    expectFault(write("long.gz", gzipSync(Buffer.concat([imageFile, pixels]))), DataFormatError, /too long/));

  it("is reported when it changes between header and body", async () => {
    const path = write("changing", labelFile);
    const header = await readIdxHeader(path, "labels");
    write("changing", Buffer.concat([encodeIdxHeader("labels", [2]), Uint8Array.of(1, 2)]));
    await expect(readIdxBody(header, new Uint8Array(4))).rejects.toThrow(/changed while it was being read/);
  });
});

describe("a header that claims too much", () => {
  const claim = encodeIdxHeader("images", [0xffffffff, 0xffffffff, 0xffffffff]);

  it("is reported against the size of a raw file", () =>
    expectFault(write("claim", claim), DataFormatError, /truncated.*only 0 bytes follow/));

  it("is reported against what a compressed file can hold", () =>
    expectFault(
      write("claim.gz", gzipSync(claim)),
      DataFormatError,
      /more than its \d+ compressed bytes can hold/,
    ));

  it("is reported against the memory of the machine", () => {
    // A sparse file really has the size that its header claims.
    const path = write("sparse", encodeIdxHeader("images", [8192, 8192, 8192]));
    truncateSync(path, 16 + 8192 ** 3);
    return expectFault(path, DataFormatError, /needs 512.0 GiB of memory/);
  });
});

describe("a damaged gzip file", () => {
  const compressed = gzipSync(Buffer.concat([encodeIdxHeader("labels", [5000]), noise(5000)]));

  function damaged(at: number): Uint8Array {
    const copy = Uint8Array.from(compressed);
    const position = at < 0 ? copy.length + at : at;
    copy[position] = (copy[position] ?? 0) ^ 0xff;
    return copy;
  }

  it.each([
    ["its header", 2, /damaged gzip file/],
    ["its data", 10, /damaged gzip file/],
    ["its checksum", -8, /damaged gzip file \(incorrect data check\)/],
    ["its length", -1, /damaged gzip file \(incorrect length check\)/],
  ])("is reported when %s is wrong", (_, at, fault) =>
    expectFault(write("damaged.gz", damaged(at)), DataFormatError, fault, "labels"),
  );

  it.each([3, 15, 2500, compressed.length - 1])("is reported when it ends after %i bytes", (length) =>
    expectFault(write("cut.gz", compressed.subarray(0, length)), DataFormatError, /end too early/, "labels"),
  );

  it("is reported when something else follows", () =>
    expectFault(
      write("tail.gz", Buffer.concat([compressed, Buffer.from("tail")])),
      DataFormatError,
      /damaged gzip file/,
      "labels",
    ));
});

it.skipIf(process.platform !== "linux")("leaves no file open, whether it succeeds or fails", async () => {
  const openFiles = () => readdirSync("/proc/self/fd").length;
  const before = openFiles();
  const contents = [
    imageFile,
    gzipSync(imageFile),
    labelFile,
    imageFile.subarray(0, 30),
    gzipSync(imageFile).subarray(0, 30),
  ];
  for (let i = 0; i < 100; i++) {
    const path = write("leak", contents[i % contents.length] ?? imageFile);
    await readIdx(path, "images").catch(() => {});
  }
  expect(openFiles()).toBeLessThan(before + 10);
});
