import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../src/errors.js";
import { inProcessRunner, localRunner, sweep } from "../../src/sweeps/index.js";

const space = { x: { values: [-1, 0.5, 2] }, shape: { values: ["a", "b"] } } as const;

describe("what a sweep refuses", () => {
  const objective = () => 0;
  const random = { type: "random", trials: 3 } as const;

  it.each<[options: object, sentence: string]>([
    [
      { space: {}, objective },
      "Expected an object with at least one parameter for space but received an object.",
    ],
    [
      { space: [1], objective },
      "Expected an object with at least one parameter for space but received an array.",
    ],
    [
      { space: { x: [1, 2] }, objective },
      "sweep: expected { values: […] } for space.x but received a list, which might be one value; put values: before it.",
    ],
    [
      { space: { x: { values: [objective] } }, objective },
      "Expected texts, finite numbers, true, false, null, or lists and objects of these for space.x.values but received a function; of anything else give the name, and have objective choose by it.",
    ],
    [
      { space: { x: { values: [undefined] } }, objective },
      "Expected texts, finite numbers, true, false, null, or lists and objects of these for space.x.values but received undefined; of anything else give the name, and have objective choose by it.",
    ],
    [{ space: { x: { values: [Number.NaN] } }, objective }, "for space.x.values but received NaN"],
    [
      { space: { x: { values: [1, 1] } }, objective },
      "sweep: expected a list of different items for space.x.values but received a list of 2.",
    ],
    [
      { space: { seed: { values: [1] } }, objective },
      "Expected seeds: [1, 2, 3] instead of a parameter seed in space; each combination is tried with each of them.",
    ],
    [
      { space: { state: { values: [1] } }, objective },
      "Expected another name than state for a parameter in space, as the results have a column of that name.",
    ],
    [
      { space: { x: { distribution: "uniform", min: 0, max: 1 } }, objective },
      "sweep: expected search: { type: random, trials: 100 }, or some such number, as space.x has a distribution",
    ],
    [{ space, search: { ...random, trials: 7 }, objective }, "sweep: expected at most 6 for search.trials"],
    [{ space, search: { type: "bayes" }, objective }, "sweep: expected one of grid, random for search.type"],
    [
      { space, seeds: [], objective },
      "sweep: expected a list of different items for seeds but received an empty list.",
    ],
    [{ space, mode: "up", objective }, 'sweep: expected one of min, max for mode but received "up".'],
    [
      { space, halving: { type: "synchronous" }, objective },
      "Expected a whole number of at least 1 for halving.maxEpochs but received undefined.",
    ],
    [
      { space, halving: { type: "synchronous", maxEpochs: 1 }, objective },
      "Expected more than halving.minEpochs, which is 1, for halving.maxEpochs but received 1.",
    ],
    [{ space, objective: 3 }, "Expected a function for objective but received 3."],
    [{ space }, "Expected a function for objective but received undefined."],
    [
      { space, objective, runner: 3 },
      "Expected what calls a function in this process, such as inProcessRunner(), for runner but received 3.",
    ],
    [
      { space, objective, runner: localRunner() },
      'such as inProcessRunner(), for runner but received "a runner of trainings: this machine".',
    ],
    [{ space, objective, folder: 3 }, "Expected the path of a folder for folder but received 3."],
    [{ space, objective, signal: 3 }, "Expected an AbortSignal for signal but received 3."],
    [{ space, objective, onOutcome: 3 }, "Expected a function for onOutcome but received 3."],
    [{ space, objective, trails: 3 }, 'sweep: there is no option "trails"'],
    [
      { space, train: {}, runner: inProcessRunner(), folder: "x" },
      "Expected where trainings run, such as localRunner(), for runner but received an object.",
    ],
    [
      { space, train: {}, runner: localRunner() },
      "Expected the path of a folder for folder but received undefined.",
    ],
    [
      { space, train: {}, runner: localRunner(), folder: "x" },
      'The sweep: parameters.x: there is no key "x"',
    ],
    [
      { space, objective: () => "small" },
      'Expected a number, or { value } with one, from objective but received "small".',
    ],
    [
      { space, objective: () => ({ loss: 3 }) },
      "Expected a number, or { value } with one, from objective but received undefined for value.",
    ],
    [
      { space, objective: () => ({ value: 3, figures: { a: "x" } }) },
      'Expected an object of numbers for figures from objective but received "x" for a.',
    ],
    [
      { space, objective: () => ({ value: 3, figures: [1] }) },
      "Expected an object of numbers for figures from objective but received an array.",
    ],
    [
      { space, objective: () => ({ value: 3, epochs: 2 }) },
      "Expected a whole number from 0 to 1 for epochs from objective but received 2.",
    ],
  ])("%j", async (options, sentence) => {
    const error: unknown = await sweep(options as never).catch((cause: unknown) => cause);
    expect((error as Error).message).toContain(sentence);
    if (!sentence.startsWith("The sweep")) expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(existsSync("x")).toBe(false);
  });
});
