import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDrawing, encodeDrawing, LONGEST_CODE } from "../../../../src/live/client/draw/drawing-code.js";
import {
  finish,
  GRID,
  isStep,
  MOST_STROKES,
  type PenPoint,
  type Stroke,
  simplify,
  smooth,
  toGrid,
} from "../../../../src/live/client/draw/stroke.js";

const share = fc.double({ min: 0, max: 1, noNaN: true });
const point = fc.record({ x: share, y: share, pressure: share });
const mousePoint = fc.record({ x: share, y: share, pressure: fc.constant(0.5) });
const stroke = fc.oneof(
  fc.array(point, { minLength: 1, maxLength: 60 }),
  fc.array(mousePoint, { minLength: 1, maxLength: 60 }),
);

/** A wave of so many points, as a hand draws it. */
const wave = (points: number, phase: number): Stroke =>
  Array.from({ length: points }, (_, i) => ({
    x: i / points,
    y: 0.5 + 0.4 * Math.sin(phase + i / 3) * Math.cos(i * phase),
    pressure: 0.5 + 0.5 * Math.sin(i / 5),
  }));

function distance(p: PenPoint, line: Stroke): number {
  const to = (a: PenPoint, b: PenPoint) => {
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const length2 = dx * dx + dy * dy;
    const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2));
    return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
  };
  return Math.min(...line.map((a, i) => to(a, line[i + 1] ?? a)));
}

describe("a stroke that is simplified", () => {
  it("passes every point that is left out as near as was asked for", () => {
    fc.assert(
      fc.property(stroke, fc.double({ min: 0.001, max: 0.3, noNaN: true }), (drawn, tolerance) => {
        const simple = simplify(drawn, tolerance);
        for (const p of drawn) expect(distance(p, simple)).toBeLessThanOrEqual(tolerance + 1e-9);
      }),
    );
  });

  it("keeps its ends, and has no points that were not drawn", () => {
    fc.assert(
      fc.property(stroke, (drawn) => {
        const simple = simplify(drawn, 0.05);
        expect(simple[0]).toBe(drawn[0]);
        expect(simple.at(-1)).toBe(drawn.at(-1));
        for (const p of simple) expect(drawn).toContain(p);
      }),
    );
  });

  it("needs two points for a line, however many it was drawn by", () => {
    const line = Array.from({ length: 300 }, (_, i) => ({ x: i / 300, y: i / 600, pressure: 0.5 }));
    expect(simplify(line, 0.001)).toEqual([line[0], line[299]]);
  });

  it("keeps a change of pressure on a straight line", () => {
    const line = Array.from({ length: 101 }, (_, i) => ({ x: i / 100, y: 0.5, pressure: i === 50 ? 1 : 0 }));
    expect(simplify(line, 0.001)).toContain(line[50]);
  });
});

describe("a stroke that is smoothed", () => {
  it("keeps its ends and the corner of a 7", () => {
    const seven = [
      { x: 0.2, y: 0.2, pressure: 0.5 },
      { x: 0.8, y: 0.2, pressure: 0.5 },
      { x: 0.4, y: 0.9, pressure: 0.5 },
    ];
    expect(smooth(seven)).toEqual(seven);
  });

  it("turns by less at each point than it was drawn", () => {
    const circle = Array.from({ length: 9 }, (_, i) => {
      const angle = (i / 8) * 2 * Math.PI;
      return { x: 0.5 + 0.3 * Math.cos(angle), y: 0.5 + 0.3 * Math.sin(angle), pressure: 0.5 };
    });
    const sharpest = (line: Stroke) =>
      Math.max(
        ...line.slice(1, -1).map((here, i) => {
          const [a, b] = [line[i] as PenPoint, line[i + 2] as PenPoint];
          const [ux, uy, vx, vy] = [here.x - a.x, here.y - a.y, b.x - here.x, b.y - here.y];
          return Math.abs(Math.atan2(ux * vy - uy * vx, ux * vx + uy * vy));
        }),
      );
    expect(sharpest(circle)).toBeCloseTo(Math.PI / 4);
    expect(sharpest(smooth(circle))).toBeLessThan(Math.PI / 16);
  });

  it("stays within what its points span", () => {
    fc.assert(
      fc.property(stroke, (drawn) => {
        const [left, right] = [Math.min(...drawn.map(({ x }) => x)), Math.max(...drawn.map(({ x }) => x))];
        for (const { x } of smooth(drawn)) {
          expect(x).toBeGreaterThanOrEqual(left - 1e-12);
          expect(x).toBeLessThanOrEqual(right + 1e-12);
        }
      }),
    );
  });

  it("is added to by steps that can be seen", () => {
    const dot = [{ x: 0.5, y: 0.5, pressure: 0.5 }];
    expect(isStep([], { x: 0.5, y: 0.5, pressure: 0.5 })).toBe(true);
    expect(isStep(dot, { x: 0.5001, y: 0.5, pressure: 0.5 })).toBe(false);
    expect(isStep(dot, { x: 0.51, y: 0.5, pressure: 0.5 })).toBe(true);
  });
});

describe("the code of a drawing", () => {
  it("is read as the very drawing, where that has no more points than an address holds", () => {
    fc.assert(
      fc.property(fc.array(stroke, { maxLength: 4 }), (drawn) => {
        const finished = drawn.map(finish);
        expect(decodeDrawing(encodeDrawing(finished))).toEqual(finished);
      }),
    );
  });

  it("is never longer than an address bears, and keeps each stroke's ends", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MOST_STROKES }), share, (count, phase) => {
        const drawn = Array.from({ length: count }, (_, i) => finish(wave(150, phase + i)));
        const code = encodeDrawing(drawn);
        expect(code.length).toBeLessThanOrEqual(LONGEST_CODE);
        expect(code).toMatch(/^[\w-]+$/);
        const read = decodeDrawing(code);
        expect(read).toHaveLength(count);
        expect(read.map((one) => one[0])).toEqual(drawn.map((one) => toGrid(one[0] as PenPoint)));
        expect(read.map((one) => one.at(-1))).toEqual(drawn.map((one) => toGrid(one.at(-1) as PenPoint)));
      }),
      { numRuns: 10 },
    );
  });

  it("stays near the drawing even where points had to go", () => {
    const drawn = Array.from({ length: 12 }, (_, phase) =>
      finish(wave(60, 0).map((p, i) => ({ ...p, y: 0.5 + 0.4 * Math.sin(phase + i / 8) }))),
    );
    expect(decodeDrawing(encodeDrawing(drawn))).not.toEqual(drawn);
    const read = decodeDrawing(encodeDrawing(drawn));
    for (const [i, one] of drawn.entries()) {
      for (const p of one) expect(distance(p, read[i] as Stroke)).toBeLessThan(0.03);
    }
  });

  it("is empty for an empty sheet", () => {
    expect(encodeDrawing([])).toBe("");
    expect(decodeDrawing("")).toEqual([]);
  });

  it("may be anything that somebody types", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^AQ[\w-]{0,40}$/)), (typed) => {
        for (const one of decodeDrawing(typed)) {
          for (const { x, y, pressure } of one) {
            for (const value of [x, y, pressure]) {
              expect(value).toBeGreaterThanOrEqual(0);
              expect(value).toBeLessThanOrEqual(1);
            }
          }
        }
      }),
    );
    expect(decodeDrawing("A".repeat(LONGEST_CODE + 1))).toEqual([]);
  });

  it("says the same for the same drawing in every release: addresses are kept", () => {
    const seven = [
      [
        { x: 0, y: 0, pressure: 0.5 },
        { x: 1, y: 0, pressure: 0.5 },
        { x: 512 / GRID, y: 1, pressure: 0.5 },
      ],
      [{ x: 0.5, y: 0.5, pressure: 1 }],
    ];
    expect(encodeDrawing(seven)).toBe("AQYAAP4PAP0H_g8DgAiACA4");
  });
});
