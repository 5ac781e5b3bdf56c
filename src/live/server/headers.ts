/** What every answer says: no other site may frame, read, embed or guess at it, and it says nothing to others where it leads. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};

/** What the page may load and do: what this server serves, and nothing that stands in the markup. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A figure carries its styles and its pictures; opened for itself it is no page of this server, and no script runs. */
const FIGURE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/** Data and errors are no documents at all. */
const DATA_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/** Adds to an answer what each of its kind has to say; how long it may be kept, only where it does not say so itself. */
export function addSecurityHeaders(headers: Headers): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) headers.set(name, value);
  headers.set("content-security-policy", policyFor(headers.get("content-type") ?? ""));
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
}

function policyFor(contentType: string): string {
  if (contentType.startsWith("text/html") || contentType.startsWith("text/javascript")) return PAGE_POLICY;
  return contentType.startsWith("image/svg+xml") ? FIGURE_POLICY : DATA_POLICY;
}
