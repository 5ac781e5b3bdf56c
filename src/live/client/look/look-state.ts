import type { ImagesQuery, LookedAtImage, Part } from "../../protocol.js";
import { runPath } from "../run-path.js";

/** Images on a page: whole rows of a grid of 3, 4, 5, 6, 10 or 12. */
export const PAGE_SIZE = 60;

export const PARTS = ["train", "validation", "test"] as const satisfies readonly Part[];
export const VERDICTS = ["right", "wrong"] as const;
export const ORDERS = [
  "number",
  "least-sure",
  "most-sure",
] as const satisfies readonly ImagesQuery["order"][];
export const METHODS = ["umap", "pca"] as const;
export type Method = (typeof METHODS)[number];

/** What the Look view shows, all of which stands in the page's address. */
export interface LookState {
  readonly part: Part;
  readonly trueClass: number | undefined;
  readonly verdict: (typeof VERDICTS)[number] | undefined;
  readonly order: ImagesQuery["order"];
  readonly from: number;
  /** The image that is looked at by itself: it need not be of `part`, as one's nearest are training images. */
  readonly opened: { readonly part: Part; readonly position: number } | undefined;
  /** How the map is made, where there is one instead of the grid. */
  readonly map: Method | undefined;
  /** Whether a newer model takes the place of the one before by itself. */
  readonly follows: boolean;
}

type Fields = Readonly<Record<string, string>>;

/** @param fields Of the address. What they do not say, or say wrongly, is as at the beginning. */
export function parseLookState(fields: Fields): LookState {
  const part = oneOf(PARTS, fields.part) ?? "test";
  const position = wholeNumber(fields.position);
  return {
    part,
    trueClass: wholeNumber(fields.class),
    verdict: oneOf(VERDICTS, fields.verdict),
    order: oneOf(ORDERS, fields.order) ?? "number",
    from: wholeNumber(fields.from) ?? 0,
    opened: position === undefined ? undefined : { part: oneOf(PARTS, fields.of) ?? part, position },
    map: oneOf(METHODS, fields.map),
    follows: fields.follow === "1",
  };
}

/** @returns Every field that the view keeps; what is as at the beginning is empty, and is left out of the address. */
export function formatLookState(state: LookState): Fields {
  const { part, trueClass, verdict, order, from, opened, map, follows } = state;
  return {
    part: part === "test" ? "" : part,
    class: trueClass === undefined ? "" : String(trueClass),
    verdict: verdict ?? "",
    order: order === "number" ? "" : order,
    from: from === 0 ? "" : String(from),
    of: opened === undefined || opened.part === part ? "" : opened.part,
    position: opened === undefined ? "" : String(opened.position),
    map: map ?? "",
    follow: follows ? "1" : "",
  };
}

/** What a page of images is asked for by. */
export function imagesPath(run: string, state: LookState): string {
  const { part, trueClass, verdict, order, from } = state;
  const query = new URLSearchParams({ part });
  if (trueClass !== undefined) query.set("class", String(trueClass));
  if (verdict !== undefined) query.set("verdict", verdict);
  query.set("order", order);
  query.set("from", String(from));
  query.set("count", String(PAGE_SIZE));
  return runPath(run, `images?${query}`);
}

/** Whether an image is of the class and verdict that are asked for. */
export function isAskedFor(
  { trueClass, verdict }: Pick<LookState, "trueClass" | "verdict">,
  image: Pick<LookedAtImage, "trueClass" | "predicted">,
): boolean {
  if (trueClass !== undefined && image.trueClass !== trueClass) return false;
  return verdict === undefined || (image.trueClass === image.predicted) === (verdict === "right");
}

function oneOf<T extends string>(known: readonly T[], value: string | undefined): T | undefined {
  return known.find((candidate) => candidate === value);
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,9}$/.test(text)) return undefined;
  return Number(text);
}
