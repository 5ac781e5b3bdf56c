import { constants } from "node:os";

// A file system on which one call goes wrong: of those by which a program changes the files beneath a folder, the n-th.

/** What a call answers, or `short`: a write that takes half of the bytes and says so. */
export type Fault = "ENOSPC" | "EIO" | "EACCES" | "EDQUOT" | "short";

interface FileCall {
  readonly name: string;
  readonly path: string;
  readonly writes: boolean;
  readonly reads: boolean;
}

interface Interceptor {
  interceptFileCalls(
    folder: string,
    intercept: (call: FileCall, proceed: (share?: number) => unknown) => unknown,
  ): () => void;
}

// The scripts are JavaScript, so that the compiler cannot tell what they export.
const script = new URL("../../scripts/kills/file-calls.mjs", import.meta.url);
const { interceptFileCalls } = (await import(script.href)) as Interceptor;

/**
 * Does something while the n-th call, counted from 1, goes wrong; without `n` none does.
 *
 * @returns The names of the calls that there were; those that only read end with `, to read`.
 */
export async function withFaultyFiles(
  folder: string,
  { n, fault }: { readonly n?: number; readonly fault?: Fault },
  action: () => Promise<void>,
): Promise<readonly string[]> {
  const calls: string[] = [];
  const restore = interceptFileCalls(folder, (call, proceed) => {
    calls.push(call.reads ? `${call.name}, to read` : call.name);
    if (calls.length !== n || fault === undefined) return proceed();
    if (fault === "short") return proceed(call.writes ? 0.5 : 1);
    const fail = () => {
      throw systemError(fault, call);
    };
    // What a full disk had room for is written, and a file that cannot be closed well is closed.
    if (!call.writes && call.name !== "file.close") return reject(call, fail);
    const done = proceed(0.5);
    return done instanceof Promise ? done.then(fail) : fail();
  });
  try {
    await action();
  } finally {
    restore();
  }
  return calls;
}

/** As the function itself fails: at once, or by its promise. */
function reject({ name }: FileCall, fail: () => never): unknown {
  return name.endsWith("Sync") ? fail() : Promise.resolve().then(fail);
}

function systemError(code: Exclude<Fault, "short">, { name, path }: FileCall): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`${code}: made to fail, ${name} '${path}'`);
  return Object.assign(error, { code, errno: -constants.errno[code], syscall: name, path });
}
