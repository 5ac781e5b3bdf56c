// Strokes as data, in units of the canvas's side, so that they are drawn anew at any size and kept in an address.

/** A place of the pen. */
export interface PenPoint {
  /** 0 to 1, from the left. */
  readonly x: number;
  /** 0 to 1, from the top. */
  readonly y: number;
  /** 0 to 1, as a pen feels it; a mouse and a finger press with {@link USUAL_PRESSURE}. */
  readonly pressure: number;
}

/** A line drawn without lifting the pen; one point is a dot. */
export type Stroke = readonly PenPoint[];

export const USUAL_PRESSURE = 0.5;

/** A drawing has no more strokes than this: so many always fit into an address, in whatever detail. */
export const MOST_STROKES = 100;
/** A stroke that gets longer is gone on with by another. */
export const MOST_POINTS = 2000;

/** Places are kept as multiples of 1 / GRID, pressures as multiples of 1 / PRESSURES: what an address holds is what is drawn. */
export const GRID = 1023;
export const PRESSURES = 14;

/** Points nearer than this to the one before say nothing new. */
const LEAST_STEP = 1 / 512;
/** Radians: what turns by more is a corner that is meant, and stays one. */
const SHARPEST_CURVE = Math.PI / 3;
const PIECES_OF_A_CURVE = 6;
/** Less than half a pixel of a large canvas. */
const TOLERANCE = 0.8 / GRID;

/** @returns Whether the point is far enough from the stroke's last to be added to it. */
export function isStep(stroke: Stroke, point: PenPoint): boolean {
  const last = stroke.at(-1);
  return last === undefined || Math.hypot(point.x - last.x, point.y - last.y) >= LEAST_STEP;
}

/** Rounds what the samples of a fast hand have made angular: between the middles of two sides runs a parabola. Corners stay. */
export function smooth(stroke: Stroke): Stroke {
  const out: PenPoint[] = stroke.slice(0, 1);
  let isOnCurve = false; // Whether the last point is where the next curve begins.
  for (let i = 1; i < stroke.length - 1; i++) {
    const [before, here, after] = [stroke[i - 1], stroke[i], stroke[i + 1]] as [PenPoint, PenPoint, PenPoint];
    if (turn(before, here, after) > SHARPEST_CURVE) {
      out.push(here);
      isOnCurve = false;
      continue;
    }
    const from = between(before, here, 0.5);
    const to = between(here, after, 0.5);
    for (let piece = isOnCurve ? 1 : 0; piece <= PIECES_OF_A_CURVE; piece++) {
      const t = piece / PIECES_OF_A_CURVE;
      out.push(between(between(from, here, t), between(here, to, t), t));
    }
    isOnCurve = true;
  }
  if (stroke.length > 1) out.push(...stroke.slice(-1));
  return out;
}

/** How much the way turns at `here`, 0 to pi. */
function turn(before: PenPoint, here: PenPoint, after: PenPoint): number {
  const change =
    Math.atan2(after.y - here.y, after.x - here.x) - Math.atan2(here.y - before.y, here.x - before.x);
  return Math.abs(Math.atan2(Math.sin(change), Math.cos(change)));
}

function between(a: PenPoint, b: PenPoint, t: number): PenPoint {
  return {
    x: a.x + (b.x - a.x) * t,
    y: a.y + (b.y - a.y) * t,
    pressure: a.pressure + (b.pressure - a.pressure) * t,
  };
}

/**
 * Leaves out the points that the line passes anyway, by Ramer, Douglas and Peucker: what stays is nowhere further than `tolerance` from
 * what was. Pressure counts as a third direction, in which the line may be off by more, as a width is hardly seen.
 */
export function simplify(stroke: Stroke, tolerance: number): Stroke {
  const weights = weighPoints(stroke, tolerance);
  return stroke.filter((_, i) => (weights[i] ?? 0) > tolerance);
}

/**
 * @param least Points that are kept at no tolerance above it need no weight of their own, and have 0.
 * @returns For each point the tolerance below which {@link simplify} keeps it.
 */
export function weighPoints(stroke: Stroke, least = 0): Float64Array {
  const weights = new Float64Array(stroke.length);
  weights[0] = Number.POSITIVE_INFINITY;
  weights[stroke.length - 1] = Number.POSITIVE_INFINITY;
  // Within a span, nothing is kept unless the point is that divides it.
  const open: [first: number, last: number, most: number][] = [
    [0, stroke.length - 1, Number.POSITIVE_INFINITY],
  ];
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const [first, last, most] = span;
    const { index, distance } = furthest(stroke, first, last);
    if (distance <= least) continue;
    const weight = Math.min(most, distance);
    weights[index] = weight;
    open.push([first, index, weight], [index, last, weight]);
  }
  return weights;
}

/** Half of all the pressure there is weighs as much as a twentieth of the side. */
const WEIGHT_OF_PRESSURE = 0.1;

function furthest(stroke: Stroke, first: number, last: number): { index: number; distance: number } {
  const [a, b] = [stroke[first], stroke[last]] as [PenPoint, PenPoint];
  let [index, distance] = [first, 0];
  for (let i = first + 1; i < last; i++) {
    const d = distanceToSegment(stroke[i] as PenPoint, a, b);
    if (d > distance) [index, distance] = [i, d];
  }
  return { index, distance };
}

function distanceToSegment(p: PenPoint, a: PenPoint, b: PenPoint): number {
  const along = [b.x - a.x, b.y - a.y, (b.pressure - a.pressure) * WEIGHT_OF_PRESSURE] as const;
  const off = [p.x - a.x, p.y - a.y, (p.pressure - a.pressure) * WEIGHT_OF_PRESSURE] as const;
  const length2 = along[0] ** 2 + along[1] ** 2 + along[2] ** 2;
  const dot = along[0] * off[0] + along[1] * off[1] + along[2] * off[2];
  const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, dot / length2));
  return Math.hypot(off[0] - t * along[0], off[1] - t * along[1], off[2] - t * along[2]);
}

/** A stroke as it is kept once the pen is lifted: smooth, of few points, on the grid that an address has. */
export function finish(stroke: Stroke): Stroke {
  return withoutRepeats(simplify(smooth(stroke), TOLERANCE).map(toGrid));
}

export function toGrid({ x, y, pressure }: PenPoint): PenPoint {
  return { x: snap(x, GRID), y: snap(y, GRID), pressure: snap(pressure, PRESSURES) };
}

function snap(value: number, steps: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * steps) / steps;
}

function withoutRepeats(stroke: Stroke): Stroke {
  return stroke.filter((p, i) => {
    const before = stroke[i - 1];
    return before === undefined || p.x !== before.x || p.y !== before.y || p.pressure !== before.pressure;
  });
}
