import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { InvalidArgumentError } from "../../../src/errors.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { LBFGS } from "../../../src/optim/lbfgs.js";
import { adaptive } from "../../../src/training/callbacks/adaptive.js";
import {
  type ReduceOnPlateauOptions,
  reduceOnPlateau,
} from "../../../src/training/callbacks/reduce-on-plateau.js";
import { fit } from "../../../src/training/fit.js";
import { agreementWith } from "../../support/agreement.js";
import { quarters } from "../datasets.js";
import { drive } from "./drive.js";

interface Case {
  readonly options: Readonly<Record<string, never>>;
  readonly learningRate: number;
  readonly figures: readonly (number | string)[];
  /** `null` where the training is ended. */
  readonly learningRates: readonly (number | null)[];
}

/** Recorded by scripts/record-plateau.py. */
const golden = JSON.parse(
  readFileSync(new URL("../../golden/plateau.json", import.meta.url), "utf8"),
) as Readonly<Record<"plateau" | "adaptive", Readonly<Record<string, Case>>>>;

const FIGURES: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY };

const numbers = ({ figures }: Case) =>
  figures.map((figure) => (typeof figure === "number" ? figure : (FIGURES[figure] as number)));

const REDUCED = "learning rates that are reduced where the loss stays: of each epoch";
const pytorch = agreementWith("PyTorch", REDUCED);
const sklearn = agreementWith("scikit-learn", REDUCED);

function expectRates(by: typeof pytorch, received: readonly number[], expected: Case["learningRates"]): void {
  const rates = expected.filter((rate) => rate !== null);
  // One product or two: the last bits may differ.
  by.expectNear(received.slice(0, rates.length), rates, 5e-15, (rate) => rate);
}

describe("reduceOnPlateau", () => {
  it("leaves a step, however often it reduces", async () => {
    const losses = Array.from({ length: 400 }, () => 1);
    const { learningRates } = await drive(() => reduceOnPlateau({ patience: 0, eps: 0 }), losses);
    expect(learningRates.at(-1)).toBe(1e-30);
  });

  const cases = Object.entries(golden.plateau);
  it.each(cases)("reduces the learning rate when PyTorch does: %s", async (_, recorded) => {
    const { options, learningRate, learningRates } = recorded;
    const driven = await drive(() => reduceOnPlateau(options), numbers(recorded), { learningRate });
    expect(driven.control.stopReason).toBeUndefined();
    expectRates(pytorch, driven.learningRates, learningRates);
  });

  it.each(cases)("goes the same way after an interruption anywhere: %s", async (_, recorded) => {
    const { options, learningRate } = recorded;
    const create = () => reduceOnPlateau(options);
    const whole = await drive(create, numbers(recorded), { learningRate });
    for (let splitAfter = 1; splitAfter < recorded.figures.length; splitAfter++) {
      const { learningRates } = await drive(create, numbers(recorded), { learningRate, splitAfter });
      expect(learningRates).toEqual(whole.learningRates);
    }
  });

  it.each<readonly [ReduceOnPlateauOptions, string]>([
    [{ factor: 1 }, "Expected a number above 0 and below 1 for factor but received 1."],
    [{ patience: -1 }, "Expected a whole number of at least 0 for patience but received -1."],
    [{ cooldown: 0.5 }, "Expected a whole number of at least 0 for cooldown but received 0.5."],
    [{ threshold: -1 }, "Expected a number of at least 0 for threshold but received -1."],
    [{ minLr: Number.NaN }, "Expected a number of at least 0 for minLr but received NaN."],
    [{ eps: "0" as never }, 'Expected a number of at least 0 for eps but received "0".'],
    [
      { thresholdMode: "relative" as never },
      'Expected "rel" or "abs" for thresholdMode but received "relative".',
    ],
  ])("refuses %o", (options, message) => {
    expect(() => reduceOnPlateau(options)).toThrow(new InvalidArgumentError(message));
  });
});

describe("adaptive", () => {
  const cases = Object.entries(golden.adaptive);
  it.each(cases)("divides the learning rate when scikit-learn does: %s", async (_, recorded) => {
    const { options, learningRate, learningRates } = recorded;
    const create = () => adaptive({ ...options, monitor: "validation.loss" });
    const driven = await drive(create, numbers(recorded), { learningRate });
    expectRates(sklearn, driven.learningRates, learningRates);
    const isEnded = learningRates.at(-1) === null;
    expect(driven.control.stopReason !== undefined).toBe(isEnded);
    if (isEnded) expect(driven.learningRates).toHaveLength(learningRates.length);
    expect(driven.control.stopReason ?? "").toMatch(
      isEnded ? /^validation\.loss makes no gain, and the learning rate is down to 0\.000000\d+$|e-7$/ : /^$/,
    );
  });

  it("looks at the loss on the training set, if nothing else is said, and lets an accuracy rise", async () => {
    const flat = Array.from({ length: 4 }, () => 1);
    const metrics = (epoch: number) => ({
      epoch,
      trainLoss: 1 / epoch,
      trainAccuracy: 0.5,
      validLoss: 1,
      validAccuracy: 0.5,
      seconds: 1,
    });
    const falling = await drive(() => adaptive({ nIterNoChange: 1 }), flat, { metrics });
    expect(falling.control.scale).toBe(1);
    const create = () => adaptive({ nIterNoChange: 1, monitor: "train.accuracy" });
    expect((await drive(create, flat, { metrics })).control.scale).toBe(1 / 5);
  });

  it("goes the same way after an interruption, wherever it is", async () => {
    const losses = fc.array(fc.constantFrom(1, 2, 3, Number.NaN), { minLength: 1, maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(losses, fc.integer({ min: 1, max: 3 }), fc.nat(), async (sequence, n, at) => {
        const create = () => adaptive({ nIterNoChange: n });
        const whole = await drive(create, sequence);
        const splitAfter = at % sequence.length;
        expect((await drive(create, sequence, { splitAfter })).learningRates).toEqual(whole.learningRates);
      }),
    );
  });

  it.each([
    [{ tol: -1 }, "Expected a number of at least 0 for tol but received -1."],
    [{ nIterNoChange: 0 }, "Expected a whole number of at least 1 for nIterNoChange but received 0."],
  ])("refuses %o", (options, message) => {
    expect(() => adaptive(options)).toThrow(new InvalidArgumentError(message));
  });
});

describe.each([
  ["reduceOnPlateau", reduceOnPlateau],
  ["adaptive", adaptive],
] as const)("%s", (name, create) => {
  const backend = createJavaScriptBackend();
  it("changes the learning rate of a training", async () => {
    const network = new MultilayerPerceptron({ layers: [16, 3, 4], backend });
    // No gain is as large as this.
    const options =
      name === "adaptive" ? { tol: 1, nIterNoChange: 1 } : { patience: 1, threshold: 1, factor: 0.5 };
    const { epochs } = await fit(network, quarters(20), {
      epochs: 5,
      batchSize: 5,
      learningRate: 0.08,
      validation: quarters(10, 2),
      callbacks: [create(options)],
    });
    const by = name === "adaptive" ? 0.2 : 0.5;
    const lowered = 0.08 * by;
    expect(epochs.map(({ learningRate }) => learningRate)).toEqual([0.08, 0.08, 0.08, lowered, lowered]);
  });

  it("needs a learning rate", async () => {
    const network = new MultilayerPerceptron({ layers: [16, 3, 4], backend });
    const fitted = fit(network, quarters(20), { optimizer: new LBFGS(), callbacks: [create()] });
    await expect(fitted).rejects.toThrow(
      new InvalidArgumentError(
        `Expected an optimizer with a learning rate for ${name}, but a full-batch optimizer finds its step by itself; leave ${name} out.`,
      ),
    );
  });
});
