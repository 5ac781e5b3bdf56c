import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { DType } from "../../src/backend/backend.js";
import { createLossTotals } from "../../src/nn/losses/loss.js";
import type { LossSpecification } from "../../src/nn/losses/specification.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { LayerSpecification } from "../../src/nn/specification.js";
import { SGD } from "../../src/optim/sgd.js";
import type { Batch } from "../../src/tensor/batch.js";
import { assign, type Tensor, tensor, toArray } from "../../src/tensor/tensor.js";
import { agreementWith } from "../support/agreement.js";
import { describeOnEveryBackend } from "../support/backends.js";

/** A network that PyTorch trained: `scripts/record-networks.py` says how. */
interface Recorded {
  readonly name: string;
  readonly inputs: number;
  readonly layers: readonly LayerSpecification[];
  readonly loss: LossSpecification;
  readonly alpha: number;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[] | readonly (readonly number[])[];
  readonly weights: readonly number[] | null;
  readonly initial: Readonly<Record<string, readonly number[] | readonly (readonly number[])[]>>;
  /** Of each step, before it. */
  readonly losses: readonly number[];
  /** All parameters after each step, in the order of `initial`. */
  readonly trajectory: readonly (readonly number[])[];
  readonly buffers: Readonly<Record<string, readonly number[]>>;
  /** In evaluation, after the last step. */
  readonly outputs: readonly (readonly number[])[];
}

const { networks } = JSON.parse(
  readFileSync(new URL("../golden/networks.json", import.meta.url), "utf8"),
) as { readonly networks: readonly Recorded[] };

/** Of float64 the issue is a misplaced constant: an epsilon of 1e-8 would be seen. */
const TOLERANCES: readonly (readonly [DType, number])[] = [
  ["float64", 1e-10],
  ["float32", 1e-4],
];

const pytorch = agreementWith("PyTorch", "networks: losses, parameters, buffers and outputs, step by step");

describeOnEveryBackend((create) => {
  describe.each(TOLERANCES)("%s, within %d of PyTorch", (dtype, tolerance) => {
    const options = () => ({ dtype, backend: create() });
    const numbers = (rows: readonly (readonly number[])[]) =>
      tensor(rows.flat(), [rows.length, (rows[0] as readonly number[]).length], options());

    it.each(networks)("$name", (recorded) => {
      const { inputs, layers, loss, alpha, learningRate, batchSize, x, y, weights } = recorded;
      const network = new MultilayerPerceptron({ layers: [inputs, ...layers], loss, alpha, ...options() });
      expect(network.parameters.map(({ name }) => name)).toEqual(Object.keys(recorded.initial));
      for (const { name, value } of network.parameters) assign(value, (recorded.initial[name] ?? []).flat());
      const slots = network.createSlots(batchSize);
      const optimizer = new SGD();
      const totals = createLossTotals();
      for (const [step, expected] of recorded.trajectory.entries()) {
        const first = (step * batchSize) % x.length;
        const rows = <T>(all: readonly T[]) => all.slice(first, first + batchSize);
        const isClasses = typeof y[0] === "number";
        const batch: Batch = {
          x: numbers(rows(x)),
          values: isClasses
            ? Int32Array.from(rows(y as readonly number[]))
            : numbers(rows(y as readonly (readonly number[])[])),
          ...(weights !== null && { weights: tensor(rows(weights), [batchSize], options()).data }),
        };
        totals.fill(0);
        network.trainStep(batch, slots, optimizer, learningRate, totals);
        pytorch.expectNear(
          [network.loss.objective(totals, network.outputs)],
          [recorded.losses[step] as number],
          tolerance,
        );
        pytorch.expectNear(
          network.parameters.flatMap(({ value }) => [...toArray(value)]),
          expected,
          tolerance,
        );
      }
      expect(network.buffers.map(({ name }) => name)).toEqual(Object.keys(recorded.buffers));
      for (const { name, value } of network.buffers) {
        pytorch.expectNear([...value.data], recorded.buffers[name] ?? [], tolerance);
      }
      const outputs = network.forward(numbers(x)).at(-1) as Tensor;
      pytorch.expectNear([...outputs.data], recorded.outputs.flat(), tolerance);
    });
  });
});
