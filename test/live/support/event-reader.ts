import type { LiveEvent } from "../../../src/live/protocol.js";

/** A message of a stream of server-sent events. */
export interface ServerSentEvent {
  readonly id: number;
  /** `message` where the stream names none. */
  readonly name: string;
  readonly event: LiveEvent;
}

/** Reads `api/events` as a browser does. */
export interface EventReader {
  readonly response: Response;
  /** All that has come so far, the oldest first. */
  readonly events: readonly ServerSentEvent[];
  /** Comments that have come so far. */
  readonly comments: number;
  /** Reads on until it is so. @throws Error where the stream ends before. */
  until(isSo: (reader: EventReader) => boolean): Promise<void>;
  /** Reads on to the end of the stream. */
  toTheEnd(): Promise<void>;
  /** Leaves, as a page that is closed does. */
  leave(): Promise<void>;
}

/** @param address Of the server. */
export async function readEvents(
  address: string,
  { after, lastEventId }: { readonly after?: number; readonly lastEventId?: number } = {},
): Promise<EventReader> {
  const leaving = new AbortController();
  const response = await fetch(`${address}api/events${after === undefined ? "" : `?after=${after}`}`, {
    headers: { ...(lastEventId !== undefined && { "last-event-id": String(lastEventId) }) },
    signal: leaving.signal,
  });
  const events: ServerSentEvent[] = [];
  let comments = 0;
  let rest = "";
  const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader();

  /** @returns Whether there was something. */
  const readOn = async (): Promise<boolean> => {
    const { done = true, value = "" } = (await stream?.read()) ?? {};
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = block.split("\n");
      comments += lines.filter((line) => line.startsWith(":")).length;
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field("data");
      if (data === undefined) continue;
      events.push({ id: Number(field("id")), name: field("event") ?? "message", event: JSON.parse(data) });
    }
    return !done;
  };

  const reader: EventReader = {
    response,
    events,
    get comments() {
      return comments;
    },
    async until(isSo) {
      while (!isSo(reader)) {
        if (!(await readOn())) throw new Error(`The stream has ended after ${events.length} events.`);
      }
    },
    async toTheEnd() {
      while (await readOn());
    },
    async leave() {
      leaving.abort();
      await stream?.cancel().catch(() => {}); // It is aborted already.
    },
  };
  return reader;
}
