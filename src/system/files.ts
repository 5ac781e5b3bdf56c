import { randomBytes } from "node:crypto";
import { existsSync, type Stats, statSync } from "node:fs";
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
} from "node:fs/promises";
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
  await writePiecesAtomically(path, (write) => write(data));
}

/** Writes on where the last piece ended. */
export type WritePiece = (data: string | Uint8Array) => Promise<void>;

/**
 * As {@link writeFileAtomically}, for what comes in pieces.
 *
 * @param produce Writes all pieces; when it throws, what was there before is kept, and so is what it threw.
 */
export async function writePiecesAtomically(
  path: string,
  produce: (write: WritePiece) => Promise<void>,
): Promise<void> {
  const writeTo = (file: FileHandle) =>
    produce((data) =>
      writeAll(file, typeof data === "string" ? new TextEncoder().encode(data) : data).catch((error) => {
        throw asOutputError(error, path); // Here, as what else is thrown may be about other files.
      }),
    );
  try {
    const before = await existing(path);
    if (before === undefined) await replaceFile(path, writeTo, before);
    else if (before.isFile())
      await replaceFile(await realpath(path), writeTo, before); // A link stays one.
    else await writeInPlace(path, writeTo);
  } catch (error) {
    throw asOutputError(error, path);
  }
}

/**
 * Writes files that belong together, each as {@link writeFileAtomically} does. When one cannot be written, all are as they were before, but
 * for devices and pipes, which keep what they were given.
 *
 * @param signal When it is aborted before the last is written, all are as they were, too, and its reason is thrown.
 * @throws OutputError when one cannot be written, or is a folder.
 */
export async function writeFilesTogether(
  files: readonly { readonly path: string; readonly data: string | Uint8Array }[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const [i, { path, data }] of files.entries()) {
      // After the last one nothing can fail: it need not be put back, and may be large.
      const putBack = await restorerOf(path, i < files.length - 1);
      await writePiecesAtomically(path, async (write) => {
        const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
        for (let start = 0; start < bytes.length; start += CHUNK) {
          signal?.throwIfAborted();
          await write(bytes.subarray(start, start + CHUNK));
        }
        signal?.throwIfAborted();
      });
      undo.push(putBack);
    }
  } catch (error) {
    for (const putBack of undo) await putBack().catch(() => {}); // The first error is the one to report.
    throw error;
  }
}

/** Makes a file again what it is now. @param isNeeded Whether that may be asked for. @throws OutputError when it is a folder. */
async function restorerOf(path: string, isNeeded: boolean): Promise<() => Promise<void>> {
  try {
    const there = await existing(path);
    if (there === undefined) return () => rm(path, { force: true });
    if (there.isDirectory()) throw Object.assign(new Error("It is a folder."), { code: "EISDIR" });
    if (!isNeeded || !there.isFile()) return async () => {};
    const before = await readFile(path);
    return () => writeFileAtomically(path, before);
  } catch (error) {
    throw asOutputError(error, path);
  }
}

type WriteTo = (file: FileHandle) => Promise<void>;

/** The names under which {@link writeFileAtomically} begins a file, by the name that it gets: what a killed process leaves. */
export function temporaryNameOf(name: string): string | undefined {
  return /^\.(.+)\.[0-9a-f]{12}\.tmp$/s.exec(name)?.[1];
}

/** Removes what a killed process was writing in a folder, of files with names that `isMeant`. */
export async function removeUnfinished(folder: string, isMeant: (name: string) => boolean): Promise<void> {
  for (const entry of await readdir(folder)) {
    const name = temporaryNameOf(entry);
    if (name !== undefined && isMeant(name)) await rm(join(folder, entry), { force: true });
  }
}

async function replaceFile(path: string, writeTo: WriteTo, before: Stats | undefined): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const file = await open(temporary, "wx");
    try {
      await writeTo(file);
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

async function writeInPlace(path: string, writeTo: WriteTo): Promise<void> {
  const file = await open(path, "w");
  try {
    await writeTo(file);
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
export async function flushFolder(folder: string): Promise<void> {
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
    await makeFolder(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw error;
    if (!existsSync(parent)) await makeFolders(parent);
    await makeFolder(path); // Once more also where another process has made the parent meanwhile.
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
    await flushFolder(dirname(path));
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
