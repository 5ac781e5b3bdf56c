import { join } from "node:path";
import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { writeFileAtomically } from "../../system/files.js";
import { jsonOption } from "../options/shared.js";
import { print, printJson } from "../process.js";

const options = {
  out: {
    type: "string",
    requiresArg: true,
    defaultDescription: "report.html in the sweep's folder",
    describe: "File to write",
  },
  json: jsonOption,
} as const;

type ReportArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>> & { readonly folder: string };

export function builder(yargs: Argv) {
  return yargs
    .positional("folder", {
      type: "string",
      demandOption: true,
      describe: "Folder that sweep --out wrote; its sweep may still run",
    })
    .options(options)
    .example("$0 sweep report sweeps/a", "sweeps/a/report.html, a page that tells all of the sweep");
}

export async function handler({ folder, json, ...args }: ReportArguments): Promise<void> {
  const { reportSweep } = await import("../../report/sweep-report.js");
  const { page, notices } = await reportSweep(folder);
  if (!json) for (const notice of notices) process.stderr.write(`${folder}: ${notice}\n`);
  const out = args.out ?? join(folder, "report.html");
  await writeFileAtomically(out, page);
  const bytes = Buffer.byteLength(page);
  if (json) printJson({ out, bytes, notices });
  else print(`The report is in ${out} (${(bytes / 1e6).toFixed(1)} MB); open it in a browser.`);
}
