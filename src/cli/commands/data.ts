import type { ArgumentsCamelCase, Argv } from "yargs";
import { catalogEntry, DATASET_NAMES, type DatasetName } from "../../data/catalog/catalog.js";
import { downloadDataset, findDataset, listDatasets, verifyDataset } from "../../data/catalog/datasets.js";
import { DataFormatError } from "../../errors.js";
import { dataListeners } from "../data-listeners.js";
import { print, UsageError } from "../process.js";

interface DatasetArguments {
  readonly action: "list" | "path" | "download" | "verify";
  readonly name: DatasetName | undefined;
}

export function builder(yargs: Argv) {
  return yargs
    .positional("action", {
      choices: ["list", "path", "download", "verify"] as const,
      demandOption: true,
      describe: "What to do",
    })
    .positional("name", { choices: DATASET_NAMES, describe: "Which data set; list needs none" });
}

export async function handler({ action, name }: ArgumentsCamelCase<DatasetArguments>): Promise<void> {
  if (action === "list") return list();
  if (name === undefined)
    throw new UsageError(`Expected the name of a data set after ${action}; list shows them.`);
  if (action === "path") {
    print((await findDataset(name)).path);
  } else if (action === "download") {
    const { path } = await downloadDataset(name, dataListeners());
    print(`${name} is in ${path}. ${catalogEntry(name).licence}`);
  } else {
    await verify(name);
  }
}

async function list(): Promise<void> {
  for (const { entry, location } of await listDatasets()) {
    print(`${entry.name.padEnd(16)} ${location === undefined ? "not on this machine" : location.path}`);
  }
  print(`${"synthetic".padEnd(16)} drawn by the program`);
}

async function verify(name: DatasetName): Promise<void> {
  const files = await verifyDataset(name);
  for (const { path, verdict, fault } of files) {
    print(`${path}: ${verdict}${fault === undefined ? "" : `, ${fault}`}`);
  }
  const wrong = files.filter(({ verdict }) => verdict === "wrong");
  if (wrong.length > 0) {
    throw new DataFormatError(
      `${wrong.length} of ${files.length} files of ${name} are not as published; download them again.`,
    );
  }
}
