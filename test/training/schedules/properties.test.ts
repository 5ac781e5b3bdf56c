import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../../src/errors.js";
import { cosineRestarts } from "../../../src/training/schedules/cosine-restarts.js";
import { exponentialDecay } from "../../../src/training/schedules/decay.js";
import { oneCycle } from "../../../src/training/schedules/one-cycle.js";
import { polynomialDecay } from "../../../src/training/schedules/polynomial.js";
import { constant, LEAST_RATE } from "../../../src/training/schedules/schedule.js";
import { createSchedule } from "../../../src/training/schedules/specification.js";
import { warmUp } from "../../../src/training/schedules/warm-up.js";
import { ratesOf, times } from "./rates.js";
import { anySpecification } from "./specifications.js";

const PEAK = 0.1;
const anyLength = fc.record({
  stepsPerEpoch: fc.integer({ min: 1, max: 12 }),
  epochs: fc.integer({ min: 1, max: 15 }),
  examplesPerEpoch: fc.integer({ min: 1, max: 100_000 }),
});

describe("every schedule", () => {
  it("gives finite rates above 0 and up to the highest, whatever its settings", () => {
    fc.assert(
      fc.property(anySpecification(PEAK), anyLength, (specification, length) => {
        for (const rate of ratesOf(createSchedule(specification, PEAK), length)) {
          expect(rate).toBeGreaterThan(0);
          expect(rate).toBeLessThanOrEqual(PEAK * (1 + 1e-12));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("depends on nothing but the time", () => {
    fc.assert(
      fc.property(anySpecification(PEAK), anyLength, (specification, length) => {
        const schedule = createSchedule(specification, PEAK);
        const backwards = times(length).reverse().map(schedule).reverse();
        expect(backwards).toEqual(ratesOf(createSchedule(specification, PEAK), length));
      }),
    );
  });

  it("stays in range where a training has more steps than were foreseen, as one of a stream may", () => {
    fc.assert(
      fc.property(anySpecification(PEAK), anyLength, (specification, length) => {
        const late = { ...length, step: 3 * length.stepsPerEpoch * length.epochs, epoch: length.epochs };
        const rate = createSchedule(specification, PEAK)(late);
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(PEAK * (1 + 1e-12));
      }),
    );
  });

  it("of which a formula reaches 0 stays above it, and may be scaled down from there", () => {
    const length = { stepsPerEpoch: 10, epochs: 30 };
    for (const schedule of [
      polynomialDecay(0.1, { length: 5 }),
      exponentialDecay(0.1, { gamma: 1e-5, unit: "step" }),
    ]) {
      expect(ratesOf(schedule, length).at(-1)).toBe(LEAST_RATE);
      expect(0.1 * LEAST_RATE).toBeGreaterThan(0);
    }
  });
});

describe("a schedule without steps", () => {
  // From one step to the next no rate changes by more than its steepest slope allows.
  const length = { stepsPerEpoch: 50, epochs: 8 };
  const steepest = (rates: readonly number[]) =>
    Math.max(...rates.slice(1).map((rate, i) => Math.abs(rate - (rates[i] ?? Number.NaN))));

  it.each<[string, object, number]>([
    ["polynomial", { type: "polynomial", unit: "step" }, 1 / 400],
    ["cosine", { type: "cosine" }, Math.PI / 2 / 400],
    ["one-cycle", { type: "oneCycle" }, Math.PI / 2 / 118],
    ["one-cycle in three lines", { type: "oneCycle", threePhase: true, annealStrategy: "linear" }, 1 / 118],
    ["cyclical", { type: "cyclical", stepSizeUp: 1, unit: "epoch" }, 0.75 / 50],
    [
      "piecewise",
      {
        type: "piecewise",
        points: [
          [0, 0.1],
          [2, 0.01],
          [4, 0.1],
        ],
        interpolate: true,
      },
      0.9 / 100,
    ],
    ["cosine with a warm-up", { type: "cosine", warmUp: 100 }, 1 / 101],
  ])("%s is continuous", (_, specification, slope) => {
    const rates = ratesOf(createSchedule(specification as never, PEAK), length);
    expect(steepest(rates)).toBeLessThanOrEqual(PEAK * slope * 1.001);
    expect(steepest(rates)).toBeGreaterThan(PEAK * slope * 0.7);
  });

  it("restarts jump at each restart, and nowhere else", () => {
    const rates = ratesOf(cosineRestarts(PEAK, { period: 1, multiplier: 2 }), length);
    const jumps = rates.flatMap((rate, i) => (rate > (rates[i - 1] ?? rate) ? [i] : []));
    expect(jumps).toEqual([50, 150, 350]);
    for (const jump of jumps) expect(rates[jump]).toBe(PEAK);
  });
});

describe("oneCycle", () => {
  it("reaches its peak, and ends where it says", () => {
    const rates = ratesOf(oneCycle(1, { pctStart: 0.25 }), { stepsPerEpoch: 10, epochs: 4 });
    expect(rates[0]).toBeCloseTo(1 / 25, 14);
    expect(rates[9]).toBeCloseTo(1, 14);
    expect(Math.max(...rates)).toBeCloseTo(1, 14);
    expect(rates.at(-1)).toBeCloseTo(1 / 25 / 1e4, 14);
  });

  it("gives a rate where a phase has no step at all", () => {
    for (const pctStart of [0, 0.1, 0.5, 1]) {
      const rates = ratesOf(oneCycle(1, { pctStart }), { stepsPerEpoch: 1, epochs: 2 });
      for (const rate of rates) expect(rate).toBeGreaterThan(0);
    }
  });
});

describe("warmUp", () => {
  it("rises in a line from its start and meets the schedule's first rate, and the schedule then goes as without it", () => {
    fc.assert(
      fc.property(
        anySpecification(PEAK),
        fc.integer({ min: 0, max: 4 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 10 }),
        ({ warmUp: _, ...specification }, rising, start, stepsPerEpoch, epochs) => {
          const schedule = createSchedule(specification, PEAK);
          const alone = ratesOf(schedule, { stepsPerEpoch, epochs });
          const after = warmUp(
            schedule,
            rising === 0 ? { length: 0 } : { length: rising, unit: "epoch", start },
          );
          const rates = ratesOf(after, { stepsPerEpoch, epochs: epochs + rising });
          const steps = rising * stepsPerEpoch;
          for (const [step, rate] of rates.entries()) {
            const share = start + ((1 - start) * step) / steps;
            const expected = step < steps ? (alone[0] ?? 0) * share : (alone[step - steps] ?? 0);
            expect(Math.abs(rate - expected)).toBeLessThanOrEqual(1e-12 * expected);
          }
        },
      ),
    );
  });

  it("takes the schedule itself for its next step, where no start is given", () => {
    const rates = ratesOf(warmUp(constant(1), { length: 4 }), { stepsPerEpoch: 3, epochs: 2 });
    expect(rates.map((rate) => Number(rate.toFixed(12)))).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1]);
  });

  it("counts epochs of a schedule from its own end, in the middle of an epoch, too", () => {
    const schedule = createSchedule(
      { type: "step", stepSize: 1, gamma: 0.5, warmUp: { length: 3, start: 1 } },
      1,
    );
    expect(ratesOf(schedule, { stepsPerEpoch: 2, epochs: 4 })).toEqual([1, 1, 1, 1, 1, 0.5, 0.5, 0.25]);
  });

  it("may be put before another one", () => {
    const twice = warmUp(warmUp(constant(1), { length: 2, start: 0.5 }), { length: 2, start: 0.5 });
    expect(ratesOf(twice, { stepsPerEpoch: 3, epochs: 2 })).toEqual([0.25, 0.375, 0.5, 0.75, 1, 1]);
  });

  it("needs a schedule", () => {
    expect(() => warmUp(0.1 as never, { length: 2 })).toThrow(InvalidArgumentError);
    expect(() => warmUp(0.1 as never, { length: 2 })).toThrow(
      "Expected a function for schedule but received 0.1.",
    );
  });
});
