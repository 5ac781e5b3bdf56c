import { randomBytes } from "node:crypto";
import { link, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { flushFolder, makeFolders } from "./files.js";
import { takeProcessLock } from "./process-lock.js";
import { asOutputError } from "./system-error.js";

/**
 * Writes a file where there is none of its name: whole, on the disk, and never over another one, whoever does the same at the same time.
 *
 * @param path Its folder is made if need be.
 * @returns Whether it was written: `false` where there was one already, which stays as it is.
 * @throws OutputError when it cannot be written.
 */
export async function createFileAtomically(path: string, data: string | Uint8Array): Promise<boolean> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await makeFolders(folder);
    try {
      const file = await open(temporary, "wx");
      try {
        await file.writeFile(data);
        await file.sync();
      } finally {
        await file.close();
      }
      const isNew = await giveName(temporary, path);
      await flushFolder(folder);
      return isNew;
    } finally {
      await rm(temporary, { force: true });
    }
  } catch (error) {
    throw asOutputError(error, path);
  }
}

/** What a file system without hard links answers. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL"];

/** A link is made or refused in one step, which a renaming, that takes the place of what is there, is not. */
async function giveName(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!NO_LINKS.includes(code)) throw error;
    return renameWhereNone(temporary, path);
  }
}

/** Where there are no links: of the processes of this machine one at a time looks and renames. */
async function renameWhereNone(temporary: string, path: string): Promise<boolean> {
  const lock = takeProcessLock(`${path}.lock`);
  if ("heldBy" in lock) {
    await wait(10);
    return renameWhereNone(temporary, path);
  }
  try {
    await stat(path);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await rename(temporary, path);
    return true;
  } finally {
    lock.release();
  }
}
