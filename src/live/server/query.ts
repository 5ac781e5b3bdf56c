import { show } from "../../system/expected.js";
import type { ImagesQuery, Part } from "../protocol.js";
import { HttpError } from "./http-error.js";

const PARTS: readonly Part[] = ["train", "validation", "test"];

/** At most so many images at once. */
const MOST_IMAGES = 200;
/** At most so many points of a map. */
const MOST_POINTS = 5000;
/** More images than any data set has. */
const MOST_POSITIONS = 2 ** 31 - 1;

/** What stands behind `?` in an address, each checked by what it should be. */
export interface Query {
  /** A whole number; `fallback` where it is left out. */
  whole(name: string, bounds: Bounds): number;
  optionalWhole(name: string, bounds: Omit<Bounds, "fallback">): number | undefined;
  /** One of some words. */
  word<W extends string>(name: string, words: readonly W[], fallback?: W): W;
  optionalWord<W extends string>(name: string, words: readonly W[]): W | undefined;
}

export interface Bounds {
  readonly least: number;
  readonly most: number;
  /** Default: it has to be there. */
  readonly fallback?: number;
}

/**
 * @param search What is given.
 * @param known The names that there are: any other is a mistake, and not left out in silence.
 */
export function readQuery(search: URLSearchParams, known: readonly string[]): Query {
  for (const name of search.keys()) {
    if (!known.includes(name)) {
      const expected = known.length === 0 ? "no parameters" : `the parameters ${known.join(", ")} alone`;
      throw new HttpError(400, `Expected ${expected} in this address, but received ${show(name)}.`);
    }
    if (search.getAll(name).length > 1) {
      throw new HttpError(400, `Expected ${name} once in this address, but received it several times.`);
    }
  }
  const optionalWhole: Query["optionalWhole"] = (name, { least, most }) => {
    const text = search.get(name);
    return text === null ? undefined : parseWhole(text, name, { least, most });
  };
  const optionalWord: Query["optionalWord"] = (name, words) => {
    const text = search.get(name);
    if (text === null) return undefined;
    const found = words.find((word) => word === text);
    if (found === undefined) throw notAWord(name, words, show(text));
    return found;
  };
  return {
    optionalWhole,
    optionalWord,
    whole: (name, bounds) => {
      const value = optionalWhole(name, bounds) ?? bounds.fallback;
      if (value === undefined) throw notWhole(name, bounds, "nothing");
      return value;
    },
    word: (name, words, fallback) => {
      const value = optionalWord(name, words) ?? fallback;
      if (value === undefined) throw notAWord(name, words, "nothing");
      return value;
    },
  };
}

/** A whole number of plain digits: no sign, no exponent, no space. */
export function parseWhole(text: string, name: string, bounds: Omit<Bounds, "fallback">): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= bounds.least && value <= bounds.most)) throw notWhole(name, bounds, show(text));
  return value;
}

function notWhole(name: string, { least, most }: Bounds, received: string): HttpError {
  return new HttpError(
    400,
    `Expected a whole number from ${least} to ${most} for ${name}, but received ${received}.`,
  );
}

function notAWord(name: string, words: readonly string[], received: string): HttpError {
  return new HttpError(400, `Expected one of ${words.join(", ")} for ${name}, but received ${received}.`);
}

export const MISTAKES_QUERY = ["count"] as const;
export const IMAGES_QUERY = ["part", "class", "verdict", "order", "from", "count"] as const;

/** A number of images to answer with. */
export function countOf(query: Query, fallback: number): number {
  return query.whole("count", { least: 1, most: MOST_IMAGES, fallback });
}

export function pointsOf(query: Query): number {
  return query.whole("count", { least: 1, most: MOST_POINTS, fallback: 1000 });
}

export function partOf(query: Query): Part {
  return query.word("part", PARTS, "test");
}

/** `images/PART/POSITION` of an address. */
export function readPlace(
  part: string,
  position: string,
): { readonly part: Part; readonly position: number } | undefined {
  const known = PARTS.find((name) => name === part);
  if (known === undefined || !/^\d{1,10}$/.test(position) || Number(position) > MOST_POSITIONS)
    return undefined;
  return { part: known, position: Number(position) };
}

export function imagesQueryOf(query: Query): ImagesQuery {
  const trueClass = query.optionalWhole("class", { least: 0, most: 255 });
  const verdict = query.optionalWord("verdict", ["right", "wrong"]);
  return {
    part: partOf(query),
    ...(trueClass !== undefined && { trueClass }),
    ...(verdict !== undefined && { verdict }),
    order: query.word("order", ["number", "least-sure", "most-sure"], "number"),
    from: query.whole("from", { least: 0, most: MOST_POSITIONS, fallback: 0 }),
    count: countOf(query, 60),
  };
}
