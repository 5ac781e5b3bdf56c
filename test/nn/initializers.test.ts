import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../src/errors.js";
import {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  type InitializerName,
  initializers,
  lecunNormal,
  lecunUniform,
  normalInitializer,
  orthogonal,
  sklearnUniform,
  uniformInitializer,
  zerosInitializer,
} from "../../src/nn/initializers.js";
import { RandomState } from "../../src/random/random-state.js";
import { type Tensor, toArray, zeros, zerosByColumns } from "../../src/tensor/tensor.js";
import { agreementWith } from "../support/agreement.js";
import { describeOnEveryBackend } from "../support/backends.js";

interface Drawn {
  readonly shape: readonly [units: number, inputs: number];
  readonly weights: readonly (readonly number[])[];
}
interface Layers {
  readonly layers: readonly number[];
  readonly weights: readonly (readonly number[])[];
  readonly biases: readonly (readonly number[])[];
}
const golden = JSON.parse(readFileSync(new URL("../golden/initializers.json", import.meta.url), "utf8")) as {
  readonly seed: number;
  readonly initializers: Readonly<Record<string, readonly Drawn[]>>;
  readonly sklearnUniform: { readonly sigmoid: Layers; readonly relu: Layers };
};

const float64 = { dtype: "float64" } as const;

/** How far values may lie from NumPy's: uniform ones agree in every bit, normal ones but for those of the logarithm. */
const TOLERANCES: Readonly<Record<string, number>> = {
  uniform: 0,
  glorotUniform: 0,
  heUniform: 0,
  lecunUniform: 0,
  normal: 2e-15,
  glorotNormal: 2e-15,
  heNormal: 2e-15,
  lecunNormal: 2e-15,
  orthogonal: 1e-13, // Another way to the same factor.
};

const numpy = agreementWith("NumPy", "initialisers: every weight");
const sklearn = agreementWith("scikit-learn", "its initialiser: every weight and bias");

describe("initializers draw what NumPy draws", () => {
  it("for every name that draws", () => {
    expect(Object.keys(golden.initializers).sort()).toEqual(Object.keys(TOLERANCES).sort());
    expect(Object.keys(initializers).sort()).toEqual(
      [...Object.keys(TOLERANCES), "sklearnUniform", "zeros"].sort(),
    );
  });

  const cases = Object.entries(golden.initializers).flatMap(([name, drawn]) =>
    drawn.map((one) => ({ name, ...one })),
  );
  it.each(cases)("$name of shape $shape", ({ name, shape, weights }) => {
    const initializer = name === "orthogonal" ? orthogonal(1.5) : initializers[name as InitializerName]();
    const random = new RandomState(golden.seed);
    for (const expected of weights) {
      const weight = zeros(shape, float64);
      initializer(weight, random);
      const largest = Math.max(...expected.map(Math.abs));
      numpy.expectNear(weight.data, expected, TOLERANCES[name] ?? Number.NaN, () => largest);
    }
  });

  it.each(["sigmoid", "relu"] as const)("sklearnUniform for %s, biases after weights", (activation) => {
    const { layers, weights, biases } = golden.sklearnUniform[activation];
    const initializer = sklearnUniform(activation);
    const random = new RandomState(golden.seed);
    for (const [l, units] of layers.slice(1).entries()) {
      const weight = zeros([units, layers[l] ?? 0], float64);
      const bias = zeros([units], float64);
      initializer(weight, random);
      initializer.bias?.(bias, weight, random);
      sklearn.expectSame([...weight.data], weights[l] ?? []);
      sklearn.expectSame([...bias.data], biases[l] ?? []);
    }
  });
});

/** 200 units of 500 inputs: fans that tell every scaling from every other. */
const [units, inputs] = [200, 500];
const count = units * inputs;

function drawn(initializer: Initializer, shape: readonly number[] = [units, inputs]): Float64Array {
  const weight = zeros(shape, float64);
  initializer(weight, new RandomState(7));
  return Float64Array.from(weight.data);
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const moment = (values: Float64Array, order: number) => mean(values.map((value) => value ** order));

describe("the statistics of", () => {
  const normals: readonly (readonly [string, Initializer, number])[] = [
    ["normalInitializer", normalInitializer(0.2), 0.04],
    ["glorotNormal", glorotNormal(), 2 / 700],
    ["heNormal", heNormal(), 2 / 500],
    ["lecunNormal", lecunNormal(), 1 / 500],
  ];
  it.each(normals)("%s: mean 0, this variance, and a normal's kurtosis", (_, initializer, variance) => {
    const values = drawn(initializer);
    expect(Math.abs(mean(values))).toBeLessThan(4 * Math.sqrt(variance / count));
    expect(Math.abs(moment(values, 2) / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(moment(values, 4) / variance ** 2 - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
    const extremes = values.filter((value) => Math.abs(value) > 2 * Math.sqrt(variance)).length;
    expect(extremes / count).toBeCloseTo(0.0455, 2); // Not cut off.
  });

  const uniforms: readonly (readonly [string, Initializer, number])[] = [
    ["glorotUniform", glorotUniform(), Math.sqrt(6 / 700)],
    ["heUniform", heUniform(), Math.sqrt(6 / 500)],
    ["lecunUniform", lecunUniform(), Math.sqrt(3 / 500)],
    ["uniformInitializer", uniformInitializer(-0.25, 0.25), 0.25],
    ["sklearnUniform for relu", sklearnUniform("relu"), Math.sqrt(6 / 700)],
    ["sklearnUniform for sigmoid", sklearnUniform("sigmoid"), Math.sqrt(2 / 700)],
  ];
  it.each(uniforms)("%s: within these bounds, up to them, mean 0 and their variance", (_, draw, bound) => {
    const values = drawn(draw);
    expect(values.every((value) => value >= -bound && value < bound)).toBe(true);
    expect(Math.max(...values)).toBeGreaterThan(0.999 * bound);
    expect(Math.min(...values)).toBeLessThan(-0.999 * bound);
    const variance = bound ** 2 / 3;
    expect(Math.abs(mean(values))).toBeLessThan(4 * Math.sqrt(variance / count));
    expect(Math.abs(moment(values, 2) / variance - 1)).toBeLessThan(4 * Math.sqrt(0.8 / count));
  });

  it("zerosInitializer: zeros over whatever was there, and nothing drawn", () => {
    const weight = zeros([2, 3], float64);
    weight.data.fill(5);
    const random = new RandomState(1);
    zerosInitializer()(weight, random);
    expect([...weight.data]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(random.nextUint32()).toBe(new RandomState(1).nextUint32());
  });
});

describe("orthogonal", () => {
  it.each([
    [30, 80],
    [80, 30],
    [60, 60],
    [1, 9],
    [9, 1],
    [1, 1],
  ])("[%i, %i]: the shorter side is orthonormal times the gain", (rows, columns) => {
    const values = drawn(orthogonal(2), [rows, columns]);
    const at = (i: number, j: number) => values[i * columns + j] as number;
    const wide = rows <= columns;
    const [side, length] = wide ? [rows, columns] : [columns, rows];
    const entry = (i: number, k: number) => (wide ? at(i, k) : at(k, i));
    for (let a = 0; a < side; a++) {
      for (let b = 0; b <= a; b++) {
        let product = 0;
        for (let k = 0; k < length; k++) product += entry(a, k) * entry(b, k);
        expect(Math.abs(product - (a === b ? 4 : 0))).toBeLessThan(1e-13);
      }
    }
  });

  it("turns to all sides: signs of the first entry and of the determinant fall both ways", () => {
    const signs = Array.from({ length: 40 }, (_, seed) => {
      const weight = zeros([2, 2], float64);
      orthogonal()(weight, new RandomState(seed));
      const [a = 0, b = 0, c = 0, d = 0] = weight.data;
      return `${Math.sign(a)} ${Math.round(a * d - b * c)}`;
    });
    expect(new Set(signs)).toEqual(new Set(["1 1", "1 -1", "-1 1", "-1 -1"]));
  });
});

describeOnEveryBackend((create) => {
  it.each(Object.entries(initializers))("%s sees rows, whatever the order in memory is", (_, make) => {
    const backend = create();
    for (const dtype of ["float32", "float64"] as const) {
      const rows = zeros([3, 5], { dtype, backend });
      const columns = zerosByColumns([3, 5], { dtype, backend });
      const fill = (weight: Tensor) => make()(weight, new RandomState(3));
      fill(rows);
      fill(columns);
      expect(toArray(columns)).toEqual(toArray(rows));
      expect(columns.data.filter((value) => value !== 0).length).toBeLessThanOrEqual(15); // Gaps stay 0.
    }
  });
});

it.each<[string, () => unknown]>([
  ["a lower bound above the upper", () => uniformInitializer(1, 0)],
  ["an infinite bound", () => uniformInitializer(0, Number.POSITIVE_INFINITY)],
  ["a gain that is not a number", () => orthogonal(Number.NaN)],
])("%s is refused at once", (_, make) => {
  expect(make).toThrow(InvalidArgumentError);
});
