import type { DrawingsSet } from "../../../src/live/drawings/drawings.js";
import type { EventLog } from "../../../src/live/event-log.js";
import { createEventLog } from "../../../src/live/server/event-log.js";
import { type ListeningServer, type ListenOptions, listen } from "../../../src/live/server/listen.js";
import type { LiveServer } from "../../../src/live/server/live-server.js";
import { readPageFiles } from "../../../src/live/server/page-files.js";
import type { AppOptions } from "../../../src/live/server/routing.js";
import { serveApp } from "../../../src/live/server/serve-app.js";
import { type MadeUpLibrary, madeUpLibrary, STEPS_PER_EPOCH } from "./made-up-library.js";
import { madeUpDrawings, madeUpViews } from "./made-up-views.js";

export interface FixtureOptions {
  /** Where to listen. Default: any port that is free, of this machine alone. */
  readonly listen?: ListenOptions;
  /** What the app is made with in place of what it is otherwise. */
  readonly app?: Partial<AppOptions>;
  /** Milliseconds between two steps of the run `training`, while it is training; 0: it is played by `library.play` alone. Default: 0. */
  readonly pace?: number;
}

export interface FixtureServer extends ListeningServer {
  readonly events: EventLog;
  readonly library: MadeUpLibrary;
  readonly drawings: DrawingsSet & { readonly labels: readonly number[] };
  readonly served: LiveServer;
}

/**
 * The real server, with a library and views that are made up: a run that has finished (`finished`), one that has failed (`failed`), and one that
 * is training (`training`).
 *
 * The page is the built one: run `node scripts/build.mjs --only typescript` before.
 */
export async function startFixtureServer(options: FixtureOptions = {}): Promise<FixtureServer> {
  const events = createEventLog();
  const library = madeUpLibrary(events);
  const drawings = madeUpDrawings();
  library.add({ id: "finished", name: "As in the book", epochs: 8 });
  library.play("finished", 8 * STEPS_PER_EPOCH);
  library.add({
    id: "failed",
    name: "Too fast",
    state: "failed",
    reason: "The loss is not a number any more; take a smaller learning rate.",
  });
  library.add({ id: "training", name: "Still at it", epochs: 40 });
  library.play("training", 2 * STEPS_PER_EPOCH);

  const served = serveApp({
    events,
    library,
    views: madeUpViews(library),
    drawings,
    security: { hosts: [], token: null },
    page: readPageFiles(),
    version: "0.0.0-test",
    ...options.app,
  });
  const listening = await listen(served, { port: 0, ...options.listen });
  const { pace = 0 } = options;
  const timer = pace > 0 ? setInterval(() => library.play("training", 1), pace) : undefined;
  return {
    ...listening,
    events,
    library,
    drawings,
    served,
    async close() {
      clearInterval(timer);
      await listening.close();
    },
  };
}
