import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Backend, DType } from "../../src/backend/backend.js";
import { Adagrad, Adam, AdamW, Lion, NAdam, RMSprop, SGD } from "../../src/index.js";
import { createParameters } from "../../src/nn/parameters.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { assign, toArray } from "../../src/tensor/tensor.js";
import { agreementWith } from "../support/agreement.js";
import { describeOnEveryBackend } from "../support/backends.js";

const OPTIMIZERS = { SGD, RMSprop, Adagrad, Adam, AdamW, NAdam, Lion };

interface GoldenRun {
  readonly optimizer: keyof typeof OPTIMIZERS;
  readonly options: Readonly<Record<string, number | boolean>>;
  readonly learningRate: number;
  /** After each step all parameters, one after the other. */
  readonly steps: readonly (readonly number[])[];
}

/** What `scripts/record-optimizers.py` writes. */
interface Golden {
  readonly shapes: readonly (readonly number[])[];
  /** Of each parameter: where it starts, and the gradient curvature * (parameter - bottom). */
  readonly start: readonly (readonly number[])[];
  readonly bottom: readonly (readonly number[])[];
  readonly curvature: readonly (readonly number[])[];
  readonly runs: readonly GoldenRun[];
}

const golden = JSON.parse(
  readFileSync(new URL("../golden/optimizers.json", import.meta.url), "utf8"),
) as Golden;

const pytorch = agreementWith(
  "PyTorch",
  "optimisers: parameters after each of 25 steps (Lion's by its paper, written with PyTorch)",
);

/** Parameters as a network has them. */
function startingParameters(dtype: DType, backend: Backend): readonly Parameter[] {
  const shapes = golden.shapes.map((shape, i) => ({ name: `${i}`, shape, decays: shape.length === 2 }));
  const { parameters } = createParameters(shapes, { dtype, backend });
  for (const [i, { value }] of parameters.entries()) assign(value, golden.start[i] ?? []);
  return parameters;
}

function setGradients(parameters: readonly Parameter[]): void {
  for (const [i, { value, gradient }] of parameters.entries()) {
    const [bottom = [], curvature = []] = [golden.bottom[i], golden.curvature[i]];
    assign(
      gradient,
      toArray(value).map((x, j) => (curvature[j] ?? Number.NaN) * (x - (bottom[j] ?? Number.NaN))),
    );
  }
}

/** The memory of all values, that of padding included. */
function memoryOf(parameters: readonly Parameter[]): readonly number[] {
  const { data } = (parameters[0] as Parameter).value;
  const all = data.buffer;
  return [...(data instanceof Float32Array ? new Float32Array(all) : new Float64Array(all))];
}

describe("25 steps go where PyTorch's go, or the paper's", () => {
  it("with every optimizer, with and without weight decay", () => {
    const recorded = (decays: boolean) =>
      new Set(
        golden.runs.filter(({ options }) => "weightDecay" in options === decays).map((run) => run.optimizer),
      );
    const all = new Set(Object.keys(OPTIMIZERS));
    expect(recorded(false)).toEqual(all);
    expect(recorded(true)).toEqual(all);
    for (const { steps } of golden.runs) expect(steps.length).toBe(25);
  });

  describeOnEveryBackend((create) => {
    describe.each([
      { dtype: "float64", tolerance: 1e-10 },
      { dtype: "float32", tolerance: 1e-4 },
    ] as const)("in $dtype, within $tolerance", ({ dtype, tolerance }) => {
      const runs = golden.runs.map((run) => ({ ...run, given: JSON.stringify(run.options) }));
      it.each(runs)("$optimizer $given", ({ optimizer: name, options, learningRate, steps }) => {
        const parameters = startingParameters(dtype, create());
        const numbers = parameters.reduce((sum, { value }) => sum + toArray(value).length, 0);
        const optimizer = new OPTIMIZERS[name](options);
        for (const expected of steps) {
          setGradients(parameters);
          optimizer.step(parameters, learningRate);
          const actual = parameters.flatMap(({ value }) => [...toArray(value)]);
          pytorch.expectNear(actual, expected, tolerance);
        }
        expect(optimizer.steps).toBe(25);
        expect(memoryOf(parameters).filter((x) => x !== 0).length, "padding stays 0").toBe(numbers);
      });
    });
  });
});
