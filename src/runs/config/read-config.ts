import { dirname, resolve } from "node:path";
import { ConfigFormatError } from "../../errors.js";
import { readRegularFile } from "../../system/regular-file.js";
import type { TrainConfig } from "./schema.js";

/** In bytes, far more than any configuration needs; what has more was named by mistake. */
export const LARGEST_CONFIG = 2 ** 20;

/** Settings that name a place. */
export const PLACES = ["dataDir", "csv", "npz", "imageFolder", "table", "from"] as const;

/**
 * Reads a configuration of `train`: JSON, YAML, or the config.json of a run of any version. Relative places in it are taken from the
 * folder that it is in, so that they hold wherever the program was started.
 *
 * @returns What the file says, checked, with places that are absolute. What it leaves out has its default.
 * @throws FileAccessError when there is no such file, when it is no regular one, or when it cannot be read.
 * @throws ConfigFormatError naming the file and the line where it is neither JSON nor YAML, or the key that there is not, or that has a
 *   value which it cannot have.
 */
export async function readConfig(path: string): Promise<TrainConfig> {
  const bytes = await readRegularFile(path, LARGEST_CONFIG, {
    advice: "name a JSON or YAML file, such as the config.json of a run",
  });
  const { parseYaml } = await import("./parse-yaml.js"); // At use: what needs no file does without the parser.
  return resolvePlaces(await checkConfig(parseYaml(bytes, path), path), dirname(path));
}

/** A configuration with places that are absolute: relative ones are taken from a folder. */
export function resolvePlaces(config: TrainConfig, folder: string): TrainConfig {
  const places = PLACES.flatMap((name) => {
    const place = config[name];
    return place === undefined ? [] : [[name, resolve(folder, place)] as const];
  });
  return { ...config, ...Object.fromEntries(places) };
}

/**
 * Checks a configuration that a program has made, or read by itself. Places stay as they are.
 *
 * It is asynchronous because the library that checks is loaded at use.
 *
 * @throws ConfigFormatError naming the key that there is not, or that has a value which it cannot have.
 */
export function parseConfig(value: unknown): Promise<TrainConfig> {
  return checkConfig(value, "The configuration");
}

/** As {@link parseConfig}; `name` is what a message begins with. */
export async function checkConfig(value: unknown, name: string): Promise<TrainConfig> {
  const [{ findFault }, { OF_OLDER_VERSIONS }, { DATASETS }] = await Promise.all([
    import("./find-fault.js"),
    import("./schema.js"),
    import("../../data/open-data.js"),
  ]);
  const fault = findFault(value);
  if (fault !== undefined) throw new ConfigFormatError(`${name}: ${fault}`);
  const ignored: readonly string[] = OF_OLDER_VERSIONS;
  const names: readonly unknown[] = DATASETS;
  const entries = Object.entries(value as TrainConfig).filter(
    ([key, setting]) =>
      setting !== null && !ignored.includes(key) && (key !== "dataset" || names.includes(setting)),
  );
  return Object.fromEntries(entries);
}
