import { type Context, Hono } from "hono";
import { addDrawingRoutes } from "./drawing-routes.js";
import { errorPage } from "./error-page.js";
import { addEventRoute } from "./event-route.js";
import { createGuard } from "./guard.js";
import { addSecurityHeaders } from "./headers.js";
import { answerError, HttpError } from "./http-error.js";
import type { PageFiles } from "./page-files.js";
import { type AddRoute, type AppOptions, addRoute, type Env, type LiveApp } from "./routing.js";
import { addRunRoutes } from "./run-routes.js";
import { addViewRoutes } from "./view-routes.js";

/** The routes of the page: its files, and the `api/` below it that `protocol.ts` tells of. */
export function createApp(options: AppOptions): LiveApp {
  const { page, security, basePath = "", report = printError } = options;
  const guard = createGuard(security, basePath);
  const app: LiveApp = new Hono<Env>();

  app.use(async (context, next) => {
    await next();
    addSecurityHeaders(context.res.headers);
  });
  app.use(async (context, next) => {
    const { req } = context;
    const env: Env["Bindings"] | undefined = context.env;
    const answer = guard({
      method: req.raw.method,
      url: new URL(req.url),
      headers: req.raw.headers,
      path: belowMount(req.path, basePath),
      remoteAddress: env?.incoming?.socket.remoteAddress,
    });
    if (answer !== undefined) return answer;
    await next();
    return undefined;
  });
  app.onError((error, context) => refuse(context, error, report));
  app.notFound((context) => refuse(context, new HttpError(404, "There is nothing at this address."), report));

  addPageRoutes(app, page, basePath);
  const add: AddRoute = (path, handlers) => addRoute(app, `${basePath}/api/${path}`, handlers);
  addEventRoute(add, options);
  addRunRoutes(add, options);
  addViewRoutes(add, options);
  addDrawingRoutes(add, options);
  return app;
}

/** To a person who has opened an address, the sentence alone; to programs and the page, JSON. */
function refuse(context: Context<Env>, error: unknown, report: (error: unknown) => void): Response {
  const { status, body, headers } = answerError(error, report);
  const { method, headers: asked } = context.req.raw;
  const isOpened = ["GET", "HEAD"].includes(method) && asked.get("accept")?.includes("text/html") === true;
  return isOpened
    ? context.html(errorPage(body.error.message), status, headers)
    : context.json(body, status, headers);
}

/** @returns `""` for the page itself, with or without the final slash. */
function belowMount(path: string, basePath: string): string {
  return path.startsWith(`${basePath}/`) || path === basePath ? path.slice(basePath.length + 1) : path;
}

function addPageRoutes(app: LiveApp, page: PageFiles, basePath: string): void {
  for (const [path, { bytes, contentType, cacheControl }] of page) {
    addRoute(app, `${basePath}/${path}`, {
      GET: () =>
        new Response(bytes, {
          headers: {
            "content-type": contentType,
            "cache-control": cacheControl,
            "content-length": String(bytes.length),
          },
        }),
    });
  }
  // The page's addresses are relative to a folder.
  if (basePath !== "") {
    addRoute(app, basePath, { GET: (context) => context.body(null, 308, { location: `${basePath}/` }) });
  }
}

function printError(error: unknown): void {
  console.error(error);
}
