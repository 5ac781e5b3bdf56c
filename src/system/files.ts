import { existsSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { asOutputError } from "./system-error.js";

/**
 * Writes a file under a temporary name and renames it, so that `path` holds its old content or the new, never a part.
 *
 * @throws OutputError when the file cannot be written; what was there before is kept.
 */
export async function writeFileAtomically(path: string, data: string | Uint8Array): Promise<void> {
  try {
    // The data are written from the callback, because write-file-atomic itself makes a single call to write() and does not
    // notice when a disk that fills up takes only a part.
    await writeFileAtomic(path, "", { tmpfileCreated: (temporary) => writeFile(temporary, data) });
  } catch (error) {
    throw asOutputError(error, path);
  }
}

/** Writes a value as JSON, atomically. NaN and the infinities become `null`. Throws as {@link writeFileAtomically} does. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** As `mkdir` with `recursive`, which never returns where a file system answers ENOENT for good, as Linux's /proc does. */
export async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && parent !== path && !existsSync(parent)) {
      await makeFolders(parent);
      await mkdir(path);
    } else if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw error;
    }
  }
}
