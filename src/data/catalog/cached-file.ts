import { rm, stat, writeFile } from "node:fs/promises";
import { DataFormatError, FileAccessError, OutputError } from "../../errors.js";
import type { IdxKind } from "../../formats/idx.js";
import { parseJson } from "../../system/json.js";
import { readRegularFile } from "../../system/regular-file.js";
import { asFileAccessError, asOutputError } from "../../system/system-error.js";
import { mapQuartet } from "../readers/quartet.js";
import { type CatalogEntry, type DatasetFile, fileKinds } from "./catalog.js";
import type { DatasetLocation, DatasetSource } from "./locate.js";
import { checkIdxFile, sumOf } from "./verify.js";

/** What a file was when it was last checked to its last byte, in a record beside it. */
interface CacheRecord {
  readonly byteLength: number;
  /** In milliseconds, as `stat` gives it. */
  readonly modified: number;
  /** SHA-256 of the file as it lies there, compressed or not. */
  readonly sha256: string;
  /** The catalogue's sum that it was checked by, of whatever kind; `null` where the catalogue has none. */
  readonly checkedBy: string | null;
}

const LARGEST_RECORD = 4096;

/** Whether a place is one that this program fills, and where it answers for what is there. Other files are their owner's. */
export function isCache(source: DatasetSource): boolean {
  return source === "cache" || source === "MNIST_NATIVE_HOME";
}

/**
 * Checks the files of a data set in the cache before they are used; those of other places not at all.
 *
 * @throws DataFormatError when a file is not what was downloaded.
 * @throws FileAccessError when a file cannot be read.
 */
export async function checkCached(entry: CatalogEntry, { source, files }: DatasetLocation): Promise<void> {
  if (!isCache(source) || files.format !== "idx") {
    return;
  }
  const { paths } = files;
  const checks = mapQuartet(
    fileKinds(entry),
    (kind, place) => () => checkCachedFile(paths[place], kind, entry.files[place]),
  );
  for (const check of Object.values(checks)) {
    await check();
  }
}

/**
 * Checks a file in the cache: by the size and the time in its record; where these differ, by the sum in it; and where that
 * differs or there is no record, by the catalogue, and then a record is made. Throws as {@link checkCached} does.
 */
export async function checkCachedFile(path: string, kind: IdxKind, file: DatasetFile): Promise<void> {
  const record = await readRecord(path, file);
  const { size, mtimeMs } = await statFile(path);
  if (record?.byteLength === size && record.modified === mtimeMs) {
    return;
  }
  if (record === undefined || record.sha256 !== (await sumOf(path, "sha256"))) {
    const verdict = await checkIdxFile(path, kind, file);
    if (record !== undefined && verdict === "well-formed") {
      throw new DataFormatError(`${path} has been changed since it was downloaded; get the file again.`);
    }
  }
  await recordFile(path, file);
}

/** Records a file that is known to be right, as it is now. A cache that cannot be written to goes without. */
export async function recordFile(path: string, file: DatasetFile): Promise<void> {
  const before = await statFile(path);
  const sha256 = await sumOf(path, "sha256");
  const { size: byteLength, mtimeMs: modified } = await statFile(path);
  if (byteLength !== before.size || modified !== before.mtimeMs) {
    return; // Somebody is writing to it.
  }
  const record: CacheRecord = { byteLength, modified, sha256, checkedBy: expectedSum(file) };
  try {
    await rm(recordPath(path), { force: true });
    await writeFile(recordPath(path), JSON.stringify(record), { flag: "wx" });
  } catch (error) {
    const fault = asOutputError(error, recordPath(path));
    if (!(fault instanceof OutputError)) {
      throw fault; // What cannot be written is only computed once more, the next time.
    }
  }
}

/** What the record beside a file says, if it is one, and the file was checked by what the catalogue says today. */
async function readRecord(path: string, file: DatasetFile): Promise<CacheRecord | undefined> {
  try {
    const record = parseRecord((await readRegularFile(recordPath(path), LARGEST_RECORD)).toString());
    return record?.checkedBy === expectedSum(file) ? record : undefined;
  } catch (error) {
    if (error instanceof FileAccessError) {
      return undefined; // Older versions made none; without one the file itself is checked.
    }
    throw error;
  }
}

/** `undefined` where the text is not what {@link recordFile} writes. */
export function parseRecord(text: string): CacheRecord | undefined {
  const { byteLength, modified, sha256, checkedBy } = (parseJson(text) ?? {}) as Partial<
    Record<keyof CacheRecord, unknown>
  >;
  return typeof byteLength === "number" &&
    typeof modified === "number" &&
    typeof sha256 === "string" &&
    (typeof checkedBy === "string" || checkedBy === null)
    ? { byteLength, modified, sha256, checkedBy }
    : undefined;
}

function expectedSum({ sha256, published }: DatasetFile): string | null {
  return sha256 ?? published?.digest ?? null;
}

function recordPath(path: string): string {
  return `${path}.verified.json`;
}

function statFile(path: string) {
  return stat(path).catch((error: unknown) => {
    throw asFileAccessError(error, path);
  });
}
