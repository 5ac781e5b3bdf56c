import { InvalidArgumentError } from "../../errors.js";
import { isOptions } from "../../system/known-options.js";
import type { Overview, RunDetail, TrainingCommand } from "../protocol.js";
import type { RunLibrary } from "../run-library.js";
import { HttpError } from "./http-error.js";
import { readQuery } from "./query.js";
import { readJsonBody } from "./request-body.js";
import type { AddRoute, AppOptions } from "./routing.js";

const COMMANDS: readonly TrainingCommand[] = ["pause", "resume", "step", "stop"];

/** What a run may be called in an address. */
const RUN_ID = /^[A-Za-z0-9-]{1,128}$/;

/** What runs there are, their curves, and what can be asked of them. */
export function addRunRoutes(add: AddRoute, { library, events, version }: AppOptions): void {
  add("overview", {
    GET(context) {
      readQuery(new URL(context.req.url).searchParams, []);
      const overview: Overview = {
        version,
        runs: library.summaries(),
        starting: library.starting,
        lastEventId: events.lastId,
      };
      return context.json(overview);
    },
  });
  add("runs", {
    async POST(context) {
      const settings = await readJsonBody(context.req.raw);
      if (library.starting === null) {
        throw new HttpError(409, "No run can be started from here; start one by mnist-native train --live.");
      }
      return context.json(await library.start(settings), 201);
    },
  });
  add("runs/:id", {
    GET(context) {
      readQuery(new URL(context.req.url).searchParams, []);
      return context.json(findRun(library, context.req.param("id")));
    },
  });
  add("runs/:id/command", {
    async POST(context) {
      const body = await readJsonBody(context.req.raw);
      const { run } = findRun(library, context.req.param("id"));
      const command = commandIn(body);
      try {
        return context.json(await library.command(run.id, command));
      } catch (error) {
        if (error instanceof InvalidArgumentError) throw new HttpError(409, error.message);
        throw error;
      }
    },
  });
}

/** @throws HttpError where no run is called so. */
export function findRun(library: RunLibrary, id: string | undefined): RunDetail {
  const detail = id !== undefined && RUN_ID.test(id) ? library.detail(id) : undefined;
  if (detail === undefined) {
    throw new HttpError(404, "There is no run of this name here; it may be gone since the page was opened.");
  }
  return detail;
}

function commandIn(body: unknown): TrainingCommand {
  const { command: given, ...rest } = isOptions(body) ? (body as { readonly command?: unknown }) : {};
  const command = COMMANDS.find((known) => known === given);
  if (command === undefined || Object.keys(rest).length > 0) {
    throw new HttpError(
      400,
      `Expected { "command": … } with one of ${COMMANDS.join(", ")}, and nothing else.`,
    );
  }
  return command;
}
