import type { BackendName, InkLists } from "./backend.js";

// Which lists there are: an object that only looks like lists might name others' images, and what was computed with it be wrong.

const makers = new WeakMap<InkLists, BackendName>();

/** The lists that a backend made, known from now on. */
export function madeInk(lists: InkLists, backend: BackendName): InkLists {
  const made = Object.freeze(lists);
  makers.set(made, backend);
  return made;
}

/** Whether these are lists of these images that such a backend made. */
export function isInkOf(ink: InkLists, images: Uint8Array, width: number, backend: BackendName): boolean {
  return makers.get(ink) === backend && ink.images === images && ink.width === width;
}
