import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { InvalidArgumentError } from "../../errors.js";
import { expectThat } from "../../system/expected.js";
import { isLoopback, isWildcard } from "./hosts.js";

/** Where the page is, unless somebody says otherwise. */
export const DEFAULT_PORT = 4747;
export const DEFAULT_HOST = "127.0.0.1";

/** So many ports are tried, where one is taken. */
const TRIES = 20;

/** Milliseconds for the last bytes of answers to go out, when the server is closed. */
const GRACE = 500;

export interface ListenOptions {
  /** An address or name of this machine; `0.0.0.0` is all of them. Default: `127.0.0.1`, which no other machine reaches. */
  readonly host?: string | undefined;
  /** The first port that is tried; 0 is any that is free. Default: 4747. */
  readonly port?: number | undefined;
  readonly timeouts?: Timeouts | undefined;
}

/** Milliseconds after which a client that keeps a connection busy is cut off. */
export interface Timeouts {
  /** For the headers of a request. Default: 10,000. */
  readonly headers?: number | undefined;
  /** For a whole request with its body. Default: 30,000. */
  readonly request?: number | undefined;
  /** Without a byte that goes either way, though something is to be sent or to be waited for. Default: 120,000. */
  readonly idle?: number | undefined;
}

/** What answers on a port: what {@link createServer} of `mnist-native/live` returns. */
export interface Listening {
  readonly listener: RequestListener;
  /** What the printed address has to tell, where others than this machine may ask. */
  readonly token: string | null;
  close(): Promise<void>;
}

export interface ListeningServer {
  /** What to open, the token included: `http://127.0.0.1:4747/`. */
  readonly address: string;
  readonly host: string;
  /** The one that was free. */
  readonly port: number;
  /** Ends all connections, streams of events included, and then what was served. */
  close(): Promise<void>;
}

/**
 * Listens for what a server answers.
 *
 * @throws InvalidArgumentError when the host is no address of this machine, all ports are taken or forbidden, or others could ask a server that
 *   has no token.
 */
export async function listen(served: Listening, options: ListenOptions = {}): Promise<ListeningServer> {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, timeouts = {} } = options;
  expectThat(
    Number.isInteger(port) && port >= 0 && port <= 65535,
    "a whole number from 0 to 65535",
    "port",
    port,
  );
  if (!isLoopback(host) && served.token === null) {
    throw new InvalidArgumentError(
      `Expected a server with a token for host ${JSON.stringify(host)}, which other machines reach; give the host to createServer, too.`,
    );
  }
  const server = createHttpServer(served.listener, timeouts);
  const taken = await listenOn(server, host, port);
  const query = served.token === null ? "" : `?token=${served.token}`;
  return {
    address: `http://${shownHost(host)}:${taken}/${query}`,
    host,
    port: taken,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await served.close();
      // What has been answered is over; whoever does not take the rest of an answer is not waited for.
      const timer = setTimeout(() => server.closeAllConnections(), GRACE);
      server.closeIdleConnections();
      await closed;
      clearTimeout(timer);
    },
  };
}

function createHttpServer(listener: RequestListener, timeouts: Timeouts): Server {
  const { headers = 10_000, request = 30_000, idle = 120_000 } = timeouts;
  const server = createServer(
    {
      headersTimeout: headers,
      requestTimeout: request,
      connectionsCheckingInterval: Math.min(1000, headers, request),
      keepAliveTimeout: 5000,
      maxHeaderSize: 16_384, // The address included.
    },
    listener,
  );
  // Headers beyond a number would be left out in silence; their size is bounded anyway.
  server.maxHeadersCount = 0;
  // A reader of events hears something more often than that; one that reads nothing is cut off.
  server.timeout = idle;
  server.maxConnections = 512;
  return server;
}

/** @returns The port that it listens on: the first that is free. */
async function listenOn(server: Server, host: string, port: number): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + TRIES - 1, 65535);
  for (let tried = port; tried <= last; tried++) {
    try {
      return await listenOnce(server, host, tried);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw asListenError(error, host, tried);
    }
  }
  const taken =
    port === last
      ? `Port ${port} is taken by another program`
      : `The ports ${port} to ${last} are all taken by other programs`;
  throw new InvalidArgumentError(`${taken}; name another port, or 0 for any that is free.`);
}

function listenOnce(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => {
      server.off("listening", onListening);
      reject(error);
    };
    const onListening = () => {
      server.off("error", onError);
      resolve((server.address() as AddressInfo).port);
    };
    server.once("error", onError).once("listening", onListening).listen({ host, port });
  });
}

function asListenError(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EACCES":
      return new InvalidArgumentError(
        `You have no permission to listen on port ${port}; name one from 1024 on.`,
        { cause: error },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return new InvalidArgumentError(
        `Expected an address or name of this machine for host but received ${JSON.stringify(host)}; leave it out for this machine alone, or give 0.0.0.0 for all of its addresses.`,
        { cause: error },
      );
    default:
      return error;
  }
}

/** What others can call this machine by, where it listens on all of its addresses. */
function shownHost(host: string): string {
  const shown = isWildcard(host) ? (outerAddress() ?? DEFAULT_HOST) : host;
  return shown.includes(":") ? `[${shown}]` : shown;
}

function outerAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}
