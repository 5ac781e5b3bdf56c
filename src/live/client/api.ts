import type { ErrorBody } from "../protocol.js";

/** What the server has answered in place of what was asked for: its message is a sentence for a person. */
export class ServerError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, { code, message }: ErrorBody["error"]) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Asks the server for JSON. Addresses are relative to the page's own: `api/overview`. */
export async function getJson<T>(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<T> {
  return read<T>(await ask(path, options));
}

/** Asks the server for a picture. */
export async function getBlob(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<Blob> {
  const response = await ask(path, options);
  return response.ok ? response.blob() : refuse(response);
}

/** Changes something: bytes are sent as they are, everything else as JSON. */
export async function postJson<T>(
  path: string,
  body: Uint8Array<ArrayBuffer> | object,
  options: { readonly signal?: AbortSignal } = {},
): Promise<T> {
  const isBytes = body instanceof Uint8Array;
  const response = await ask(path, {
    ...options,
    method: "POST",
    headers: { "content-type": isBytes ? "application/octet-stream" : "application/json" },
    body: isBytes ? body : JSON.stringify(body),
  });
  return read<T>(response);
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, cache: "no-store" });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ServerError(0, {
      code: "UNREACHABLE",
      message: "The program that serves this page does not answer; start it again, and the page goes on.",
    });
  }
}

async function read<T>(response: Response): Promise<T> {
  return response.ok ? ((await response.json()) as T) : refuse(response);
}

async function refuse(response: Response): Promise<never> {
  const body: unknown = await response.json().catch(() => undefined); // It may be the answer of another program.
  const { code = "HTTP", message = `The server answered ${response.status}.` } =
    (body as Partial<ErrorBody> | undefined)?.error ?? {};
  throw new ServerError(response.status, { code, message });
}
