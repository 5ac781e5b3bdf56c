import type { Coordinates } from "./warp.js";

/** The field is computed at nodes this far apart, in standard deviations of the Gaussian, and interpolated between them. */
const NODE_SPACING = 0.75;
/** Where the Gaussian is cut off, in standard deviations. */
const REACH = 2.5;
/** The farthest displacement, in standard deviations of the field. */
const DEVIATIONS = 3;

/** Elastic displacements of pictures of one shape. */
export interface ElasticField {
  /** How many numbers of noise a field is made of. */
  readonly draws: number;
  /**
   * Displaces all places, by at most the field's strength along each axis.
   *
   * @param noise [at least draws], uniform from -1 to 1.
   */
  displace(places: Coordinates, noise: Float64Array): void;
}

/**
 * An elastic displacement field: each pixel is displaced by uniform noise that a Gaussian has smoothed, in x and in y by noise of
 * their own (P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional neural networks applied to visual document
 * analysis", 2003).
 *
 * Smoothed noise changes slowly, so that it is computed at nodes three quarters of a standard deviation apart, yet at least a pixel,
 * and interpolated linearly. There is noise around the picture, too, so that its edges are displaced as its middle is.
 *
 * @param strength The farthest displacement along an axis, in pixels. A third of it is the standard deviation, and the
 *   displacements that would be farther, one in four hundred, are cut off.
 * @param smoothness Standard deviation of the Gaussian, in pixels.
 */
export function createElasticField(
  [height, width]: readonly [height: number, width: number],
  strength: number,
  smoothness: number,
): ElasticField {
  const spacing = Math.max(1, smoothness * NODE_SPACING);
  const kernel = gaussian(smoothness / spacing);
  const margin = kernel.length - 1;
  const across = createAxis(width, spacing);
  const down = createAxis(height, spacing);
  const noiseWidth = across.nodes + margin;
  const noiseHeight = down.nodes + margin;
  const columns = new Float64Array(across.nodes * noiseHeight);
  const nodes = new Float64Array(down.nodes * across.nodes);
  const line = new Float64Array(across.nodes);
  // Uniform noise from -1 to 1 has the variance 1/3, and the kernel leaves it so.
  const factor = (strength * Math.sqrt(3)) / DEVIATIONS;

  function displaceAlong(places: Float64Array, noise: Float64Array, start: number): void {
    smooth(noise, start, noiseHeight, noiseWidth, kernel, columns);
    smooth(columns, 0, across.nodes, noiseHeight, kernel, nodes);
    for (let i = 0; i < nodes.length; i++) {
      nodes[i] = Math.max(-strength, Math.min(strength, (nodes[i] as number) * factor));
    }
    addInterpolated(nodes, across, down, line, places);
  }
  return {
    draws: 2 * noiseHeight * noiseWidth,
    displace({ x, y }, noise) {
      displaceAlong(x, noise, 0);
      displaceAlong(y, noise, noiseHeight * noiseWidth);
    },
  };
}

/** A Gaussian at whole numbers, up to {@link REACH}, scaled so that independent noise keeps its variance: its squares add up to 1. */
function gaussian(deviation: number): Float64Array {
  const reach = Math.ceil(REACH * deviation);
  const heights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / deviation) ** 2),
  );
  const norm = Math.sqrt(heights.reduce((sum, height) => sum + height * height, 0));
  return heights.map((height) => height / norm);
}

/** One axis of a picture, and the nodes along it. */
interface Axis {
  readonly nodes: number;
  /** For each pixel the node before it, which is not the last one. */
  readonly before: Int32Array;
  /** For each pixel how far it is on the way to the next node, 0 to 1. */
  readonly share: Float64Array;
}

function createAxis(pixels: number, spacing: number): Axis {
  const nodes = Math.floor((pixels - 1) / spacing) + 2;
  const before = Int32Array.from({ length: pixels }, (_, i) => Math.floor(i / spacing));
  return { nodes, before, share: Float64Array.from(before, (node, i) => i / spacing - node) };
}

/**
 * Convolves each line with a kernel, where it lies within the line, and transposes the result: twice is a separable convolution.
 *
 * @param input From `start` on, [lines, length].
 * @param out [length - kernel.length + 1, lines], overwritten.
 */
function smooth(
  input: Float64Array,
  start: number,
  lines: number,
  length: number,
  kernel: Float64Array,
  out: Float64Array,
): void {
  const taps = kernel.length;
  const outLength = length - taps + 1;
  for (let i = 0; i < lines; i++) {
    for (let j = 0; j < outLength; j++) {
      const first = start + i * length + j;
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += (kernel[k] as number) * (input[first + k] as number);
      out[j * lines + i] = sum;
    }
  }
}

/**
 * Adds to each pixel of `places` what lies between the four nodes around it.
 *
 * @param nodes [down.nodes, across.nodes]
 * @param line [across.nodes], overwritten.
 */
function addInterpolated(
  nodes: Float64Array,
  across: Axis,
  down: Axis,
  line: Float64Array,
  places: Float64Array,
): void {
  const width = across.before.length;
  const height = down.before.length;
  for (let row = 0, i = 0; row < height; row++) {
    const share = down.share[row] as number;
    const above = (down.before[row] as number) * across.nodes;
    const below = above + across.nodes;
    for (let node = 0; node < across.nodes; node++) {
      line[node] = between(nodes[above + node] as number, nodes[below + node] as number, share);
    }
    for (let column = 0; column < width; column++, i++) {
      const before = across.before[column] as number;
      const displacement = between(
        line[before] as number,
        line[before + 1] as number,
        across.share[column] as number,
      );
      places[i] = (places[i] as number) + displacement;
    }
  }
}

function between(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
