import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  activationsInWords,
  brightness,
  cellColour,
  columnsOf,
} from "../../../src/live/client/parts/recognition/activations.js";
import { barSpans, formatShare } from "../../../src/live/client/parts/recognition/shares.js";

const values = fc.array(fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true })), { maxLength: 20 });

describe("bars of classes", () => {
  it("lie within their track, whatever the values", () => {
    fc.assert(
      fc.property(values, (shares) => {
        for (const { start, length } of barSpans(shares)) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(length).toBeGreaterThanOrEqual(0);
          expect(start + length).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });

  it("are as long as their probabilities", () => {
    expect(barSpans([0.25, 0, 0.75])).toEqual([
      { start: 0, length: 0.25 },
      { start: 0, length: 0 },
      { start: 0, length: 0.75 },
    ]);
  });

  it("begin at 0 where values lie on both sides of it", () => {
    expect(barSpans([-1, 3, null])).toEqual([
      { start: 0, length: 0.25 },
      { start: 0.25, length: 0.75 },
      { start: 0.25, length: 0 },
    ]);
  });
});

describe("a class's output", () => {
  it("is a share in whole percents, or a plain number where it is no probability", () => {
    expect(formatShare(0.97, "probability")).toBe("97\u00a0%");
    expect(formatShare(0.934, "activation")).toBe("0.93");
    expect(formatShare(-1.5, "output")).toBe("−1.50");
    expect(formatShare(null, "probability")).toBe("no number");
  });
});

describe("hidden units", () => {
  it("are told by how many are bright, and which are the brightest", () => {
    const inWords = (activations: readonly (number | null)[], largest = 2) =>
      activationsInWords({ activations, largest });
    expect(inWords([0, 2, 0.5, null])).toBe("1 unit is bright, 1 dim, 2 dark. The brightest is unit 2.");
    expect(inWords([1, 2, -1.5, 1.2, 0])).toBe(
      "4 units are bright, 0 dim, 1 dark. The brightest are units 2, 3 and 4.",
    );
    expect(inWords([0, 0, 0, 0])).toBe("0 units are bright, 0 dim, 4 dark.");
    expect(inWords([], 0)).toBe("0 units are bright, 0 dim, 0 dark.");
  });

  it("light up yellow above nothing and blue below, the brighter the further", () => {
    expect(cellColour(0, 1)).toBe(cellColour(null, 1));
    expect(cellColour(1, 1)).toBe("rgb(255, 214, 82)");
    expect(cellColour(-1, 1)).toBe("rgb(104, 176, 255)");
    expect(cellColour(7, 1)).toBe(cellColour(1, 1));
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ min: 0, noNaN: true }), (activation, largest) => {
        expect(Math.abs(brightness(activation, largest))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("stand in a field that is wider than it is high", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (cells) => {
        const columns = columnsOf(cells);
        const rows = Math.ceil(cells / columns);
        expect(columns).toBeLessThanOrEqual(cells);
        expect(rows).toBeLessThanOrEqual(columns);
        expect(columns * rows).toBeLessThan(cells + columns);
      }),
    );
  });
});
