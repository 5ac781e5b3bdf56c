import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { asOutputError } from "../../system/system-error.js";
import { beginPart, continuePart, discardPart, isValidator, type Part, readPart } from "./part.js";
import { mirrorFault, TransferError } from "./transfer-error.js";

export interface TransferOptions {
  readonly dispatcher: Dispatcher;
  /** Where the bytes go. It stays there after a failure, so that the next transfer can go on from its end. */
  readonly part: string;
  /** The most bytes that the file may have. */
  readonly largest: number;
  /** How long to wait for an answer, with finding and connecting to the server, in milliseconds. */
  readonly connectTimeout: number;
  /** How long to wait for the next bytes, in milliseconds, and how often to look whether enough of them come. */
  readonly stallTimeout: number;
  readonly leastBytesPerSecond: number;
  readonly signal: AbortSignal;
  /** Called with the size of the part, of the whole file where the server says it, and of what has just arrived. */
  readonly onBytes: (received: number, total: number | undefined, chunk: number) => void;
}

type Headers = Dispatcher.ResponseData["headers"];

const RETRYABLE_STATUS = [408, 425, 429];
/** What servers say to a range, or to the validator with it, that they do not like. */
const RANGE_REFUSED = [400, 412, 416, 431];
const LONGEST_STATUS_TEXT = 100;

/**
 * Fetches `url` into a file in one try: the whole of it, or what an earlier transfer left out, if the server can tell that its
 * file is still the same.
 *
 * @returns Whether it went on from an earlier transfer.
 * @throws TransferError when the server cannot be reached or gives no whole file.
 * @throws OutputError when the bytes cannot be written. What `signal` was aborted with is thrown as it is.
 */
export async function transfer(url: string, options: TransferOptions): Promise<{ resumed: boolean }> {
  const { part, signal, connectTimeout } = options;
  const found = await readPart(part, url);
  const earlier = found && found.byteLength <= options.largest ? found : undefined;
  const watchdog = createWatchdog();
  try {
    watchdog.start(connectTimeout, `it gave no answer within ${connectTimeout / 1000} seconds`);
    const response = await ask(url, earlier, options, AbortSignal.any([signal, watchdog.signal]));
    watchdog.stop();
    try {
      const continued = await acceptAnswer(response, options, earlier);
      const handle = continued
        ? await continuePart(part, continued)
        : await beginPart(part, notesOf(url, response.headers));
      try {
        await receive(response, handle, continued?.byteLength ?? 0, options, watchdog);
      } finally {
        await handle.close();
      }
      return { resumed: continued !== undefined };
    } finally {
      // Of an answer that was refused, the rest is of no interest, and neither is the error of not reading it.
      response.body.on("error", () => {}).destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw watchdog.signal.aborted ? watchdog.signal.reason : error;
  } finally {
    watchdog.stop();
  }
}

async function ask(
  url: string,
  earlier: Part | undefined,
  { dispatcher }: TransferOptions,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { request } = await import("undici");
  try {
    return await request(url, {
      dispatcher,
      signal,
      headers: {
        // Bytes as they are stored, so that sizes and ranges mean the file's own.
        "accept-encoding": "identity",
        ...(earlier && { range: `bytes=${earlier.byteLength}-`, "if-range": earlier.validator }),
      },
    });
  } catch (error) {
    throw mirrorFault(error);
  }
}

/** Decides by status and headers whether the body is the whole file, or goes on from `earlier`, which is then returned. */
async function acceptAnswer(
  { statusCode: status, statusText = "", headers }: Dispatcher.ResponseData, // A proxy's agent loses the text.
  { part, largest }: TransferOptions,
  earlier: Part | undefined,
): Promise<Part | undefined> {
  const continued = status === 206 && earlier && continues(headers, earlier) ? earlier : undefined;
  if (status === 200 || continued) {
    const offered = offeredBytes(headers, continued?.byteLength ?? 0);
    if (offered > largest) {
      await discardPart(part);
      throw new TransferError(
        `it offers ${offered} bytes where at most ${largest} were expected`,
        "permanent",
      );
    }
    return continued;
  }
  if (status === 206 || (earlier && RANGE_REFUSED.includes(status))) {
    await discardPart(part);
    throw new TransferError("it could not continue an earlier download", "passing");
  }
  const isPassing = status >= 500 || RETRYABLE_STATUS.includes(status);
  const text =
    statusText.length > LONGEST_STATUS_TEXT ? `${statusText.slice(0, LONGEST_STATUS_TEXT)}…` : statusText;
  throw new TransferError(`it answered ${`${status} ${text}`.trim()}`, isPassing ? "passing" : "permanent");
}

async function receive(
  { headers, body }: Dispatcher.ResponseData,
  handle: FileHandle,
  start: number,
  { part, largest, stallTimeout, leastBytesPerSecond, onBytes }: TransferOptions,
  watchdog: Watchdog,
): Promise<void> {
  const length = headerOf(headers, "content-length");
  const total = length === undefined ? undefined : start + Number(length);
  const pace = createPaceCheck(stallTimeout, leastBytesPerSecond);
  let received = start;
  const awaitBytes = () => {
    watchdog.start(stallTimeout, `it sent nothing for ${stallTimeout / 1000} seconds`);
    pace.await();
  };
  awaitBytes();
  for await (const chunk of chunksOf(body)) {
    watchdog.stop();
    pace.count(chunk.length);
    if (received + chunk.length > largest) {
      await discardPart(part);
      throw new TransferError(
        `it sent more than the ${largest} bytes that were expected at most`,
        "permanent",
      );
    }
    await writeAll(handle, chunk, received).catch((error: unknown) => {
      throw asOutputError(error, part);
    });
    received += chunk.length;
    onBytes(received, total, chunk.length);
    if (received !== total) {
      pace.check();
    }
    awaitBytes();
  }
  if (total !== undefined && received !== total) {
    throw new TransferError(`it sent ${received} of ${total} bytes`, "passing");
  }
  await handle.sync();
}

/** Faults of the body are the mirror's, those of whoever takes the chunks are not. */
async function* chunksOf(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body as Readable & AsyncIterable<Uint8Array>;
  } catch (error) {
    throw mirrorFault(error);
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
function continues(headers: Headers, earlier: Part): boolean {
  const range = /^bytes (\d+)-/.exec(headerOf(headers, "content-range") ?? "");
  const validator = validatorOf(headers);
  return (
    Number(range?.[1]) === earlier.byteLength && (validator === undefined || validator === earlier.validator)
  );
}

/** How large the whole file will be by what the server says; 0 where it says nothing. */
function offeredBytes(headers: Headers, start: number): number {
  const [, whole = 0] = /\/(\d+)$/.exec(headerOf(headers, "content-range") ?? "") ?? [];
  return Math.max(start + Number(headerOf(headers, "content-length") ?? 0), Number(whole));
}

function notesOf(url: string, headers: Headers) {
  const validator = validatorOf(headers);
  return validator === undefined ? undefined : { url, validator };
}

function validatorOf(headers: Headers): string | undefined {
  const etag = headerOf(headers, "etag");
  const validator = etag?.startsWith('"') ? etag : headerOf(headers, "last-modified");
  return validator !== undefined && isValidator(validator) ? validator : undefined;
}

function headerOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "object" ? value[0] : value;
}

/** Throws where so much waiting for a server brought less than it must, however regularly its bytes drip. */
function createPaceCheck(milliseconds: number, leastBytesPerSecond: number) {
  let since = 0;
  let waited = 0;
  let gained = 0;
  return {
    await(): void {
      since = performance.now();
    },
    count(bytes: number): void {
      waited += performance.now() - since; // Without the time that writing takes, which is not the server's.
      gained += bytes;
    },
    check(): void {
      if (waited < milliseconds) {
        return;
      }
      if (gained < (leastBytesPerSecond * waited) / 1000) {
        throw new TransferError(
          `it sent less than ${leastBytesPerSecond} bytes a second for ${milliseconds / 1000} seconds`,
          "permanent",
        );
      }
      waited = 0;
      gained = 0;
    },
  };
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
