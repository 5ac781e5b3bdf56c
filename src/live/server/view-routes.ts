import type { Context } from "hono";
import type { ModelView } from "../model-views.js";
import { HttpError } from "./http-error.js";
import * as queries from "./query.js";
import { LARGEST_SIDE, readBytes } from "./request-body.js";
import type { AddRoute, AppOptions, Env } from "./routing.js";
import { findRun } from "./run-routes.js";

/** What a run's present model is seen by, and what it makes of a picture. */
export function addViewRoutes(add: AddRoute, { library, views }: AppOptions): void {
  /** Adds what is seen of a model: the address is checked before the model is looked for, which takes longer. */
  const addView = <Q>(
    path: string,
    read: (context: Context<Env>) => Q,
    see: (view: ModelView, query: Q) => Promise<object>,
  ) => {
    add(`runs/:id/${path}`, {
      async GET(context) {
        const query = read(context);
        return context.json(await see(await viewOf(context), query));
      },
    });
  };

  const viewOf = async (context: Context<Env>): Promise<ModelView> => {
    const { run } = findRun(library, context.req.param("id"));
    const view = await views.of(run.id);
    if (view === undefined) {
      throw new HttpError(409, `${run.name} has no model yet; there is one when its first epoch is over.`);
    }
    return view;
  };

  add("runs/:id/weights.svg", {
    async GET(context) {
      // The version is there for browsers alone, which keep a picture of one address.
      const query = queryOf(context, ["theme", "version"]);
      query.optionalWhole("version", { least: 0, most: Number.MAX_SAFE_INTEGER });
      const theme = query.word("theme", ["light", "dark"], "light");
      const view = await viewOf(context);
      return context.body(await view.weightsFigure(theme), 200, {
        "content-type": "image/svg+xml; charset=utf-8",
      });
    },
  });
  addView(
    "confusion",
    (context) => queryOf(context, []),
    (view) => view.confusion(),
  );
  addView(
    "mistakes",
    (context) => queries.countOf(queryOf(context, queries.MISTAKES_QUERY), 24),
    (view, count) => view.mistakes(count),
  );
  addView(
    "images",
    (context) => queries.imagesQueryOf(queryOf(context, queries.IMAGES_QUERY)),
    (view, query) => view.images(query),
  );
  addView(
    "images/:part/:position",
    (context) => {
      queryOf(context, []);
      return placeOf(context);
    },
    (view, { part, position }) => view.image(part, position),
  );
  addView(
    "images/:part/:position/nearest",
    (context) => ({
      ...placeOf(context),
      count: queries.countOf(queryOf(context, ["count"]), 12),
    }),
    (view, { part, position, count }) => view.nearest(part, position, count),
  );
  addView(
    "hidden",
    (context) => {
      const query = queryOf(context, ["part", "count"]);
      return { part: queries.partOf(query), count: queries.pointsOf(query) };
    },
    (view, { part, count }) => view.hidden(part, count),
  );
  add("runs/:id/recognise", {
    async POST(context) {
      const query = queryOf(context, ["width", "height"]);
      const width = query.whole("width", { least: 1, most: LARGEST_SIDE });
      const height = query.whole("height", { least: 1, most: LARGEST_SIDE });
      const pixels = await readBytes(context.req.raw, width * height);
      if (pixels.length !== width * height) {
        throw new HttpError(
          400,
          `Expected ${width * height} bytes of a picture of ${width} x ${height} pixels, but received ${pixels.length}.`,
        );
      }
      const view = await viewOf(context);
      return context.json(await view.recognise({ width, height, pixels }));
    },
  });
}

function queryOf(context: Context<Env>, known: readonly string[]): queries.Query {
  return queries.readQuery(new URL(context.req.url).searchParams, known);
}

function placeOf({ req }: Context<Env>) {
  const place = queries.readPlace(req.param("part") ?? "", req.param("position") ?? "");
  if (place === undefined) {
    throw new HttpError(
      404,
      "There is no such image; an address has train, validation or test, and the image's number from 0.",
    );
  }
  return place;
}
