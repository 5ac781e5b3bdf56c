import type { Point, Size } from "./view-transform.js";

/** A name beside the middle of its class's points. */
export interface Label extends Point, Size {
  readonly classIndex: number;
}

/**
 * Where each class's name belongs: at that point of the class which lies nearest to the medians of its coordinates, so that it lies on the
 * class even where that is bent, or in several pieces.
 *
 * @param positions [n_points, 2]
 * @param classes Of each point.
 * @returns Of each class; `undefined` of one without points.
 */
export function classCentres(
  positions: Float32Array,
  classes: readonly number[],
  nClasses: number,
): readonly (Point | undefined)[] {
  const members: Point[][] = Array.from({ length: nClasses }, () => []);
  classes.forEach((k, i) => {
    members[k]?.push({ x: positions[2 * i] ?? 0, y: positions[2 * i + 1] ?? 0 });
  });
  return members.map((points) => {
    const middle = { x: median(points.map(({ x }) => x)), y: median(points.map(({ y }) => y)) };
    let nearest: Point | undefined;
    let least = Infinity;
    for (const point of points) {
      const distance = (point.x - middle.x) ** 2 + (point.y - middle.y) ** 2;
      if (distance < least) {
        least = distance;
        nearest = point;
      }
    }
    return nearest;
  });
}

/** How often labels are pushed apart before what still overlaps is left as it is. */
const ROUNDS = 100;

/**
 * Moves labels apart until none covers another, as little as that takes, and keeps them on the canvas.
 *
 * @param labels By their middles, in pixels.
 */
export function placeLabels(labels: readonly Label[], canvas: Size): readonly Label[] {
  const placed = labels.map((label) => ({ ...keepOn(label, canvas) }));
  for (let round = 0; round < ROUNDS; round++) {
    let isMoved = false;
    for (let i = 0; i < placed.length; i++) {
      for (let j = i + 1; j < placed.length; j++) {
        const a = placed[i];
        const b = placed[j];
        if (a !== undefined && b !== undefined && pushApart(a, b)) isMoved = true;
      }
    }
    for (const label of placed) Object.assign(label, keepOn(label, canvas));
    if (!isMoved) break;
  }
  return placed;
}

interface Movable {
  x: number;
  y: number;
  readonly width: number;
  readonly height: number;
  readonly classIndex: number;
}

/** Along the axis on which less is to be done; each gives way by half. */
function pushApart(a: Movable, b: Movable): boolean {
  const overX = (a.width + b.width) / 2 - Math.abs(a.x - b.x);
  const overY = (a.height + b.height) / 2 - Math.abs(a.y - b.y);
  if (overX <= 0 || overY <= 0) return false;
  // A little more than is needed: rounding would have them meet again.
  if (overY <= overX) {
    const by = (overY / 2 + 0.01) * (a.y <= b.y ? 1 : -1);
    a.y -= by;
    b.y += by;
  } else {
    const by = (overX / 2 + 0.01) * (a.x <= b.x ? 1 : -1);
    a.x -= by;
    b.x += by;
  }
  return true;
}

function keepOn(label: Label, { width, height }: Size): Label {
  return {
    ...label,
    x: clamp(label.x, label.width / 2, width - label.width / 2),
    y: clamp(label.y, label.height / 2, height - label.height / 2),
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
