import { dirname, resolve } from "node:path";
import { ConfigFormatError } from "../errors.js";
import { LARGEST_CONFIG, PLACES, readConfig, resolvePlaces } from "../runs/config/read-config.js";
import { readRegularFile } from "../system/regular-file.js";
import type { Parameter, Space } from "./space.js";

import type { SweepConfig } from "./sweep-specification.js";

export type { Parameter } from "./space.js";
export type { SweepConfig } from "./sweep-specification.js";

/** In a message about a file in which nothing stands. */
const EXAMPLE = "what varies, such as parameters: { learningRate: { values: [0.01, 0.1] } }";

/**
 * Reads the configuration of a sweep: JSON or YAML. The file that `config` names is read, too, and settings of `train` stand over its own.
 * Relative places are taken from the folder of the file that they stand in.
 *
 * @returns What it says, checked to the last trial, with places that are absolute.
 * @throws FileAccessError when there is no such file, when it is no regular one, or when it cannot be read.
 * @throws ConfigFormatError naming the file, and the key or the trial, where something is not as it must be.
 */
export async function readSweepConfig(path: string): Promise<SweepConfig> {
  const bytes = await readRegularFile(path, LARGEST_CONFIG, {
    advice: "name a JSON or YAML file that says what varies",
  });
  const { parseYaml } = await import("../runs/config/parse-yaml.js"); // At use: what needs no file does without the parser.
  const value = parseYaml(bytes, path, EXAMPLE);
  const { checkOutline, checkMeaning } = await import("./check-sweep.js");
  const { config, ...outline } = await named(path, () => checkOutline(value));
  const folder = dirname(path);
  const base = config === undefined ? {} : await readConfig(resolve(folder, config));
  return named(path, () =>
    checkMeaning({
      ...outline,
      train: { ...base, ...resolvePlaces(outline.train, folder) },
      parameters: resolvePlacesOf(outline.parameters, folder),
    }),
  );
}

/**
 * Checks the configuration of a sweep that a program has made, or that came from elsewhere. Places stay as they are, and there is no
 * `config`, which names a file.
 *
 * It is asynchronous because the library that checks is loaded at use.
 *
 * @throws ConfigFormatError naming the key or the trial where something is not as it must be.
 */
export async function parseSweepConfig(value: unknown): Promise<SweepConfig> {
  const { checkOutline, checkMeaning } = await import("./check-sweep.js");
  return named("The sweep", async () => {
    const { config, ...outline } = await checkOutline(value);
    if (config === undefined) return checkMeaning(outline);
    throw new ConfigFormatError("expected no config, which names a file; put its settings into train.");
  });
}

/** Puts the name of what is read before a sentence that says what is wrong with it. */
async function named<T>(name: string, check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof ConfigFormatError)) throw error;
    throw new ConfigFormatError(`${name}: ${error.message}`, { cause: error });
  }
}

/** The files and folders that a configuration names. */
export function placesOf({ train, parameters }: SweepConfig): readonly string[] {
  return PLACES.flatMap((name) => {
    const parameter = parameters[name];
    const values = parameter !== undefined && "values" in parameter ? parameter.values : [];
    return [train[name], ...values].filter(
      (value): value is string => typeof value === "string" && value !== "",
    );
  });
}

/** A space with places that are absolute, where a parameter is one, such as `csv`: relative ones are taken from a folder. */
export function resolvePlacesOf(space: Space, folder: string): Space {
  const names: readonly string[] = PLACES;
  return Object.fromEntries(
    Object.entries(space).map(([path, parameter]): [string, Parameter] => {
      if (!names.includes(path) || !("values" in parameter)) return [path, parameter];
      const values = parameter.values.map((value) =>
        typeof value === "string" && value !== "" ? resolve(folder, value) : value,
      );
      return [path, { ...parameter, values }];
    }),
  );
}
