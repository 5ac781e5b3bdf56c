import { describe, expect, it } from "vitest";
import {
  type LinePoint,
  type LineSearchLimits,
  type LineSearchResult,
  searchLine,
} from "../../src/optim/line-search.js";

/** phi and its slope along a line. */
type Line = (step: number) => readonly [loss: number, slope: number];

/** Functions 1 to 3 of the paper by Moré and Thuente; the last one has a basin with 39 wiggles around its minimum. */
const LINES: Readonly<Record<string, Line>> = {
  rational: (a) => [-a / (a * a + 2), (a * a - 2) / (a * a + 2) ** 2],
  quintic: (a) => [(a + 0.004) ** 5 - 2 * (a + 0.004) ** 4, 5 * (a + 0.004) ** 4 - 8 * (a + 0.004) ** 3],
  wiggles(a) {
    const [width, count] = [0.01, 39];
    const turn = (count * Math.PI) / 2;
    const shallow = (2 * (1 - width)) / (count * Math.PI);
    const base =
      a <= 1 - width
        ? [1 - a, -1]
        : a >= 1 + width
          ? [a - 1, 1]
          : [(a - 1) ** 2 / (2 * width) + width / 2, (a - 1) / width];
    const [loss = 0, slope = 0] = base;
    return [loss + shallow * Math.sin(turn * a), slope + (1 - width) * Math.cos(turn * a)];
  },
};

function search(line: Line, firstStep: number, limits?: LineSearchLimits) {
  const at = (step: number): LinePoint => {
    const [loss, slope] = line(step);
    return { step, loss, slope };
  };
  const start = at(0);
  const steps: number[] = [];
  const running = searchLine(start, firstStep, limits);
  let next = running.next();
  while (next.done !== true) {
    steps.push(next.value);
    next = running.next(at(next.value));
  }
  const result: LineSearchResult = next.value;
  return { start, steps, ...result };
}

describe("a line search", () => {
  const cases = Object.keys(LINES).flatMap((name) =>
    [1e-3, 1e-1, 1e1, 1e3].map((firstStep) => ({ name, firstStep })),
  );
  it.each(cases)("on $name from $firstStep fulfils the strong Wolfe conditions", ({ name, firstStep }) => {
    const { start, steps, outcome, point } = search(LINES[name] as Line, firstStep, { narrow: 1e-7 });
    expect(outcome).toBe("wolfe");
    expect(point.step).toBe(steps.at(-1));
    expect(point.loss).toBeLessThanOrEqual(start.loss + 1e-3 * point.step * start.slope);
    expect(Math.abs(point.slope)).toBeLessThanOrEqual(0.9 * Math.abs(start.slope));
    expect(steps.length).toBeLessThanOrEqual(15);
  });

  it("takes the first step where that is good enough", () => {
    expect(search((a) => [(a - 1) ** 2, 2 * (a - 1)], 1)).toMatchObject({ outcome: "wolfe", steps: [1] });
  });

  it("grows the step, at most fivefold, while the loss falls as steeply", () => {
    const far: Line = (a) => [Math.hypot(1, a - 1e4), (a - 1e4) / Math.hypot(1, a - 1e4)];
    const { steps, outcome, point } = search(far, 1, { narrow: 1e-7 });
    expect(outcome).toBe("wolfe");
    expect(Math.abs(point.step - 1e4)).toBeLessThan(3);
    expect(steps.slice(0, 4)).toEqual([1, 5, 21, 85]);
  });

  it("goes back from a point that is lower, but not by enough, and as steep", () => {
    const wave: Line = (a) => [
      -1e-4 * a - Math.sin(2 * Math.PI * a) / (2 * Math.PI),
      -1e-4 - Math.cos(2 * Math.PI * a),
    ];
    const { steps, outcome, point } = search(wave, 1);
    expect(wave(1)[0]).toBeLessThan(0);
    expect(steps[1]).toBeLessThan(1);
    expect(outcome).toBe("wolfe");
    expect(point.step).toBeLessThan(1);
  });

  it("stops at the largest step where the loss falls for ever", () => {
    expect(search((a) => [-a, -1], 1)).toMatchObject({ outcome: "narrow", point: { step: 1e10 } });
  });

  it("fails after as many evaluations as are allowed", () => {
    const uphill: Line = (a) => [a, -1];
    expect(search(uphill, 1)).toMatchObject({ outcome: "failed" });
    expect(search(uphill, 1).steps.length).toBe(20);
    expect(search(uphill, 1, { maxEvaluations: 3 }).steps.length).toBe(3);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "comes back from where the loss is %s",
    (nowhere) => {
      const barrier: Line = (a) => (a < 2 ? [(a - 1) ** 2, 2 * (a - 1)] : [nowhere, 0]);
      for (const firstStep of [2, 50, 1e6]) {
        const { outcome, point } = search(barrier, firstStep);
        expect(outcome).toBe("wolfe");
        expect(point.step).toBeLessThan(2);
      }
    },
  );

  it("takes the best point where an interval is too narrow for another", () => {
    const cliff: Line = (a) => (a < 1 ? [-a, -1] : [a, 1]); // No point has a small slope.
    const { outcome, point, steps } = search(cliff, 0.9);
    expect(outcome).toBe("narrow");
    const lowest = Math.min(...steps.map((step) => cliff(step)[0]));
    expect(point.loss).toBe(lowest);
    expect(steps.every((step, i) => step !== steps[i - 1])).toBe(true); // It tries none twice in a row.
  });
});
