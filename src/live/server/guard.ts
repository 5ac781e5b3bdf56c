import { createHostCheck, isLocalAddress } from "./hosts.js";
import { HttpError } from "./http-error.js";
import { cookieName, formatCookie, isSameToken, readCookie } from "./token.js";

/** Who may ask, beside whoever sits at this machine. */
export interface Security {
  /** Names and addresses by which others reach the server; none means this machine alone. */
  readonly hosts: readonly string[];
  /** What others have to know; `null` where the server is for this machine alone. */
  readonly token: string | null;
}

/** What a guard reads of a request. */
export interface GuardedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Below what the server is mounted at: `""` is the page itself. */
  readonly path: string;
  /** Where the connection comes from, where that is known. */
  readonly remoteAddress: string | undefined;
}

/** The longest address that is read: more than the page ever asks for. */
const LONGEST_URL = 2048;

/**
 * Made of the rules of who may ask for what. What it lets through comes from a program or a person at this machine or with the token, and, where
 * a browser asks, from this server's own page.
 *
 * @param mountedAt Such as `/live`, or nothing.
 * @returns A check that throws an {@link HttpError}, or returns what is answered where the token has to go out of the address.
 */
export function createGuard(
  security: Security,
  mountedAt: string,
): (request: GuardedRequest) => Response | undefined {
  const { hosts, token } = security;
  const isKnownHost = createHostCheck(hosts);
  return (request) => {
    const { url, headers } = request;
    if (url.href.length > LONGEST_URL) {
      throw new HttpError(
        414,
        `The address is longer than ${LONGEST_URL} characters; nothing of that length is here.`,
      );
    }
    const host = headers.get("host") ?? url.host;
    // An address may come with a host of its own, which is then what counts.
    if (!isKnownHost(host) || !isKnownHost(url.host)) {
      throw new HttpError(
        421,
        `This server does not answer for the host of this address; open it as localhost, or name this host when the server is started.`,
      );
    }
    if (token === null) requireThisMachine(request);
    requireOwnPage(request, host);
    return token === null ? undefined : requireToken(request, { token, host, mountedAt });
  };
}

/** Whoever is at another machine can send any header. */
function requireThisMachine({ remoteAddress }: GuardedRequest): void {
  if (remoteAddress !== undefined && !isLocalAddress(remoteAddress)) {
    throw new HttpError(
      403,
      "This server answers the machine that it runs on alone; name a host when it is started, for others.",
    );
  }
}

/** Refuses what pages of other sites make a browser ask for; following a link to the page is everybody's right. */
function requireOwnPage({ method, headers, path }: GuardedRequest, host: string): void {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const isReading = method === "GET" || method === "HEAD";
  if (isReading && path === "" && origin === null && isNavigation(headers)) return;
  if (origin === null ? !isReading : !isOwnOrigin(origin, host)) {
    throw new HttpError(
      403,
      "Only the page of this server may ask for this: the request's Origin is missing or is another's.",
    );
  }
  if (site !== null && site !== "same-origin" && !(isReading && site === "none")) {
    throw new HttpError(403, "Only the page of this server may ask for this, and another site has.");
  }
}

function isNavigation(headers: Headers): boolean {
  return headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
}

/** Whether an origin is that of the address which the browser has asked at; TLS may end before this server. */
function isOwnOrigin(origin: string, host: string): boolean {
  const [, protocol] = /^(https?:)\/\/[^/?#@\\]+$/.exec(origin) ?? [];
  if (protocol === undefined) return false;
  return origin.toLowerCase() === originOf(`${protocol}//${host}`);
}

function originOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).origin : undefined;
}

/** The token stands once in the address, as the program has printed it, and then in a cookie. */
function requireToken(
  { headers, url, path, method }: GuardedRequest,
  { token, host, mountedAt }: { readonly token: string; readonly host: string; readonly mountedAt: string },
): Response | undefined {
  const name = cookieName(host);
  const inAddress = path === "" && method === "GET" ? url.searchParams.get("token") : null;
  if (inAddress !== null && isSameToken(inAddress, token)) {
    return goOnWithout(mountedAt, formatCookie(name, token, `${mountedAt}/`));
  }
  const inCookie = readCookie(headers.get("cookie"), name);
  if (inCookie === undefined || !isSameToken(inCookie, token)) {
    throw new HttpError(
      401,
      "This page opens by the whole address that the program has printed, with its token; open that address once in this browser.",
    );
  }
  return undefined;
}

/**
 * A page that goes on to the page itself, so that the token leaves the address. A redirect would not do: where a link of another site has led
 * here, browsers send no `SameSite=Strict` cookie along it.
 */
function goOnWithout(mountedAt: string, cookie: string): Response {
  // Without a path of its own, the server does not know what it may be mounted at by others.
  const to = mountedAt === "" ? "./" : `${mountedAt}/`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=${to}"><title>mnist-native</title><p><a href="${to}">Open the page</a></p></html>`;
  return new Response(html, {
    headers: { "content-type": "text/html; charset=utf-8", "set-cookie": cookie },
  });
}
