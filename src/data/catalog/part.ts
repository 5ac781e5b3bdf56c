import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, rm, writeFile } from "node:fs/promises";
import { FileAccessError } from "../../errors.js";
import { parseJson } from "../../system/json.js";
import { readRegularFile } from "../../system/regular-file.js";
import { asFileAccessError, asOutputError } from "../../system/system-error.js";
import { TransferError } from "./transfer-error.js";

/** What is known of the beginning of a file that is being downloaded, in the notes beside it. */
export interface PartNotes {
  readonly url: string;
  /** What shows that the server still holds the same file: a strong ETag or a date of change, as If-Range takes it. */
  readonly validator: string;
}

/** The beginning of a file, which the same server may continue. */
export interface Part extends PartNotes {
  readonly byteLength: number;
}

const LARGEST_NOTES = 16_384;

/** Windows has no links that need a right less than writing there, and not the flag. */
const CONTINUE = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);

/** A strong ETag (RFC 9110, 8.8.3) or a date. A server would refuse anything else, now and at every later try. */
const VALIDATOR = /^("[\x21\x23-\x7e]{1,1000}"|[A-Za-z0-9 ,:+-]{1,100})$/;

export function isValidator(text: string): boolean {
  return VALIDATOR.test(text);
}

/** What notes say; `undefined` where they are not what this program writes. */
export function parseNotes(text: string): PartNotes | undefined {
  // Notes that are no JSON were cut short, or are somebody else's.
  const { url, validator } = (parseJson(text) ?? {}) as Partial<Record<keyof PartNotes, unknown>>;
  return typeof url === "string" && typeof validator === "string" && isValidator(validator)
    ? { url, validator }
    : undefined;
}

/** What an earlier transfer from the same address left, if it can be continued. Otherwise the file begins anew. */
export async function readPart(part: string, url: string): Promise<Part | undefined> {
  try {
    const notesFile = notesPath(part);
    const [content, notes] = await Promise.all([lstat(part), lstat(notesFile)]);
    if (!isOurs(content) || !isOurs(notes) || content.size === 0) {
      return undefined;
    }
    const known = parseNotes((await readRegularFile(notesFile, LARGEST_NOTES)).toString());
    return known?.url === url ? { ...known, byteLength: content.size } : undefined;
  } catch (error) {
    // What cannot be read cannot be continued. Whether anything can be written there shows when the file begins anew.
    if (asFileAccessError(error, part) instanceof FileAccessError) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Makes a part and its notes anew. Whatever is in their place is removed first, a link without what it leads to.
 *
 * @param notes Nothing where the server gives nothing that a later transfer could go by.
 * @throws OutputError when that is not possible.
 */
export async function beginPart(part: string, notes: PartNotes | undefined): Promise<FileHandle> {
  await discardPart(part);
  try {
    if (notes !== undefined) {
      await writeFile(notesPath(part), JSON.stringify(notes), { flag: "wx" });
    }
    return await open(part, "wx");
  } catch (error) {
    throw asOutputError(error, part);
  }
}

/**
 * Opens a part to write behind its end.
 *
 * @throws TransferError when it is not what it was when it was read.
 * @throws OutputError when it cannot be opened.
 */
export async function continuePart(part: string, { byteLength }: Part): Promise<FileHandle> {
  const handle = await open(part, CONTINUE).catch((error: unknown) => {
    throw asOutputError(error, part);
  });
  const stats = await handle.stat();
  if (isOurs(stats) && stats.size === byteLength) {
    return handle;
  }
  await handle.close();
  await discardPart(part);
  throw new TransferError("what was there of an earlier download has changed meanwhile", "passing");
}

/**
 * Removes what transfers left behind.
 *
 * @throws OutputError when that is not possible.
 */
export async function discardPart(part: string): Promise<void> {
  try {
    await rm(notesPath(part), { force: true });
    await rm(part, { force: true });
  } catch (error) {
    throw asOutputError(error, part);
  }
}

/** Whether a file is one that transfers make. What has a second name may be somebody's who never asked for a download. */
function isOurs(file: Stats): boolean {
  return file.isFile() && file.nlink <= 1;
}

function notesPath(part: string): string {
  return `${part}.json`;
}
