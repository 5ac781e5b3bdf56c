import { ConfigFormatError } from "../../errors.js";
import { keyOfOption, meaningOfConfig } from "../../runs/config/options-of-config.js";
import { readConfig } from "../../runs/config/read-config.js";
import type { TrainConfig } from "../../runs/config/schema.js";
import { cpuLimits } from "../../system/machine.js";
import { parseSchedule } from "../../training/schedules/notation.js";
import { UsageError } from "../process.js";
import { WITHOUT_TEST_SET } from "./data.js";
import { defined, type Given, withoutReplaced } from "./training-settings.js";

/** Options that name data. */
const SOURCES = ["data-dir", "csv", "npz", "image-folder", "table", "dataset"] as const;
/** Options that say which of the data are learned, and how. */
const SELECTIONS = [
  "label-column",
  "image-shape",
  "target-column",
  "task",
  "classes",
  "group-column",
] as const;

/**
 * Options with those of a configuration beneath them: what is given on the command line wins, and takes along what the configuration says
 * of what it replaces, such as its optimizer's options for another optimizer.
 */
export function overConfig(args: Given, config: Given): Given {
  const given = defined(args) as Given;
  const isGiven = (option: string) => given[option] !== undefined;
  const replaced: string[] = [];
  const source = SOURCES.find(isGiven);
  if (source !== undefined) {
    replaced.push(...SOURCES.filter((option) => option !== "dataset"));
    // Another file of the same kind, or the first one that is named, is as the configuration says.
    const isSameKind = source !== "dataset" && config[source] !== undefined;
    const isFirst = SOURCES.every((option) => config[option] === undefined);
    if (!isSameKind) replaced.push("dataset");
    if (!isSameKind && !isFirst) replaced.push(...SELECTIONS);
    if (WITHOUT_TEST_SET.includes(source)) replaced.push("split");
  }
  if ([...SOURCES, ...SELECTIONS, "split"].some(isGiven)) replaced.push("inputs", "outputs", "allExamples");
  const isOther = (option: string) => isGiven(option) && given[option] !== config[option];
  if (isOther("loss")) replaced.push("output", "outputs");
  if (isOther("output")) replaced.push("loss", "label-smoothing", "lossOptions", "outputs");
  if (isOther("schedule")) replaced.push("warm-up");
  if (isGiven("from")) replaced.push("layers", "inputs", "outputs", "layersOfModel", "freeze");
  const kept = Object.entries(config).filter(([option]) => !replaced.includes(option));
  return { ...withoutReplaced(Object.fromEntries(kept), given), ...given };
}

/**
 * Reads options with those of a configuration file beneath them.
 *
 * @param read Reads options, and throws a UsageError where they cannot be.
 * @throws ConfigFormatError when what the file says does not go together whatever the command line says; the UsageError where it is the
 *   two that do not; and as `readConfig`.
 */
export async function readWithConfig<T>(
  args: Given,
  path: string,
  read: (given: Given) => Promise<T>,
): Promise<T> {
  if (args.preset !== undefined) {
    throw new UsageError("Expected no --preset with --config, which may name one itself; leave one out.");
  }
  return readOverConfig(args, await readConfig(path), path, read);
}

/**
 * Reads options with those of a configuration beneath them that has been read already.
 *
 * @param name What the configuration is called in messages, such as its path.
 * @throws As {@link readWithConfig}.
 */
export async function readOverConfig<T>(
  args: Given,
  checked: TrainConfig,
  name: string,
  read: (given: Given) => Promise<T>,
): Promise<T> {
  const { options, beyond } = meaningOfConfig(checked);
  const config: Given = { ...options, ...beyond, ...usableThreads(options) };
  try {
    return await read(overConfig(args, config));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const ofFile = await usageError(config, read);
    if (ofFile !== undefined)
      throw new ConfigFormatError(`${name}: ${withKeys(ofFile.message)}`, { cause: ofFile });
    if ((await usageError(args, read)) !== undefined) throw error;
    throw new UsageError(`${error.message} What the command line leaves out is from ${name}.`, {
      cause: error,
    });
  }
}

/** The threads that a run had where it was made, but no more than there are here, which would only wait for each other. */
function usableThreads({ threads }: { readonly threads?: unknown }): Given {
  return threads === undefined ? {} : { threads: String(Math.min(Number(threads), cpuLimits().affinity)) };
}

/** What is wrong with options by themselves; `undefined` where nothing is. */
async function usageError(
  given: Given,
  read: (given: Given) => Promise<unknown>,
): Promise<UsageError | undefined> {
  try {
    await read(given);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

/** A message about options in words of the file, which has keys. */
function withKeys(message: string): string {
  // A schedule's settings, which the command line has in a word, are keys in a file.
  const inFile = message.replace(
    /--schedule ([a-z-]+:[^ ]+)\.$/,
    (_, text: string) => `schedule ${JSON.stringify(parseSchedule(text))}.`,
  );
  return inFile.replaceAll(/--([a-z][a-z0-9-]*)/g, (option, name: string) => keyOfOption(name) ?? option);
}
