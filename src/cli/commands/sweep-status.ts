import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { jsonOption } from "../options/shared.js";

const options = { json: jsonOption } as const;

type StatusArguments = ArgumentsCamelCase<InferredOptionTypes<typeof options>> & { readonly folder: string };

export function builder(yargs: Argv) {
  return yargs
    .positional("folder", {
      type: "string",
      demandOption: true,
      describe: "Folder that sweep --out wrote, on whatever machine its trials run",
    })
    .options(options)
    .example("$0 sweep status sweeps/a", "how far it is, what runs, the best so far, and what failed");
}

export async function handler({ folder, json }: StatusArguments): Promise<void> {
  const { tellStatus } = await import("../sweeps/tell-status.js");
  await tellStatus(folder, json);
}
