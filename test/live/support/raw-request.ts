import { connect } from "node:net";

export interface RawAnswer {
  /** 0 where the connection was closed without an answer. */
  readonly status: number;
  /** The whole answer, headers included. */
  readonly text: string;
}

/**
 * Sends bytes as they are, be they HTTP or not, and reads until the server closes the connection, or has answered whole.
 *
 * @param options.isHalf Nothing more is sent, and the connection is left open: only the server ends it.
 */
export function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  { isHalf = false } = {},
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1");
    const answer = () => Buffer.concat(chunks).toString("latin1");
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      if (!isHalf && isWhole(answer())) socket.destroy();
    });
    socket.on("error", () => {}); // The server may cut it off, and `close` follows.
    socket.on("close", () => {
      const text = answer();
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text });
    });
    socket.write(bytes);
  });
}

/** Whether an answer is there to its end, as its length says. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const head = text.slice(0, end);
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length) || /^HTTP\/1\.1 304/.test(head);
  return text.endsWith("0\r\n\r\n");
}
