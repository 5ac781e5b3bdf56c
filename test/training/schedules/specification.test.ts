import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../../src/errors.js";
import { formatSchedule, parseSchedule } from "../../../src/training/schedules/notation.js";
import {
  createSchedule,
  dependsOnEpochs,
  type ScheduleSpecification,
} from "../../../src/training/schedules/specification.js";
import { ratesOf } from "./rates.js";
import { anySpecification } from "./specifications.js";

const make = (specification: object) => () => createSchedule(specification as ScheduleSpecification, 0.1);

describe("createSchedule", () => {
  it.each<[object, RegExp]>([
    [
      { type: "cosin" },
      /^Expected one of constant, step, .*, piecewise for the type of a schedule but received "cosin"\.$/,
    ],
    [{}, /for the type of a schedule but received undefined\.$/],
    [{ type: "toString" }, /for the type of a schedule but received "toString"\.$/],
    [{ type: "constant", gamma: 1 }, /^constant: there is no option "gamma"/],
    [{ type: "step", stepsize: 3 }, /^stepDecay: there is no option "stepsize"; did you mean stepSize\?$/],
    [{ type: "step" }, /^Expected a whole number of at least 1 for stepSize but received undefined\.$/],
    [{ type: "step", stepSize: 1.5 }, /for stepSize but received 1\.5\.$/],
    [
      { type: "step", stepSize: 1, gamma: 0 },
      /^Expected a number above 0 and at most 1 for gamma but received 0\.$/,
    ],
    [
      { type: "step", stepSize: 1, unit: "steps" },
      /^Expected "epoch" or "step" for unit but received "steps"\.$/,
    ],
    [
      { type: "multiStep", milestones: [] },
      /^Expected a list of whole numbers, such as \[30, 60\], for milestones/,
    ],
    [
      { type: "multiStep", milestones: [3, 3] },
      /^Expected a whole number above 3 for milestones\[1\] but received 3\.$/,
    ],
    [
      { type: "multiStep", milestones: [0] },
      /^Expected a whole number above 0 for milestones\[0\] but received 0\.$/,
    ],
    [{ type: "exponential", gamma: 1.1 }, /for gamma but received 1\.1\.$/],
    [{ type: "polynomial", power: 0 }, /^Expected a finite number above 0 for power but received 0\.$/],
    [{ type: "polynomial", length: -1 }, /for length but received -1\.$/],
    [
      { type: "polynomial", final: 0.2 },
      /^Expected a learning rate from 0 to the highest, 0\.1, for final but received 0\.2\.$/,
    ],
    [{ type: "cosineRestarts" }, /for period but received undefined\.$/],
    [{ type: "cosineRestarts", period: 2, multiplier: 1.5 }, /for multiplier but received 1\.5\.$/],
    [{ type: "oneCycle", pctStart: 1.1 }, /^Expected a number from 0 to 1 for pctStart but received 1\.1\.$/],
    [{ type: "oneCycle", pctStart: 0.6, threePhase: true }, /^Expected a number from 0 to 0\.5 for pctStart/],
    [{ type: "oneCycle", divFactor: 0.5 }, /^Expected a finite number of at least 1 for divFactor/],
    [{ type: "oneCycle", finalDivFactor: Number.NaN }, /for finalDivFactor but received NaN\.$/],
    [{ type: "oneCycle", annealStrategy: "cosine" }, /^Expected "cos" or "linear" for annealStrategy/],
    [{ type: "oneCycle", threePhase: 1 }, /^Expected true or false for threePhase but received 1\.$/],
    [
      { type: "cyclical", base: 0.2 },
      /^Expected a learning rate above 0 and at most the peak, 0\.1, for base/,
    ],
    [{ type: "cyclical", stepSizeUp: 0 }, /for stepSizeUp but received 0\.$/],
    [{ type: "cyclical", stepSizeDown: "2" }, /for stepSizeDown but received "2"\.$/],
    [{ type: "cyclical", mode: "exp_range" }, /^Expected one of triangular, triangular2, expRange for mode/],
    [
      { type: "inverseScaling", power: -1 },
      /^Expected a finite number of at least 0 for power but received -1\.$/,
    ],
    [{ type: "piecewise" }, /^Expected a list of pairs of time and learning rate, such as .* for points/],
    [{ type: "piecewise", points: [[0]] }, /^Expected a pair of time and learning rate for points\[0\]/],
    [{ type: "piecewise", points: [[-1, 1]] }, /^Expected a finite time of at least 0 for points\[0\]\[0\]/],
    [
      {
        type: "piecewise",
        points: [
          [1, 1],
          [1, 2],
        ],
      },
      /^Expected a finite time above 1 for points\[1\]\[0\] but received 1\.$/,
    ],
    [
      { type: "piecewise", points: [[0, 0]] },
      /^Expected a finite number above 0 for learningRate but received 0\.$/,
    ],
    [{ type: "piecewise", points: [[0, 1]], interpolate: "yes" }, /^Expected true or false for interpolate/],
    [
      { type: "constant", warmUp: 1.5 },
      /^Expected a whole number of steps, or a share from 0 to below 1, for length/,
    ],
    [
      { type: "constant", warmUp: "5" },
      /^warmUp: expected an object of options, such as \{ length: 0\.1 \}, but received a string\.$/,
    ],
    [
      { type: "constant", warmUp: { length: 2, start: 0 } },
      /^Expected a number above 0 and at most 1 for start/,
    ],
    [
      { type: "constant", warmUp: { length: 0, unit: "epoch" } },
      /^Expected a finite number above 0 for length/,
    ],
    [{ type: "constant", warmUp: { length: 2, begin: 0 } }, /^warmUp: there is no option "begin"/],
  ])("refuses %j", (specification, sentence) => {
    expect(make(specification)).toThrow(InvalidArgumentError);
    expect(make(specification)).toThrow(sentence);
  });

  it("takes what is no object for no schedule", () => {
    expect(make("cosine" as never)).toThrow(
      /^Expected an object, such as \{ type: "cosine" \}, for schedule but received "cosine"\.$/,
    );
    expect(() => createSchedule(null as never, 0.1)).toThrow(/for schedule but received null\.$/);
  });

  it("has a piecewise schedule stay until the next time, and before the first", () => {
    const points = [
      [1, 0.1],
      [2.5, 0.2],
    ] as const;
    const rates = ratesOf(createSchedule({ type: "piecewise", points }, 1), { stepsPerEpoch: 2, epochs: 4 });
    expect(rates).toEqual([0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2]);
    const bySteps = createSchedule(
      {
        type: "piecewise",
        points: [
          [0, 1],
          [3, 2],
        ],
        unit: "step",
      },
      1,
    );
    expect(ratesOf(bySteps, { stepsPerEpoch: 2, epochs: 2 })).toEqual([1, 1, 1, 2]);
  });

  it("keeps its points, whatever becomes of the list", () => {
    const points: [number, number][] = [[0, 1]];
    const milestones = [1];
    const schedules = [
      createSchedule({ type: "piecewise", points }, 1),
      createSchedule({ type: "multiStep", milestones }, 1),
    ];
    const length = { stepsPerEpoch: 1, epochs: 4 };
    const before = schedules.map((schedule) => ratesOf(schedule, length));
    (points[0] as [number, number])[1] = 5;
    milestones.push(2);
    expect(schedules.map((schedule) => ratesOf(schedule, length))).toEqual(before);
  });
});

describe("dependsOnEpochs", () => {
  it.each<[ScheduleSpecification, boolean]>([
    [{ type: "constant" }, false],
    [{ type: "constant", warmUp: 0.1 }, true],
    [{ type: "constant", warmUp: 5 }, false],
    [{ type: "constant", warmUp: { length: 0.5, unit: "epoch" } }, false],
    [{ type: "constant", warmUp: { length: 0.5 } }, true],
    [{ type: "cosine" }, true],
    [{ type: "cosine", length: 10 }, false],
    [{ type: "oneCycle" }, true],
    [{ type: "oneCycle", length: 10 }, false],
    [{ type: "polynomial", unit: "step" }, true],
    [{ type: "polynomial", length: 10 }, false],
    [{ type: "cosineRestarts", period: 3 }, false],
  ])("%j: %s", (specification, expected) => {
    expect(dependsOnEpochs(specification)).toBe(expected);
  });

  it("is true just where more epochs change the rates of the first ones", () => {
    fc.assert(
      fc.property(anySpecification(0.1), (specification) => {
        const schedule = createSchedule(specification, 0.1);
        const count = 20; // Long enough for a share of all steps to be one.
        const [short, long] = [count, 2 * count].map((epochs) =>
          ratesOf(schedule, { stepsPerEpoch: 8, epochs }).slice(0, 8 * count),
        );
        if (!dependsOnEpochs(specification)) expect(long).toEqual(short);
      }),
    );
    expect(() => dependsOnEpochs({ type: "none" } as never)).toThrow(InvalidArgumentError);
  });

  it.each<ScheduleSpecification>([
    { type: "cosine" },
    { type: "oneCycle" },
    { type: "polynomial" },
    { type: "constant", warmUp: 0.5 },
  ])("%j does", (specification) => {
    const [short, long] = [4, 8].map((epochs) =>
      ratesOf(createSchedule(specification, 0.1), { stepsPerEpoch: 5, epochs }).slice(0, 20),
    );
    expect(dependsOnEpochs(specification)).toBe(true);
    expect(long).not.toEqual(short);
  });
});

describe("a schedule in a word", () => {
  it.each<[string, ScheduleSpecification]>([
    ["cosine", { type: "cosine" }],
    ["step:step-size=10,gamma=0.5", { type: "step", stepSize: 10, gamma: 0.5 }],
    ["multi-step:milestones=30/60,unit=step", { type: "multiStep", milestones: [30, 60], unit: "step" }],
    ["multi-step:milestones=30", { type: "multiStep", milestones: [30] }],
    [
      "one-cycle:three-phase=true,anneal-strategy=linear",
      { type: "oneCycle", threePhase: true, annealStrategy: "linear" },
    ],
    ["cyclical:mode=exp-range,gamma=0.99", { type: "cyclical", mode: "expRange", gamma: 0.99 }],
    [
      "piecewise:points=0:0.1/30:0.01",
      {
        type: "piecewise",
        points: [
          [0, 0.1],
          [30, 0.01],
        ],
      },
    ],
  ])("%s", (text, specification) => {
    expect(parseSchedule(text)).toEqual(specification);
    expect(formatSchedule(specification)).toBe(text);
  });

  it("takes names as programs write them, too", () => {
    expect(parseSchedule("oneCycle: pctStart=0.2 , unit=step")).toEqual({
      type: "oneCycle",
      pctStart: 0.2,
      unit: "step",
    });
  });

  it("says every schedule, but for its warm-up", () => {
    fc.assert(
      fc.property(anySpecification(0.1), ({ warmUp: _, ...specification }) => {
        expect(parseSchedule(formatSchedule(specification) ?? "")).toEqual(specification);
      }),
    );
  });

  it.each([null, undefined, "cosine", {}, { type: "none" }, { type: 3 }])("%j is none", (value) => {
    expect(formatSchedule(value)).toBeNull();
  });
});
