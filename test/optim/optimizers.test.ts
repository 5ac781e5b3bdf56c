import { describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import * as library from "../../src/index.js";
import { createParameters } from "../../src/nn/parameters.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { assign, tensor, toArray } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { randomFloats } from "../support/guarded-memory.js";

const MADE = {
  SGD: () => new library.SGD({ momentum: 0.9, weightDecay: 0.1, clipNorm: 3 }),
  RMSprop: () => new library.RMSprop({ clipValue: 0.5 }),
  Adagrad: () => new library.Adagrad({ weightDecay: 0.1 }),
  Adam: () => new library.Adam({ maxNorm: 1 }),
  AdamW: () => new library.AdamW(),
  NAdam: () => new library.NAdam({ weightDecay: 0.1 }),
  Lion: () => new library.Lion({ weightDecay: 0.1 }),
};

const SHAPES = [
  { name: "layers.0.weight", shape: [5, 3], decays: true },
  { name: "layers.0.bias", shape: [5], decays: false },
  { name: "layers.1.weight", shape: [2, 5], decays: true },
  { name: "layers.1.bias", shape: [2], decays: false },
];

function parametersOf(backend: Backend): readonly Parameter[] {
  const { parameters } = createParameters(SHAPES, { dtype: "float64", backend });
  for (const [i, { value }] of parameters.entries()) assign(value, numbers(value, i));
  return parameters;
}

const numbers = ({ shape }: { readonly shape: readonly number[] }, seed: number) =>
  randomFloats(
    "float64",
    shape.reduce((product, size) => product * size, 1),
    seed,
  );

function fillGradients(parameters: readonly Parameter[], step: number): void {
  for (const [i, { gradient }] of parameters.entries()) assign(gradient, numbers(gradient, 100 * step + i));
}

const valuesOf = (parameters: readonly Parameter[]) => parameters.map(({ value }) => [...toArray(value)]);

/** The same parameters, each in memory of its own. */
const apart = (parameters: readonly Parameter[], backend: Backend): Parameter[] =>
  parameters.map(({ name, value, gradient, decays }) => {
    const copy = (x: typeof value) => tensor(toArray(x), x.shape, { backend });
    return { name, decays, value: copy(value), gradient: copy(gradient) };
  });

describe.each(Object.entries(MADE))("%s", (_, make) => {
  describeOnEveryBackend((create) => {
    const backend = create();

    it("takes the same steps on parameters side by side and on parameters apart", () => {
      const together = parametersOf(backend);
      const single = apart(together, backend);
      const [a, b] = [make(), make()];
      for (let step = 0; step < 4; step++) {
        fillGradients(together, step);
        fillGradients(single, step);
        a.step(together, 0.1);
        b.step(single, 0.1);
      }
      for (const [i, values] of valuesOf(together).entries()) {
        for (const [j, value] of values.entries()) {
          expect(value).toBeCloseTo(toArray((single[i] as Parameter).value)[j] as number, 12);
        }
      }
      expect([...a.slots.keys()].sort()).toEqual([...b.slots.keys()].sort());
    });

    it("leaves parameters that are not in the list, in every order of freezing", () => {
      const [parameters, others] = [parametersOf(backend), parametersOf(backend)];
      const optimizer = make();
      const unfrozen = parameters.filter((_, i) => i !== 2);
      for (let step = 0; step < 3; step++) {
        fillGradients(parameters, step);
        optimizer.step(unfrozen, 0.1);
      }
      expect(toArray((parameters[2] as Parameter).value)).toEqual(toArray((others[2] as Parameter).value));
      const before = new Map([...optimizer.slots].map(([name, slot]) => [name, [...toArray(slot)]]));
      const moved = valuesOf(unfrozen);
      optimizer.step([], 0.1); // Of no parameters.
      expect(valuesOf(unfrozen)).toEqual(moved);
      for (const { gradient } of parameters) assign(gradient, toArray(gradient).fill(0));
      optimizer.step(parameters, 1e-9); // What is remembered is taken along into the new run.
      for (const [name, values] of before) {
        const now = toArray(optimizer.slots.get(name) as library.Tensor);
        for (const [i, value] of values.entries()) {
          expect(Math.abs(now[i] as number)).toBeLessThanOrEqual(Math.abs(value));
          if (Math.abs(value) > 1e-3) expect(Math.abs(now[i] as number)).toBeGreaterThan(Math.abs(value) / 2);
        }
      }
    });

    it("allocates no arrays after its first step", () => {
      const [parameters, optimizer] = [parametersOf(backend), make()];
      fillGradients(parameters, 0);
      optimizer.step(parameters, 0.1);
      const [slots, before] = [new Map(optimizer.slots), process.memoryUsage().arrayBuffers];
      for (let step = 0; step < 300; step++) optimizer.step([...parameters], 0.1);
      expect(process.memoryUsage().arrayBuffers).toBeLessThanOrEqual(before);
      expect([...optimizer.slots].every(([name, slot]) => slots.get(name) === slot)).toBe(true);
    });

    it("goes on after restore with the bits that it would have had", () => {
      const [parameters, optimizer] = [parametersOf(backend), make()];
      const take = (own: typeof optimizer, list: readonly Parameter[], from: number, to: number) => {
        for (let step = from; step < to; step++) {
          fillGradients(list, step);
          own.step(list, 0.05);
        }
      };
      take(optimizer, parameters, 0, 5);
      const copies = parametersOf(backend);
      for (const [i, { value }] of copies.entries())
        assign(value, toArray((parameters[i] as Parameter).value));
      const resumed = make();
      resumed.restore(optimizer.steps, optimizer.slots);
      take(resumed, copies, 5, 9);
      take(optimizer, parameters, 5, 9);
      expect(valuesOf(copies)).toEqual(valuesOf(parameters));
      expect(resumed.steps).toBe(9);
      expect(new Set(resumed.slots.keys())).toEqual(new Set(optimizer.slots.keys()));
    });
  });

  it("refuses steps and slots that are not its own", () => {
    const optimizer = make();
    const slot = library.zeros([2], { backend: createJavaScriptBackend() });
    expect(() => optimizer.restore(-1, new Map())).toThrow(
      /^Expected a whole number of at least 0 for steps/,
    );
    expect(() => optimizer.restore(1, new Map([["layers.0.bias.alien", slot]]))).toThrow(
      /^Expected slots that end with .* for \w+ but received layers\.0\.bias\.alien\.$/,
    );
    expect(optimizer.steps).toBe(0);
    expect(() => optimizer.step([], Number.NaN)).toThrow(
      /^Expected a finite number above 0 for learningRate/,
    );
    expect(() => optimizer.step([], 0)).toThrow(library.InvalidArgumentError);
  });

  it("names itself, and says its settings with the defaults", () => {
    const optimizer = make();
    const { name, settings } = optimizer;
    expect(name).toBe(optimizer.constructor.name.toLowerCase());
    expect(settings.weightDecay).toBeTypeOf("number");
    const again = new (optimizer.constructor as new (options: object) => library.Optimizer)(settings);
    expect(again.settings).toEqual(settings);
  });
});

describe("options", () => {
  it.each([
    [() => new library.SGD({ momentum: 1 }), "a number from 0 to below 1 for momentum but received 1"],
    [() => new library.SGD({ nesterov: true }), "a momentum above 0 for nesterov but received 0"],
    [() => new library.SGD({ nesterov: 1 as never }), "true or false for nesterov but received 1"],
    [() => new library.Adam({ beta2: -0.1 }), "a number from 0 to below 1 for beta2 but received -0.1"],
    [() => new library.Adam({ epsilon: 0 }), "a finite number of at least 1e-30 for epsilon but received 0"],
    [
      () => new library.AdamW({ weightDecay: -1 }),
      "a finite number of at least 0 for weightDecay but received -1",
    ],
    [() => new library.Lion({ clipNorm: 0 }), "a finite number above 0 for clipNorm but received 0"],
    [
      () => new library.Lion({ clipValue: "1" as never }),
      'a finite number above 0 for clipValue but received "1"',
    ],
    [
      () => new library.NAdam({ maxNorm: null as never }),
      "a finite number above 0 for maxNorm but received null",
    ],
    [
      () => new library.RMSprop({ alpha: Number.NaN }),
      "a number from 0 to below 1 for alpha but received NaN",
    ],
  ])("%s are refused", (make, message) => {
    expect(make).toThrow(`Expected ${message}.`);
  });
});

describe("the plain SGD", () => {
  it("alone may be fused into the backward pass", () => {
    expect(new library.SGD().countStep).toBeTypeOf("function");
    expect(new library.SGD({ weightDecay: 0, momentum: 0 }).countStep).toBeTypeOf("function");
    for (const options of [
      { momentum: 0.9 },
      { weightDecay: 0.1 },
      { clipNorm: 1 },
      { clipValue: 1 },
      { maxNorm: 1 },
    ]) {
      expect(new library.SGD(options).countStep).toBeUndefined();
    }
  });
});

describe("calls of a backend", () => {
  it("are one for all weights and one for all biases, or one for all where nothing decays", () => {
    const js = createJavaScriptBackend();
    const lengths: number[] = [];
    const backend: Backend = {
      ...js,
      update(args) {
        lengths.push(args.parameter.length);
        js.update(args);
      },
    };
    const parameters = parametersOf(backend);
    new library.AdamW().step(parameters, 0.1);
    expect(lengths).toEqual([3 * 8 + 5 * 8, 8 + 2]); // Columns of whole lines; the last ends with its numbers.
    lengths.length = 0;
    new library.Adam().step(parameters, 0.1);
    expect(lengths).toEqual([3 * 8 + 5 * 8 + 8 + 2]);
  });
});

describe("memory between parameters that somebody else made", () => {
  it("stays as it is, though they lie as far apart as a network's", () => {
    const backend = createJavaScriptBackend();
    const [values, gradients] = [new Float64Array(16).fill(5), new Float64Array(16).fill(1)];
    const parameters = [0, 8].map((start) => {
      const part = (all: Float64Array) => tensor(all.subarray(start, start + 3), [3], { backend });
      return { name: `${start}`, value: part(values), gradient: part(gradients), decays: true };
    });
    new library.AdamW().step(parameters, 0.1);
    const changed = [...values.keys()].filter((i) => values[i] !== 5);
    expect(changed).toEqual([0, 1, 2, 8, 9, 10]);
  });
});
