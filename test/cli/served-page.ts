import { once } from "node:events";
import type { LiveEvent, Overview, RunSummary } from "../../src/live/protocol.js";
import { type Environment, type Finished, MAIN, startProgram } from "./harness.js";

/** A command that serves a page. */
export interface ServedPage {
  /** With a slash at its end, and without a token. */
  readonly address: string;
  /** What it has printed so far on both of its outputs. */
  readonly printed: () => string;
  readonly finished: Promise<Finished>;
  kill(signal: NodeJS.Signals): void;
  overview(): Promise<Overview>;
  post<T>(path: string, body: object): Promise<T>;
  /** Follows the events until there is one of which `isIt` is true. */
  until(isIt: (event: LiveEvent) => boolean): Promise<void>;
  /** Waits until a run, of the overview or of an event, is as it should be. */
  untilRun(isIt: (run: RunSummary) => boolean): Promise<RunSummary>;
}

/** Starts a command, and waits until it has said where its page is. */
export async function servePage(
  args: readonly string[],
  { environment = {}, cwd = process.cwd() }: { environment?: Environment; cwd?: string } = {},
): Promise<ServedPage> {
  const { child, finished } = startProgram(process.execPath, [MAIN, ...args], environment, cwd);
  let text = "";
  const addressIn = () => /http:\/\/[^/\s]+\//.exec(text)?.[0];
  const hear = (part: string) => {
    text += part;
    child.emit("heard");
  };
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  while (addressIn() === undefined) {
    const isOver = await Promise.race([
      once(child, "heard").then(() => false),
      once(child, "close").then(() => true),
    ]);
    if (isOver) throw new Error(`The command has ended without a page: ${text}`);
  }
  const address = addressIn() ?? "";
  const overview = () => get<Overview>(`${address}api/overview`);
  const until = (isIt: (event: LiveEvent) => boolean) => followEvents(address, isIt);
  return {
    address,
    printed: () => text,
    finished,
    kill: (signal) => child.kill(signal),
    overview,
    post: (path, body) =>
      get(`${address}api/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: new URL(address).origin },
        body: JSON.stringify(body),
      }),
    until,
    async untilRun(isIt) {
      let found: RunSummary | undefined;
      const take = (run: RunSummary) => {
        if (isIt(run)) found ??= run;
        return found !== undefined;
      };
      await until((event) => event.type === "run" && take(event.run));
      if (found === undefined) throw new Error("The events have ended.");
      return found;
    },
  };
}

async function get<T>(address: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(address, init);
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** All runs that there are come first, as events. */
async function followEvents(address: string, isIt: (event: LiveEvent) => boolean): Promise<void> {
  const { runs, lastEventId } = await get<Overview>(`${address}api/overview`);
  if (runs.some((run) => isIt({ type: "run", run }))) return;
  const closing = new AbortController();
  const response = await fetch(`${address}api/events?after=${lastEventId}`, { signal: closing.signal });
  let text = "";
  try {
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      const events = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
      if (events.some((json) => isIt(JSON.parse(json) as LiveEvent))) return;
    }
  } finally {
    closing.abort();
  }
  throw new Error("The stream of events has ended.");
}
