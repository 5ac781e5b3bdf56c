import type { RandomState } from "../../random/random-state.js";
import { bell, uniform } from "./chance.js";
import type { Knot, Skeleton } from "./strokes.js";

/** Where the pen is, x to the right and y downward, and how hard it is pressed there. */
export interface PenPoint {
  x: number;
  y: number;
  /** Half the width of the line, as a multiple of the pen's radius. */
  pressure: number;
}

/** What the pen draws: short straight pieces between points. */
export interface PenPath {
  readonly points: readonly PenPoint[];
  readonly pieces: readonly PenPiece[];
}

export interface PenPiece {
  readonly from: PenPoint;
  readonly to: PenPoint;
}

interface LooseKnot extends PenPoint {
  readonly corner: boolean;
}

/** About a pixel and a half: what a curve loses by straight pieces of this length cannot be seen. */
const PIECE_LENGTH = 0.09;

// Standard deviations, in heights of the digit, of a hand with a sloppiness of 1.
const KNOT_DEVIATION = 0.012;
const END_DEVIATION = 0.036;
const STROKE_DEVIATION = 0.03;
/** Standard deviation of the pressure at a knot. */
const PRESSURE_DEVIATION = 0.1;
/** What is left of the pressure, at the least, where a stroke begins or ends. */
const END_PRESSURE = 0.75;
/** By how much of itself the line's width differs from point to point, at the most: paper and ink are rough. */
const ROUGHNESS = 0.07;

/**
 * Follows a skeleton with an unsteady hand: its knots are missed, more so at the ends of strokes, and strokes after the
 * first are out of place as a whole.
 *
 * The pen's way between the knots is a uniform Catmull-Rom spline (E. Catmull and R. Rom, "A class of local interpolating
 * splines", 1974), broken at corners.
 *
 * @param sloppiness How unsteady the hand is; 0 misses nothing.
 * @returns The path in the skeleton's coordinates.
 */
export function trace(skeleton: Skeleton, sloppiness: number, random: RandomState): PenPath {
  const points: PenPoint[] = [];
  const pieces: PenPiece[] = [];
  for (const stroke of skeleton) {
    const knots = missKnots(stroke, sloppiness, stroke === skeleton[0], random);
    let last: PenPoint | undefined;
    const moveTo = (x: number, y: number, pressure: number) => {
      const point = { x, y, pressure: pressure * uniform(random, 1 - ROUGHNESS, 1 + ROUGHNESS) };
      points.push(point);
      if (last !== undefined) {
        pieces.push({ from: last, to: point });
      }
      last = point;
    };
    for (const [i, to] of knots.entries()) {
      // Before the first knot there is none: the way to it begins and ends there, and is one point.
      const from = knots[i - 1] ?? to;
      const before = from.corner ? from : (knots[i - 2] ?? from);
      const after = to.corner ? to : (knots[i + 1] ?? to);
      const count = Math.max(1, Math.ceil(distance(from, to) / PIECE_LENGTH));
      for (let piece = 1; piece <= count; piece++) {
        const t = piece / count;
        moveTo(
          catmullRom(before.x, from.x, to.x, after.x, t),
          catmullRom(before.y, from.y, to.y, after.y, t),
          from.pressure + (to.pressure - from.pressure) * t,
        );
      }
    }
  }
  return { points, pieces };
}

function missKnots(
  stroke: readonly Knot[],
  sloppiness: number,
  isFirst: boolean,
  random: RandomState,
): LooseKnot[] {
  const strokeDeviation = isFirst ? 0 : sloppiness * STROKE_DEVIATION;
  const strokeX = strokeDeviation * bell(random);
  const strokeY = strokeDeviation * bell(random);
  return stroke.map(({ x, y, corner }, i) => {
    const isEnd = i === 0 || i === stroke.length - 1;
    const deviation = sloppiness * (isEnd ? END_DEVIATION : KNOT_DEVIATION);
    return {
      x: x + strokeX + deviation * bell(random),
      y: y + strokeY + deviation * bell(random),
      pressure: (isEnd ? uniform(random, END_PRESSURE, 1) : 1) * (1 + PRESSURE_DEVIATION * bell(random)),
      corner,
    };
  });
}

function distance(a: PenPoint, b: PenPoint): number {
  return Math.sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
}

/** The curve that passes p1 at t = 0 and p2 at t = 1, with the slopes (p2 - p0) / 2 and (p3 - p1) / 2. */
function catmullRom(p0: number, p1: number, p2: number, p3: number, t: number): number {
  const cubic = 3 * (p1 - p2) + p3 - p0;
  const quadratic = 2 * p0 - 5 * p1 + 4 * p2 - p3;
  return p1 + 0.5 * t * (p2 - p0 + t * (quadratic + t * cubic));
}
