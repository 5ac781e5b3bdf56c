import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../src/errors.js";
import type { SavedState } from "../../src/formats/saved-state.js";
import type { BatchProgress } from "../../src/optim/batch-optimizer.js";
import { LBFGS } from "../../src/optim/lbfgs.js";
import { problem } from "../support/minimized-function.js";
import { FUNCTIONS } from "../support/test-functions.js";

/** The state of an optimizer of two numbers. */
function savedOfTwo(): { readonly [name: string]: SavedState } {
  const { evaluate, parameters } = problem(FUNCTIONS.rosenbrock, [3, 5]);
  const optimizer = new LBFGS();
  optimizer.iterate(evaluate, parameters);
  return optimizer.save();
}

describe("the saved state of L-BFGS", () => {
  const start = [-1.2, 1, 0.5, -2];

  it.each(["float32", "float64"] as const)(
    "goes on from a saved state to the same bits in %s, after any number of iterations",
    (dtype) => {
      const whole = problem(FUNCTIONS.rosenbrock, start, dtype);
      const optimizer = new LBFGS({ history: 3 });
      const states: { readonly saved: SavedState; readonly values: Float64Array }[] = [];
      const take = () =>
        states.push({ saved: optimizer.save(), values: Float64Array.from(whole.value.data) });
      take();
      const ends: BatchProgress[] = [];
      for (let k = 0; k < 12; k++) {
        ends.push(optimizer.iterate(whole.evaluate, whole.parameters));
        take();
      }
      for (const [k, { saved, values }] of states.entries()) {
        const other = problem(FUNCTIONS.rosenbrock, [...values], dtype);
        const resumed = new LBFGS({ history: 3 });
        resumed.restore(saved, other.parameters);
        expect(resumed.save()).toEqual(saved);
        const rest = ends.slice(k).map(() => resumed.iterate(other.evaluate, other.parameters));
        expect(rest).toEqual(ends.slice(k));
        expect(other.value.data).toEqual(whole.value.data);
        expect(other.gradient.data).toEqual(whole.gradient.data);
      }
    },
  );

  it("has ended where the saved one had", () => {
    const { evaluate, parameters } = problem(FUNCTIONS.rosenbrock, start);
    const optimizer = new LBFGS({ maxIterations: 3 });
    const end = optimizer.minimize(evaluate, parameters);
    const resumed = new LBFGS({ maxIterations: 3 });
    resumed.restore(optimizer.save(), parameters);
    const look = () => expect.unreachable("It has ended.");
    expect(resumed.iterate(look, parameters)).toEqual(end);
  });

  it.each<[string, SavedState]>([
    ["nothing", null],
    ["a number", 3],
    ["another optimizer's", { steps: 3, slots: {} }],
    ["a negative count", { ...savedOfTwo(), iterations: -1 }],
    ["an unknown reason", { ...savedOfTwo(), reason: "enough" }],
    ["a gradient of other parameters", { ...savedOfTwo(), gradient: new Float64Array(3) }],
    ["a gradient in float32", { ...savedOfTwo(), gradient: new Float32Array(2) }],
    [
      "a pair without curvature",
      { ...savedOfTwo(), pairs: [{ s: new Float64Array(2), y: new Float64Array(2), sy: 0 }] },
    ],
    ["a pair of nothing", { ...savedOfTwo(), pairs: [null] }],
    [
      "a pair of other parameters",
      { ...savedOfTwo(), pairs: [{ s: new Float64Array(3), y: new Float64Array(2), sy: 1 }] },
    ],
  ])("refuses a saved state that is %s", (_, saved) => {
    const { parameters } = problem(FUNCTIONS.rosenbrock, [1, 2]);
    expect(() => new LBFGS().restore(saved, parameters)).toThrow(InvalidArgumentError);
  });
});
