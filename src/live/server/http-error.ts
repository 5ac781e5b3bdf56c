import type { ContentfulStatusCode } from "hono/utils/http-status";
import { InvalidArgumentError, MnistNativeError } from "../../errors.js";
import { printable } from "../../system/printable.js";
import type { ErrorBody } from "../protocol.js";

/** What programs know the errors of the server itself by; those of the library have codes of their own. */
const CODES = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_ALLOWED",
  409: "CONFLICT",
  413: "TOO_LARGE",
  414: "ADDRESS_TOO_LONG",
  415: "UNSUPPORTED_MEDIA_TYPE",
  421: "MISDIRECTED",
  500: "INTERNAL",
  503: "TOO_MANY_READERS",
} as const;

export type ErrorStatus = keyof typeof CODES & ContentfulStatusCode;

/** A request that is refused. Its message is a sentence for whoever looks at the page. */
export class HttpError extends Error {
  readonly status: ErrorStatus;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: ErrorStatus, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "HttpError";
    this.status = status;
    this.headers = headers;
  }
}

/** What is answered in place of what was asked for. */
export interface ErrorAnswer {
  readonly status: ErrorStatus;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * @param report Called with an error that nobody has foreseen: what it says is for whoever runs the server, and not for its readers.
 */
export function answerError(error: unknown, report: (error: unknown) => void): ErrorAnswer {
  if (error instanceof HttpError) {
    const { status, message, headers } = error;
    return { status, body: { error: { code: CODES[status], message } }, headers };
  }
  if (error instanceof MnistNativeError) {
    const { code, message } = error;
    // What was asked for is wrong, or it is right and the state of files and runs does not allow it.
    const status = error instanceof InvalidArgumentError ? 400 : 409;
    return { status, body: { error: { code, message: printable(message) } }, headers: {} };
  }
  report(error);
  const message =
    "Something went wrong in the program that serves this page; what it was stands where the program was started.";
  return { status: 500, body: { error: { code: CODES[500], message } }, headers: {} };
}
