import { expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { keepLastEpoch } from "../../src/cli/kept-with-run.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { LBFGS } from "../../src/optim/lbfgs.js";
import { SGD } from "../../src/optim/sgd.js";
import { toArray } from "../../src/tensor/tensor.js";
import type { Callback } from "../../src/training/callback.js";
import { decodeCheckpoint } from "../../src/training/checkpoint-file.js";
import { type FitOptions, fit } from "../../src/training/fit.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { quarters } from "./datasets.js";

const train = quarters(130);
const EPOCHS = 5;

function createNetwork(backend: Backend, dtype: "float32" | "float64") {
  return new MultilayerPerceptron({ layers: [16, 6, 4], dtype, backend });
}

async function run(network: MultilayerPerceptron, options: FitOptions = {}) {
  const { epochs } = await fit(network, train, {
    epochs: EPOCHS,
    optimizer: new LBFGS({ history: 3 }),
    validation: train,
    ...options,
  });
  return { weights: weightsOf(network), epochs: epochs.map((metrics) => ({ ...metrics, seconds: 0 })) };
}

function weightsOf({ parameters }: MultilayerPerceptron) {
  return parameters.map(({ value }) => toArray(value));
}

/** A network whose `n`-th forward pass, counted from 0, aborts the training: within an iteration, at its end, or within an evaluation. */
function aborting(network: MultilayerPerceptron, n: number, controller: AbortController) {
  let left = n;
  const { forward } = network;
  network.forward = (...args: Parameters<typeof forward>) => {
    if (left-- === 0) controller.abort(new Error("enough"));
    return forward.apply(network, args);
  };
  return network;
}

/** Keeps the checkpoint of an abort. */
function keeper(): { readonly callback: Callback; readonly kept: Uint8Array[] } {
  const kept: Uint8Array[] = [];
  return {
    kept,
    callback: {
      onCheckpoint: (context) => {
        if (context.at === "abort") kept.push(context.encodeCheckpoint());
      },
    },
  };
}

describeOnEveryBackend((create) => {
  it.each(["float32", "float64"] as const)(
    "a full-batch training in %s that was aborted at any pass goes on to the same bits",
    async (dtype) => {
      const backend = create();
      const expected = await run(createNetwork(backend, dtype));
      for (let n = 0; ; n++) {
        const controller = new AbortController();
        const { callback, kept } = keeper();
        const network = aborting(createNetwork(backend, dtype), n, controller);
        const { signal } = controller;
        const error = await run(network, { signal, callbacks: [callback] }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error === undefined) {
          expect(n).toBeGreaterThan(2 * EPOCHS);
          break;
        }
        expect(error).toMatchObject({ code: "ERR_TRAINING_ABORTED" });
        expect(kept).toHaveLength(1);
        const resume = decodeCheckpoint(kept[0] as Uint8Array, { backend });
        expect(await run(resume.network, { resume }), `aborted at pass ${n}`).toEqual(expected);
      }
    },
  );

  it("a training that was aborted while an epoch's hooks were waited for goes on after that epoch", async () => {
    const backend = create();
    const options = { optimizer: new LBFGS({ history: 3 }) };
    const expected = await run(createNetwork(backend, "float64"), options);
    const controller = new AbortController();
    const { callback, kept } = keeper();
    const onEpochEnd = async ({ epoch }: { readonly epoch: number }) => {
      if (epoch === 2) controller.abort(new Error("enough"));
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const { signal } = controller;
    const aborted = run(createNetwork(backend, "float64"), { signal, onEpochEnd, callbacks: [callback] });
    await expect(aborted).rejects.toMatchObject({
      code: "ERR_TRAINING_ABORTED",
      history: { epochs: { length: 2 } },
    });
    const resume = decodeCheckpoint(kept[0] as Uint8Array, { backend });
    expect(resume.state).toMatchObject({ epoch: 2, isWithinEpoch: false });
    expect(await run(resume.network, { resume })).toEqual(expected);
  });

  it.each<[string, (fail: () => void) => Callback]>([
    ["onEpochBegin", (fail) => ({ onEpochBegin: ({ epoch }) => (epoch === 3 ? fail() : undefined) })],
    ["onStepBegin", (fail) => ({ onStepBegin: ({ step }) => (step === 11 ? fail() : undefined) })],
    ["onStepEnd", (fail) => ({ onStepEnd: ({ step }) => (step === 11 ? fail() : undefined) })],
    ["onEpochEnd", (fail) => ({ onEpochEnd: ({ epoch }) => (epoch === 3 ? fail() : undefined) })],
    ["onTrainEnd", (fail) => ({ onTrainEnd: fail })],
  ])("a training that an error in %s has ended goes on from any checkpoint before", async (_, failing) => {
    const backend = create();
    const sgd = (options: FitOptions) => ({
      optimizer: new SGD({ momentum: 0.9 }),
      batchSize: 30,
      ...options,
    });
    const expected = await run(createNetwork(backend, "float32"), sgd({}));
    const kept: Uint8Array[] = [];
    const all: Callback = { onCheckpoint: (context) => void kept.push(context.encodeCheckpoint()) };
    const fail = () => {
      throw new Error("a fault of its own");
    };
    const callbacks = [all, failing(fail)];
    await expect(run(createNetwork(backend, "float32"), sgd({ callbacks }))).rejects.toThrow(
      "a fault of its own",
    );
    expect(kept.length).toBeGreaterThan(8);
    for (const bytes of kept.slice(-3)) {
      const resume = decodeCheckpoint(bytes, { backend });
      expect(await run(resume.network, sgd({ resume }))).toEqual(expected);
    }
  });

  it("what is kept as the last whole epoch is that, also of a full-batch training that was aborted again", async () => {
    const backend = create();
    const whole = createNetwork(backend, "float64");
    await run(whole, { epochs: 2 });
    // After the second epoch's passes, aborted in the evaluation of the third: its step has been taken.
    let resume: ReturnType<typeof decodeCheckpoint> | undefined;
    for (let n = 0; resume?.state.epoch !== 3 || resume.state.batches !== 1; n++) {
      const controller = new AbortController();
      const { callback, kept } = keeper();
      const network = aborting(createNetwork(backend, "float64"), n, controller);
      const callbacks = [keepLastEpoch(network).callback, callback];
      await expect(run(network, { signal: controller.signal, callbacks })).rejects.toThrow();
      resume = decodeCheckpoint(kept[0] as Uint8Array, { backend });
    }
    const lastEpoch = keepLastEpoch(resume.network);
    const signal = AbortSignal.abort(new Error("again"));
    await expect(run(resume.network, { resume, signal, callbacks: [lastEpoch.callback] })).rejects.toThrow();
    expect(weightsOf(resume.network)).not.toEqual(weightsOf(whole));
    lastEpoch.restoreNetwork();
    expect(weightsOf(resume.network)).toEqual(weightsOf(whole));
  });
});
