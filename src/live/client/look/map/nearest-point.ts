import type { Point } from "./view-transform.js";

export type Direction = "left" | "right" | "up" | "down";

/**
 * The point that is nearest to a place, if one is within reach.
 *
 * @param positions [n_points, 2]
 * @returns Its index, or `undefined`.
 */
export function nearestPoint(positions: Float32Array, to: Point, reach = Infinity): number | undefined {
  let nearest: number | undefined;
  let least = reach * reach;
  for (let i = 0; 2 * i + 1 < positions.length; i++) {
    const dx = (positions[2 * i] ?? 0) - to.x;
    const dy = (positions[2 * i + 1] ?? 0) - to.y;
    const distance = dx * dx + dy * dy;
    if (distance <= least) {
      least = distance;
      nearest = i;
    }
  }
  return nearest;
}

/**
 * The point to which an arrow key leads: of those that lie within 45 degrees of its direction the nearest, where what lies aside counts
 * double, so that a row of points is followed.
 *
 * @returns Its index; `undefined` where nothing lies in that direction.
 */
export function nearestInDirection(
  positions: Float32Array,
  from: number,
  direction: Direction,
): number | undefined {
  const x = positions[2 * from] ?? 0;
  const y = positions[2 * from + 1] ?? 0;
  let nearest: number | undefined;
  let least = Infinity;
  for (let i = 0; 2 * i + 1 < positions.length; i++) {
    const dx = (positions[2 * i] ?? 0) - x;
    const dy = (positions[2 * i + 1] ?? 0) - y;
    const [ahead, aside] = split(dx, dy, direction);
    if (i === from || ahead <= 0 || aside > ahead) continue;
    const distance = ahead + 2 * aside;
    if (distance < least) {
      least = distance;
      nearest = i;
    }
  }
  return nearest;
}

function split(dx: number, dy: number, direction: Direction): readonly [ahead: number, aside: number] {
  switch (direction) {
    case "left":
      return [-dx, Math.abs(dy)];
    case "right":
      return [dx, Math.abs(dy)];
    case "up":
      return [-dy, Math.abs(dx)];
    case "down":
      return [dy, Math.abs(dx)];
  }
}
