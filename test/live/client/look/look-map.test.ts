import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classCentres, placeLabels } from "../../../../src/live/client/look/map/class-labels.js";
import { classColour, classShapePoints } from "../../../../src/live/client/look/map/class-marks.js";
import { decodeActivations, summarizeClasses } from "../../../../src/live/client/look/map/hidden-space.js";
import { principalComponents, umapLayout } from "../../../../src/live/client/look/map/layout.js";
import { nearestInDirection, nearestPoint } from "../../../../src/live/client/look/map/nearest-point.js";
import {
  fitTransform,
  panBy,
  toPixel,
  WHOLE,
  ZOOM_RANGE,
  zoomAbout,
} from "../../../../src/live/client/look/map/view-transform.js";
import { madeUpHidden } from "./made-up-images.js";

const coordinate = fc.double({ min: -1000, max: 1000, noNaN: true });
const points = fc
  .array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 40 })
  .map((pairs) => Float32Array.from(pairs.flat()));
const size = { width: 800, height: 600 };
const pixel = fc.record({ x: fc.integer({ min: 0, max: 800 }), y: fc.integer({ min: 0, max: 600 }) });
const moves = fc.array(fc.tuple(pixel, fc.double({ min: 0.2, max: 5, noNaN: true })), { maxLength: 8 });

describe("a map on its canvas", () => {
  it("has all its points within the margins", () => {
    fc.assert(
      fc.property(points, (positions) => {
        const transform = fitTransform(positions, size, 20);
        for (let i = 0; i < positions.length; i += 2) {
          const { x, y } = toPixel(transform, { x: positions[i] ?? 0, y: positions[i + 1] ?? 0 });
          expect(x).toBeGreaterThan(20 - 0.01);
          expect(x).toBeLessThan(780 + 0.01);
          expect(y).toBeGreaterThan(20 - 0.01);
          expect(y).toBeLessThan(580 + 0.01);
        }
      }),
      { examples: [[Float32Array.of(0, -512.0000610351562)]], numRuns: 500 },
    );
  });

  it("has points in its middle that lie all at the same place, wherever that is", () => {
    fc.assert(
      fc.property(coordinate, coordinate, (x, y) => {
        const place = Float32Array.from([x, y, x, y]);
        const [at = 0, down = 0] = place;
        const middle = toPixel(fitTransform(place, size, 20), { x: at, y: down });
        expect(middle.x).toBeCloseTo(400, 2);
        expect(middle.y).toBeCloseTo(300, 2);
      }),
    );
  });

  it("never leaves the canvas, however it is zoomed and moved", () => {
    fc.assert(
      fc.property(moves, (all) => {
        const view = all.reduce(
          (before, [at, factor]) =>
            panBy(zoomAbout(before, factor, at, size), { x: at.x - 400, y: at.y - 300 }, size),
          WHOLE,
        );
        expect(view.scale).toBeGreaterThanOrEqual(ZOOM_RANGE[0]);
        expect(view.scale).toBeLessThanOrEqual(ZOOM_RANGE[1]);
        const [topLeft, bottomRight] = [toPixel(view, { x: 0, y: 0 }), toPixel(view, { x: 800, y: 600 })];
        expect(topLeft.x).toBeLessThanOrEqual(1e-6);
        expect(topLeft.y).toBeLessThanOrEqual(1e-6);
        expect(bottomRight.x).toBeGreaterThanOrEqual(800 - 1e-6);
        expect(bottomRight.y).toBeGreaterThanOrEqual(600 - 1e-6);
      }),
    );
  });

  it("keeps what lies below the pointer there when it is zoomed in", () => {
    fc.assert(
      fc.property(pixel, fc.double({ min: 1, max: 40, noNaN: true }), (at, factor) => {
        const view = zoomAbout(WHOLE, factor, at, size);
        const { x, y } = toPixel(view, at);
        expect(x).toBeCloseTo(at.x, 6);
        expect(y).toBeCloseTo(at.y, 6);
      }),
    );
  });

  it("is whole again when it is zoomed out", () => {
    expect(zoomAbout(zoomAbout(WHOLE, 8, { x: 30, y: 500 }, size), 1e-3, { x: 700, y: 3 }, size)).toEqual(
      WHOLE,
    );
  });
});

describe("the nearest point", () => {
  it("is as near as any", () => {
    fc.assert(
      fc.property(points, fc.record({ x: coordinate, y: coordinate }), (positions, to) => {
        const nearest = nearestPoint(positions, to) ?? -1;
        const distance = (i: number) =>
          Math.hypot((positions[2 * i] ?? 0) - to.x, (positions[2 * i + 1] ?? 0) - to.y);
        for (let i = 0; 2 * i < positions.length; i++) {
          expect(distance(nearest)).toBeLessThanOrEqual(distance(i) + 1e-6);
        }
      }),
    );
  });

  it("is none where all are out of reach", () => {
    expect(nearestPoint(Float32Array.of(0, 0, 10, 0), { x: 5, y: 0 }, 4)).toBeUndefined();
    expect(nearestPoint(Float32Array.of(0, 0, 10, 0), { x: 7, y: 0 }, 4)).toBe(1);
  });

  it("of a direction lies in it", () => {
    fc.assert(
      fc.property(points, (positions) => {
        const right = nearestInDirection(positions, 0, "right");
        const down = nearestInDirection(positions, 0, "down");
        if (right !== undefined) expect(positions[2 * right]).toBeGreaterThan(positions[0] ?? 0);
        if (down !== undefined) expect(positions[2 * down + 1]).toBeGreaterThan(positions[1] ?? 0);
      }),
    );
  });

  it("of a direction is the next of a row, not one aside", () => {
    const positions = Float32Array.of(0, 0, 10, 0, 20, 0, 8, 7, 0, -9);
    expect(nearestInDirection(positions, 0, "right")).toBe(1);
    expect(nearestInDirection(positions, 1, "right")).toBe(2);
    expect(nearestInDirection(positions, 2, "left")).toBe(1);
    expect(nearestInDirection(positions, 0, "up")).toBe(4);
    expect(nearestInDirection(positions, 2, "right")).toBeUndefined();
  });
});

describe("names on the map", () => {
  const labels = fc.array(
    fc.record({
      classIndex: fc.nat(),
      ...{ x: fc.integer({ min: 0, max: 800 }), y: fc.integer({ min: 0, max: 600 }) },
    }),
    { maxLength: 12 },
  );

  it("do not cover each other, and stay on the canvas", () => {
    fc.assert(
      fc.property(labels, (wanted) => {
        const placed = placeLabels(
          wanted.map((label) => ({ ...label, width: 30, height: 24 })),
          size,
        );
        placed.forEach((a, i) => {
          expect(a.x).toBeGreaterThanOrEqual(15);
          expect(a.x).toBeLessThanOrEqual(785);
          expect(a.y).toBeGreaterThanOrEqual(12);
          expect(a.y).toBeLessThanOrEqual(588);
          for (const b of placed.slice(i + 1)) {
            const isApart = Math.abs(a.x - b.x) >= 30 - 0.1 || Math.abs(a.y - b.y) >= 24 - 0.1;
            expect(isApart).toBe(true);
          }
        });
      }),
    );
  });

  it("stay where they are when none is in the way", () => {
    const label = { classIndex: 3, x: 100, y: 200, width: 30, height: 24 };
    expect(placeLabels([label, { ...label, x: 300 }], size)).toEqual([label, { ...label, x: 300 }]);
  });

  it("lie on a point of their class, even of one that is bent around another", () => {
    const positions = Float32Array.of(-10, 0, 0, 10, 10, 0, 0, 0);
    expect(classCentres(positions, [0, 0, 0, 1], 3)).toEqual([
      expect.objectContaining({}),
      { x: 0, y: 0 },
      undefined,
    ]);
    const [bent] = classCentres(positions, [0, 0, 0, 1], 2);
    expect([
      { x: -10, y: 0 },
      { x: 0, y: 10 },
      { x: 10, y: 0 },
    ]).toContainEqual(bent);
  });

  it("have pairs of colour and outline of their own", () => {
    const marks = Array.from({ length: 62 }, (_, k) => `${classColour(k)} ${classShapePoints(k)}`);
    expect(new Set(marks).size).toBe(62);
    expect(new Set(marks.slice(0, 10).map((mark) => mark.slice(10))).size).toBe(10);
  });
});

describe("a hidden space", () => {
  const space = madeUpHidden("test", 200, 1);
  const activations = decodeActivations(space);

  it("is read as float32, little-endian", () => {
    const bytes = Buffer.from([0, 0, 128, 63, 0, 0, 0, 192]);
    expect([...decodeActivations({ activations: bytes.toString("base64") })]).toEqual([1, -2]);
    expect(activations).toHaveLength(200 * space.width);
  });

  it("is told in a table: how many of each class, and which class is most alike", () => {
    const rows = summarizeClasses(space, activations);
    expect(rows.map(({ images }) => images)).toEqual(Array.from({ length: 10 }, () => 20));
    expect(rows[4]?.nearest).toBe(9);
    expect(rows[9]?.nearest).toBe(4);
    expect(rows[7]?.mistakes).toBe(0);
    expect(rows.reduce((sum, { mistakes }) => sum + mistakes, 0)).toBe(
      space.images.filter(({ trueClass, predicted }) => trueClass !== predicted).length,
    );
  });

  it("has no nearest class where there is one class alone", () => {
    const images = space.images.map((image) => ({ ...image, trueClass: 2 }));
    expect(summarizeClasses({ ...space, images }, activations)[2]?.nearest).toBeNull();
  });
});

describe("principal components", () => {
  it("keep the direction in which points differ most, and drop the least", () => {
    const activations = Float32Array.from([0, 0, 5, 10, 1, 5, 20, 0, 5, 30, 1, 5]);
    const positions = principalComponents(activations, 3);
    const along = [0, 1, 2, 3].map((i) => positions[2 * i] ?? 0);
    const step = (along[1] ?? 0) - (along[0] ?? 0);
    expect(Math.abs(step)).toBeCloseTo(10, 0);
    along.forEach((x, i) => {
      expect(x - (along[0] ?? 0)).toBeCloseTo(step * i, 0);
    });
  });

  it("are finite whatever the units do", () => {
    for (const width of [0, 1, 2, 7, 300]) {
      for (const n of [0, 1, 2, 5]) {
        const still = principalComponents(new Float32Array(n * width).fill(3), width);
        expect([...still].every((value) => Number.isFinite(value))).toBe(true);
      }
    }
    expect([...principalComponents(Float32Array.of(-1, 1), 1)].map(Math.abs)).toEqual([1, 0, 1, 0]);
  });

  it("of a wide layer lie about as those of a narrow one", () => {
    // 300 units, each of which says the same as one of three does.
    const scales = [5, 2, 0.1];
    const narrow = Float32Array.from({ length: 3 * 40 }, (_, i) => Math.sin(i * i) * (scales[i % 3] ?? 0));
    const wide = Float32Array.from(
      { length: 300 * 40 },
      (_, i) => narrow[3 * Math.floor(i / 300) + (i % 3)] ?? 0,
    );
    const [a, b] = [principalComponents(narrow, 3), principalComponents(wide, 300)];
    const distance = (positions: Float32Array, i: number) => {
      const [x0 = 0, y0 = 0] = positions;
      return Math.hypot((positions[2 * i] ?? 0) - x0, (positions[2 * i + 1] ?? 0) - y0);
    };
    for (let i = 1; i < 40; i++) {
      expect(Math.abs(distance(b, i) / 10 - distance(a, i))).toBeLessThan(0.2 * distance(a, i) + 0.2);
    }
  });
});

describe("UMAP", () => {
  const { width, images, ...space } = madeUpHidden("test", 120, 1);
  const activations = decodeActivations(space);
  const start = principalComponents(activations, width);
  const finish = () => [...umapLayout(activations, width, start)].at(-1)?.positions ?? new Float32Array();

  it("gives the same map for the same activations, and another place than the start", () => {
    const map = finish();
    expect(map).toEqual(finish());
    expect(map).toHaveLength(240);
    expect([...map].every((value) => Number.isFinite(value))).toBe(true);
    expect(map).not.toEqual(start);
  });

  it("keeps a class together", () => {
    const map = finish();
    const isNeighbourAlike = images.map(({ trueClass }, i) => {
      const others = map.slice();
      others.set([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], 2 * i);
      const nearest = nearestPoint(others, { x: map[2 * i] ?? 0, y: map[2 * i + 1] ?? 0 });
      return nearest !== undefined && images[nearest]?.trueClass === trueClass;
    });
    expect(isNeighbourAlike.filter(Boolean).length).toBeGreaterThan(0.75 * images.length);
  });

  it("tells how far it is, up to all of it", () => {
    const shares = [...umapLayout(activations, width, start)].map(({ done }) => done);
    expect(shares.at(-1)).toBe(1);
    expect(shares.every((share, i) => i === 0 || share > (shares[i - 1] ?? 0))).toBe(true);
  });

  it("leaves a handful of points at their start", () => {
    const few = activations.subarray(0, 5 * width);
    const places = principalComponents(few, width);
    expect([...umapLayout(few, width, places)]).toEqual([{ done: 1, positions: places }]);
  });
});
