import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono } from "hono";
import type { DrawingsSet } from "../drawings/drawings.js";
import type { EventLog } from "../event-log.js";
import type { ModelViews } from "../model-views.js";
import type { RunLibrary } from "../run-library.js";
import type { Security } from "./guard.js";
import { HttpError } from "./http-error.js";
import type { PageFiles } from "./page-files.js";

export interface AppOptions {
  readonly events: EventLog;
  readonly library: RunLibrary;
  readonly views: ModelViews;
  /** `null`: nothing is kept of what is drawn. */
  readonly drawings: DrawingsSet | null;
  readonly security: Security;
  readonly page: PageFiles;
  /** Of the package, as the page shows it. */
  readonly version: string;
  /** What all addresses begin with, such as `/live`. Default: nothing. */
  readonly basePath?: string | undefined;
  /** Ends the streams of events, which would go on for ever. */
  readonly closing?: AbortSignal | undefined;
  /** Milliseconds between signs of life on a stream of events. Default: 15,000. */
  readonly heartbeat?: number | undefined;
  /** So many streams of events at once. Default: 64. */
  readonly mostReaders?: number | undefined;
  /** What becomes of an error that nobody has foreseen. Default: it is printed to the standard error output. */
  readonly report?: ((error: unknown) => void) | undefined;
}

/** Where `fetch` is called by a program, there is no connection, and no environment may be given at all. */
export type Env = { Bindings: Partial<HttpBindings> };
export type LiveApp = Hono<Env>;
type Handler = (context: Context<Env>) => Response | Promise<Response>;

/** Adds what is answered at an address below `api/`, by method; others are refused. */
export type AddRoute = (path: string, handlers: { readonly GET?: Handler; readonly POST?: Handler }) => void;

/** Adds what is answered at an address, by method; others are refused. */
export function addRoute(app: LiveApp, path: string, handlers: Parameters<AddRoute>[1]): void {
  const methods = Object.entries(handlers);
  for (const [method, handler] of methods) app.on(method, path, handler);
  const allowed = methods.flatMap(([method]) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
  app.all(path, () => {
    throw new HttpError(405, `This address answers ${allowed} alone.`, { allow: allowed });
  });
}
