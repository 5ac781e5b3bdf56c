import { type FileHandle, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { MnistNativeError } from "../../errors.js";
import { asOutputError } from "../../system/system-error.js";

export interface TransferOptions {
  readonly dispatcher: Dispatcher;
  /** Where the bytes go. It stays there after a failure, so that the next transfer can go on from its end. */
  readonly part: string;
  /** How long to wait for an answer, with finding and connecting to the server, in milliseconds. */
  readonly connectTimeout: number;
  /** How long to wait for the next bytes, in milliseconds. */
  readonly stallTimeout: number;
  readonly signal: AbortSignal;
  /** Called with the size of the part, of the whole file where the server says it, and of what has just arrived. */
  readonly onBytes: (received: number, total: number | undefined, chunk: number) => void;
}

/**
 * What another try at the same address may meet: something better after a while; hardly anything better, because this machine
 * seems to have no network, or none that leads there; or certainly the same.
 */
export type Prospect = "passing" | "unreachable" | "permanent";

/** Why a transfer failed; part of a sentence about its address. */
export class TransferError extends Error {
  readonly prospect: Prospect;

  constructor(message: string, prospect: Prospect, options?: ErrorOptions) {
    super(message, options);
    this.prospect = prospect;
  }
}

/** What is known of a part, in the file beside it. */
interface PartRecord {
  readonly url: string;
  /** What shows that the server still holds the same file: a strong ETag or a date of change, as If-Range takes it. */
  readonly validator: string;
}

interface Part extends PartRecord {
  readonly byteLength: number;
}

const RETRYABLE_STATUS = [408, 425, 429];

/**
 * Fetches `url` into a file in one try: the whole of it, or what an earlier transfer left out, if the server can tell that its
 * file is still the same.
 *
 * @returns Whether it went on from an earlier transfer.
 * @throws TransferError when the server cannot be reached or gives no whole file.
 * @throws OutputError when the bytes cannot be written. What `signal` was aborted with is thrown as it is.
 */
export async function transfer(url: string, options: TransferOptions): Promise<{ resumed: boolean }> {
  const { dispatcher, part, signal, connectTimeout } = options;
  const earlier = await readPart(part, url);
  const watchdog = createWatchdog();
  try {
    watchdog.start(connectTimeout, `it gave no answer within ${connectTimeout / 1000} seconds`);
    const { request } = await import("undici");
    const response = await request(url, {
      dispatcher,
      signal: AbortSignal.any([signal, watchdog.signal]),
      headers: {
        // Bytes as they are stored, so that sizes and ranges mean the file's own.
        "accept-encoding": "identity",
        ...(earlier && { range: `bytes=${earlier.byteLength}-`, "if-range": earlier.validator }),
      },
    });
    watchdog.stop();
    try {
      const start = await acceptAnswer(response, url, part, earlier);
      await receive(response, start, options, watchdog);
      return { resumed: start > 0 };
    } finally {
      // Of an answer that was refused, the rest is of no interest, and neither is the error of not reading it.
      response.body.on("error", () => {}).destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw asTransferError(watchdog.signal.aborted ? watchdog.signal.reason : error);
  } finally {
    watchdog.stop();
  }
}

/**
 * Removes what transfers left behind.
 *
 * @throws OutputError when that is not possible.
 */
export async function discardPart(part: string): Promise<void> {
  try {
    await rm(recordPath(part), { force: true });
    await rm(part, { force: true });
  } catch (error) {
    throw asOutputError(error, part);
  }
}

/** Decides by status and headers where the body belongs, and leaves the part ready for it. */
async function acceptAnswer(
  response: Dispatcher.ResponseData,
  url: string,
  part: string,
  earlier: Part | undefined,
): Promise<number> {
  const { statusCode: status, statusText, headers } = response;
  if (status === 206 && earlier !== undefined && continues(headers, earlier)) {
    return earlier.byteLength;
  }
  if (status === 200) {
    await discardPart(part);
    const validator = validatorOf(headers);
    if (validator !== undefined) {
      const record: PartRecord = { url, validator };
      await writeFile(recordPath(part), JSON.stringify(record)).catch((error: unknown) => {
        throw asOutputError(error, part);
      });
    }
    return 0;
  }
  if (status === 206 || status === 416) {
    await discardPart(part);
    throw new TransferError("it could not continue an earlier download", "passing");
  }
  const isPassing = status >= 500 || RETRYABLE_STATUS.includes(status);
  const prospect = isPassing ? "passing" : "permanent";
  throw new TransferError(`it answered ${`${status} ${statusText}`.trim()}`, prospect);
}

async function receive(
  { headers, body }: Dispatcher.ResponseData,
  start: number,
  { part, stallTimeout, onBytes }: TransferOptions,
  watchdog: Watchdog,
): Promise<void> {
  const length = headerOf(headers, "content-length");
  const total = length === undefined ? undefined : start + Number(length);
  const handle = await open(part, start > 0 ? "r+" : "w").catch((error: unknown) => {
    throw asOutputError(error, part);
  });
  try {
    let received = start;
    const awaitBytes = () =>
      watchdog.start(stallTimeout, `it sent nothing for ${stallTimeout / 1000} seconds`);
    awaitBytes();
    for await (const chunk of body as Readable & AsyncIterable<Uint8Array>) {
      watchdog.stop();
      await writeAll(handle, chunk, received).catch((error: unknown) => {
        throw asOutputError(error, part);
      });
      received += chunk.length;
      onBytes(received, total, chunk.length);
      awaitBytes();
    }
    if (total !== undefined && received !== total) {
      throw new TransferError(`it sent ${received} of ${total} bytes`, "passing");
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A single write may take only a part, as on a disk that fills up. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** Whether an answer with status 206 is what the earlier transfer left out, of the same file. */
function continues(headers: Dispatcher.ResponseData["headers"], earlier: Part): boolean {
  const range = /^bytes (\d+)-/.exec(headerOf(headers, "content-range") ?? "");
  const validator = validatorOf(headers);
  return (
    Number(range?.[1]) === earlier.byteLength && (validator === undefined || validator === earlier.validator)
  );
}

function validatorOf(headers: Dispatcher.ResponseData["headers"]): string | undefined {
  const etag = headerOf(headers, "etag");
  return etag?.startsWith('"') ? etag : headerOf(headers, "last-modified");
}

function headerOf(headers: Dispatcher.ResponseData["headers"], name: string): string | undefined {
  const value = headers[name];
  return typeof value === "object" ? value[0] : value;
}

function recordPath(part: string): string {
  return `${part}.json`;
}

/** What an earlier transfer from the same address left, if it can be continued. */
async function readPart(part: string, url: string): Promise<Part | undefined> {
  try {
    const { size: byteLength } = await stat(part);
    const record = JSON.parse(await readFile(recordPath(part), "utf8")) as PartRecord;
    return record.url === url && byteLength > 0 ? { ...record, byteLength } : undefined;
  } catch (error) {
    // Without a record, or with one that was cut short, the file is fetched from its start.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw asOutputError(error, part);
  }
}

interface Watchdog {
  /** Aborts when a start is followed by neither a stop nor another start in time. */
  readonly signal: AbortSignal;
  start(milliseconds: number, fault: string): void;
  stop(): void;
}

function createWatchdog(): Watchdog {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    start(milliseconds, fault) {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(new TransferError(fault, "passing")), milliseconds);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

const NETWORK_FAULTS: Readonly<Record<string, readonly [reason: string, prospect: Prospect]>> = {
  ENOTFOUND: ["its server cannot be found", "unreachable"],
  EAI_AGAIN: ["its server cannot be found", "unreachable"],
  ENETUNREACH: ["the network cannot be reached", "unreachable"],
  ENETDOWN: ["the network cannot be reached", "unreachable"],
  EHOSTUNREACH: ["its server cannot be reached", "unreachable"],
  ECONNREFUSED: ["its server refuses connections", "passing"],
  ECONNRESET: ["the connection was lost", "passing"],
  UND_ERR_SOCKET: ["the connection was lost", "passing"],
  ERR_INVALID_URL: ["its address is none, or leads in a circle", "permanent"],
  UND_ERR_INVALID_ARG: ["its address is none, or leads in a circle", "permanent"],
};

/** Errors of the network have a code; what has none is a fault of the program, and stays as it is. */
function asTransferError(error: unknown): unknown {
  if (error instanceof TransferError || error instanceof MnistNativeError || !(error instanceof Error)) {
    return error;
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) {
    return error;
  }
  const [reason, prospect] = NETWORK_FAULTS[code] ?? [error.message || code, "passing"];
  return new TransferError(reason, prospect, { cause: error });
}
