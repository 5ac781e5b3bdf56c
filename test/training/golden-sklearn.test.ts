import { readFileSync } from "node:fs";
import { describe, it } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { sklearnUniform } from "../../src/nn/initializers.js";
import { binaryCrossEntropy, crossEntropy } from "../../src/nn/losses/cross-entropy.js";
import { createLossTotals } from "../../src/nn/losses/loss.js";
import { squaredError } from "../../src/nn/losses/squared-error.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { dense } from "../../src/nn/specification.js";
import { Adam } from "../../src/optim/adam.js";
import { LBFGS } from "../../src/optim/lbfgs.js";
import { SGD } from "../../src/optim/sgd.js";
import { RandomState } from "../../src/random/random-state.js";
import type { Batch } from "../../src/tensor/batch.js";
import { tensor } from "../../src/tensor/tensor.js";
import { agreementWith } from "../support/agreement.js";
import { describeOnEveryBackend } from "../support/backends.js";

/** What scikit-learn's networks did: `scripts/record-sklearn.py` says how. */
interface Recorded {
  readonly hidden: number;
  readonly seed: number;
  readonly datasets: Readonly<
    Record<
      string,
      {
        /** Of the digits a letter for each pixel, in base 17. */
        readonly x: readonly (string | readonly number[])[];
        readonly y: readonly number[];
      }
    >
  >;
  readonly runs: readonly Run[];
}

interface Run {
  readonly dataset: string;
  readonly task: "classify" | "regress";
  readonly solver: "sgd" | "adam" | "lbfgs";
  readonly activation: "identity" | "logistic" | "tanh" | "relu";
  readonly losses: readonly number[];
}

const recorded = JSON.parse(
  readFileSync(new URL("../golden/sklearn.json", import.meta.url), "utf8"),
) as Recorded;

/** scikit-learn's defaults. */
const ALPHA = 1e-4;
const LEARNING_RATE = 1e-3;
const BATCH = 200;
const EPOCHS = 20;

const sklearn = agreementWith("scikit-learn", "networks: the loss of each of 20 epochs or iterations");

describeOnEveryBackend((create) => {
  describe("a network learns as scikit-learn's does, its loss within 1e-6 for 20 epochs", () => {
    it.each(recorded.runs)("$dataset, $task, $solver, $activation", (run) => {
      sklearn.expectNear(train(run, create()), run.losses, 1e-6);
    });
  });
});

function train(run: Run, backend: Backend): number[] {
  const { x, y, outputs, width } = prepare(run);
  const isRegression = run.task === "regress";
  const activation = run.activation === "logistic" ? "sigmoid" : run.activation;
  const network = new MultilayerPerceptron({
    layers: [
      width,
      dense(recorded.hidden, activation),
      dense(outputs, isRegression ? "identity" : outputs === 1 ? "sigmoid" : "softmax"),
    ],
    loss: isRegression
      ? squaredError({ factor: 0.5 })
      : outputs === 1
        ? binaryCrossEntropy()
        : crossEntropy(),
    alpha: ALPHA,
    initializer: sklearnUniform(activation),
    seed: recorded.seed,
    dtype: "float64",
    backend,
  });
  const batchOf = (rows: Int32Array): Batch => ({
    x: tensor(Array.from(rows, (row) => x[row] as number[]).flat(), [rows.length, width], {
      dtype: "float64",
      backend,
    }),
    values: isRegression
      ? tensor(
          Array.from(rows, (row) => y[row] as number),
          [rows.length, 1],
          { dtype: "float64", backend },
        )
      : Int32Array.from(rows, (row) => y[row] as number),
  });
  return run.solver === "lbfgs"
    ? iterate(network, batchOf, x.length)
    : step(network, run.solver, batchOf, x.length);
}

function step(
  network: MultilayerPerceptron,
  solver: "sgd" | "adam",
  batchOf: (rows: Int32Array) => Batch,
  examples: number,
): number[] {
  const random = new RandomState(recorded.seed);
  const numbers = network.parameters.reduce((sum, { value }) => sum + value.shape.reduce((a, b) => a * b), 0);
  random.uniform(0, 1, numbers); // scikit-learn draws weights and shuffles from one stream.
  const optimizer =
    solver === "sgd" ? new SGD({ momentum: 0.9, nesterov: true }) : new Adam({ scaleEpsilon: true });
  const slots = network.createSlots(Math.min(BATCH, examples));
  const totals = createLossTotals();
  let order = Int32Array.from({ length: examples }, (_, i) => i);
  return Array.from({ length: EPOCHS }, () => {
    const positions = Int32Array.from({ length: examples }, (_, i) => i);
    random.shuffle(positions);
    order = positions.map((position) => order[position] as number); // Each shuffle is of the one before.
    let sum = 0;
    for (let first = 0; first < examples; first += BATCH) {
      const rows = order.subarray(first, first + BATCH);
      const batch = batchOf(rows);
      totals.fill(0);
      network.forward(batch.x, slots);
      network.backward(batch, slots, totals);
      sum += network.objectiveOf(batch, slots, totals) * rows.length;
      optimizer.step(network.parameters, LEARNING_RATE);
    }
    return sum / examples;
  });
}

function iterate(
  network: MultilayerPerceptron,
  batchOf: (rows: Int32Array) => Batch,
  examples: number,
): number[] {
  const batch = batchOf(Int32Array.from({ length: examples }, (_, i) => i));
  const slots = network.createSlots(examples);
  const totals = createLossTotals();
  const evaluate = () => {
    totals.fill(0);
    network.forward(batch.x, slots);
    network.backward(batch, slots, totals);
    return network.objectiveOf(batch, slots, totals);
  };
  const optimizer = new LBFGS({ maxIterations: EPOCHS, tolerance: 0, lossTolerance: 0 });
  return Array.from({ length: EPOCHS }, () => optimizer.iterate(evaluate, network.parameters).loss);
}

/** As the recording program prepares the data. */
function prepare({ dataset, task }: Run) {
  const { x: rows, y } = recorded.datasets[dataset] as Recorded["datasets"][string];
  const raw = rows.map((row) =>
    typeof row === "string" ? Array.from(row, (pixel) => Number.parseInt(pixel, 17)) : row,
  );
  const all = dataset === "digits" ? raw.map((row) => row.map((pixel) => pixel / 16)) : standardized(raw);
  if (task === "classify") {
    const classes = Math.max(...y) + 1;
    return { x: all, y, outputs: classes === 2 ? 1 : classes, width: (all[0] as number[]).length };
  }
  const x = all.map((row) => row.slice(0, -1));
  return { x, y: all.map((row) => row.at(-1) as number), outputs: 1, width: (x[0] as number[]).length };
}

function standardized(rows: readonly (readonly number[])[]): number[][] {
  const columns = (rows[0] as readonly number[]).map((_, j) => {
    const column = rows.map((row) => row[j] as number);
    const mean = column.reduce((a, b) => a + b) / column.length;
    const deviation = Math.sqrt(column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / column.length);
    return { mean, deviation };
  });
  return rows.map((row) =>
    row.map((value, j) => {
      const { mean, deviation } = columns[j] as (typeof columns)[0];
      return (value - mean) / deviation;
    }),
  );
}
