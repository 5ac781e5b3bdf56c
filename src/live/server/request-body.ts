import { parseJson } from "../../system/json.js";
import { HttpError } from "./http-error.js";

/** The most that is read of any body. */
export const LARGEST_BODY = 2 ** 20;

/** The most pixels that a picture may have on a side: what is larger has to be scaled down before it is sent. */
export const LARGEST_SIDE = 512;

/**
 * Reads a body of bytes.
 *
 * @param most Read of it, however long it says that it is, or does not say.
 */
export async function readBytes(request: Request, most = LARGEST_BODY): Promise<Uint8Array> {
  requireType(request, "application/octet-stream");
  return read(request, most);
}

/** Reads a body of JSON: what it says is for others to judge. */
export async function readJsonBody(request: Request): Promise<unknown> {
  requireType(request, "application/json");
  const bytes = await read(request, LARGEST_BODY);
  const value = parseJson(decode(bytes));
  if (value === undefined) throw new HttpError(400, "What was sent is not JSON.");
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new HttpError(400, "What was sent is not a text in UTF-8.");
    throw error;
  }
}

function requireType(request: Request, expected: string): void {
  const type = request.headers.get("content-type") ?? "";
  const [essence = ""] = type.split(";");
  if (essence.trim().toLowerCase() !== expected) {
    throw new HttpError(
      415,
      `Expected what is sent to be ${expected}, but its Content-Type says otherwise or is missing.`,
    );
  }
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new HttpError(
      415,
      "What is sent to this server must not be compressed; leave Content-Encoding out.",
    );
  }
}

async function read(request: Request, most: number): Promise<Uint8Array> {
  // The rest is not read, so that the connection is of no more use.
  const tooLarge = () =>
    new HttpError(413, `At most ${most} bytes can be sent here, and this is more.`, { connection: "close" });
  if (Number(request.headers.get("content-length") ?? 0) > most) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.length;
      if (length > most) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    throw hasBrokenOff(error) ? new HttpError(400, "The connection broke off before all was sent.") : error;
  }
  return new Uint8Array(Buffer.concat(chunks, length));
}

/** Whether the client has left, or was cut off because it took too long. */
function hasBrokenOff(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE";
}
