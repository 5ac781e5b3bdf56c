import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { packageVersion } from "../../system/package-version.js";
import { createDrawings, type DrawingsSet } from "../drawings/drawings.js";
import type { EventLog } from "../event-log.js";
import { createModelViews } from "../looking/model-views.js";
import type { RunLibrary } from "../run-library.js";
import { createRunLibrary } from "../runs/create-run-library.js";
import { createEventLog } from "./event-log.js";
import { isLoopback } from "./hosts.js";
import type { LiveServer } from "./live-server.js";
import { readPageFiles } from "./page-files.js";
import { serveApp } from "./serve-app.js";
import { createToken } from "./token.js";

export interface CreateServerOptions {
  /** Folders of runs, folders with runs somewhere below them, and model files, that the page shows. Default: none. */
  readonly runs?: readonly string[] | undefined;
  /** The folder for runs that are started from the page, each in a process of its own. Default: none can be started. */
  readonly newRuns?: string | undefined;
  /** The folder for images that are drawn on the page, a data set that new runs can learn from. Default: none are kept. */
  readonly drawings?: string | undefined;
  /** A folder with the files of MNIST. Default: where `downloadDataset` puts them. */
  readonly dataDir?: string | undefined;
  /**
   * Names and addresses, beside those of this machine itself, by which others reach the server, such as `["192.168.1.5"]`; `0.0.0.0` is for all
   * addresses. Whoever asks needs the token then. Default: none, and this machine alone is answered.
   */
  readonly hosts?: readonly string[] | undefined;
  /** What has to stand in the address once, as `?token=…`: at least 16 letters, digits, `-` and `_`. Default: 128 random bits with `hosts`, else none. */
  readonly token?: string | undefined;
  /** The path that the page is mounted at, such as `/live`, where requests come with their whole path. Default: nothing. */
  readonly basePath?: string | undefined;
}

const OPTIONS: KnownOptions<CreateServerOptions> = {
  runs: true,
  newRuns: true,
  drawings: true,
  dataDir: true,
  hosts: true,
  token: true,
  basePath: true,
};

/**
 * A page of trainings for a server of one's own: it shows runs as they go on, recognises what is drawn, and starts runs where it may. Nothing
 * listens until it is mounted; the host's own server sets the time-outs of connections. Mount it at an address with a final slash.
 *
 * ```ts
 * const page = createServer({ runs: ["runs"], basePath: "/live" });
 * http.createServer((request, response) => {
 *   if (request.url?.startsWith("/live")) page.listener(request, response);
 *   else response.end("Something else");
 * }).listen(8080, "127.0.0.1");
 * ```
 *
 * @throws InvalidArgumentError when there is no such option, or when one is not what it should be.
 * @throws FileAccessError when the page's files are not there.
 */
export function createServer(options: CreateServerOptions = {}): LiveServer {
  requireKnownOptions("createServer", options, OPTIONS, '{ runs: ["runs"] }');
  const { runs = [], newRuns, drawings: folder, dataDir, hosts = [], token, basePath = "" } = options;
  expectTexts("runs", runs);
  expectTexts("hosts", hosts);
  for (const [name, value] of Object.entries({ newRuns, drawings: folder, dataDir })) {
    expectThat(value === undefined || isText(value), "the path of a folder", name, value);
  }
  expectThat(
    token === undefined || (typeof token === "string" && /^[\w-]{16,200}$/.test(token)),
    "16 to 200 letters, digits, - and _",
    "token",
    token,
  );
  expectThat(
    typeof basePath === "string" && /^(?:\/[\w.~-]+)*$/.test(basePath),
    "a path such as /live",
    "basePath",
    basePath,
  );
  const drawings = folder === undefined ? null : createDrawings({ folder, runs: newRuns });
  const events = createEventLog();
  const library = createRunLibrary({
    events,
    paths: runs,
    newRuns: newRuns ?? null,
    dataDir,
    drawings: folder,
    tellsPlaces: token === undefined && hosts.every(isLoopback),
  });
  return serveLibrary({ events, library, drawings, dataDir, hosts, token, basePath });
}

/** What a page is made of, beside the library of its runs. */
interface ServedLibrary {
  readonly events: EventLog;
  readonly library: RunLibrary;
  readonly drawings: DrawingsSet | null;
  readonly dataDir?: string | undefined;
  readonly hosts: readonly string[];
  readonly token?: string | undefined;
  readonly basePath?: string;
}

/** Serves the page of a library: where others than this machine may ask, with a token, which is random where none is given. */
export function serveLibrary(served: ServedLibrary): LiveServer {
  const { events, library, drawings, dataDir, basePath = "" } = served;
  const hosts = served.hosts.filter((host) => !isLoopback(host));
  const token = served.token ?? (hosts.length > 0 ? createToken() : null);
  return serveApp({
    events,
    library,
    views: createModelViews({ library, mnistDirectory: dataDir }),
    drawings,
    security: { hosts, token },
    page: readPageFiles(),
    version: packageVersion(),
    basePath,
  });
}

function expectTexts(name: string, value: unknown): void {
  expectThat(Array.isArray(value) && value.every(isText), "a list of texts", name, value);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "" && !value.includes("\0"); // No path has it, and no name.
}
