import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { InvalidArgumentError, ShapeError } from "../../src/errors.js";
import type { BatchProgress } from "../../src/optim/batch-optimizer.js";
import { LBFGS, type LBFGSOptions } from "../../src/optim/lbfgs.js";
import { SLOPE_SHARE, SUFFICIENT_DECREASE } from "../../src/optim/line-search.js";
import { assign, toArray, zeros, zerosByColumns } from "../../src/tensor/tensor.js";
import { problem } from "../support/minimized-function.js";
import { FUNCTIONS, type TestFunction } from "../support/test-functions.js";

interface GoldenRun {
  readonly function: keyof typeof FUNCTIONS;
  readonly start: readonly number[];
  readonly options: {
    readonly maxcor?: number;
    readonly maxiter?: number;
    readonly maxfun?: number;
  };
  readonly positions: readonly (readonly number[])[];
  readonly losses: readonly number[];
  readonly evaluations: readonly number[];
  readonly iterationsInAll: number;
  readonly evaluationsInAll: number;
  readonly message: string;
}
const golden = JSON.parse(readFileSync(new URL("../golden/lbfgs.json", import.meta.url), "utf8")) as {
  readonly runs: readonly GoldenRun[];
};

const backend = createJavaScriptBackend();

/** What SciPy calls the reasons to end. */
const MESSAGES: Readonly<Record<string, BatchProgress["reason"]>> = {
  "CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL": "gradient",
  "CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH": "loss",
  "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT": "iterations",
  "STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT": "evaluations",
  ABNORMAL_TERMINATION_IN_LNSRCH: "line search",
};

/** Rounding grows from iteration to iteration; counts are the same for as long. */
const LONG_RUN = 60;

describe("L-BFGS goes where SciPy's L-BFGS-B goes", () => {
  it("in runs that end for every reason", () => {
    expect(new Set(golden.runs.map(({ message }) => MESSAGES[message]))).toEqual(
      new Set(Object.values(MESSAGES)),
    );
  });

  it.each(golden.runs)("on $function from $start, $options", (run) => {
    const { maxcor, maxiter, maxfun } = run.options;
    const optimizer = new LBFGS({
      tolerance: 1e-5,
      maxIterations: maxiter ?? 15_000,
      ...(maxcor === undefined ? {} : { history: maxcor }),
      ...(maxfun === undefined ? {} : { maxEvaluations: maxfun }),
    });
    const { value, parameters, evaluate } = problem(FUNCTIONS[run.function], run.start);
    let progress = optimizer.iterate(evaluate, parameters);
    for (const [k, position] of run.positions.entries()) {
      expect(progress.iterations).toBe(k + 1);
      expect(progress.evaluations, `evaluations of iteration ${k + 1}`).toBe(run.evaluations[k]);
      const size = Math.max(...position.map(Math.abs));
      for (const [i, x] of position.entries()) {
        expect(Math.abs((value.data[i] ?? Number.NaN) - x)).toBeLessThan(1e-9 * size);
      }
      const loss = run.losses[k] ?? Number.NaN;
      expect(Math.abs(progress.loss - loss)).toBeLessThan(1e-9 * Math.max(1, Math.abs(loss)));
      if (progress.reason === undefined) progress = optimizer.iterate(evaluate, parameters);
    }
    while (progress.reason === undefined) progress = optimizer.iterate(evaluate, parameters);
    expect(progress.reason).toBe(MESSAGES[run.message]);
    expect(progress.converged).toBe(run.message.startsWith("CONVERGENCE"));
    if (run.iterationsInAll <= LONG_RUN) {
      expect(progress.iterations).toBe(run.iterationsInAll);
      expect(progress.evaluations).toBe(run.evaluationsInAll);
    }
  });
});

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0);

describe("every step of L-BFGS", () => {
  const names = ["rosenbrock", "quadratic", "quartic", "valley"] as const;
  const starts = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 12 });
  const histories = fc.integer({ min: 1, max: 12 });

  it("fulfils the strong Wolfe conditions", () => {
    let [steps, narrow] = [0, 0];
    fc.assert(
      fc.property(fc.constantFrom(...names), starts, histories, (name, start, history) => {
        const { value, gradient, parameters, evaluate } = problem(FUNCTIONS[name], start);
        const optimizer = new LBFGS({ history, lossTolerance: 1e-7 });
        for (let k = 0; k < 25; k++) {
          const before = { x: value.data.slice(), gradient: gradient.data.slice(), loss: evaluate() };
          before.gradient.set(gradient.data);
          const { reason, loss } = optimizer.iterate(evaluate, parameters);
          if (reason !== undefined) break;
          const s = value.data.map((x, i) => x - (before.x[i] ?? Number.NaN));
          const [slope, newSlope] = [dot(before.gradient, s), dot(gradient.data, s)];
          expect(slope).toBeLessThan(0);
          const rounding = 1e-12 * Math.max(1, Math.abs(before.loss));
          const decreases = loss <= before.loss + SUFFICIENT_DECREASE * slope + rounding;
          const flattens = Math.abs(newSlope) <= SLOPE_SHARE * -slope * (1 + 1e-9) + rounding;
          steps += 1;
          if (!decreases || !flattens) narrow += 1;
          expect(loss).toBeLessThan(before.loss);
        }
      }),
      { numRuns: 300, seed: 5 },
    );
    expect(steps).toBeGreaterThan(2000);
    expect(narrow).toBe(0);
  });

  it("never raises the loss, wherever the function has hills", () => {
    fc.assert(
      fc.property(starts, fc.double({ min: 0.1, max: 100, noNaN: true }), (start, scale) => {
        const f: TestFunction = (x, g) => FUNCTIONS.hills(x, g);
        const { parameters, evaluate } = problem(
          f,
          start.map((x) => x * scale),
        );
        const optimizer = new LBFGS({ maxIterations: 30 });
        let loss = evaluate();
        for (let reason: unknown; reason === undefined; ) {
          const progress = optimizer.iterate(evaluate, parameters);
          expect(progress.loss).toBeLessThanOrEqual(loss);
          expect(evaluate()).toBe(progress.loss);
          ({ loss, reason } = progress);
        }
      }),
      { numRuns: 300, seed: 6 },
    );
  });
});

describe("L-BFGS", () => {
  const start = [-1.2, 1, 0.5, -2];

  it("minimizes as far as it goes iteration by iteration, to the same bits", () => {
    const whole = problem(FUNCTIONS.rosenbrock, start);
    const progress = new LBFGS({ maxIterations: 25 }).minimize(whole.evaluate, whole.parameters);
    expect(progress).toMatchObject({ iterations: 25, reason: "iterations", converged: false });
    const parts = problem(FUNCTIONS.rosenbrock, start);
    const optimizer = new LBFGS();
    for (let k = 0; k < 25; k++) optimizer.iterate(parts.evaluate, parts.parameters);
    expect(parts.value.data).toEqual(whole.value.data);
    const generated = problem(FUNCTIONS.rosenbrock, start);
    const third = new LBFGS();
    for (let k = 0; k < 25; k++) {
      const iteration = third.iteration(generated.parameters);
      let next = iteration.next();
      while (next.done !== true) next = iteration.next(generated.evaluate());
    }
    expect(generated.value.data).toEqual(whole.value.data);
  });

  it("minimizes once more from where it is, with counts from 0", () => {
    const { parameters, evaluate } = problem(FUNCTIONS.rosenbrock, start);
    const optimizer = new LBFGS({ maxIterations: 5 });
    optimizer.minimize(evaluate, parameters);
    expect(optimizer.iterate(evaluate, parameters).iterations).toBe(5); // It has ended.
    expect(optimizer.minimize(evaluate, parameters).iterations).toBe(5);
    const { loss, reason } = new LBFGS().minimize(evaluate, parameters);
    expect(reason).toMatch(/gradient|loss/);
    expect(loss).toBeLessThan(1e-6);
  });

  it("takes parameters in any order in memory, and leaves what lies between their numbers 0", () => {
    const results = [zeros, zerosByColumns].map((make) => {
      const options = { dtype: "float64", backend } as const;
      const parameters = [3, 2].map((rows, p) => ({
        name: `p${p}`,
        value: make([rows, 2], options),
        gradient: make([rows, 2], options),
        decays: true,
      }));
      const sizes = [0, 6, 10];
      const evaluate = () => {
        const x = Float64Array.from(parameters.flatMap(({ value }) => [...toArray(value)]));
        const gradient = new Float64Array(10);
        const loss = FUNCTIONS.rosenbrock(x, gradient);
        for (const [p, parameter] of parameters.entries()) {
          assign(parameter.gradient, gradient.subarray(sizes[p], sizes[p + 1]));
        }
        return loss;
      };
      const progress = new LBFGS({ maxIterations: 15 }).minimize(evaluate, parameters);
      for (const { value } of parameters) {
        expect(value.data.filter((x) => x !== 0).length).toBe(toArray(value).length);
      }
      return { loss: progress.loss, x: parameters.flatMap(({ value }) => [...toArray(value)]) };
    });
    const [rows, columns] = results;
    expect(rows?.loss).toBeLessThan(9);
    for (const [i, x] of (rows?.x ?? []).entries()) expect(x).toBeCloseTo(columns?.x[i] ?? Number.NaN, 10);
  });

  it("comes to the minimum in float32 as near as its rounding lets it", () => {
    const { value, parameters, evaluate } = problem(FUNCTIONS.rosenbrock, start, "float32");
    const { loss, iterations } = new LBFGS({ tolerance: 0, lossTolerance: 0 }).minimize(evaluate, parameters);
    expect(iterations).toBeLessThan(200);
    expect(loss).toBeLessThan(1e-9);
    for (const x of value.data) expect(x).toBeCloseTo(1, 3);
    expect(evaluate()).toBe(loss);
  });

  it("starts anew where somebody has changed the parameters, and for others", () => {
    const first = problem(FUNCTIONS.rosenbrock, start);
    const optimizer = new LBFGS();
    for (let k = 0; k < 5; k++) optimizer.iterate(first.evaluate, first.parameters);
    first.value.data.set(start);
    expect(optimizer.iterate(first.evaluate, first.parameters)).toMatchObject({ iterations: 1 });
    const second = problem(FUNCTIONS.rosenbrock, start);
    expect(optimizer.iterate(second.evaluate, second.parameters)).toMatchObject({ iterations: 1 });
    expect(second.value.data).toEqual(first.value.data);
    optimizer.iterate(second.evaluate, second.parameters);
    optimizer.reset();
    expect(optimizer.iterate(second.evaluate, second.parameters)).toMatchObject({ iterations: 1 });
  });

  it("does nothing where the gradient is 0", () => {
    const { value, parameters, evaluate } = problem(FUNCTIONS.rosenbrock, [1, 1]);
    const progress = new LBFGS().iterate(evaluate, parameters);
    expect(progress).toEqual({ loss: 0, iterations: 0, evaluations: 1, reason: "gradient", converged: true });
    expect([...value.data]).toEqual([1, 1]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("steps back from where the loss is %s", (nowhere) => {
    const barrier: TestFunction = (x, gradient) => {
      let loss = 0;
      for (const [i, value] of x.entries()) {
        loss += value > 0 ? 100 * value - Math.log(value) : nowhere;
        gradient[i] = value > 0 ? 100 - 1 / value : nowhere;
      }
      return loss;
    };
    const { value, parameters, evaluate } = problem(barrier, [0.5, 0.3]);
    expect(new LBFGS({ tolerance: 1e-6, lossTolerance: 0 }).minimize(evaluate, parameters).converged).toBe(
      true,
    );
    for (const x of value.data) expect(x).toBeCloseTo(0.01, 8);
  });

  it.each(["loss", "gradient"])("ends at once where the %s is NaN at the start", (which) => {
    const broken: TestFunction = (_, gradient) => {
      gradient.fill(which === "gradient" ? Number.NaN : 1);
      return which === "loss" ? Number.NaN : 1;
    };
    const { value, parameters, evaluate } = problem(broken, [1, 2]);
    const progress = new LBFGS().minimize(evaluate, parameters);
    expect(progress).toMatchObject({ reason: "not finite", converged: false, evaluations: 1 });
    expect([...value.data]).toEqual([1, 2]);
  });

  it("leaves values and gradients as they were where no step is good enough", () => {
    const uphill: TestFunction = (x, gradient) => {
      const loss = FUNCTIONS.quartic(x, gradient);
      for (const [i, slope] of gradient.entries()) gradient[i] = -slope;
      return loss;
    };
    const { value, gradient, parameters, evaluate } = problem(uphill, [3, 5]);
    evaluate();
    const before = [...gradient.data];
    expect(new LBFGS().minimize(evaluate, parameters)).toMatchObject({
      reason: "line search",
      iterations: 0,
    });
    expect([...value.data]).toEqual([3, 5]);
    expect([...gradient.data]).toEqual(before);
  });

  it("puts the parameters back where the evaluation throws or the iteration is given up, and goes on from there", () => {
    const whole = problem(FUNCTIONS.rosenbrock, start);
    const other = problem(FUNCTIONS.rosenbrock, start);
    const [undisturbed, optimizer] = [new LBFGS(), new LBFGS()];
    for (let k = 0; k < 4; k++) {
      undisturbed.iterate(whole.evaluate, whole.parameters);
      optimizer.iterate(other.evaluate, other.parameters);
    }
    const fail = () => {
      throw new Error("out of data");
    };
    expect(() => optimizer.iterate(fail, other.parameters)).toThrow("out of data");
    expect(other.value.data).toEqual(whole.value.data);
    const iteration = optimizer.iteration(other.parameters);
    iteration.next();
    expect(other.value.data).not.toEqual(whole.value.data);
    other.evaluate();
    iteration.return(undefined as never);
    expect(other.value.data).toEqual(whole.value.data);
    expect(other.gradient.data).toEqual(whole.gradient.data);
    undisturbed.iterate(whole.evaluate, whole.parameters);
    optimizer.iterate(other.evaluate, other.parameters);
    expect(other.value.data).toEqual(whole.value.data);
  });

  it("refuses a gradient that lies otherwise than its value", () => {
    const options = { dtype: "float64", backend } as const;
    const value = zeros([2, 8], options);
    const parameter = { name: "w", value, gradient: zerosByColumns([2, 8], options), decays: true };
    expect(() => new LBFGS().minimize(() => 0, [parameter])).toThrow(ShapeError);
  });

  it.each<LBFGSOptions>([
    { history: 0 },
    { history: 1.5 },
    { tolerance: -1 },
    { tolerance: Number.NaN },
    { lossTolerance: Number.POSITIVE_INFINITY },
    { maxIterations: 0 },
    { maxEvaluations: 0.5 },
  ])("refuses %o", (options) => {
    const [name = ""] = Object.keys(options);
    expect(() => new LBFGS(options)).toThrow(InvalidArgumentError);
    expect(() => new LBFGS(options)).toThrow(`for ${name} but received`);
  });
});
