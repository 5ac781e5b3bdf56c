import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DataFormatError, OutOfMemoryError } from "../../src/errors.js";
import { withByteSource } from "../../src/formats/byte-source.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** What decompressing ends with, where a test wants it to fail on good data. */
const fault = vi.hoisted(() => ({ error: undefined as Error | undefined }));

vi.mock("node:zlib", async (importOriginal) => {
  const zlib = await importOriginal<typeof import("node:zlib")>();
  const createGunzip: typeof zlib.createGunzip = (options) =>
    fault.error === undefined
      ? zlib.createGunzip(options)
      : (new Transform({
          transform: (_chunk, _encoding, done) => done(fault.error),
        }) as unknown as ReturnType<typeof zlib.createGunzip>);
  return { ...zlib, createGunzip };
});

const file = join(temporaryFolder(), "data.gz");
const content = Buffer.from("0123456789".repeat(100));

/** What reading the file ends with. */
function read(bytes: Uint8Array): Promise<unknown> {
  writeFileSync(file, bytes);
  return withByteSource(file, (source) => source.read(new Uint8Array(content.length))).catch(
    (error: unknown) => error,
  );
}

describe("a compressed file", () => {
  afterEach(() => {
    fault.error = undefined;
  });

  it("is read", async () => {
    expect(await read(gzipSync(content))).toBe(content.length);
  });

  it.each([
    ["no memory", "Zlib error", "Z_MEM_ERROR"],
    ["no memory to begin with", "Init error", "Z_MEM_ERROR"],
    ["nothing to say of the data", "Zlib error", "Z_STREAM_ERROR"],
  ])("is not called damaged where zlib has %s", async (_, message, code) => {
    fault.error = Object.assign(new Error(message), { code, errno: -4 });
    const error = await read(gzipSync(content));
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect(error).toMatchObject({ cause: fault.error });
  });

  it.each([
    ["changed", () => gzipSync(content).fill(0xff, 10), "is a damaged gzip file (invalid block type)"],
    ["cut off", () => gzipSync(content).subarray(0, 20), "(its compressed data end too early)"],
  ])("is called damaged where it is %s", async (_, make, message) => {
    const error = await read(make());
    expect(error).toBeInstanceOf(DataFormatError);
    expect(String(error)).toContain(message);
  });
});
