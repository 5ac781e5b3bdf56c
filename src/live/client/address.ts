// What the page shows stands in the part of its address after #, so that a link, a reload and the browser's Back show the same:
// #train?run=a&with=b,c    #draw?run=a    #look?run=a&class=7&verdict=wrong

export const VIEWS = ["train", "draw", "look"] as const;
export type View = (typeof VIEWS)[number];

export const VIEW_NAMES: Readonly<Record<View, string>> = { train: "Train", draw: "Draw", look: "Look" };

export interface Address {
  readonly view: View;
  /** What else a view keeps, by names of its own. `run` is the run that is looked at, in every view. */
  readonly state: Readonly<Record<string, string>>;
}

export function parseAddress(hash: string): Address {
  const [name = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const view = VIEWS.find((known) => known === name) ?? "train";
  return { view, state: Object.fromEntries(new URLSearchParams(query)) };
}

/** @returns The part after #, `#` included. What is empty is left out. */
export function formatAddress({ view, state }: Address): string {
  const entries = Object.entries(state).filter(([, value]) => value !== "");
  const query = new URLSearchParams(entries).toString();
  return `#${view}${query === "" ? "" : `?${query}`}`;
}
