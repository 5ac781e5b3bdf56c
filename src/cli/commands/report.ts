import { join } from "node:path";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { type BackendOptions, selectBackend } from "../../backend/select.js";
import type { DataChoice } from "../../data/open-data.js";
import { MnistNativeError } from "../../errors.js";
import { comparisonPage } from "../../report/page/comparison-page.js";
import type { ReportedRun } from "../../report/page/reported-run.js";
import { runPage } from "../../report/page/run-page.js";
import { firstLayer, testAgain } from "../../report/test-again.js";
import { type Run, readRun } from "../../runs/read-run.js";
import { kindOfData } from "../../runs/recorded-data.js";
import { previousModelClause } from "../../runs/run-folder.js";
import { exampleWord, runSettings } from "../../runs/settings.js";
import { writeFileAtomically } from "../../system/files.js";
import { packageVersion } from "../../system/package-version.js";
import { loadModel } from "../../training/model-file.js";
import { dataOptions, readDataOptions } from "../options/data.js";
import { backendOptions, jsonOption, readBackendOptions } from "../options/shared.js";
import { print, printJson, UsageError } from "../process.js";

const options = {
  out: {
    type: "string",
    requiresArg: true,
    defaultDescription: "report.html, or comparison.html for several runs, in the first run's folder",
    describe: "File to write",
  },
  ...dataOptions,
  dataset: { ...dataOptions.dataset, defaultDescription: "the one of the run" },
  split: { ...dataOptions.split, defaultDescription: "the one of the run" },
  ...backendOptions,
  json: jsonOption,
} as const;

type ReportArguments = ArgumentsCamelCase<
  InferredOptionTypes<typeof options> & { readonly runs: readonly string[] }
>;

export function builder(yargs: Argv) {
  return yargs
    .positional("runs", {
      type: "string",
      array: true,
      demandOption: true,
      describe: "Folders that train --out or import wrote",
    })
    .options(options)
    .group(Object.keys(dataOptions), "Data, where they are no longer where the run found them:")
    .example("$0 report runs/chapter", "runs/chapter/report.html, a page that tells all of the run")
    .example("$0 report runs/a runs/b --out ab.html", "both, side by side");
}

export async function handler({ runs: directories, json, ...args }: ReportArguments): Promise<void> {
  const choice = readDataOptions(args);
  const backend = readBackendOptions(args);
  const runs: ReportedRun[] = [];
  for (const [i, run] of withDistinctNames(await Promise.all(directories.map(readRun))).entries()) {
    const reported = await reportedRun(run, { choice, backend });
    // A page of several runs shows no weights and no images, so that only what it shows is kept in memory.
    runs.push(directories.length === 1 ? reported : { ...reported, weights: null });
    if (!json) for (const notice of reported.notices) process.stderr.write(`${directories[i]}: ${notice}\n`);
  }
  const [first] = runs;
  if (first === undefined) throw new UsageError("Expected the folder of a run.");
  const footer = `Made by mnist-native ${packageVersion()} report.`;
  const page = runs.length === 1 ? runPage(first, footer) : comparisonPage(runs, footer);
  const name = runs.length === 1 ? "report.html" : "comparison.html";
  const out = args.out ?? join(directories[0] ?? ".", name);
  await writeFileAtomically(out, page);
  const bytes = Buffer.byteLength(page);
  if (json) {
    printJson({ out, bytes, runs: runs.map(({ name, notices }) => ({ name, notices })) });
  } else {
    print(`The report is in ${out} (${(bytes / 1e6).toFixed(1)} MB); open it in a browser.`);
  }
}

interface Sources {
  readonly choice: DataChoice;
  readonly backend: BackendOptions;
}

/** What the page tells of a run. Where a part cannot be had, and was not asked for by name, a notice says why. */
async function reportedRun(run: Run, { choice, backend }: Sources): Promise<ReportedRun> {
  const notices: string[] = [];
  const base = {
    name: run.name,
    settings: runSettings(run),
    epochs: run.epochs,
    result: run.summary,
    notices,
  };
  if (run.modelPath === null) {
    // An unfinished run has none yet, and the page says so by itself.
    if (run.summary !== null) {
      notices.push(
        `There is no model.safetensors in ${run.directory}, so that what needs the network is left out.`,
      );
    }
    const previous = previousModelClause(run.directory);
    if (previous !== undefined) notices.push(`This run has not come to its end; ${previous}.`);
    return { ...base, test: null, weights: null };
  }
  const { network } = await loadModel(run.modelPath, { backend: selectBackend(backend) });
  const weights = firstLayer(network, base.settings.imageShape);
  try {
    const again = await testAgain(network, run, choice);
    if (again.notice !== undefined) notices.push(again.notice);
    if (again.kind === "values") return { ...base, weights, test: null, values: again.values };
    return { ...base, weights, test: again.tested };
  } catch (error) {
    const isNamed = Object.entries(choice).some(
      ([name, value]) => name !== "listeners" && value !== undefined,
    );
    if (isNamed || !(error instanceof MnistNativeError)) throw error;
    notices.push(
      isNameless(run)
        ? `Data to test it on can be named for this page${base.settings.imageShape === null ? "" : ", such as by --dataset mnist --split official"}.`
        : `What needs the test ${exampleWord(base.settings)}s is left out, because they cannot be had. ${error.message} Name their place by --data-dir, or as for train.`,
    );
    return { ...base, weights, test: null };
  }
}

/** Whether nothing tells which data they would be: that is no fault, and the page says so already. */
function isNameless({ origin, config }: Run): boolean {
  return origin !== null && kindOfData(config) === undefined;
}

/** Folders in different places may have the same name. */
function withDistinctNames(runs: readonly Run[]): readonly Run[] {
  const names = runs.map(({ name }) => name);
  return runs.map((run, i) =>
    names.indexOf(run.name) === names.lastIndexOf(run.name)
      ? run
      : { ...run, name: `${run.directory} (${i + 1})` },
  );
}
