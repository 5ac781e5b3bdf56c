import fc from "fast-check";
import { describe, expect, it } from "vitest";

interface Line {
  readonly intercept: number;
  readonly slope: number;
}
interface Link {
  readonly name: string;
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly source: string;
}
interface Model {
  readonly LINKS: readonly Link[];
  allReduceSeconds(link: Omit<Link, "name" | "source">, bytes: number, ranks: number): number;
  gradientBytes(width: number): number;
  fitLine(points: readonly (readonly [number, number])[]): Line;
  valueAt(line: Line, x: number): number;
  speedUp(
    compute: { readonly alone: Line; readonly shared: Line },
    link: Omit<Link, "name" | "source">,
    at: { readonly bytes: number; readonly batchSize: number; readonly ranks: number },
  ): number;
  besideOtherWork(load: number, processors: number): string;
  judge(predicted: number, measured: number, tolerance?: number): string;
}

// The script is JavaScript, so that the compiler cannot tell what it exports.
const { LINKS, allReduceSeconds, gradientBytes, fitLine, valueAt, speedUp, judge, besideOtherWork } =
  (await import(new URL("../../scripts/bench/scaling-model.mjs", import.meta.url).href)) as Model;

const link = { alpha: 10e-6, beta: 1e-9, gamma: 0.5e-9 };

describe("a sum over all ranks", () => {
  it("costs nothing alone, and an exchange of all bytes between two", () => {
    expect(allReduceSeconds(link, 1e6, 1)).toBe(0);
    expect(allReduceSeconds(link, 8, 2)).toBeCloseTo(10e-6 + 8 * 1.5e-9, 12);
  });

  it("is by recursive doubling where short, by Rabenseifner's algorithm where long", () => {
    expect(allReduceSeconds(link, 100, 8)).toBeCloseTo(3 * (10e-6 + 100 * 1.5e-9), 12);
    expect(allReduceSeconds(link, 1e7, 8)).toBeCloseTo(6 * 10e-6 + (7 / 8) * 1e7 * 2.5e-9, 10);
  });

  it("grows with bytes and with ranks, by powers of two", () => {
    const bytes = fc.integer({ min: 0, max: 1e8 });
    fc.assert(
      fc.property(bytes, bytes, fc.integer({ min: 1, max: 8 }), (a, b, power) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const ranks = 2 ** power;
        expect(allReduceSeconds(link, less, ranks)).toBeLessThanOrEqual(allReduceSeconds(link, more, ranks));
        expect(allReduceSeconds(link, a, ranks / 2)).toBeLessThan(allReduceSeconds(link, a, ranks));
      }),
    );
  });

  it("has figures for each network, with where they are from, or that they are assumed", () => {
    expect(LINKS.map(({ name }) => name)).toEqual(["10 Gb Ethernet", "100 Gb InfiniBand"]);
    for (const { alpha, beta, source } of LINKS) {
      expect(alpha).toBeGreaterThan(1e-6);
      expect(1 / beta).toBeGreaterThan(0.9e9);
      expect(source).toMatch(/\b20\d\d\b|^assumed: /);
    }
  });
});

describe("the size of a message", () => {
  it("is 159 kB for the chapter's network", () => {
    expect(gradientBytes(50)).toBe(4 * (784 * 50 + 50 + 50 * 10 + 10));
    expect(Math.round(gradientBytes(50) / 1000)).toBe(159);
  });
});

describe("a line through what was measured", () => {
  it("is found again", () => {
    const positive = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(positive, positive, (intercept, slope) => {
        const points = [1, 10, 100, 1000].map((x) => [x, intercept + slope * x] as const);
        const line = fitLine(points);
        for (const [x, y] of points) expect(valueAt(line, x) / y).toBeCloseTo(1, 6);
      }),
    );
  });

  it("never promises a time below nothing", () => {
    expect(
      fitLine([
        [1, 1],
        [2, 4],
        [3, 9],
      ]).intercept,
    ).toBe(0);
    expect(
      fitLine([
        [1, 4],
        [2, 2],
      ]).slope,
    ).toBe(0);
  });
});

describe("a predicted speed-up", () => {
  const compute = {
    alone: { intercept: 1e-4, slope: 1e-6 },
    shared: { intercept: 1.5e-4, slope: 1e-6 },
  };

  it("is the time of one by the time of a share and a sum", () => {
    const at = { bytes: 159_040, batchSize: 1000, ranks: 4 };
    const step = 1.5e-4 + 250e-6 + allReduceSeconds(link, 159_040, 4);
    expect(speedUp(compute, link, at)).toBeCloseTo(1.1e-3 / step, 10);
    expect(speedUp(compute, link, { ...at, ranks: 1 })).toBe(1);
  });

  it("does not pay for a small network with small minibatches on a slow network", () => {
    expect(speedUp(compute, link, { bytes: 159_040, batchSize: 100, ranks: 2 })).toBeLessThan(1);
  });

  it("comes near the number of ranks for large minibatches", () => {
    const gain = speedUp(compute, link, { bytes: 159_040, batchSize: 1e8, ranks: 16 });
    expect(gain).toBeGreaterThan(15.9);
    expect(gain).toBeLessThanOrEqual(16);
  });
});

describe("a verdict", () => {
  it.each([
    [1.1, 1, "met (+10 %)"],
    [0.81, 1, "met (-19 %)"],
    [1.3, 1, "not met (+30 %)"],
    [0.5, 1, "not met (-50 %)"],
  ])("of %d predicted and %d measured", (predicted, measured, verdict) => {
    expect(judge(predicted, measured)).toBe(verdict);
  });

  it("says what it was measured beside where there was more work than processors", () => {
    expect(besideOtherWork(2, 2)).toBe("");
    expect(besideOtherWork(4.26, 2)).toBe(" (measured beside other work: a load of 4.3 on 2 processors)");
  });
});
