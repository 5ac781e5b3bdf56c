import { type PenPoint, USUAL_PRESSURE } from "./stroke.js";

// The pen that keys move, for those who cannot use a pointer: over a field of as many places as the network's picture has pixels.

const PLACES = 28;
const FAR = 4;

export interface KeyPen {
  /** Place from the left and from the top, 0 to 27. */
  readonly column: number;
  readonly row: number;
  readonly isDown: boolean;
}

export const RESTING_PEN: KeyPen = { column: PLACES / 2, row: PLACES / 4, isDown: false };

/** The keys around the 5 of a number pad: those in its corners move the pen diagonally. */
const MOVES: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  Home: [-1, -1],
  PageUp: [1, -1],
  End: [-1, 1],
  PageDown: [1, 1],
};

/** @returns The pen after a key, or `undefined` where the key does not move it. With Shift it goes further. */
export function movedPen(
  pen: KeyPen,
  { key, shiftKey }: { readonly key: string; readonly shiftKey: boolean },
): KeyPen | undefined {
  const move = MOVES[key];
  if (move === undefined) return undefined;
  const by = shiftKey ? FAR : 1;
  return { ...pen, column: within(pen.column + move[0] * by), row: within(pen.row + move[1] * by) };
}

function within(place: number): number {
  return Math.min(PLACES - 1, Math.max(0, place));
}

/** The middle of the pen's place. */
export function pointOf({ column, row }: KeyPen): PenPoint {
  return { x: (column + 0.5) / PLACES, y: (row + 0.5) / PLACES, pressure: USUAL_PRESSURE };
}

/** Such as `Pen down, 14 across, 8 down.` */
export function placeInWords({ column, row, isDown }: KeyPen): string {
  return `Pen ${isDown ? "down" : "up"}, ${column + 1} across, ${row + 1} down.`;
}
