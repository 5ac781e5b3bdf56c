import type { LookedAtImage, Part } from "../../protocol.js";
import { formatCount } from "../parts/format.js";
import { PAGE_SIZE } from "./look-state.js";

/** Where an image stands among those of the grid, and what comes before and after it. */
export interface Steps {
  /** "Image 3 of 24 of this kind", or its number alone where it is not among them. */
  readonly place: string | null;
  readonly previous: Step | undefined;
  readonly next: Step | undefined;
}

export type Step =
  | { readonly kind: "image"; readonly part: Part; readonly position: number }
  /** One of the page that begins at `from`, which has to be asked for first. */
  | { readonly kind: "page"; readonly from: number; readonly edge: "first" | "last" };

interface StepsOptions {
  readonly opened: { readonly part: Part; readonly position: number };
  /** The page of the grid, as far as it is known. */
  readonly images: readonly LookedAtImage[];
  readonly from: number;
  readonly total: number;
  /** How many images the opened one's part has, where that is known. */
  readonly partCount: number | undefined;
}

/** An image of the grid is followed by the grid's next, over its pages; any other by the one with the next number. */
export function stepsFrom({ opened, images, from, total, partCount }: StepsOptions): Steps {
  const { part, position } = opened;
  const index = images.findIndex((image) => image.part === part && image.position === position);
  if (index < 0) {
    const at = (number: number): Step => ({ kind: "image", part, position: number });
    return {
      place: null,
      previous: position > 0 ? at(position - 1) : undefined,
      next: partCount === undefined || position + 1 < partCount ? at(position + 1) : undefined,
    };
  }
  const at = (i: number): Step | undefined => {
    const image = images[i];
    return image && { kind: "image", part, position: image.position };
  };
  const before: Step | undefined =
    from > 0 ? { kind: "page", from: Math.max(0, from - PAGE_SIZE), edge: "last" } : undefined;
  const after: Step | undefined =
    from + images.length < total ? { kind: "page", from: from + images.length, edge: "first" } : undefined;
  return {
    place: `${formatCount(from + index + 1)} of ${formatCount(total)}`,
    previous: at(index - 1) ?? before,
    next: at(index + 1) ?? after,
  };
}
