import { getRequestListener } from "@hono/node-server";
import { createApp } from "./app.js";
import { addSecurityHeaders } from "./headers.js";
import { answerError, HttpError } from "./http-error.js";
import type { LiveServer } from "./live-server.js";
import type { AppOptions } from "./routing.js";

/** Serves the page of these parts. */
export function serveApp(options: Omit<AppOptions, "closing">): LiveServer {
  const closing = new AbortController();
  const app = createApp({ ...options, closing: closing.signal });
  let closed: Promise<void> | undefined;
  return {
    token: options.security.token,
    async fetch(request) {
      return app.fetch(request, {});
    },
    listener: getRequestListener((request, env) => app.fetch(request, env), {
      // Request and Response are the host program's: it may rely on those of Node.js.
      overrideGlobalObjects: false,
      errorHandler: refuseMalformed,
    }),
    close() {
      closing.abort();
      closed ??= options.library.close();
      return closed;
    },
  };
}

/** A request that cannot even be told as one: without a host, or with an address that is none. */
function refuseMalformed(): Response {
  const refusal = new HttpError(400, "This is no request that a browser would send.", {
    connection: "close",
  });
  const { status, body, headers } = answerError(refusal, () => {});
  const response = Response.json(body, { status, headers });
  addSecurityHeaders(response.headers);
  return response;
}
