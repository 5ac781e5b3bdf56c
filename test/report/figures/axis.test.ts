import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { epochAxis, logAxis, spansDecades } from "../../../src/report/figures/axis.js";

const labels = ({ ticks, label }: ReturnType<typeof logAxis>) => ticks.map(label);

describe("epochAxis", () => {
  it("has ticks at whole epochs alone, each once, the first and the last among them, with room for what stands there", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200_000 }),
        fc.integer({ min: 200, max: 900 }),
        (last, length) => {
          const { min, max, ticks, label } = epochAxis(last, length, 13);
          expect(ticks[0]).toBe(1);
          expect(ticks.at(-1)).toBe(last);
          expect(ticks.every(Number.isInteger)).toBe(true);
          for (const [i, tick] of ticks.slice(1).entries()) {
            const distance = ((tick - (ticks[i] ?? 0)) / (max - min)) * length;
            expect(distance).toBeGreaterThan(label(tick).length * 6 + 4);
          }
          expect(min).toBeLessThan(1);
          expect(max).toBeGreaterThan(last);
        },
      ),
    );
  });

  it.each([
    [1, ["1"]],
    [2, ["1", "2"]],
    [3, ["1", "2", "3"]],
    [10, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]],
    [50, ["1", "5", "10", "15", "20", "25", "30", "35", "40", "45", "50"]],
    [200, ["1", "20", "40", "60", "80", "100", "120", "140", "160", "180", "200"]],
  ])("of %i epochs has the ticks %j", (last, expected) => {
    expect(labels(epochAxis(last, 400, 13))).toEqual(expected);
  });
});

describe("logAxis", () => {
  it("holds all values, with two to nine ticks between them", () => {
    const exponent = fc.double({ min: -300, max: 300, noNaN: true });
    fc.assert(
      fc.property(fc.array(exponent, { minLength: 2, maxLength: 20 }), (exponents) => {
        const values = exponents.map((power) => 10 ** power);
        fc.pre(spansDecades(values));
        const axis = logAxis(values);
        for (const value of values) {
          expect(axis.place(value)).toBeGreaterThanOrEqual(axis.min);
          expect(axis.place(value)).toBeLessThanOrEqual(axis.max);
        }
        expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
        expect(axis.ticks.length).toBeLessThanOrEqual(9);
        expect(axis.ticks[0]).toBeGreaterThanOrEqual(axis.min);
        expect(axis.ticks.at(-1)).toBeLessThanOrEqual(axis.max);
        expect(new Set(labels(axis)).size).toBe(axis.ticks.length);
      }),
    );
  });

  it.each([
    [
      [0.008, 0.21],
      ["0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5"],
    ],
    [
      [0.0001, 10],
      ["0.0001", "0.001", "0.01", "0.1", "1", "10"],
    ],
    [
      [1e-6, 1],
      ["1e-6", "1e-5", "0.0001", "0.001", "0.01", "0.1", "1"],
    ],
    [
      [0, -1, Number.NaN, 1, 20],
      ["1", "2", "5", "10", "20"],
    ],
  ])("of %j has the ticks %j", (values, expected) => {
    expect(labels(logAxis(values))).toEqual(expected);
  });

  it("has no place for 0, for less, and for what is not a number", () => {
    const { place } = logAxis([0.01, 1]);
    expect([0, -1, Number.NaN].map(place)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe("spansDecades", () => {
  it.each([
    [[0.05, 0.014], false],
    [[0.21, 0.008], true],
    [[0, 0.5, 0.4], false],
    [[0, 0], false],
    [[], false],
    [[Number.NaN, Number.POSITIVE_INFINITY, 3], false],
    [[Number.NaN, 0, 30, 3], true],
  ])("of %j is %s", (values, expected) => {
    expect(spansDecades(values)).toBe(expected);
  });
});
