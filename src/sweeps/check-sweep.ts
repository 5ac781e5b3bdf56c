import { ConfigFormatError } from "../errors.js";
import { findFault } from "../runs/config/find-fault.js";
import { keyOfOption } from "../runs/config/options-of-config.js";
import { checkConfig } from "../runs/config/read-config.js";
import { CONFIG_SCHEMA, type TrainConfig } from "../runs/config/schema.js";
import { show } from "../system/expected.js";
import { isOptions, nearestName } from "../system/known-options.js";
import { planSweep } from "./plan.js";
import { shorterFirst, withSettings } from "./setting-path.js";
import { countCombinations, type Parameter, type Space } from "./space.js";
import { DISTRIBUTIONS, PARAMETER_OF_VALUES, SWEEP_OUTLINE } from "./sweep-schema.js";
import type { SweepConfig } from "./sweep-specification.js";
import type { Settings, SettingValue, Trial } from "./trial.js";

// What is wrong with a sweep is said before anything runs. Each sentence is the end of one that begins with the file's name.

/** A sweep whose parts are each as its schema wants it, with the file that `config` names. */
export type Outline = SweepConfig & { readonly config?: string };

/**
 * Checks each part by itself.
 *
 * @throws ConfigFormatError
 */
export async function checkOutline(value: unknown): Promise<Outline> {
  refuse(findFault(value, { schema: SWEEP_OUTLINE, remedy: remedyOfSweep }));
  const { $schema: _, ...given } = value as Record<string, unknown>;
  const { train = {}, parameters = {} } = given as { readonly train?: unknown; readonly parameters?: object };
  const checked = await checkSettings(train);
  for (const [path, parameter] of Object.entries(parameters)) checkParameter(path, parameter);
  return { ...given, train: checked, parameters: parameters as Space };
}

/** What has been put beside `train` instead of into it. */
function remedyOfSweep(unknown: string): string | undefined {
  const option = unknown.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const setting = Object.hasOwn(CONFIG_SCHEMA.properties, unknown) ? unknown : keyOfOption(option);
  if (setting === undefined) return undefined;
  return `put ${setting}, which is a setting of train, into train, or into parameters where it varies.`;
}

async function checkSettings(train: unknown): Promise<TrainConfig> {
  refuse(findFault(train, { place: "train" }));
  return checkConfig(train, "train");
}

/** Letters and dots of a path: far more than that of any setting has. */
const LONGEST_PATH = 200;

function checkParameter(path: string, parameter: unknown): void {
  if (path.length > LONGEST_PATH) {
    throw new ConfigFormatError(
      `expected the path of a setting, such as optimizer.momentum, in parameters but received ${show(path)}, of ${path.length} letters.`,
    );
  }
  const place = `parameters.${path}`;
  if (Array.isArray(parameter)) {
    throw new ConfigFormatError(
      `expected { values: […] } for ${place} but received a list, which might be one value; put values: before it.`,
    );
  }
  if (!isOptions(parameter)) {
    throw new ConfigFormatError(
      `expected { values: […] } or { distribution: … } for ${place} but received ${show(parameter)}; what does not vary belongs into train.`,
    );
  }
  const { distribution } = parameter as { readonly distribution?: unknown };
  if (distribution === undefined && !("values" in parameter)) {
    throw new ConfigFormatError(
      `expected values, or a distribution (${Object.keys(DISTRIBUTIONS).join(", ")}), in ${place}, but there is neither.`,
    );
  }
  if (distribution === undefined) {
    refuse(findFault(parameter, { schema: PARAMETER_OF_VALUES, place }));
    return;
  }
  const schema = Object.entries(DISTRIBUTIONS).find(([name]) => name === distribution)?.[1];
  if (schema === undefined) {
    const names = Object.keys(DISTRIBUTIONS);
    const nearest = typeof distribution === "string" ? nearestName(distribution, names) : undefined;
    throw new ConfigFormatError(
      `expected one of ${names.join(", ")} for ${place}.distribution but received ${show(distribution)}${nearest === undefined ? "." : `; did you mean ${nearest}?`}`,
    );
  }
  refuse(findFault(parameter, { schema, place }));
  const { min, max } = parameter as { readonly min?: number; readonly max?: number };
  if (min === undefined || max === undefined) return;
  if (!(min < max)) {
    throw new ConfigFormatError(
      `expected a max above min, which is ${min}, for ${place} but received ${max}.`,
    );
  }
  if (!Number.isFinite(max - min) || (distribution === "integer" && !Number.isSafeInteger(max - min + 1))) {
    throw new ConfigFormatError(`expected a smaller range for ${place} than from ${min} to ${max}.`);
  }
}

/**
 * Checks what the parts mean together, to the last trial.
 *
 * @throws ConfigFormatError
 */
export function checkMeaning(config: SweepConfig): SweepConfig {
  checkSearch(config);
  for (const path of Object.keys(config.parameters)) checkPath(path, config);
  checkValues(config);
  const { trials, rungs } = planSweep(config);
  checkTrials(trials);
  if (config.search?.type !== "random") checkDifferent(trials);
  if (config.metric === undefined) checkOneLoss(trials);
  if (config.halving !== undefined && rungs.length === 1) {
    throw new ConfigFormatError(
      `expected fewer epochs than a whole training has, which is ${rungs[0]?.epochs}, for halving.minEpochs but received ${config.halving.minEpochs ?? 1}.`,
    );
  }
  return config;
}

/**
 * Checks whether parameters can be searched as was asked for.
 *
 * @throws ConfigFormatError
 */
export function checkSearch({
  parameters,
  search,
  seeds = [],
}: Pick<SweepConfig, "parameters" | "search" | "seeds">): void {
  const names = Object.keys(parameters);
  if (names.length === 0 && (seeds.length < 2 || search?.type === "random")) {
    throw new ConfigFormatError(
      "expected something that varies, such as parameters: { learningRate: { values: [0.1, 0.01] } }, but there are no parameters.",
    );
  }
  const drawn = names.find((name) => "distribution" in (parameters[name] as Parameter));
  if (search?.type !== "random" && drawn !== undefined) {
    throw new ConfigFormatError(
      `expected search: { type: random, trials: 100 }, or some such number, as parameters.${drawn} has a distribution, but the search is grid, which takes { values: […] } alone.`,
    );
  }
  const most = countCombinations(parameters);
  if (search?.type === "random" && search.trials > most) {
    throw new ConfigFormatError(
      `expected at most ${most} for search.trials, as many combinations as there are, but received ${search.trials}; search: { type: grid } takes each of them once.`,
    );
  }
}

function checkPath(path: string, { halving }: SweepConfig): void {
  if (path === "seed") {
    throw new ConfigFormatError(
      "expected seeds: [1, 2, 3] instead of parameters.seed; each combination is trained with each of them.",
    );
  }
  if (path === "epochs" && halving !== undefined) {
    throw new ConfigFormatError(
      "expected no parameters.epochs with halving, which itself says how many epochs a trial has; say the most by train.epochs.",
    );
  }
  if (path === "$schema") throw new ConfigFormatError("there is no setting $schema for parameters.");
}

/** Checks every value that a setting may have, and of ranges the ends, with the first of all others. */
function checkValues({ train, parameters }: SweepConfig): void {
  let config = train;
  const before: Record<string, SettingValue> = {};
  for (const [path, parameter] of shorterFirst(parameters)) {
    const candidates = "values" in parameter ? parameter.values : [parameter.min, parameter.max];
    for (const value of candidates) {
      const root = path.split(".", 1)[0] as string; // There is always a first.
      const changed = withSettings(config, { [path]: value }) as Readonly<Record<string, unknown>>;
      const fault = faultOfSetting(root, changed[root]);
      if (fault !== undefined)
        throw new ConfigFormatError(`parameters.${path}${besides(path, before)}: ${fault}`);
    }
    before[path] = candidates[0] as SettingValue; // There is one at least.
    config = withSettings(config, { [path]: before[path] });
  }
}

/** Each setting by itself, as many are checked: where it is known, the others need not be looked at. */
function faultOfSetting(name: string, value: unknown): string | undefined {
  const schemas: Readonly<Record<string, object>> = CONFIG_SCHEMA.properties;
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  return schema === undefined
    ? findFault({ [name]: value })
    : findFault(value, { schema, place: name, remedy: () => undefined });
}

/** Checks the settings of every trial together: some may be right by themselves alone. */
function checkTrials(trials: readonly Trial[]): void {
  const seen = new Set<string>(); // Each value of a setting is looked at once: there may be many trials, and few values.
  for (const { number, config, settings } of trials) {
    for (const [name, value] of Object.entries(config)) {
      const text = `${name} ${JSON.stringify(value)}`;
      if (seen.has(text)) continue;
      seen.add(text);
      const fault = faultOfSetting(name, value);
      if (fault !== undefined) {
        throw new ConfigFormatError(`parameters of trial ${number}${besides("", settings)}: ${fault}`);
      }
    }
  }
}

/** ` with optimizer "adam"`: what else has been set in the same part of a configuration, or, for no path, all that has. */
function besides(path: string, settings: Settings): string {
  const [root] = path.split(".");
  const others = Object.entries(settings).filter(([other]) => path === "" || other.split(".")[0] === root);
  return others.length === 0
    ? ""
    : ` with ${others.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ")}`;
}

/** A grid in which two trials are the same has the same value twice by two names, such as `sgd` and `{ type: sgd }`. */
function checkDifferent(trials: readonly Trial[]): void {
  const first = new Map<string, Trial>();
  for (const trial of trials) {
    const text = JSON.stringify(sorted(trial.config));
    const same = first.get(text);
    if (same !== undefined) {
      throw new ConfigFormatError(
        `expected trials that differ, but trial ${trial.number} is trial ${same.number} again:${besides("", trial.settings)} and${besides("", same.settings)}.`,
      );
    }
    first.set(text, trial);
  }
}

/** A value with keys in one order, and with `optimizer`, `loss` and `schedule` that are a type alone as objects. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isOptions(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [
        key,
        ["optimizer", "schedule"].includes(key) && typeof part === "string" ? { type: part } : sorted(part),
      ]),
  );
}

/** Losses of different kinds are no measure of which training is better. */
function checkOneLoss(trials: readonly Trial[]): void {
  const [one, ...others] = new Set(trials.map(({ config }) => JSON.stringify(lossOf(config))));
  if (one === undefined || others.length === 0) return;
  throw new ConfigFormatError(
    "expected metric to be named, such as validation.accuracy, as the loss itself is not the same in all trials.",
  );
}

/** All settings that say what the loss is. */
function lossOf({ loss, output, preset, task, layers }: TrainConfig): unknown {
  const last = layers?.at(-1);
  const activation = typeof last === "object" && "activation" in last ? last.activation : undefined;
  return sorted([loss, output, preset, task, activation].map((part) => part ?? null));
}

function refuse(fault: string | undefined): void {
  if (fault !== undefined) throw new ConfigFormatError(fault);
}
