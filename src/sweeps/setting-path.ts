import { ConfigFormatError } from "../errors.js";
import type { TrainConfig } from "../runs/config/schema.js";
import { withType } from "../runs/config/with-type.js";
import { isOptions } from "../system/known-options.js";
import type { Settings, SettingValue } from "./trial.js";

/** Settings that are an object with a `type`, or for short that type alone. */
const WITH_TYPE = ["optimizer", "loss", "schedule"];

type Values = Readonly<Record<string, unknown>>;

/**
 * A configuration with settings over it. A path goes through objects by their keys and through lists by numbers from 0; objects that there
 * are not are made, and what is a type alone becomes the object with it: `optimizer: sgd` and `optimizer.momentum` are
 * `{ type: sgd, momentum }`. Shorter paths come first, so that `optimizer.momentum` is set in the `optimizer` of the same trial.
 *
 * @throws ConfigFormatError where a path leads into what has no parts.
 */
export function withSettings(config: TrainConfig, settings: Settings): TrainConfig {
  return shorterFirst(settings).reduce<TrainConfig>(
    (result, [path, value]) => put(result, path.split("."), value, path) as TrainConfig,
    config,
  );
}

/** Settings by path, so that each comes after those that it is a part of. */
export function shorterFirst<Value>(settings: Readonly<Record<string, Value>>): readonly [string, Value][] {
  const depth = (path: string) => path.split(".").length;
  return Object.entries(settings).sort(([a], [b]) => depth(a) - depth(b));
}

function put(
  container: unknown,
  [key, ...rest]: readonly string[],
  value: SettingValue,
  path: string,
  place = "",
): unknown {
  if (key === undefined) return value;
  const at = place === "" ? key : `${place}.${key}`;
  if (Array.isArray(container)) {
    const list: readonly unknown[] = container;
    const index = /^\d+$/.test(key) ? Number(key) : Number.NaN;
    if (!(index < list.length)) {
      throw new ConfigFormatError(
        `parameters.${path}: expected a number from 0 to ${list.length - 1} after ${place}, which is a list of ${list.length}, but received ${JSON.stringify(key)}.`,
      );
    }
    return list.with(index, put(list[index], rest, value, path, at));
  }
  if (container === undefined && /^\d+$/.test(key) && place !== "") throw notNamed(place, path);
  const parts = isOptions(container) ? (container as Values) : {};
  if (!isOptions(container) && container !== undefined && container !== null) {
    throw new ConfigFormatError(
      `parameters.${path}: expected an object or a list for ${place}, which it is a part of, but ${place} is ${JSON.stringify(container)}.`,
    );
  }
  const part = Object.hasOwn(parts, key) ? parts[key] : undefined;
  const inner =
    place === "" && rest.length > 0 && WITH_TYPE.includes(key) ? typedPart(key, part, parts, path) : part;
  return { ...parts, [key]: put(inner, rest, value, path, at) };
}

/** An object with a type. Without a preset, an optimizer that nobody has named is `sgd`. */
function typedPart(key: string, part: unknown, { preset }: Values, path: string): unknown {
  const isSgd = key === "optimizer" && (preset === undefined || preset === null);
  const typed = withType(part ?? (isSgd ? "sgd" : undefined));
  if (typed !== undefined || path === `${key}.type`) return typed;
  throw notNamed(key, path);
}

function notNamed(place: string, path: string): ConfigFormatError {
  return new ConfigFormatError(
    `parameters.${path}: expected ${place} to be given, by train.${place} or by a parameter, as ${path} is a part of it.`,
  );
}
