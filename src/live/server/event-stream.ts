import type { EventLog, LoggedEvent } from "../event-log.js";

/** So much text is made of events at a time, at least one of them: what a connection holds at most beside the network's own buffers. */
const CHUNK_CHARACTERS = 2 ** 16;
/** And of so many. */
const CHUNK_EVENTS = 256;

export interface EventStreamOptions {
  readonly log: EventLog;
  /** The reader knows all events up to this one. */
  readonly after: number;
  /** Milliseconds of silence after which a comment is sent, so that a connection that is dead is found out. */
  readonly heartbeat: number;
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
  /** Called once, when nobody reads any more. */
  readonly onEnd: () => void;
}

/**
 * The events of a log as server-sent events, for as long as somebody reads them. Nothing is queued for a reader: it has a place in the log, and
 * the next events are looked up when what came before has gone out. A reader that is too slow is overtaken by the log's oldest event one day,
 * and is told to begin anew by an event named `reset`.
 */
export function createEventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { log, heartbeat, closing, onEnd } = options;
  const encoder = new TextEncoder();
  const reading = new AbortController();
  let place = options.after;
  let isFirst = true;
  let hasEnded = false;
  let isCancelled = false;

  const wake = () => reading.abort(); // A wait, and its timer.
  const end = () => {
    if (hasEnded) return;
    hasEnded = true;
    closing.removeEventListener("abort", wake);
    wake();
    onEnd();
  };
  closing.addEventListener("abort", wake);

  /** What is to be sent next; `undefined` where there is nothing new. */
  const next = (): string | undefined => {
    const events = log.after(place, CHUNK_EVENTS);
    if (events === null) {
      place = log.lastId;
      return `id: ${place}\nevent: reset\ndata: {}\n\n`;
    }
    const parts: string[] = [];
    let length = 0;
    for (const logged of events) {
      const text = formatEvent(logged);
      if (length > 0 && length + text.length > CHUNK_CHARACTERS) break;
      parts.push(text);
      length += text.length;
      place = logged.id;
    }
    return length > 0 ? parts.join("") : undefined;
  };

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (isFirst) {
          // Answers at once, so that the page knows that it is connected.
          isFirst = false;
          controller.enqueue(encoder.encode("retry: 1000\n: connected\n\n"));
          return;
        }
        let text = next();
        if (text === undefined && !closing.aborted) {
          await newsOrSilence(log, place, heartbeat, reading.signal);
          // When the server closes, what has happened by then is told.
          text = next() ?? (closing.aborted ? undefined : ":\n\n");
        }
        if (isCancelled) return;
        if (text !== undefined) return controller.enqueue(encoder.encode(text));
        end();
        controller.close();
      },
      cancel() {
        isCancelled = true;
        end();
      },
    },
    // Nothing is made before it is asked for.
    { highWaterMark: 0 },
  );
}

/** JSON has no line breaks, so that an event's data are one line. */
function formatEvent({ id, event }: LoggedEvent): string {
  return `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Waits for an event after `place`, for so many milliseconds at most, or until the signal is aborted. */
async function newsOrSilence(
  log: EventLog,
  place: number,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  const waiting = new AbortController();
  const stop = () => waiting.abort();
  signal.addEventListener("abort", stop);
  const timer = setTimeout(stop, milliseconds);
  try {
    await log.whenAfter(place, waiting.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
