import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { type DownloadFileOptions, downloadFile } from "../../src/data/catalog/download.js";
import { createDispatcher } from "../../src/data/catalog/proxy.js";
import { DataFormatError } from "../../src/errors.js";
import type { TestServer } from "./http-server.js";
import { temporaryFolder } from "./temporary-folder.js";

const temporary = temporaryFolder();

/** The file that {@link download} expects. */
export const content = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31) >> 3);
/** Another file of the same length. */
export const otherContent = content.map((byte) => byte ^ 1);

export interface DownloadAttempt extends Partial<DownloadFileOptions> {
  readonly env?: NodeJS.ProcessEnv;
  /** Breaks the connection when the client has so many bytes: so none of them are on their way. */
  readonly cutAt?: { readonly server: TestServer; readonly received: readonly number[] };
}

/** Downloads `file.bin` into a folder of its own, unless told where. Nothing waits long. */
export function download(urls: readonly string[], options: DownloadAttempt = {}) {
  const notices: string[] = [];
  const connection = createDispatcher(options.env ?? {});
  onTestFinished(async () => (await connection).close());
  const path = options.path ?? join(mkdtempSync(join(temporary, "download-")), "file.bin");
  const done = connection.then(({ dispatcher }) =>
    downloadFile({
      dispatcher,
      urls,
      path,
      signal: new AbortController().signal,
      verify,
      onNotice: (notice) => notices.push(notice),
      largest: content.length,
      retryDelay: 1,
      connectTimeout: 2000,
      stallTimeout: 2000,
      ...options,
      onProgress: (progress) => {
        options.onProgress?.(progress);
        if (options.cutAt?.received.includes(progress.received)) {
          options.cutAt.server.cut();
        }
      },
    }),
  );
  return { done, path, notices, files: () => readdirSync(join(path, "..")).sort() };
}

/** Asserts that a file is {@link content}. */
export function expectWhole(path: string): void {
  expect(readFileSync(path).equals(content)).toBe(true);
}

async function verify(part: string): Promise<void> {
  if (!readFileSync(part).equals(content)) {
    throw new DataFormatError("It has the wrong sum.");
  }
}

/** What ranges a server was asked for. */
export function rangesOf(server: TestServer): (string | undefined)[] {
  return server.requests.map(({ headers }) => headers.range);
}
