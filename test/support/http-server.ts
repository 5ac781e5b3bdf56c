import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface TestServer {
  /** With a final slash. */
  readonly url: string;
  /** What was asked of it so far. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** Breaks off all answers. */
  readonly cut: () => void;
}

/** @param request Counted from 1 in `number`, over all paths. */
export type Handler = (request: IncomingMessage, response: ServerResponse, number: number) => void;

/**
 * A server on this machine that behaves as `handle` does, until the test is over.
 *
 * @param tunnelStatus What it says to whoever takes it for a proxy and wants a tunnel.
 */
export async function startServer(handle: Handler, tunnelStatus = 403): Promise<TestServer> {
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? "", headers: request.headers });
    handle(request, response, requests.length);
  });
  server.on("connect", (request, socket) => {
    requests.push({ path: `CONNECT ${request.url}`, headers: request.headers });
    socket.end(`HTTP/1.1 ${tunnelStatus} No\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    cut: () => server.closeAllConnections(),
  };
}

export interface FileOptions {
  /** What the server identifies this version of the file by. Default: it cannot. */
  readonly etag?: string;
  /** Whether it serves a part of the file when asked for one. Default: `true`. */
  readonly ranges?: boolean;
  /** Whether it serves a part also of another version than the one that the client has begun with. Default: `false`. */
  readonly ignoresIfRange?: boolean;
  /** The length that it claims. Default: the true one. */
  readonly claimedLength?: number;
  /** How many bytes it sends before it falls silent. Default: all. */
  readonly sends?: number;
}

/** Answers with a file, as well or badly as the options say. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Uint8Array,
  options: FileOptions = {},
): void {
  const { etag, ranges = true, ignoresIfRange = false, sends } = options;
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const same = ignoresIfRange || (etag !== undefined && request.headers["if-range"] === etag);
  const start = ranges && range !== null && same ? Number(range[1]) : 0;
  if (start >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    return;
  }
  const rest = content.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    ...(etag !== undefined && { etag }),
    ...(start > 0 && { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` }),
    "content-length": options.claimedLength ?? rest.length,
  });
  if (sends === undefined && options.claimedLength === undefined) {
    response.end(rest);
  } else {
    response.write(rest.subarray(0, sends ?? options.claimedLength));
  }
}
