import type { HiddenActivations } from "../../../protocol.js";

/** Red, green and blue of a cell that is dark, and of those that are as bright as can be, above and below nothing. */
const DARK = [40, 45, 56] as const;
const BRIGHT = [255, 214, 82] as const;
const BELOW = [104, 176, 255] as const;

/** From this share of the largest on, a unit counts as bright; below the other one, as dark. */
const BRIGHT_SHARE = 0.5;
const DARK_SHARE = 0.1;

/** So many of the brightest units are named. */
const MOST_NAMED = 3;

/** @returns How bright a unit is, -1 to 1; 0 where its activation is not a number. */
export function brightness(activation: number | null, largest: number): number {
  if (activation === null || !(largest > 0)) return 0;
  return Math.min(1, Math.max(-1, activation / largest));
}

/** Yellow for what is above nothing, blue for what is below. */
export function cellColour(activation: number | null, largest: number): string {
  const share = brightness(activation, largest);
  const full = share < 0 ? BELOW : BRIGHT;
  const [red, green, blue] = DARK.map((dark, i) =>
    Math.round(dark + ((full[i] ?? 0) - dark) * Math.abs(share)),
  );
  return `rgb(${red}, ${green}, ${blue})`;
}

/** So many cells a row that the field is about three times as wide as it is high. */
export function columnsOf(cells: number): number {
  return Math.max(1, Math.min(cells, Math.ceil(Math.sqrt(cells * 3))));
}

/** What a field of cells shows, such as `12 units are bright, 8 dim, 30 dark. The brightest are units 7, 3 and 12.` */
export function activationsInWords({
  activations,
  largest,
}: Pick<HiddenActivations, "activations" | "largest">): string {
  const strengths = activations.map((activation) => Math.abs(brightness(activation, largest)));
  const bright = strengths.filter((strength) => strength >= BRIGHT_SHARE).length;
  const dark = strengths.filter((strength) => strength < DARK_SHARE).length;
  const counts = `${bright} ${bright === 1 ? "unit is" : "units are"} bright, ${strengths.length - bright - dark} dim, ${dark} dark.`;
  const brightest = [...strengths.keys()]
    .filter((unit) => (strengths[unit] ?? 0) >= BRIGHT_SHARE)
    .sort((a, b) => (strengths[b] ?? 0) - (strengths[a] ?? 0))
    .slice(0, MOST_NAMED)
    .map((unit) => String(unit + 1));
  if (brightest.length === 0) return counts;
  const [verb, noun] = brightest.length === 1 ? ["is", "unit"] : ["are", "units"];
  return `${counts} The brightest ${verb} ${noun} ${new Intl.ListFormat("en-GB").format(brightest)}.`;
}
