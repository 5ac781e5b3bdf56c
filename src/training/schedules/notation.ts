import { InvalidArgumentError } from "../../errors.js";
import { isOptions, nearestName } from "../../system/known-options.js";
import {
  SCHEDULE_NAMES,
  type ScheduleName,
  type ScheduleSpecification,
  scheduleSettings,
} from "./specification.js";

// A schedule in one word, as the command line has it: `step:step-size=10,gamma=0.5`. Lists are separated by slashes, and what belongs
// together in them by colons: `multi-step:milestones=30/60`, `piecewise:points=0:0.1/30:0.01`.

/** Settings that are lists, however short. */
const LISTS: readonly string[] = ["milestones", "points"];

/**
 * Reads a schedule in a word.
 *
 * @throws InvalidArgumentError when there is no such schedule or setting. Whether settings are in range is not looked at.
 */
export function parseSchedule(text: string): ScheduleSpecification {
  const [, name = "", settings] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  const type = camelCase(name.trim());
  if (!isName(type)) {
    throw unknownName(`there is no schedule ${JSON.stringify(name.trim())}`, kebabCase(type), SCHEDULE_NAMES);
  }
  const own = settings === undefined ? {} : parseSettings(settings, scheduleSettings(type), kebabCase(type));
  return { type, ...own } as ScheduleSpecification;
}

/** What {@link parseSchedule} reads; `null` for a value that is no schedule. Its warm-up is left out. */
export function formatSchedule(value: unknown): string | null {
  const { type, warmUp: _, ...settings } = asRecord(value);
  if (typeof type !== "string" || !isName(type)) return null;
  const words = formatSettings(settings);
  return kebabCase(type) + (words === "" ? "" : `:${words}`);
}

/**
 * Reads settings in a word: `length=5,unit=epoch`.
 *
 * @param known What there is.
 * @param of What they are settings of, for messages.
 * @throws InvalidArgumentError when there is no such setting, or when one has no value or two.
 */
export function parseSettings(
  text: string,
  known: readonly string[],
  of: string,
): Readonly<Record<string, unknown>> {
  const settings: Record<string, unknown> = {};
  for (const part of text.split(",")) {
    const [, word = "", value = ""] = /^([^=]*)(?:=(.*))?$/s.exec(part) ?? [];
    const name = camelCase(word.trim());
    if (!known.includes(name)) {
      throw unknownName(`${of} has no setting ${JSON.stringify(word.trim())}`, kebabCase(name), known);
    }
    if (value.trim() === "") {
      throw new InvalidArgumentError(
        `Expected a value for ${word.trim()} of ${of}, such as ${word.trim()}=1.`,
      );
    }
    if (Object.hasOwn(settings, name)) {
      throw new InvalidArgumentError(`Expected ${word.trim()} of ${of} once but received it twice.`);
    }
    settings[name] = LISTS.includes(name) ? value.split("/").map(parseItem) : parseValue(value);
  }
  return settings;
}

/** What {@link parseSettings} reads. */
export function formatSettings(settings: object): string {
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${kebabCase(name)}=${formatValue(value)}`)
    .join(",");
}

/** A value of a setting; an object is in settings of its own. */
export function formatValue(value: unknown): string {
  if (isOptions(value)) return formatSettings(value);
  if (!Array.isArray(value)) return kebabCase(String(value));
  return value.map((item: unknown) => (Array.isArray(item) ? item.join(":") : String(item))).join("/");
}

function parseItem(text: string): unknown {
  const parts = text.split(":");
  return parts.length === 1 ? parseValue(text) : parts.map(parseValue);
}

function parseValue(text: string): unknown {
  const word = text.trim();
  if (word === "true" || word === "false") return word === "true";
  const value = word === "" ? Number.NaN : Number(word);
  return Number.isNaN(value) ? camelCase(word) : value;
}

function unknownName(fault: string, name: string, known: readonly string[]): InvalidArgumentError {
  const names = known.map(kebabCase);
  const nearest = nearestName(name, names);
  const others = names.length === 0 ? "it has none." : `they are ${names.join(", ")}.`;
  const remedy = nearest === undefined ? others : `did you mean ${nearest}?`;
  return new InvalidArgumentError(`${fault}; ${remedy}`);
}

function isName(name: string): name is ScheduleName {
  return SCHEDULE_NAMES.some((known) => known === name);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isOptions(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

/** `one-cycle` to `oneCycle`. */
function camelCase(text: string): string {
  return text.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `oneCycle` to `one-cycle`. */
export function kebabCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
