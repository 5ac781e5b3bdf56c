import { describe, expect, it } from "vitest";
import { createDraws } from "../../../src/data/augmentation/draws.js";
import { createElasticField } from "../../../src/data/augmentation/elastic-field.js";
import { createCoordinates } from "../../../src/data/augmentation/warp.js";
import { RandomState } from "../../../src/random/random-state.js";

const [HEIGHT, WIDTH] = [28, 20];

/** Fields of displacements, each of [height, width] and of one axis. */
function fields(count: number, strength: number, smoothness: number): Float64Array[] {
  const field = createElasticField([HEIGHT, WIDTH], strength, smoothness);
  const random = new RandomState(5);
  return Array.from({ length: count }, () => {
    const places = createCoordinates(WIDTH, HEIGHT);
    field.displace(
      places,
      createDraws(field.draws).map(() => random.randomSample() * 2 - 1),
    );
    return [places.x, places.y];
  }).flat();
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

describe.each([
  [3, 4],
  [2, 2],
  [5, 9],
  [1, 1],
])("an elastic field of strength %d and smoothness %d", (strength, smoothness) => {
  const all = fields(600, strength, smoothness);
  /** Products of two pixels' displacements, so far apart, in the middle and from edge to edge. */
  const covariance = (distance: number, row: number) =>
    mean(all.map((d) => (d[row * WIDTH] ?? Number.NaN) * (d[row * WIDTH + distance] ?? Number.NaN)));

  it("displaces no pixel farther than its strength, and some nearly so", () => {
    const farthest = Math.max(...all.map((d) => d.reduce((most, x) => Math.max(most, Math.abs(x)), 0)));
    expect(farthest).toBeLessThanOrEqual(strength);
    expect(farthest).toBeGreaterThan(0.9 * strength);
  });

  it("has a third of it for standard deviation, at the edges, too, and no direction", () => {
    const pixels = (row: number) =>
      mean(all.map((d) => mean([...d.subarray(row * WIDTH, (row + 1) * WIDTH)])));
    for (const row of [0, HEIGHT / 2, HEIGHT - 1]) {
      expect(Math.abs(pixels(row))).toBeLessThan(0.06 * strength);
      const deviation = Math.sqrt(
        mean(all.map((d) => mean([...d.subarray(row * WIDTH, (row + 1) * WIDTH)].map((x) => x * x)))),
      );
      // Between nodes, linear interpolation is flatter by up to a tenth.
      expect(deviation / (strength / 3)).toBeGreaterThan(0.83);
      expect(deviation / (strength / 3)).toBeLessThan(1.06);
    }
  });

  it("is as smooth as a Gaussian makes it", () => {
    const variance = covariance(0, 14);
    for (const distance of [1, 2, 4, 8].map((share) => Math.round((share * smoothness) / 2))) {
      if (distance < 1 || distance >= WIDTH) continue;
      // Noise smoothed by a Gaussian is correlated as one of sqrt(2) times its width.
      const correlation = Math.exp(-(distance ** 2) / (4 * smoothness ** 2));
      expect(Math.abs(covariance(distance, 14) / variance - correlation)).toBeLessThan(0.13);
    }
  });

  it("moves pixels to the side and downward by noise of their own", () => {
    const pairs = all.flatMap((d, i) => (i % 2 === 0 ? [(d[290] ?? 0) * (all[i + 1]?.[290] ?? 0)] : []));
    expect(Math.abs(mean(pairs)) / (strength / 3) ** 2).toBeLessThan(0.2);
  });
});

it("an elastic field serves pictures of a single pixel, and noise smoother than the picture is large", () => {
  for (const shape of [
    [1, 1],
    [1, 30],
    [3, 2],
  ] as const) {
    const field = createElasticField(shape, 2, 30);
    const places = createCoordinates(shape[1], shape[0]);
    field.displace(places, createDraws(field.draws).fill(1));
    for (const x of [...places.x, ...places.y]) expect(x).toBe(2); // All noise in one direction goes beyond the strength.
  }
});
