import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { movedPen, placeInWords, pointOf, RESTING_PEN } from "../../../../src/live/client/draw/key-pen.js";

describe("a pen that keys move", () => {
  const key = fc.record({
    key: fc.constantFrom(
      "ArrowLeft",
      "ArrowRight",
      "ArrowUp",
      "ArrowDown",
      "Home",
      "End",
      "PageUp",
      "PageDown",
    ),
    shiftKey: fc.boolean(),
  });

  it("never leaves the sheet", () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
        const { x, y } = pointOf(keys.reduce((pen, one) => movedPen(pen, one) ?? pen, RESTING_PEN));
        for (const place of [x, y]) {
          expect(place).toBeGreaterThan(0);
          expect(place).toBeLessThan(1);
        }
      }),
    );
  });

  it("goes diagonally by the corners of a number pad, further with Shift, and leaves other keys alone", () => {
    const pen = { column: 10, row: 10, isDown: true };
    expect(movedPen(pen, { key: "PageUp", shiftKey: false })).toEqual({ column: 11, row: 9, isDown: true });
    expect(movedPen(pen, { key: "End", shiftKey: true })).toEqual({ column: 6, row: 14, isDown: true });
    expect(movedPen(pen, { key: "Tab", shiftKey: false })).toBeUndefined();
    expect(placeInWords(pen)).toBe("Pen down, 11 across, 11 down.");
  });
});
