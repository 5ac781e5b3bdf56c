import { setMaxListeners } from "node:events";
import { createEventStream } from "./event-stream.js";
import { HttpError } from "./http-error.js";
import { readQuery } from "./query.js";
import type { AddRoute, AppOptions } from "./routing.js";

const HEARTBEAT = 15_000;
const MOST_READERS = 64;

/** `GET api/events`, where a page hears what happens. */
export function addEventRoute(add: AddRoute, options: AppOptions): void {
  const { events, closing = new AbortController().signal } = options;
  const { heartbeat = HEARTBEAT, mostReaders = MOST_READERS } = options;
  setMaxListeners(0, closing); // Each reader listens to it, and that is no leak.
  let readers = 0;
  add("events", {
    GET(context) {
      const query = readQuery(new URL(context.req.url).searchParams, ["after"]);
      const bounds = { least: 0, most: Number.MAX_SAFE_INTEGER, fallback: events.lastId };
      const after = placeOf(context.req.header("last-event-id")) ?? query.whole("after", bounds);
      const headers = {
        "content-type": "text/event-stream; charset=utf-8",
        "x-accel-buffering": "no",
        connection: "close", // When the stream is over, so that a server that is closed has nothing to wait for.
      };
      // Of HEAD nobody would read the stream, or end it.
      if (context.req.raw.method === "HEAD") return new Response(null, { headers });
      if (readers >= mostReaders) {
        throw new HttpError(
          503,
          `${mostReaders} pages are connected already, which is the most; close one of them, and this one goes on.`,
          { "retry-after": "5" },
        );
      }
      readers++;
      const onEnd = () => {
        readers--;
      };
      return new Response(createEventStream({ log: events, after, heartbeat, closing, onEnd }), { headers });
    },
  });
}

/** @returns A number that no log has, where a browser tells of an event that can be none of ours. */
function placeOf(lastEventId: string | undefined): number | undefined {
  if (lastEventId === undefined || lastEventId === "") return undefined;
  return /^\d{1,16}$/.test(lastEventId) ? Number(lastEventId) : -1;
}
