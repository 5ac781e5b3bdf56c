import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Movement, mapAffine } from "../../../src/data/augmentation/affine-map.js";
import { createCoordinates, createFramed, frame, readAt } from "../../../src/data/augmentation/warp.js";
import { randomIntegers } from "../../support/guarded-memory.js";

const STILL: Movement = { right: 0, down: 0, angle: 0, size: 1 };

/** A picture of random bytes. */
function noisy(width: number, height: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length: width * height }, randomIntegers(seed));
}

function moved(picture: Uint8Array, width: number, height: number, movement: Partial<Movement>): Uint8Array {
  const places = createCoordinates(width, height);
  mapAffine({ ...STILL, ...movement }, places);
  return read(picture, places);
}

function read(picture: Uint8Array, places: ReturnType<typeof createCoordinates>): Uint8Array {
  const framed = createFramed(places);
  const out = new Uint8Array(picture.length).fill(7);
  frame(picture, 0, places, framed);
  readAt(framed, places, out, 0);
  return out;
}

/** A picture's pixels, each found by a function of its column and row; what is outside of `picture` is 0. */
function drawn(
  picture: Uint8Array,
  width: number,
  height: number,
  from: (x: number, y: number) => readonly [x: number, y: number],
): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = from(i % width, Math.floor(i / width));
    return x < 0 || x >= width || y < 0 || y >= height ? 0 : (picture[y * width + x] ?? Number.NaN);
  });
}

describe("a picture that is moved", () => {
  const shapes = [
    [28, 28],
    [5, 5],
    [4, 4],
    [7, 3],
    [1, 1],
    [1, 9],
  ] as const;

  it.each(shapes)("stays as it is when it is not: %i x %i", (width, height) => {
    expect(moved(noisy(width, height), width, height, {})).toEqual(noisy(width, height));
  });

  it.each(shapes.filter(([width, height]) => width === height))(
    "by 90 degrees is the transposed picture, mirrored, and by 180 the one read backward: %i x %i",
    (side) => {
      const picture = noisy(side, side);
      const turn = (angle: number) => moved(picture, side, side, { angle });
      // Counter-clockwise: what is at the top was at the right.
      expect(turn(90)).toEqual(drawn(picture, side, side, (x, y) => [side - 1 - y, x]));
      expect(turn(-90)).toEqual(drawn(picture, side, side, (x, y) => [y, side - 1 - x]));
      expect(turn(180)).toEqual(picture.toReversed());
      expect(turn(360)).toEqual(picture);
    },
  );

  it.each(shapes)("by whole pixels keeps them, and background follows: %i x %i", (width, height) => {
    const picture = noisy(width, height);
    expect(moved(picture, width, height, { right: 2, down: -1 })).toEqual(
      drawn(picture, width, height, (x, y) => [x - 2, y + 1]),
    );
  });

  it("by half a pixel has the mean of neighbours, and half of what is at its edge", () => {
    expect([...moved(Uint8Array.of(10, 20, 41), 3, 1, { right: 0.5 })]).toEqual([5, 15, 31]);
  });

  it("twice as large shows the middle of itself", () => {
    const picture = noisy(5, 5);
    const large = moved(picture, 5, 5, { size: 2 });
    for (const [place, was] of [
      [0, 6],
      [2, 7],
      [12, 12],
      [24, 18],
    ] as const) {
      expect(large[place]).toBe(picture[was]);
    }
  });
});

it("reads a picture at any places by bilinear interpolation, and background where they are outside or no numbers", () => {
  const anywhere = fc.oneof(
    fc.double({ min: -2, max: 8, noNaN: true }),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1e300, -1, 6, 5, 5 + 1e-12, -1e-12),
  );
  const [width, height] = [6, 5];
  fc.assert(
    fc.property(fc.array(fc.tuple(anywhere, anywhere), { minLength: 30, maxLength: 30 }), (points) => {
      const picture = noisy(width, height, 3);
      const at = (x: number, y: number) =>
        x < 0 || x >= width || y < 0 || y >= height ? 0 : (picture[y * width + x] ?? Number.NaN);
      const places = createCoordinates(width, height);
      for (const [i, [x, y]] of points.entries()) {
        places.x[i] = x;
        places.y[i] = y;
      }
      const out = read(picture, places);
      for (const [i, [x, y]] of points.entries()) {
        const [left, top] = [Math.floor(x), Math.floor(y)];
        const [right, down] = [x - left, y - top];
        const upper = at(left, top) * (1 - right) + at(left + 1, top) * right;
        const lower = at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right;
        const wanted = Number.isFinite(right + down) ? upper * (1 - down) + lower * down : 0;
        // Half a byte for rounding, and 255 * 2 / 2^12 for weights of 11 bits.
        expect(Math.abs((out[i] ?? Number.NaN) - wanted)).toBeLessThan(0.63);
      }
    }),
  );
});
