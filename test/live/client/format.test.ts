import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatDuration,
  formatFigure,
  formatMoment,
  formatOutput,
  formatPercent,
  formatRate,
  formatSureness,
} from "../../../src/live/client/parts/format.js";

describe("numbers as the page shows them", () => {
  it("are shares in percent, of which only a whole is 100, and only nothing is 0", () => {
    const words = [0, 0.5, 0.9839, 1, 0.99999, 0.00001].map((share) => formatPercent(share));
    expect(words).toEqual(
      ["0 %", "50.0 %", "98.4 %", "100 %", "over 99.9 %", "under 0.1 %"].map((text) =>
        text.replace(" %", "\u00a0%"),
      ),
    );
    expect([formatPercent(0.99999, 2), formatPercent(null)]).toEqual(["over 99.99\u00a0%", "–"]);
    expect([0.004, 0, 0.9951, 0.97].map(formatSureness)).toEqual(
      ["under 1 %", "0 %", "over 99 %", "97 %"].map((text) => text.replace(" %", "\u00a0%")),
    );
  });

  it("are shares that say 0 or 100 % of nothing else, however many digits they have", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, minExcluded: true, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 0, max: 3 }),
        (share, digits) => {
          const text = formatPercent(share, digits);
          expect(text).not.toMatch(/^(0|0\.0+|100|100\.0+)\s%$/);
          expect(Math.abs(Number(/[\d.]+/.exec(text)?.[0]) - share * 100)).toBeLessThanOrEqual(
            10 ** -digits + 1e-9,
          );
        },
      ),
    );
  });

  it("are plain numbers of two digits, those that are too long by powers of ten", () => {
    expect([-1.5, 0.934, -0.001, 1234567, -1234567, null].map(formatOutput)).toEqual([
      "−1.50",
      "0.93",
      "0.00",
      "1.2e+6",
      "−1.2e+6",
      "no number",
    ]);
  });

  it("are figures of three digits", () => {
    expect([0.021345, 12.54, 0, 1234.5, 1e-7, 3e9, -0.5, null].map(formatFigure)).toEqual([
      "0.0213",
      "12.5",
      "0",
      "1,235",
      "1.0e-7",
      "3.0e+9",
      "-0.5",
      "–",
    ]);
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 1e6, noNaN: true }), (value) => {
        const read = Number(formatFigure(value).replaceAll(",", ""));
        expect(Math.abs(read - value)).toBeLessThanOrEqual(Math.max(value * 0.005, value >= 1000 ? 0.5 : 0));
      }),
    );
  });

  it("are times that a person would say", () => {
    expect([0.4, 59.4, 59.6, 125, 3599.6, 4800, null].map(formatDuration)).toEqual([
      "0 s",
      "59 s",
      "1 min 00 s",
      "2 min 05 s",
      "1 h 00 min",
      "1 h 20 min",
      "–",
    ]);
  });

  it("are rates that can be read while they change", () => {
    expect([98_765, 512.34, 7.8912, null].map(formatRate)).toEqual(["99,000", "512", "7.89", "–"]);
  });

  it("are moments, of today by the time and of others by the date", () => {
    const now = new Date(2026, 4, 17, 15, 0);
    expect(formatMoment(new Date(2026, 4, 17, 9, 5).toISOString(), now)).toBe("today 09:05");
    expect(formatMoment(new Date(2026, 0, 2, 9, 5).toISOString(), now)).toBe("2 Jan");
    expect(formatMoment(new Date(2024, 9, 4, 9, 5).toISOString(), now)).toBe("4 Oct 2024");
    expect(formatMoment("some day", now)).toBe("some day");
  });
});
