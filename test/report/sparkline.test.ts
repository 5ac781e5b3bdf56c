import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sparkline } from "../../src/report/sparkline.js";

describe("sparkline", () => {
  it("goes from the lowest bar to the highest", () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe("▁▂▃▄▅▆▇█");
    expect(sparkline([0.9, 0.1])).toBe("█▁");
  });

  it("leaves a gap for what is not a number, and has nothing for no values", () => {
    expect(sparkline([1, Number.NaN, 2, Number.POSITIVE_INFINITY])).toBe("▁ █ ");
    expect(sparkline([Number.NaN])).toBe(" ");
    expect(sparkline([])).toBe("");
  });

  it("stands at the middle when nothing changes", () => {
    expect(sparkline([3, 3])).toBe("▅▅");
  });

  it("keeps the first and the last value of a long run", () => {
    const values = Array.from({ length: 1000 }, (_, i) => i);
    const line = sparkline(values, { width: 9 });
    expect(line).toHaveLength(9);
    expect(line.at(0)).toBe("▁");
    expect(line.at(-1)).toBe("█");
    expect(sparkline([5, 1, 9], { width: 1 })).toHaveLength(1);
  });

  it("has a character for each value, at most as many as fit", () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.integer({ min: 1, max: 60 }), (values, width) => {
        expect(sparkline(values, { width })).toHaveLength(Math.min(values.length, width));
      }),
    );
  });
});
