import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRecord } from "../../../src/data/catalog/cached-file.js";
import { catalogEntry } from "../../../src/data/catalog/catalog.js";
import { type LoadDatasetOptions, loadDataset } from "../../../src/data/catalog/datasets.js";
import { fetchDataset } from "../../../src/data/catalog/fetch-dataset.js";
import { exampleCount } from "../../../src/data/stream.js";
import { DataFormatError, FileAccessError } from "../../../src/errors.js";
import { sendFile, startServer } from "../../support/http-server.js";
import { isolatedPlaces } from "../../support/isolated-places.js";
import { entryFor, smallQuartet, writeEntry } from "../../support/quartet.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const temporary = temporaryFolder();
const contents = smallQuartet();
/** MNIST, were it small: the catalogue knows the sums of its decompressed files. */
const entry = entryFor(contents);
const compressed = gzipSync(contents.testLabels);
/** As valid a file, and as long, with other labels. */
const changed = gzipSync(Buffer.from(contents.testLabels.map((byte, i) => (i < 8 ? byte : byte ^ 1))));

/** A cache that holds the small data set, and a mirror with the same. */
async function filledCache(fill = true) {
  const { at, places } = isolatedPlaces(temporary);
  const directory = at("cache", "mnist");
  const source = writeEntry(entry, contents, at("mirror"));
  if (fill) writeEntry(entry, contents, directory);
  const server = await startServer((request, response) =>
    sendFile(request, response, readFileSync(join(source, request.url ?? ""))),
  );
  const notices: string[] = [];
  const file = join(directory, `${entry.files.testLabels.name}.gz`);
  const fetchIt = (options: LoadDatasetOptions = {}) =>
    fetchDataset(entry, {
      ...places,
      mirrors: [server.url],
      onNotice: (notice) => notices.push(notice),
      ...options,
    });
  const requested = () => server.requests.map(({ path }) => basename(path));
  return { directory, file, record: `${file}.verified.json`, fetchIt, notices, requested };
}

/** Writes other bytes and lets the file look as it did. */
function changeUnseen(file: string, bytes: Uint8Array): void {
  const { atime, mtime } = statSync(file);
  writeFileSync(file, bytes);
  utimesSync(file, atime, mtime);
}

describe("a file in the cache", () => {
  it("has a record from its download on, and is then trusted by its size and time", async () => {
    const { directory, file, fetchIt, requested } = await filledCache(false);
    await fetchIt();
    expect(readdirSync(directory).filter((name) => name.endsWith(".verified.json")).length).toBe(4);
    expect(requested().length).toBe(4);
    // Nobody does this by accident; that it passes shows that the bytes are not read again.
    const second = new Date(1_700_000_000_000);
    utimesSync(file, second, second);
    await fetchIt();
    changeUnseen(file, Buffer.alloc(statSync(file).size));
    await fetchIt({ offline: true });
    expect(requested().length).toBe(4);
  });

  it("is verified once by its sum when it has no record, as older versions left it", async () => {
    const { file, record, fetchIt, requested } = await filledCache();
    await fetchIt({ offline: true });
    expect(parseRecord(readFileSync(record, "utf8"))).toMatchObject({
      byteLength: compressed.length,
      modified: statSync(file).mtimeMs,
      checkedBy: entry.files.testLabels.sha256,
    });
    expect(requested()).toEqual([]);
  });

  it("is taken for what it was when only its time differs, and the record follows", async () => {
    const { file, record, fetchIt } = await filledCache();
    await fetchIt({ offline: true });
    utimesSync(file, new Date(0), new Date(1_000_000));
    await fetchIt({ offline: true });
    expect(parseRecord(readFileSync(record, "utf8"))?.modified).toBe(1_000_000);
  });

  it("may be compressed anew", async () => {
    const { file, fetchIt, requested } = await filledCache();
    await fetchIt();
    writeFileSync(file, gzipSync(contents.testLabels, { level: 0 }));
    await fetchIt();
    expect(requested()).toEqual([]);
  });

  it.each([
    ["with a record", true],
    ["without a record", false],
  ])("is fetched again, alone, when it is wrong, %s", async (_, recorded) => {
    const { file, fetchIt, notices, requested } = await filledCache();
    if (recorded) await fetchIt();
    writeFileSync(file, changed);
    await fetchIt();
    expect(readFileSync(file).equals(compressed)).toBe(true);
    expect(requested()).toEqual([basename(file)]);
    expect(notices).toEqual([
      expect.stringMatching(
        /t10k-labels-idx1-ubyte.gz has the SHA-256 .* get the file again. This is done now.$/,
      ),
    ]);
    await fetchIt({ offline: true });
  });

  it("is an error when it is wrong and downloads are forbidden", async () => {
    const { file, fetchIt, requested } = await filledCache();
    await fetchIt();
    writeFileSync(file, changed);
    const error = await fetchIt({ offline: true }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FileAccessError);
    expect(String(error)).toMatch(/t10k-labels.* has the SHA-256 .* But downloads are forbidden; allow them/);
    expect(readFileSync(file).equals(changed)).toBe(true);
    expect(requested()).toEqual([]);
  });

  it("is left alone, and an error, when it is wrong and no download would have its name", async () => {
    const { directory, fetchIt } = await filledCache();
    const raw = join(directory, entry.files.testLabels.name);
    writeFileSync(raw, Buffer.from(contents.testLabels).fill(3, 8));
    const error = await fetchIt().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataFormatError);
    expect(String(error)).toMatch(/-ubyte has the SHA-256 .* is left alone; delete it first/);
    expect(existsSync(raw)).toBe(true);
  });

  it("needs no record where none can be written", async () => {
    const { record, fetchIt, requested } = await filledCache();
    mkdirSync(record);
    await fetchIt();
    await fetchIt();
    expect(requested()).toEqual([]);
  });

  it.skipIf(process.platform === "win32")("does not write its record through a link", async () => {
    const { directory, record, fetchIt } = await filledCache();
    const other = join(directory, "other");
    writeFileSync(other, "untouched");
    symlinkSync(other, record);
    await fetchIt();
    expect(readFileSync(other, "utf8")).toBe("untouched");
  });

  it("is checked anew when the catalogue's sum is another than that of its record", async () => {
    const { fetchIt, record, requested } = await filledCache();
    await fetchIt();
    writeFileSync(record, readFileSync(record, "utf8").replace(/"checkedBy":"\w+"/, '"checkedBy":"0"'));
    await fetchIt();
    expect(readFileSync(record, "utf8")).toContain(entry.files.testLabels.sha256);
    expect(requested()).toEqual([]);
  });
});

describe("a record", () => {
  it("is read as written, and is none whatever else it holds", () => {
    const record = { byteLength: 7, modified: 1.5, sha256: "ab", checkedBy: null };
    expect(parseRecord(JSON.stringify(record))).toEqual(record);
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.constant("null")), (text) => {
        expect(parseRecord(text)).toBeUndefined();
      }),
    );
  });

  it.each(["null", "[]", "{", "7", '{"byteLength":"7"}'])("is made anew when it holds %s", async (held) => {
    const { record, fetchIt } = await filledCache();
    writeFileSync(record, held);
    await fetchIt({ offline: true });
    expect(parseRecord(readFileSync(record, "utf8"))).toBeDefined();
  });
});

describe("loadDataset", () => {
  const letters = catalogEntry("emnist-letters");
  const digits = catalogEntry("emnist-digits");

  function machine(): LoadDatasetOptions & { at: (...path: string[]) => string; notices: string[] } {
    const { at, places } = isolatedPlaces(temporary);
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    return { at, notices, onNotice, offline: true, ...places };
  }
  const square = smallQuartet({ imageShape: [3, 3] });
  const wrong = {
    ...square,
    testLabels: Buffer.from(square.testLabels.map((byte, i) => (i < 8 ? byte : 3))),
  };

  it("refuses what has been changed since its download, although no sum of it is published", async () => {
    const { at, notices, ...options } = machine();
    const directory = writeEntry(digits, square, at("cache", "emnist-digits"));
    expect(exampleCount((await loadDataset("emnist-digits", options)).test)).toBe(40);
    writeEntry(digits, wrong, directory);
    const error = await loadDataset("emnist-digits", options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FileAccessError);
    expect(String(error)).toMatch(
      /is on this machine only in a form that cannot be used, and downloads are forbidden; .* has been changed since it was downloaded; get the file again.$/,
    );
    expect(notices).toEqual([]);
  });

  it("takes another copy on the machine instead, and says so", async () => {
    const { at, notices, ...options } = machine();
    writeEntry(catalogEntry("mnist"), smallQuartet(), at("cache", "mnist"));
    writeEntry(catalogEntry("mnist"), smallQuartet(), at("system", "mnist"));
    await loadDataset("mnist", options);
    expect(notices).toEqual([expect.stringMatching(/cache.mnist is passed over: .* has the SHA-256/)]);
  });

  it("neither checks nor touches files in a folder that the user named", async () => {
    const { at, notices: _, ...options } = machine();
    const directory = writeEntry(letters, raisedLabels(wrong), at("mine"));
    const before = readdirSync(directory);
    await loadDataset("emnist-letters", { ...options, directory });
    writeEntry(letters, raisedLabels(square), directory);
    await loadDataset("emnist-letters", { ...options, directory });
    expect(readdirSync(directory)).toEqual(before);
    rmSync(directory, { recursive: true });
  });

  /** Letters are counted from 1. */
  function raisedLabels(quartet: typeof square): typeof square {
    const raise = (file: Buffer) => Buffer.from(file.map((byte, i) => (i < 8 ? byte : byte + 1)));
    return { ...quartet, trainLabels: raise(quartet.trainLabels), testLabels: raise(quartet.testLabels) };
  }
});
