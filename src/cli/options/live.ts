import { UsageError } from "../process.js";
import { wholeNumber } from "./shared.js";

const DEFAULT_DRAWINGS = "drawings";

/** Where a page is served, and what it keeps, for every command that serves one. */
export const pageOptions = {
  port: {
    requiresArg: true,
    defaultDescription: "4747, or the next that is free",
    describe: "Port of the page; 0 for any that is free",
  },
  host: {
    type: "string",
    requiresArg: true,
    defaultDescription: "127.0.0.1, for this machine alone",
    describe:
      "Address that the page has, such as 0.0.0.0 for other machines, too; these need the token in the address that is printed",
  },
  open: { type: "boolean", default: false, describe: "Open the page in the browser" },
  drawings: {
    type: "string",
    requiresArg: true,
    defaultDescription: DEFAULT_DRAWINGS,
    describe: "Folder for digits that you draw on the page and name, to train on",
  },
} as const;

/** A page that shows a training. */
export const liveOptions = {
  live: {
    type: "boolean",
    default: false,
    describe: "Serve a page that shows the training while it goes on, and stays until Ctrl-C",
  },
  ...pageOptions,
  "no-wait": { type: "boolean", default: false, describe: "With --live: end the page with the run" },
} as const;

/** For runs that a page starts: who has started the process hears how the training goes, and steers it. */
export const parentOption = {
  "watched-by-parent": { type: "boolean", default: false, hidden: true },
} as const;

export interface PageChoice {
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly open: boolean;
  /** A folder, which is made when it is needed. */
  readonly drawings: string;
}

/** Who watches a training. */
export type Watching =
  | { readonly by: "parent" }
  | ({ readonly by: "page" /** For Ctrl-C, when the run is over. */; readonly waits: boolean } & PageChoice);

/** The values of {@link pageOptions}. */
export interface PageArguments {
  readonly port?: unknown;
  readonly host?: string | undefined;
  readonly open: boolean;
  readonly drawings?: string | undefined;
}

export function readPageOptions({
  port,
  host,
  open,
  drawings = DEFAULT_DRAWINGS,
}: PageArguments): PageChoice {
  return {
    port: port === undefined ? undefined : wholeNumber("port", port, 0, 65_535),
    host,
    open,
    drawings,
  };
}

/**
 * The values of {@link liveOptions} and {@link parentOption}; `undefined` where nobody watches.
 *
 * @throws UsageError when they do not go together.
 */
export function readLiveOptions(
  args: PageArguments & {
    readonly live: boolean;
    readonly "no-wait": boolean;
    readonly "watched-by-parent": boolean;
  },
): Watching | undefined {
  if (args.live) {
    if (args["watched-by-parent"]) {
      throw new UsageError(
        "Expected no --watched-by-parent with --live, which serves a page of its own; leave one out.",
      );
    }
    return { by: "page", waits: !args["no-wait"], ...readPageOptions(args) };
  }
  const alone = (["port", "host", "open", "drawings", "no-wait"] as const).find(
    (name) => args[name] !== undefined && args[name] !== false,
  );
  if (alone !== undefined) throw new UsageError(`Expected --live with --${alone}, which is about its page.`);
  if (!args["watched-by-parent"]) return undefined;
  if (process.send === undefined) {
    throw new UsageError(
      "Expected --watched-by-parent only where another program has started this one and listens; leave it out, or watch the training by --live.",
    );
  }
  return { by: "parent" };
}
