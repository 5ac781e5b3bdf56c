import type { Arguments, Argv } from "yargs";
import { nearestName } from "../../system/known-options.js";
import { UsageError } from "../process.js";

/** `_` are the words that no option takes. */
const LISTS = ["_", "hidden", "freeze", "classes", "metrics", "images", "runs", "paths"];

/** Arguments that are told by their place, as a message calls them. */
const POSITIONALS: Readonly<Record<string, string>> = {
  model: "the model",
  file: "the file to import",
  images: "the picture",
  runs: "the folder of a run",
  paths: "the folder to serve",
  figure: "the figure",
  action: "the action",
  name: "the data set",
  config: "the configuration",
};

/** What yargs knows of a command; its types leave it out. */
interface CommandOptions {
  readonly key: Readonly<Record<string, unknown>>;
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

/** The options of a command, once they are declared. */
export function optionsOf(yargs: Argv): CommandOptions {
  return (yargs as Argv & { getOptions(): CommandOptions }).getOptions();
}

/**
 * Refuses an option that the command does not have, one that was given twice, unless it is made for that, or without a value, as in
 * `--out=`, and a value that is none of the choices. It comes before yargs' own checks, which name nothing that is near.
 */
export function checkGiven(args: Arguments, yargs: Argv): void {
  const { key, choices } = optionsOf(yargs);
  for (const [option, value] of Object.entries(args)) {
    if (option === "_" || option === "$0" || option === "--") continue;
    if (!Object.hasOwn(key, option)) throw unknownOption(option, args, Object.keys(key));
    requireSingleValue(option, value);
    if (value !== undefined && Object.hasOwn(choices, option)) {
      args[option] = requireChoice(option, value, choices[option] ?? []);
    }
  }
}

function unknownOption(option: string, { _: [command] }: Arguments, known: readonly string[]): UsageError {
  const isLetter = option.length === 1;
  const names = known.filter((name) => name.length > 1 && !Object.hasOwn(POSITIONALS, name));
  const nearest = isLetter ? undefined : nearestName(option, names);
  const place = command === undefined ? "" : ` for ${command}`;
  const end = nearest === undefined ? "." : `; did you mean --${nearest}?`;
  return new UsageError(`There is no option ${isLetter ? "-" : "--"}${option}${place}${end}`);
}

function requireSingleValue(option: string, value: unknown): void {
  if (Array.isArray(value) && !LISTS.includes(option)) {
    throw new UsageError(`Expected --${option} once but received it ${value.length} times.`);
  }
  if ([value].flat().includes("")) {
    const name = POSITIONALS[option] ?? `--${option}`;
    throw new UsageError(`Expected a value for ${name} but received an empty one.`);
  }
}

/** @returns The choice; `leaky-relu` means leakyRelu. */
function requireChoice(option: string, value: unknown, choices: readonly string[]): string {
  if (typeof value !== "string") throw new UsageError(`Expected a value after --${option}.`);
  const joined = value.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const choice = [value, joined].find((name) => choices.includes(name));
  if (choice !== undefined) return choice;
  const name = POSITIONALS[option]?.replace(/^t/, "T") ?? `The value of --${option}`;
  const nearest = nearestName(value, choices);
  const advice = nearest === undefined ? "choose" : `did you mean ${nearest}? Choose`;
  throw new UsageError(`${name} cannot be ${JSON.stringify(value)}; ${advice} one of ${choices.join(", ")}.`);
}
