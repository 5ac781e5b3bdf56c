import { closeSync, openSync } from "node:fs";
import { FileAccessError, type MnistNativeError, OutOfMemoryError } from "../errors.js";

/** How many files Node.js may open at once to load a command: some fifty were seen. */
const FILES_AT_ONCE = 64;

/** What V8 says of an array for which there is no memory, or that is longer than any may be. */
const TOO_LARGE = /^(Array buffer allocation failed|Invalid typed array length: [\d.e+]+)$/;

/** What Node.js says of zlib where zlib itself says nothing: of wrong data it does, so that something is the matter with the process. */
const NO_FAULT_OF_DATA = "Zlib error";

/**
 * What an error means that comes of a limit of this process and could have come from anywhere: too few files that may be open, or too
 * little memory; `undefined` for any other. What loads this program relies on it, so that it imports as little as can be.
 */
export function shortageOf(error: unknown): MnistNativeError | undefined {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  // Node.js says that there is no package where it could not open its files.
  const isOfFiles =
    code === "EMFILE" || code === "ENFILE" || (code === "ERR_MODULE_NOT_FOUND" && !canOpen(FILES_AT_ONCE));
  if (isOfFiles) {
    return new FileAccessError(
      "This process may not open as many files as it needs; raise the limit, as by ulimit -n 1024, or close files.",
      { cause: error },
    );
  }
  const isOfMemory =
    code === "ENOMEM" ||
    code === "ERR_OUT_OF_MEMORY" || // Of the addon, which names the operation.
    code === "ERR_MEMORY_ALLOCATION_FAILED" ||
    code === "Z_MEM_ERROR" ||
    (code !== "Z_DATA_ERROR" && message === NO_FAULT_OF_DATA) ||
    (error instanceof RangeError && TOO_LARGE.test(String(message)));
  if (!isOfMemory) return undefined;
  return new OutOfMemoryError(
    "There is not enough memory for this; take less data or a smaller network, or raise the limit, as by ulimit -v unlimited.",
    { cause: error },
  );
}

/** Whether this process may open so many files more. */
function canOpen(count: number): boolean {
  const open: number[] = [];
  try {
    while (open.length < count) open.push(openSync(process.execPath, "r"));
    return true;
  } catch {
    return false;
  } finally {
    for (const file of open) closeSync(file);
  }
}
