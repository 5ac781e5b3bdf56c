import { rename } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { DataFormatError, DownloadError } from "../../errors.js";
import { asOutputError } from "../../system/system-error.js";
import { discardPart } from "./part.js";
import { type TransferOptions, transfer } from "./transfer.js";
import { TransferError } from "./transfer-error.js";

/** How far the download of a file has come. */
export interface DownloadProgress {
  /** The name of the file. */
  readonly file: string;
  /** Bytes on the disk, those of an earlier download that is continued among them. */
  readonly received: number;
  /** Bytes of the whole file, where the server says. */
  readonly total: number | undefined;
  readonly bytesPerSecond: number;
  /** At the speed so far; `undefined` where the server does not say how much there is. */
  readonly secondsLeft: number | undefined;
}

export interface DownloadOptions {
  /** Ends the download; what has arrived is kept to go on from, another time. */
  readonly signal?: AbortSignal | undefined;
  /** Called for all bytes that arrive. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Called with a sentence for the user about a fault that was overcome, or why nothing seems to happen. */
  readonly onNotice?: ((message: string) => void) | undefined;
  /**
   * Tries at one mirror without considerably more bytes, before the next mirror is tried; at most two, in quick succession and silence, where
   * there seems to be no network that leads to it. At least 1. Default: 4.
   */
  readonly attempts?: number | undefined;
  /** Milliseconds before the second try; doubled before each further one, up to half a minute. Default: 1000. */
  readonly retryDelay?: number | undefined;
  /** How long to wait for a server's answer, in milliseconds. Default: 30,000. */
  readonly connectTimeout?: number | undefined;
  /** How long to wait for a server's next bytes, in milliseconds. Default: 30,000. */
  readonly stallTimeout?: number | undefined;
  /** What a server must send on average over so long a wait, or the next mirror is tried. Default: 1000. */
  readonly leastBytesPerSecond?: number | undefined;
}

export interface DownloadFileOptions extends DownloadOptions {
  readonly signal: AbortSignal;
  readonly dispatcher: Dispatcher;
  /** Where the file is at hand, tried in this order. */
  readonly urls: readonly string[];
  /** Where the file goes. Its folder exists, and nobody else downloads to it. */
  readonly path: string;
  /** The most bytes that the file may have. Of a mirror that offers or sends more, nothing is kept. */
  readonly largest: number;
  /** @throws DataFormatError when the file at `part` is not the right one. */
  readonly verify: (part: string) => Promise<void>;
}

const LONGEST_DELAY = 30_000;
/** A name server may need a moment; whoever is offline should not be kept waiting. */
const UNREACHABLE_ATTEMPTS = 2;
const UNREACHABLE_DELAY = 200;

/**
 * Downloads a file from the first of its mirrors that gives it.
 *
 * The bytes are collected in `path` + `.part`, verified there, and then renamed, so that `path` is always whole and right. A
 * part is continued by the next try, in this process or another, if its server can show that the file has not changed. What
 * turns out wrong is deleted.
 *
 * @throws DownloadError when no mirror gives the right file; its message names each with its fault.
 * @throws OutputError when the file cannot be written. What `signal` was aborted with is thrown as it is.
 */
export async function downloadFile(options: DownloadFileOptions): Promise<void> {
  const { urls, path, onNotice } = options;
  const part = `${path}.part`;
  const faults: string[] = [];
  for (const url of urls) {
    try {
      await downloadVerified(url, part, options);
      options.signal.throwIfAborted();
      await rename(part, path).catch((error: unknown) => {
        throw asOutputError(error, path);
      });
      return await discardPart(part);
    } catch (error) {
      if (!(error instanceof TransferError)) {
        throw error;
      }
      faults.push(`${url} (${error.message})`);
      // Offline no mirror can be reached, and the error at the end says so of each.
      if (faults.length < urls.length && error.prospect !== "unreachable") {
        onNotice?.(`${url} is passed over: ${error.message}. Trying the next mirror.`);
      }
    }
  }
  throw new DownloadError(
    `${basename(path)} could not be downloaded from ${faults.join(" or ")}; check the connection and try again, or put the file at ${path} yourself.`,
  );
}

async function downloadVerified(url: string, part: string, options: DownloadFileOptions): Promise<void> {
  for (let begunAnew = false; ; begunAnew = true) {
    const { resumed } = await transferWithRetries(url, part, options);
    try {
      return await options.verify(part);
    } catch (error) {
      if (!(error instanceof DataFormatError)) {
        throw error;
      }
      await discardPart(part);
      if (!resumed || begunAnew) {
        throw new TransferError(`what it sent is wrong and was deleted: ${error.message}`, "permanent", {
          cause: error,
        });
      }
      options.onNotice?.(
        `What was continued from an earlier download is wrong and was deleted; starting again.`,
      );
    }
  }
}

async function transferWithRetries(
  url: string,
  part: string,
  options: DownloadFileOptions,
): Promise<{ resumed: boolean }> {
  const { signal, onNotice, attempts = 4, retryDelay = 1000 } = options;
  const { stallTimeout = 30_000, leastBytesPerSecond = 1000 } = options;
  let failures = 0;
  let wasReached = false;
  let farthest = 0;
  for (;;) {
    const meter = createMeter(basename(options.path), options.onProgress);
    const transferOptions: TransferOptions = {
      dispatcher: options.dispatcher,
      part,
      largest: options.largest,
      connectTimeout: options.connectTimeout ?? 30_000,
      stallTimeout,
      leastBytesPerSecond,
      signal,
      onBytes: meter.onBytes,
    };
    try {
      return await transfer(url, transferOptions);
    } catch (error) {
      wasReached ||= meter.received() > 0;
      // A server that breaks off, but later each time, is left in peace until it has given everything; unless it is only a bit.
      if (meter.received() > farthest + (leastBytesPerSecond * stallTimeout) / 1000) {
        farthest = meter.received();
        failures = 0;
      }
      failures++;
      if (!(error instanceof TransferError) || error.prospect === "permanent" || failures >= attempts) {
        throw error;
      }
      // A connection that has been there, and is lost, may well come back; one that never was will not.
      if (error.prospect === "unreachable" && !wasReached) {
        if (failures >= UNREACHABLE_ATTEMPTS) {
          throw error;
        }
        await pause(Math.min(retryDelay, UNREACHABLE_DELAY), signal);
        continue;
      }
      const delay = Math.min(retryDelay * 2 ** (failures - 1), LONGEST_DELAY);
      onNotice?.(`${url}: ${error.message}. Trying again in ${Math.ceil(delay / 1000)} s.`);
      await pause(delay, signal);
    }
  }
}

/** Turns counts of bytes into progress. The speed is that of this transfer alone, without what an earlier one left. */
function createMeter(file: string, onProgress: DownloadOptions["onProgress"]) {
  const begin = performance.now();
  let received = 0;
  let beforehand: number | undefined;
  return {
    received: () => received,
    onBytes(bytes: number, total: number | undefined, chunk: number): void {
      beforehand ??= bytes - chunk;
      received = bytes;
      const seconds = Math.max(performance.now() - begin, 1) / 1000;
      const bytesPerSecond = (bytes - beforehand) / seconds;
      const secondsLeft = total === undefined ? undefined : (total - bytes) / bytesPerSecond;
      onProgress?.({ file, received, total, bytesPerSecond, secondsLeft });
    },
  };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(milliseconds, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
