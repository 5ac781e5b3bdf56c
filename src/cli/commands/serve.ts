import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { findQuartet, MNIST_FILE_NAMES } from "../../data/readers/quartet.js";
import { FileAccessError } from "../../errors.js";
import { createDrawings } from "../../live/drawings/drawings.js";
import { openInBrowser } from "../../live/open-in-browser.js";
import { createRunLibrary } from "../../live/runs/create-run-library.js";
import { isModelName } from "../../live/runs/find-runs.js";
import { serveLibrary } from "../../live/server/create-server.js";
import { createEventLog } from "../../live/server/event-log.js";
import { isLoopback } from "../../live/server/hosts.js";
import { listen } from "../../live/server/listen.js";
import { importFirst } from "../../runs/import-origin.js";
import { CONFIG_FILE } from "../../runs/run-folder.js";
import { shellCommand } from "../../system/shell.js";
import { pageOptions, readPageOptions } from "../options/live.js";
import { dataDirOption } from "../options/shared.js";
import { portNotice } from "../page-address.js";
import { interruptSignal, print, printWarning, UsageError } from "../process.js";

const DEFAULT_RUNS = "runs";

const options = {
  ...pageOptions,
  "data-dir": {
    ...dataDirOption,
    describe: "Folder with the four IDX files of MNIST: for new runs, and for looking at images",
  },
} as const;

type ServeArguments = ArgumentsCamelCase<
  InferredOptionTypes<typeof options> & { readonly paths: readonly string[] }
>;

export function builder(yargs: Argv) {
  return yargs
    .positional("paths", {
      type: "string",
      array: true,
      defaultDescription: DEFAULT_RUNS,
      describe: "Folders that train --out wrote, folders with such below them, and models",
    })
    .options(options)
    .example("$0 serve --open", "train, draw and look in the browser; new runs are kept in the folder runs")
    .example("$0 serve experiments", "runs below another folder, where new ones are kept, too")
    .example("$0 serve model.safetensors", "draw digits for a model");
}

export async function handler({ paths = [], ...args }: ServeArguments): Promise<void> {
  const { port, host, open, drawings } = readPageOptions(args);
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) {
    throw new FileAccessError(
      `There is no ${missing} to serve; name a run, a model, or a folder with runs below it.`,
    );
  }
  const other = paths.find((path) => statSync(path).isFile() && !isModelName(path));
  if (other !== undefined) {
    throw new UsageError(
      `${other} is neither a folder nor a model, whose name ends in .safetensors; name a run's folder, a model, or a folder with runs below it; ${importFirst(other)}.`,
    );
  }
  const dataDir = args["data-dir"];
  if (dataDir !== undefined) await findQuartet(dataDir, MNIST_FILE_NAMES); // Else it would be said with the first run.
  const { signal, release } = interruptSignal();
  const interrupted: string[] = [];
  const events = createEventLog();
  const newRuns = folderForNewRuns(paths);
  const library = createRunLibrary({
    events,
    paths: paths.length === 0 ? [DEFAULT_RUNS] : paths,
    newRuns,
    drawings,
    dataDir,
    tellsPlaces: host === undefined || isLoopback(host),
    onRunEnd({ run, folder }) {
      if (run.state === "interrupted" && folder !== null) interrupted.push(folder);
    },
  });
  const served = serveLibrary({
    events,
    library,
    drawings: createDrawings({ folder: drawings, runs: newRuns }),
    dataDir,
    hosts: host === undefined ? [] : [host],
  });
  await library.refresh(); // Whoever opens the page finds what there is, and not an empty list at first.
  const { address, close } = await listen(served, { port, host });
  const notice = portNotice(address, port);
  if (notice !== undefined) print(notice);
  // Nothing stands behind the address: terminals would take it for a part of the link.
  print(`The page is at ${address}\nPress Ctrl-C to end it.`);
  if (open) await openInBrowser(address, printWarning);
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
  await close();
  release();
  for (const folder of interrupted) {
    print(`Go on with ${folder}: ${shellCommand(["npx", "mnist-native", "train", "--resume", folder])}`);
  }
}

/** The first folder that is none of a run: what is found there is shown, and so are runs that are started. */
function folderForNewRuns(paths: readonly string[]): string {
  const isOfRuns = (path: string) => !isModelName(path) && !existsSync(join(path, CONFIG_FILE));
  return paths.find(isOfRuns) ?? DEFAULT_RUNS;
}
