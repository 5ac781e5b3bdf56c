import type { LiveEvent, Overview } from "../protocol.js";
import { getJson, ServerError } from "./api.js";

/** What a connection tells of. */
export interface ConnectionListener {
  /** All is known anew: at the beginning, and whenever events may have been missed. */
  onOverview(overview: Overview): void;
  onEvent(id: number, event: LiveEvent): void;
  onOpen(): void;
  /** @param error What the server says against it; `null` where it says nothing. */
  onLost(error: string | null): void;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;

/**
 * Follows the server's events for as long as the page can be seen. A tab that is hidden closes its stream, of which a browser has no more
 * than six to a host, and goes on from the last event when it is seen again. Where the line drops, the page asks again after pauses that
 * grow, and at once when the reader comes back to it or the machine has a network again.
 *
 * @returns What ends it.
 */
export function connect(listener: ConnectionListener): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let asking: AbortController | undefined;
  let lastId: number | undefined; // Unknown until there is an overview to go on from.
  let failures = 0;

  async function begin(): Promise<void> {
    stop();
    if (document.hidden) return;
    if (lastId !== undefined) return listen(lastId);
    const controller = new AbortController();
    asking = controller;
    try {
      const overview = await getJson<Overview>("api/overview", { signal: controller.signal });
      if (controller.signal.aborted) return;
      lastId = overview.lastEventId;
      listener.onOverview(overview);
      listen(lastId);
    } catch (error) {
      if (controller.signal.aborted) return;
      if (!(error instanceof ServerError)) throw error;
      lose(error.status === 0 ? null : error.message);
    }
  }

  function listen(after: number): void {
    source = new EventSource(`api/events?after=${after}`);
    source.onopen = () => {
      failures = 0;
      listener.onOpen();
    };
    source.onmessage = (message: MessageEvent<string>) => {
      lastId = Number(message.lastEventId);
      listener.onEvent(lastId, JSON.parse(message.data) as LiveEvent);
    };
    // What came after the last event is not kept any more, or the server is another one by now.
    source.addEventListener("reset", () => {
      lastId = undefined;
      void begin();
    });
    source.onerror = () => {
      lastId = undefined; // The program may have been started again: its events have other numbers then.
      lose(null);
    };
  }

  function lose(error: string | null): void {
    stop();
    const isFirst = failures === 0 && error === null;
    timer = window.setTimeout(
      begin,
      isFirst ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)),
    );
    failures += 1;
    if (!isFirst) listener.onLost(error);
  }

  /** Nothing is going on after it. */
  function stop(): void {
    source?.close();
    asking?.abort();
    clearTimeout(timer);
    source = undefined;
    asking = undefined;
    timer = undefined;
  }

  function changeVisibility(): void {
    if (document.hidden) stop();
    else if (source === undefined) void begin();
  }

  function hurry(): void {
    if (timer !== undefined) void begin();
  }

  document.addEventListener("visibilitychange", changeVisibility);
  addEventListener("online", hurry);
  addEventListener("focus", hurry);
  void begin();
  return () => {
    document.removeEventListener("visibilitychange", changeVisibility);
    removeEventListener("online", hurry);
    removeEventListener("focus", hurry);
    stop();
  };
}
