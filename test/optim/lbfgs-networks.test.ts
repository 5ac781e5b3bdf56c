import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { sklearnUniform } from "../../src/nn/initializers.js";
import { createLossTotals } from "../../src/nn/losses/loss.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { createParameters } from "../../src/nn/parameters.js";
import { LBFGS } from "../../src/optim/lbfgs.js";
import { RandomState } from "../../src/random/random-state.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { assign, tensor, toArray } from "../../src/tensor/tensor.js";
import { describeOnEveryBackend } from "../support/backends.js";

type HiddenActivation = "identity" | "logistic" | "relu" | "tanh";
interface GoldenNetwork {
  readonly activation: HiddenActivation;
  readonly hidden: readonly number[];
  readonly alpha: number;
  /** After 1, 2, … iterations. */
  readonly losses: readonly number[];
}
const { iris } = JSON.parse(readFileSync(new URL("../golden/lbfgs.json", import.meta.url), "utf8")) as {
  readonly iris: {
    readonly seed: number;
    readonly rows: readonly (readonly number[])[];
    readonly labels: readonly number[];
    readonly networks: readonly GoldenNetwork[];
  };
};

/** f(z), and f'(z) by a = f(z). */
const ACTIVATIONS: Readonly<
  Record<HiddenActivation, readonly [f: (z: number) => number, slope: (a: number) => number]>
> = {
  identity: [(z) => z, () => 1],
  logistic: [(z) => 1 / (1 + Math.exp(-z)), (a) => a * (1 - a)],
  relu: [(z) => Math.max(0, z), (a) => (a > 0 ? 1 : 0)],
  tanh: [Math.tanh, (a) => 1 - a * a],
};

/** A weight's rows, or a bias as a single row. */
function rowsOf({ value }: Parameter): number[][] {
  const numbers = toArray(value);
  const columns = value.shape.at(-1) ?? 0;
  return Array.from({ length: numbers.length / columns }, (_, i) => [
    ...numbers.subarray(i * columns, (i + 1) * columns),
  ]);
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

const add = (to: number[], factor: number, x: readonly number[]) => {
  for (const [i, value] of x.entries()) to[i] = (to[i] as number) + factor * value;
};

/** Starting weights as scikit-learn draws them, and its loss: cross-entropy of the softmax and alpha / 2 |W|², over the examples. */
function network({ activation, hidden, alpha }: GoldenNetwork, dtype: "float32" | "float64") {
  const sizes = [4, ...hidden, 3];
  const shapes = sizes.slice(1).flatMap((units, l) => [
    { name: `layers.${l}.weight`, shape: [units, sizes[l] as number], decays: true },
    { name: `layers.${l}.bias`, shape: [units], decays: false },
  ]);
  const { parameters } = createParameters(shapes, { dtype, backend: createJavaScriptBackend() });
  const layers = hidden.concat(3).map((_, l) => parameters.slice(2 * l, 2 * l + 2) as [Parameter, Parameter]);
  const initializer = sklearnUniform(activation === "logistic" ? "sigmoid" : activation);
  const random = new RandomState(iris.seed);
  for (const [weight, bias] of layers) {
    initializer(weight.value, random);
    initializer.bias?.(bias.value, weight.value, random);
  }

  const [f, slope] = ACTIVATIONS[activation];
  const evaluate = () => {
    const weights = layers.map(([weight]) => rowsOf(weight));
    const biases = layers.map(([, bias]) => rowsOf(bias)[0] as number[]);
    const gradients = weights.map((rows) => rows.map((row) => row.map((w) => alpha * w)));
    const biasGradients = biases.map((bias) => bias.map(() => 0));
    let loss = (alpha / 2) * weights.flat(2).reduce((sum, w) => sum + w * w, 0);
    for (const [n, x] of iris.rows.entries()) {
      const inputs = [[...x]];
      for (const [l, rows] of weights.entries()) {
        const z = rows.map((row, i) => dot(row, inputs[l] as number[]) + (biases[l]?.[i] as number));
        inputs.push(l === weights.length - 1 ? z : z.map(f));
      }
      const logits = inputs.at(-1) as number[];
      const largest = Math.max(...logits);
      const sum = logits.reduce((total, z) => total + Math.exp(z - largest), 0);
      const label = iris.labels[n] as number;
      loss += Math.log(sum) + largest - (logits[label] as number);
      let delta = logits.map((z, i) => Math.exp(z - largest) / sum - (i === label ? 1 : 0));
      for (let l = weights.length - 1; l >= 0; l--) {
        const input = inputs[l] as number[];
        const upstream = input.map(() => 0);
        for (const [i, d] of delta.entries()) {
          add(gradients[l]?.[i] as number[], d, input);
          add(upstream, d, weights[l]?.[i] as number[]);
        }
        add(biasGradients[l] as number[], 1, delta);
        delta = upstream.map((u, i) => u * slope(input[i] as number));
      }
    }
    const count = iris.rows.length;
    for (const [l, [weight, bias]] of layers.entries()) {
      assign(weight.gradient, gradients[l]?.flat().map((g) => g / count) as number[]);
      assign(bias.gradient, biasGradients[l]?.map((g) => g / count) as number[]);
    }
    return loss / count;
  };
  return { parameters, evaluate };
}

describe("L-BFGS from scikit-learn's starting weights on iris", () => {
  it.each(iris.networks)("has the losses of MLPClassifier: $activation, $hidden, alpha $alpha", (golden) => {
    expect(golden.losses.length).toBe(20);
    const { parameters, evaluate } = network(golden, "float64");
    const optimizer = new LBFGS();
    for (const [k, loss] of golden.losses.entries()) {
      const progress = optimizer.iterate(evaluate, parameters);
      expect(Math.abs(progress.loss - loss), `after ${k + 1} iterations`).toBeLessThan(1e-9);
      expect(evaluate()).toBe(progress.loss);
    }
  });

  it("comes as far in float32", () => {
    const [golden] = iris.networks as [GoldenNetwork];
    const { parameters, evaluate } = network(golden, "float32");
    const optimizer = new LBFGS({ maxIterations: 20 });
    expect(optimizer.minimize(evaluate, parameters).iterations).toBe(20);
    expect(evaluate()).toBeCloseTo(golden.losses.at(-1) as number, 3);
  });
});

describeOnEveryBackend((create) => {
  it.each(["float32", "float64"] as const)(
    "L-BFGS trains a network in %s far below where it began",
    (dtype) => {
      const backend = create();
      const network = new MultilayerPerceptron({
        layers: [4, 6, 3],
        dtype,
        backend,
        initializer: sklearnUniform(),
      });
      const count = iris.rows.length;
      const x = tensor(iris.rows.flat(), [count, 4], { dtype, backend });
      const batch = { x, values: Uint8Array.from(iris.labels) };
      const slots = network.createSlots(count);
      const evaluate = () => {
        const totals = createLossTotals();
        network.forward(x, slots);
        network.backward(batch, slots, totals);
        return (totals[0] ?? Number.NaN) / count;
      };
      const first = evaluate();
      const { loss, iterations } = new LBFGS({ maxIterations: 80 }).minimize(evaluate, network.parameters);
      expect(iterations).toBeGreaterThan(20);
      expect(loss).toBeLessThan(0.1 * first);
      expect(evaluate()).toBe(loss);
    },
  );
});
