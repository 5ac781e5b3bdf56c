import { isOptions } from "../../system/known-options.js";
import type { DrawingsSet } from "../drawings/drawings.js";
import { HttpError } from "./http-error.js";
import { readQuery } from "./query.js";
import { readJsonBody } from "./request-body.js";
import type { AddRoute, AppOptions } from "./routing.js";

/** The images of one's own: what there is, one more, and the last one taken back. */
export function addDrawingRoutes(add: AddRoute, { drawings }: AppOptions): void {
  add("drawings", {
    async GET(context) {
      readQuery(new URL(context.req.url).searchParams, []);
      return context.json(await requireDrawings(drawings).get());
    },
    async POST(context) {
      const body = await readJsonBody(context.req.raw);
      return context.json(await requireDrawings(drawings).add(body));
    },
  });
  add("drawings/undo", {
    async POST(context) {
      const body = await readJsonBody(context.req.raw);
      if (!isOptions(body) || Object.keys(body).length > 0) {
        throw new HttpError(400, "Expected {}, as there is nothing to say of what is taken back.");
      }
      return context.json(await requireDrawings(drawings).removeLast());
    },
  });
}

function requireDrawings(drawings: DrawingsSet | null): DrawingsSet {
  if (drawings === null) {
    throw new HttpError(404, "This server keeps no drawings; start it with a folder for them.");
  }
  return drawings;
}
