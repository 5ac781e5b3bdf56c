import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from "yargs";
import { checkInstallation } from "../installation/checks.js";
import { EXIT_ERROR, print } from "../process.js";

const options = {
  strict: { type: "boolean", default: false, describe: "Exit with code 1 when something is amiss" },
} as const;

const MARKS = { ok: "ok   ", note: "note ", amiss: "AMISS" } as const;

export function builder(yargs: Argv) {
  return yargs.options(options);
}

/** Looks at everything that the native backend depends on, and names the remedy for each thing that is amiss. */
export function handler({ strict }: ArgumentsCamelCase<InferredOptionTypes<typeof options>>): void {
  const checks = checkInstallation();
  for (const { name, state, finding, remedy } of checks) {
    print(`${MARKS[state]}  ${`${name}:`.padEnd(14)} ${finding}`);
    if (state === "amiss" && remedy !== undefined) print(`${" ".repeat(21)} Remedy: ${remedy}.`);
  }
  const amiss = checks.filter(({ state }) => state === "amiss").length;
  if (amiss === 0) {
    print("Nothing is amiss.");
    return;
  }
  print(amiss === 1 ? "One thing is amiss." : `${amiss} things are amiss.`);
  if (strict) process.exitCode = EXIT_ERROR;
}
