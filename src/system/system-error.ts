import { getSystemErrorMap } from "node:util";
import { FileAccessError, OutputError } from "../errors.js";
import { shortageOf } from "./shortage.js";

/** Of names that Node.js itself refuses, to read and to write. */
const NO_NAME = {
  ERR_INVALID_ARG_VALUE: "no file can have this name",
  ERR_INVALID_ARG_TYPE: "the path of a file is a text",
} as const;

/** What an error of the operating system means for whoever wanted to read. */
const READ_REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "you have no permission to read it",
  EPERM: "you have no permission to read it",
  ERR_ACCESS_DENIED: "Node.js's permission model forbids it, unless --allow-fs-read names it",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file, not a folder",
  ERR_FS_FILE_TOO_LARGE: "it is too large",
  ...NO_NAME,
};

/** The same for whoever wanted to write. */
const WRITE_REASONS: Readonly<Record<string, string>> = {
  EACCES: "you have no permission to write there",
  EPERM: "you have no permission to write there",
  ERR_ACCESS_DENIED: "Node.js's permission model forbids it, unless --allow-fs-write names it",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "your disk quota is used up",
  ENOENT: "its folder does not exist",
  ENOTDIR: "a part of its path is a file, not a folder",
  EEXIST: "a file of that name is in the way",
  EISDIR: "a folder of that name is in the way",
  ERR_FS_EISDIR: "a folder of that name is in the way",
  ...NO_NAME,
};

/**
 * The {@link FileAccessError} for an error of the operating system met while reading `path`; what {@link shortageOf} makes of one that
 * has nothing to do with the file; any other error as it is, to be thrown again.
 *
 * @param advice What to do, where more than a look at the path would help: the end of the sentence.
 */
export function asFileAccessError(error: unknown, path: string, advice?: string): unknown {
  const shortage = shortageOf(error);
  if (shortage !== undefined) return shortage;
  const reason = systemReason(error, READ_REASONS);
  if (reason === undefined) return error;
  const end = advice === undefined ? "" : `; ${advice}`;
  return new FileAccessError(`${path} cannot be read: ${reason}${end}.`, { cause: error });
}

/** As {@link asFileAccessError}, for an error met while listing a folder. */
export function asFolderAccessError(error: unknown, folder: string, advice: string): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR"
    ? new FileAccessError(`${folder} cannot be opened as a folder; ${advice}.`, { cause: error })
    : asFileAccessError(error, folder, advice);
}

/** The {@link OutputError} for an error of the operating system met while writing `path`; any other error as it is. */
export function asOutputError(error: unknown, path: string): unknown {
  const shortage = shortageOf(error);
  if (shortage !== undefined) return shortage;
  const reason = systemReason(error, WRITE_REASONS);
  return reason === undefined
    ? error
    : new OutputError(`${path} cannot be written: ${reason}; name another place.`, { cause: error });
}

function systemReason(error: unknown, reasons: Readonly<Record<string, string>>): string | undefined {
  const { code = "", errno = 0 } = (error ?? {}) as NodeJS.ErrnoException;
  const [name, reason] = getSystemErrorMap().get(errno) ?? [];
  // The name is compared, because zlib numbers its errors too, from the same -1 on.
  return reasons[code] ?? (name === code ? reason : undefined);
}
