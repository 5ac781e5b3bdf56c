import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RandomState } from "../../src/random/random-state.js";
import { importanceOf, settingImportance } from "../../src/sweeps/importance.js";
import { failed, madeUpPlan, trained } from "./made-up.js";

const grid = (count: number) => [...Array(count).keys()];

describe("settingImportance", () => {
  // The metric is ten times the rate's place in its list, plus the place of the name: the rate explains nearly all.
  const trials = [0.001, 0.01, 0.1].flatMap((learningRate) =>
    ["relu", "tanh"].flatMap((activation) => [1, 2].map((seed) => ({ learningRate, activation, seed }))),
  );
  const plan = madeUpPlan({ trials });
  const outcomes = plan.trials.map(({ number }) =>
    trained(number, 10 * Math.floor(number / 4) + (Math.floor(number / 2) % 2)),
  );

  it("tells what decides from what does not, and which way it goes", () => {
    const { settings, trials, leftOut, epochs } = settingImportance(plan, outcomes);
    expect([trials, leftOut, epochs]).toEqual([12, 0, 9]);
    const [rate, activation, seed] = settings;
    expect(settings.map(({ setting }) => setting)).toEqual(["learningRate", "activation", "seed"]);
    // Between the rates: 12 values, 4 a rate, deviations -10, 0, 10 squared: 800 of 803.
    expect(rate?.etaSquared).toBeCloseTo(800 / 803, 12);
    expect(rate?.share).toBeCloseTo(1 - ((3 / 803) * 11) / 9, 12);
    expect(rate?.direction).toBeGreaterThan(0.9);
    expect(rate?.groups).toEqual([
      { values: [0.001], trials: 4, mean: 0.5 },
      { values: [0.01], trials: 4, mean: 10.5 },
      { values: [0.1], trials: 4, mean: 20.5 },
    ]);
    expect(activation?.etaSquared).toBeCloseTo(3 / 803, 12);
    expect(activation?.direction).toBeNull();
    expect(seed?.share).toBeLessThan(0);
    expect(seed?.direction).toBeNull(); // Its numbers are names.
  });

  it("compares at the end of the first rung alone, with what has a value there", () => {
    const halved = madeUpPlan({ trials, rungs: [1, 3, 9] });
    const later = [
      trained(0, -1e6, { rung: 1 }),
      trained(1, Number.NaN, { rung: 2 }),
      failed(2, "it died", { rung: 1 }),
    ];
    const importance = settingImportance(halved, [...outcomes, ...later]);
    expect(importance).toEqual({ ...settingImportance(plan, outcomes), epochs: 1 });
    const spoilt = [
      failed(0, "it died"),
      trained(1, null),
      { ...trained(2, null), state: "diverged" as const },
      ...outcomes.slice(3),
    ];
    expect(settingImportance(halved, spoilt)).toMatchObject({ trials: 9, leftOut: 3 });
  });

  it("says that it cannot be told, and why", () => {
    const reasons = (found: ReturnType<typeof settingImportance>) =>
      found.settings.map(({ unknown }) => unknown);
    expect(reasons(settingImportance(plan, []))[0]).toMatch(/^There are 0 trials/);
    expect(reasons(settingImportance(plan, outcomes.slice(0, 5)))[1]).toMatch(/^There are 5 trials/);
    // The first eight have two rates; of the first four all have one.
    const same = settingImportance(
      plan,
      outcomes.filter(({ trial }) => trial % 4 < 2),
    );
    expect(same.settings[1]?.unknown).toBe("It is the same in all trials that can be compared.");
    expect(same.settings[0]?.unknown).toBeUndefined();
    const flat = settingImportance(
      plan,
      outcomes.map((outcome) => ({ ...outcome, value: 0.1 })),
    );
    expect(reasons(flat)[0]).toBe("All trials have the same value of the metric.");
    const names = importanceOf([..."abcdefgh"], grid(8));
    expect(names.unknown).toBe("It has 8 values in 8 trials, and fewer than 2 trials of each tell nothing.");
    expect([names.share, names.etaSquared, names.direction]).toEqual([null, null, null]);
  });
});

describe("importanceOf", () => {
  it("cuts drawn numbers at their quantiles, and leaves the same ones together", () => {
    const { groups, share, direction } = importanceOf(grid(40), grid(40));
    expect(groups.map(({ trials }) => trials)).toEqual([8, 8, 8, 8, 8]);
    expect(groups[1]?.values).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    expect(share).toBeGreaterThan(0.9);
    expect(direction).toBe(1);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 6, maxLength: 80 }), (settings) => {
        const { groups } = importanceOf(settings, grid(settings.length));
        const all = groups.flatMap(({ values }) => values);
        expect(new Set(all).size).toBe(all.length); // No value is in two groups.
        expect(all).toEqual(all.toSorted((a, b) => Number(a) - Number(b)));
        expect(groups.reduce((sum, { trials }) => sum + trials, 0)).toBe(settings.length);
      }),
    );
  });

  it("finds a best in between, which has no direction", () => {
    const rates = grid(60).map((i) => 10 ** (-4 + i / 15));
    const { share, direction, groups } = importanceOf(
      rates,
      rates.map((rate) => (Math.log10(rate) + 2) ** 2),
    );
    expect(share).toBeGreaterThan(0.7);
    expect(Math.abs(direction ?? 1)).toBeLessThan(0.1);
    const least = Math.min(...groups.map(({ mean }) => mean));
    expect(groups[2]?.mean).toBe(least);
  });

  it("finds nothing, on average, in what is drawn apart from the metric", () => {
    const random = new RandomState(7);
    const draws = (count: number) => Array.from(random.uniform(0, 1, count));
    const shares = grid(400).map(() => importanceOf(draws(30), draws(30)).share ?? Number.NaN);
    const mean = shares.reduce((sum, share) => sum + share / shares.length, 0);
    expect(Math.abs(mean)).toBeLessThan(0.02);
    const etas = grid(400).map(() => importanceOf(draws(30), draws(30)).etaSquared ?? Number.NaN);
    expect(etas.reduce((sum, eta) => sum + eta / etas.length, 0)).toBeGreaterThan(0.1); // What chance adds.
  });

  it("is never more than 1, and the same in any order of trials", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: -50, max: 50 })), {
          minLength: 6,
        }),
        (pairs) => {
          const of = (list: typeof pairs) =>
            importanceOf(
              list.map(([name]) => name),
              list.map(([, value]) => value),
            );
          const { share } = of(pairs);
          const { share: reversed } = of(pairs.toReversed());
          expect(share === null).toBe(reversed === null);
          expect(share ?? 0).toBeLessThanOrEqual(1);
          expect(share ?? 0).toBeCloseTo(reversed ?? 0, 9);
        },
      ),
    );
  });
});
