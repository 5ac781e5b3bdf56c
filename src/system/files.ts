import { randomBytes } from "node:crypto";
import { existsSync, type Stats, statSync } from "node:fs";
import { type FileHandle, mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { asOutputError } from "./system-error.js";

/** Bytes of a single call to write. */
const CHUNK = 4 << 20;

/**
 * Writes a file under a temporary name, flushes it to the disk and renames it, so that `path` holds its old content or the new, never a
 * part: also when the process is killed or the power fails. What is no regular file, such as a terminal, is written to as it is.
 *
 * @throws OutputError when the file cannot be written; what was there before is kept.
 */
export async function writeFileAtomically(path: string, data: string | Uint8Array): Promise<void> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  try {
    const before = await existing(path);
    if (before === undefined) await replaceFile(path, bytes, before);
    else if (before.isFile())
      await replaceFile(await realpath(path), bytes, before); // A link stays one.
    else await writeInPlace(path, bytes);
  } catch (error) {
    throw asOutputError(error, path);
  }
}

/** The names under which {@link writeFileAtomically} begins a file, by the name that it gets: what a killed process leaves. */
export function temporaryNameOf(name: string): string | undefined {
  return /^\.(.+)\.[0-9a-f]{12}\.tmp$/s.exec(name)?.[1];
}

async function replaceFile(path: string, bytes: Uint8Array, before: Stats | undefined): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const file = await open(temporary, "wx");
    try {
      await writeAll(file, bytes);
      if (before !== undefined) await keepOwner(file, before);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // The first error is the one to report.
    throw error;
  }
  await flushFolder(folder);
}

async function writeInPlace(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "w");
  try {
    await writeAll(file, bytes);
  } finally {
    await file.close();
  }
}

/** A disk that fills up may take only a part of what a call gives it. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, start, Math.min(CHUNK, bytes.length - start));
    if (bytesWritten === 0) throw Object.assign(new Error("Nothing was written."), { code: "ENOSPC" });
    start += bytesWritten;
  }
}

/** A file that is replaced stays as readable as it was, and its owner's where that is allowed. */
async function keepOwner(file: FileHandle, { mode, uid, gid }: Stats): Promise<void> {
  const own = await file.stat();
  if (own.uid !== uid || own.gid !== gid) {
    await file.chown(uid, gid).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EPERM") throw error;
    });
  }
  if (own.mode !== mode) await file.chmod(mode & 0o7777);
}

/** A name is safe on the disk only when its folder is. Some systems and file systems cannot flush one, and then do it by themselves. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EINVAL", "EPERM", "EACCES", "EISDIR", "EBADF", "ENOTSUP", "ERR_ACCESS_DENIED"].includes(code))
      throw error;
  }
}

async function existing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes a value as JSON, atomically. Throws as {@link writeFileAtomically} does. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, asJson(value));
}

/** The text of a file of JSON. NaN and the infinities become `null`. */
export function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * As `mkdir` with `recursive`, which never returns where a file system answers ENOENT for good, as Linux's /proc does; and flushes to the
 * disk that the folder is there.
 */
export async function makeFolders(path: string): Promise<void> {
  const parent = dirname(path);
  try {
    await mkdir(path);
    await flushFolder(parent);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && parent !== path && !existsSync(parent)) {
      await makeFolders(parent);
      await mkdir(path);
      await flushFolder(parent);
    } else if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw error;
    }
  }
}
