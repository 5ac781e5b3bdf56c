import fc from "fast-check";
import type { ScheduleSpecification } from "../../../src/training/schedules/specification.js";

const unit = fc.constantFrom("epoch" as const, "step" as const);
const gamma = fc.double({ min: 0.01, max: 1, noNaN: true });
const length = fc.integer({ min: 1, max: 40 });
const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });

const warmUp = fc.oneof(
  fc.integer({ min: 0, max: 30 }),
  share,
  fc.record({ length: fc.integer({ min: 1, max: 5 }), unit, start: share }, { requiredKeys: ["length"] }),
);

/** Any schedule, with any settings, of a highest learning rate. */
export function anySpecification(peak: number): fc.Arbitrary<ScheduleSpecification> {
  const rate = fc.double({ min: 1e-6 * peak, max: peak, noNaN: true });
  const final = fc.oneof(fc.constant(0), rate);
  const own = <T extends string, S extends object, K extends keyof S>(
    type: T,
    settings: { [Name in keyof S]: fc.Arbitrary<S[Name]> },
    required: readonly K[] = [],
  ) =>
    fc.record(
      { type: fc.constant(type), warmUp, ...settings },
      { requiredKeys: ["type", ...required] as never },
    ) as fc.Arbitrary<unknown>;
  const points = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 9 }), rate), { minLength: 1, maxLength: 5 })
    .map((steps) => {
      let time = -1;
      return steps.map(([wait, value]) => {
        time += wait;
        return [time, value];
      });
    });
  const milestones = fc
    .uniqueArray(length, { minLength: 1, maxLength: 4 })
    .map((list) => list.sort((a, b) => a - b));
  return fc.oneof(
    own("constant", {}),
    own("step", { stepSize: length, gamma, unit }, ["stepSize"]),
    own("multiStep", { milestones, gamma, unit }, ["milestones"]),
    own("exponential", { gamma, unit }, ["gamma"]),
    own("polynomial", { power: fc.constantFrom(0.5, 1, 2, 3), length, final, unit }),
    own("cosine", { final, length, unit }),
    own("cosineRestarts", { period: length, multiplier: fc.constantFrom(1, 2, 3), final, unit }, ["period"]),
    own("oneCycle", {
      pctStart: fc.double({ min: 0, max: 0.5, noNaN: true }),
      divFactor: fc.constantFrom(1, 10, 25),
      finalDivFactor: fc.constantFrom(1, 100, 1e4),
      annealStrategy: fc.constantFrom("cos", "linear"),
      threePhase: fc.boolean(),
      length,
      unit,
    }),
    own("cyclical", {
      base: rate,
      stepSizeUp: length,
      stepSizeDown: length,
      mode: fc.constantFrom("triangular", "triangular2", "expRange"),
      gamma,
      unit,
    }),
    own("inverseScaling", { power: fc.double({ min: 0, max: 2, noNaN: true }), unit }),
    own("piecewise", { points, interpolate: fc.boolean(), unit }, ["points"]),
  ) as fc.Arbitrary<ScheduleSpecification>;
}
