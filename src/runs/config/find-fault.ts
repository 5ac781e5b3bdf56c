import { Check } from "typebox/schema";
import { show } from "../../system/expected.js";
import { isOptions, nearestName } from "../../system/known-options.js";
import { keyOfOption } from "./options-of-config.js";
import { CONFIG_SCHEMA } from "./schema.js";

// Whether a value is as the schema wants it is the library's to say. What to tell a person where it is not is looked for here, by the same
// schema: the first fault, in the order of the value, at the deepest place that can be meant.

/** The keywords of JSON schema that the configuration's uses. */
interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly deprecated?: boolean;
}

/** Far more than residual blocks within each other need. */
const DEEPEST = 100;

// TypeBox's types say more of it than is asked for here.
const { $defs, ...ROOT } = CONFIG_SCHEMA as object as Schema & {
  readonly $defs: Readonly<Record<string, Schema>>;
};

/** Where a value stands, when it is no configuration of `train` by itself. */
export interface FaultOptions {
  /** What it must be. Its references are to the definitions of the configuration. Default: a configuration of `train`. */
  readonly schema?: object;
  /** What the names of keys begin with: `train` for `train.epochs`. Default: nothing. */
  readonly place?: string;
  /** What to write instead of an unknown key of the value itself; `undefined` where that is the nearest of the known ones. */
  readonly remedy?: (unknown: string) => string | undefined;
}

/** What is wrong with a value: the end of a sentence that begins with the file's name. `undefined` where nothing is. */
export function findFault(
  value: unknown,
  { schema = ROOT, place = "", remedy = remedyOfTrain }: FaultOptions = {},
): string | undefined {
  if (isDeeperThan(DEEPEST, value)) {
    return `expected at most ${DEEPEST} lists and objects within each other but received more.`;
  }
  return faultOf(schema as Schema, value, place, remedy);
}

function faultOf(
  given: Schema,
  value: unknown,
  place: string,
  remedy: FaultOptions["remedy"] = undefined,
): string | undefined {
  if (isRight(given, value)) return undefined;
  const schema = resolve(given);
  if (schema.anyOf !== undefined) return faultOfChoice(schema.anyOf, value, place);
  if (schema.properties !== undefined && isOptions(value)) {
    return faultOfObject(schema, value as Readonly<Record<string, unknown>>, place, remedy);
  }
  if (schema.items !== undefined && Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const fault = faultOf(schema.items, item, `${place}[${i}]`);
      if (fault !== undefined) return fault;
    }
  }
  return wrong(words(schema), value, place);
}

function isRight(schema: Schema, value: unknown): boolean {
  return Check({ ...schema, $defs }, value);
}

function faultOfObject(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
  place: string,
  remedyOfRoot: FaultOptions["remedy"],
): string | undefined {
  const { properties = {}, required = [] } = schema;
  const known = Object.keys(properties);
  const at = (name: string) => (place === "" ? name : `${place}.${name}`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const current = known.filter((name) => properties[name]?.deprecated !== true);
    const remedy = remedyOfRoot?.(unknown) ?? remedyFor(unknown, place, current);
    return `there is no key ${printedKey(at(unknown))}; ${remedy}`;
  }
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) {
    const wanted = words(properties[missing] as Schema);
    return `expected ${wanted} for ${at(missing)}, but there is none.`;
  }
  for (const [name, part] of Object.entries(value)) {
    const fault = faultOf(properties[name] as Schema, part, at(name));
    if (fault !== undefined) return fault;
  }
  return wrong(words(schema), value, place);
}

/** Options of `train` that are no settings. */
const COMMAND_LINE_ALONE = ["out", "force", "json", "summary", "offline", "config", "verbose"];

/** What to write instead of an unknown key that is an option of the command line by another name. */
function remedyOfTrain(unknown: string): string | undefined {
  const option = unknown.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const key = keyOfOption(option);
  if (key !== undefined) return `did you mean ${key}?`; // Such as momentum, which is the optimizer's.
  return COMMAND_LINE_ALONE.includes(option) ? "it is an option of the command line alone." : undefined;
}

/** What to write instead of an unknown key. */
function remedyFor(unknown: string, place: string, known: readonly string[]): string {
  const at = (name: string) => (place === "" ? name : `${place}.${name}`);
  const nearest = unknown.length < 3 ? undefined : nearestName(unknown, known); // Any short word is near to another.
  if (nearest !== undefined) return `did you mean ${at(nearest)}?`;
  return `the keys there are ${known.filter((name) => !name.startsWith("$")).join(", ")}.`;
}

/** The fault of the branch that is meant: of objects the one with their `type`, of arrays the one for what they hold. */
function faultOfChoice(branches: readonly Schema[], value: unknown, place: string): string | undefined {
  const all = branches.map(resolve).flatMap((branch) => (branch.anyOf ?? [branch]).map(resolve));
  const current = all.filter((branch) => branch.deprecated !== true);
  const objects = current.filter((branch) => branch.properties !== undefined);
  if (isOptions(value) && objects.length > 0) {
    const { type } = value as { readonly type?: unknown };
    const types = objects.map((branch) => branch.properties?.type?.const);
    const meant = objects.find((branch) => !isTyped(branch)) ?? objects[types.indexOf(type)];
    if (meant !== undefined) return faultOf(meant, value, place);
    const at = place === "" ? "type" : `${place}.type`;
    const nearest = typeof type === "string" ? nearestName(type, types.map(String)) : undefined;
    const advice = nearest === undefined ? "" : `; did you mean ${nearest}?`;
    return type === undefined
      ? `expected one of ${types.join(", ")} for ${at}, but there is none.`
      : wrong(`one of ${types.join(", ")}`, type, at, advice);
  }
  const arrays = current.filter((branch) => branch.items !== undefined);
  if (Array.isArray(value) && arrays.length > 0) {
    const holdsNumbers = typeof value[0] === "number";
    const meant = arrays.find(
      (branch) => (resolve(branch.items as Schema).type === "integer") === holdsNumbers,
    );
    return faultOf(meant ?? (arrays[0] as Schema), value, place);
  }
  const names = current.flatMap((branch) => branch.enum ?? []);
  const nearest = typeof value === "string" ? nearestName(value, names.map(String)) : undefined;
  const expected = [
    ...new Set(current.filter((branch) => !("properties" in branch)).map(words)),
    ...(objects.length > 0 ? [objects.some(isTyped) ? "an object with a type" : "an object"] : []),
  ];
  return wrong(
    expected.join(", or "),
    value,
    place,
    nearest === undefined ? "" : `; did you mean ${nearest}?`,
  );
}

function isTyped({ properties }: Schema): boolean {
  return properties?.type !== undefined;
}

function resolve(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : ($defs[schema.$ref.slice("#/$defs/".length)] as Schema);
}

function wrong(expected: string, value: unknown, place: string, advice = ""): string {
  const where = place === "" ? "" : ` for ${place}`;
  const end = advice.endsWith("?") ? "" : ".";
  return `expected ${expected}${where} but received ${shown(value)}${advice}${end}`;
}

/** What a value must be: `a number of at least 0 and below 1`. */
function words(given: Schema): string {
  const schema = resolve(given);
  const { const: only, enum: names, type, minItems = 0, maxItems, minProperties = 0 } = schema;
  if (only !== undefined) return JSON.stringify(only);
  if (names !== undefined) return names.length === 1 ? String(names[0]) : `one of ${names.join(", ")}`;
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(words))].join(", or ");
  if (schema.items !== undefined) {
    const items = schema.uniqueItems ? "different items" : "items";
    if (minItems === 0) return "a list";
    if (minItems === 1 && schema.uniqueItems) return "a list of different items";
    return maxItems === minItems
      ? `a list of ${minItems} ${items}`
      : `a list of at least ${minItems} ${minItems === 1 ? "item" : items}`;
  }
  if (schema.properties !== undefined)
    return minProperties > 0 ? "an object with at least one key" : "an object";
  const kinds = [type ?? []].flat().filter((kind) => kind !== "null");
  return kinds
    .map((kind) =>
      kind === "string" ? "a text" : kind === "boolean" ? "true or false" : numberWords(kind, schema),
    )
    .join(" or ");
}

function numberWords(kind: string, schema: Schema): string {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  const noun = kind === "integer" ? "a whole number" : "a finite number";
  const hasMost = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  const hasLeast = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER;
  if (hasLeast && hasMost) return `${noun} from ${minimum} to ${maximum}`;
  const bounds = [
    ...(hasLeast ? [`of at least ${minimum}`] : []),
    ...(exclusiveMinimum !== undefined ? [`above ${exclusiveMinimum}`] : []),
    ...(hasMost ? [`of at most ${maximum}`] : []),
    ...(exclusiveMaximum !== undefined ? [`below ${exclusiveMaximum}`] : []),
  ];
  return [noun, bounds.join(" and ")].filter((part) => part !== "").join(" ");
}

function shown(value: unknown): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  }
  return isOptions(value) && Object.keys(value).length === 0 ? "an empty object" : show(value);
}

function printedKey(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}

/** Whether there are more than so many lists and objects within each other; a cycle has no end of them. */
function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeperThan(levels - 1, part));
}
