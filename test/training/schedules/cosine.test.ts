import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../../src/errors.js";
import { type CosineOptions, cosine } from "../../../src/training/schedules/cosine.js";
import { ratesOf } from "./rates.js";

const rates = (peak: number, options: CosineOptions, stepsPerEpoch: number, epochs: number) =>
  ratesOf(cosine(peak, options), { stepsPerEpoch, epochs });

const expectClose = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length);
  for (const [i, rate] of expected.entries()) expect(actual[i]).toBeCloseTo(rate, 14);
};

describe("cosine", () => {
  it("falls as PyTorch's CosineAnnealingLR(T_max=8, eta_min=0.02) from 0.1", () => {
    expectClose(
      rates(0.1, { final: 0.02 }, 2, 4),
      [
        0.1, 0.09695518130045147, 0.0882842712474619, 0.0753073372946036, 0.06, 0.04469266270539641,
        0.0317157287525381, 0.023044818699548532,
      ],
    );
  });

  it("falls over all epochs together, from the peak through its half nearly to 0", () => {
    const all = rates(1, {}, 50, 4);
    expect(all[0]).toBe(1);
    expect(all[100]).toBeCloseTo(0.5, 14);
    expect(all.every((rate, i) => i === 0 || rate < (all[i - 1] ?? 0))).toBe(true);
    expect(all.at(-1)).toBeCloseTo((1 + Math.cos((Math.PI * 199) / 200)) / 2, 14);
    expect(all.at(-1)).toBeGreaterThan(0);
  });

  it.each([{ warmUp: 4 }, { warmUp: 0.4 }])(
    "rises for %o of 10 steps in a line to the peak, and falls from there",
    (options) => {
      const all = rates(0.5, options, 5, 2);
      expectClose(all.slice(0, 5), [0.1, 0.2, 0.3, 0.4, 0.5]);
      expectClose(all.slice(4), rates(0.5, {}, 6, 1)); // As if it began there.
    },
  );

  it("takes 1 for one step, and a share that is less than a step for none", () => {
    expectClose(rates(1, { warmUp: 1 }, 2, 1), [0.5, 1]);
    expectClose(rates(1, { warmUp: 0.4 }, 2, 1), rates(1, {}, 2, 1));
  });

  it("rises all the time where there are no more steps than those", () => {
    expectClose(rates(1, { warmUp: 4 }, 3, 1), [0.2, 0.4, 0.6]);
  });

  it("stays where the final rate is the peak", () => {
    expectClose(rates(0.3, { final: 0.3 }, 3, 1), [0.3, 0.3, 0.3]);
  });

  it("stays above 0 after however many steps", () => {
    const [stepsPerEpoch, epochs] = [1_000_000, 1_000];
    const length = { stepsPerEpoch, epochs, examplesPerEpoch: 1 };
    const last = cosine(1e-3)({ step: stepsPerEpoch * epochs - 1, epoch: epochs, ...length });
    expect(last).toBeGreaterThan(0);
  });

  it("falls for as long as it is told, and stays", () => {
    const short = rates(1, { length: 3, final: 0.1 }, 4, 5);
    expectClose(short.slice(0, 12), rates(1, { final: 0.1 }, 4, 3));
    expectClose(short.slice(12), Array(8).fill(0.1));
    expectClose(rates(1, { length: 12, unit: "step", final: 0.1 }, 4, 5), short);
  });

  it.each<[string, () => unknown]>([
    ["a length of 0", () => cosine(1, { length: 0 })],
    ["a unit that is none", () => cosine(1, { unit: "steps" as never })],
    ["a peak of 0", () => cosine(0)],
    ["a peak that is not a number", () => cosine(Number.NaN)],
    ["a warm-up below 0", () => cosine(1, { warmUp: -1 })],
    ["a warm-up of one step and a half", () => cosine(1, { warmUp: 1.5 })],
    ["a warm-up that is not a number", () => cosine(1, { warmUp: "0.1" as never })],
    ["a final rate below 0", () => cosine(1, { final: -0.1 })],
    ["a final rate above the peak", () => cosine(1, { final: 1.1 })],
    ["a final rate that is not a number", () => cosine(1, { final: Number.NaN })],
  ])("refuses %s", (_, make) => {
    expect(make).toThrow(InvalidArgumentError);
  });
});
