import type { RandomState } from "../../random/random-state.js";
import { bell } from "./chance.js";
import type { PenPoint } from "./pen-path.js";

/** Distance between the nodes of the elastic sheet, in heights of the digit: the larger, the smoother its bends. */
const NODE_SPACING = 0.5;
const NODES_PER_SIDE = 4;
/** Standard deviation of a node's place, in heights of the digit, at a sloppiness of 1. */
const NODE_DEVIATION = 0.12;

const WIDTH_DEVIATION = 0.16;
/** Most hands lean to the right: horizontal shift over a height of 1. */
const MEAN_SLANT = 0.2;
const SLANT_DEVIATION = 0.25;
/** Radians, nearly. */
const ROTATION_DEVIATION = 0.15;

/**
 * Moves the points as if the digit were drawn on a rubber sheet whose nodes are pulled about at random: a displacement
 * field made of quadratic B-splines (the elastic distortion of P. Simard, D. Steinkraus and J. Platt, "Best practices for
 * convolutional neural networks", 2003, with splines in place of their smoothed noise).
 */
export function bend(points: readonly PenPoint[], sloppiness: number, random: RandomState): void {
  const deviation = sloppiness * NODE_DEVIATION;
  const nodes = Array.from({ length: NODES_PER_SIDE * NODES_PER_SIDE }, (_, i) => ({
    x: ((i % NODES_PER_SIDE) - 0.5) * NODE_SPACING,
    y: (Math.floor(i / NODES_PER_SIDE) - 0.5) * NODE_SPACING,
    pullX: deviation * bell(random),
    pullY: deviation * bell(random),
  }));
  for (const point of points) {
    let shiftX = 0;
    let shiftY = 0;
    for (const node of nodes) {
      const weight = bSpline((point.x - node.x) / NODE_SPACING) * bSpline((point.y - node.y) / NODE_SPACING);
      shiftX += weight * node.pullX;
      shiftY += weight * node.pullY;
    }
    point.x += shiftX;
    point.y += shiftY;
  }
}

/** The quadratic B-spline: a smooth hill over [-1.5, 1.5]. Hills at all whole numbers add up to 1 everywhere. */
function bSpline(x: number): number {
  const distance = Math.abs(x);
  if (distance < 0.5) {
    return 0.75 - distance * distance;
  }
  return distance < 1.5 ? 0.5 * (1.5 - distance) * (1.5 - distance) : 0;
}

/** Makes the digit wider or narrower, slants it and turns it, all at random. */
export function lean(points: readonly PenPoint[], random: RandomState): void {
  const width = 1 + WIDTH_DEVIATION * bell(random);
  const slant = MEAN_SLANT + SLANT_DEVIATION * bell(random);
  // The tangent of half the angle gives sine and cosine without a transcendental function.
  const tangent = 0.5 * ROTATION_DEVIATION * bell(random);
  const cosine = (1 - tangent * tangent) / (1 + tangent * tangent);
  const sine = (2 * tangent) / (1 + tangent * tangent);
  for (const point of points) {
    const x = point.x * width - point.y * slant;
    const y = point.y;
    point.x = cosine * x - sine * y;
    point.y = sine * x + cosine * y;
  }
}
