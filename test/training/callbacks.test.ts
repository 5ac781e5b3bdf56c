import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { InvalidArgumentError } from "../../src/errors.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { LBFGS } from "../../src/optim/lbfgs.js";
import { SGD } from "../../src/optim/sgd.js";
import type { Callback, TrainingContext } from "../../src/training/callback.js";
import { fit } from "../../src/training/fit.js";
import { constant, type ScheduleTime } from "../../src/training/schedules/schedule.js";
import { TrainingAbortedError } from "../../src/training/training-aborted-error.js";
import { sameBytes } from "../support/guarded-memory.js";
import { quarters } from "./datasets.js";

const backend = createJavaScriptBackend();
const network = () => new MultilayerPerceptron({ layers: [16, 3, 4], backend });
const weights = ({ denseLayers: layers }: MultilayerPerceptron) =>
  layers[0]?.weight.data ?? new Float32Array(0);

describe("callbacks", () => {
  it("are called in order, with where the training is", async () => {
    const events: string[] = [];
    const note = (name: string) => (context: TrainingContext) => {
      const { epoch, epochs, step, stepsPerEpoch, examples, examplesPerEpoch, history } = context;
      events.push(
        `${name} ${epoch}/${epochs} ${step}/${stepsPerEpoch} ${examples}/${examplesPerEpoch} ${history.length}`,
      );
    };
    const callback: Callback = {
      onTrainBegin: note("train begins"),
      onEpochBegin: note("epoch begins"),
      onStepEnd: note("step"),
      onEpochEnd: note("epoch ends"),
      onTrainEnd: note("train ends"),
    };
    await fit(network(), quarters(10), { epochs: 2, batchSize: 4, callbacks: [callback] });
    expect(events).toEqual([
      "train begins 0/2 0/3 0/10 0",
      "epoch begins 1/2 0/3 0/10 0",
      "step 1/2 1/3 4/10 0",
      "step 1/2 2/3 8/10 0",
      "step 1/2 3/3 10/10 0",
      "epoch ends 1/2 3/3 10/10 1",
      "epoch begins 2/2 3/3 0/10 1",
      "step 2/2 4/3 4/10 1",
      "step 2/2 5/3 8/10 1",
      "step 2/2 6/3 10/10 1",
      "epoch ends 2/2 6/3 10/10 2",
      "train ends 2/2 6/3 10/10 2",
    ]);
  });

  it("are waited for when an epoch ends, one after another, before onEpochEnd", async () => {
    const events: string[] = [];
    const slow = (name: string): Callback => ({
      async onEpochEnd() {
        events.push(`${name} begins`);
        await sleep(2);
        events.push(`${name} ends`);
      },
    });
    const onEpochEnd = () => {
      events.push("onEpochEnd");
    };
    await fit(network(), quarters(10), { epochs: 1, callbacks: [slow("a"), slow("b")], onEpochEnd });
    expect(events).toEqual(["a begins", "a ends", "b begins", "b ends", "onEpochEnd"]);
  });

  it("that only look change no bit of the result", async () => {
    const plain = network();
    await fit(plain, quarters(30), { epochs: 2, batchSize: 4 });
    const watched = network();
    let steps = 0;
    const onStepEnd = () => {
      steps += 1;
    };
    await fit(watched, quarters(30), { epochs: 2, batchSize: 4, callbacks: [{ onStepEnd }] });
    expect(steps).toBe(16);
    expect(sameBytes(weights(watched), weights(plain))).toBe(true);
  });

  it.each([
    [true, undefined],
    [true, true],
    [false, false],
  ])("have gradients: %s, where they say that they read them: %s", async (has, readsGradients) => {
    const trained = network();
    const backward = vi.spyOn(trained, "backward");
    const losses: number[] = [];
    const onStepEnd = ({ loss }: TrainingContext) => void losses.push(loss);
    const callback = { onStepEnd, ...(readsGradients !== undefined && { readsGradients }) };
    await fit(trained, quarters(10), { epochs: 1, batchSize: 5, callbacks: [callback] });
    expect(backward.mock.calls.length > 0).toBe(has);
    expect(losses.map((loss) => loss > 0)).toEqual([true, true]);
  });

  it("that throw end the training with their error", async () => {
    const failure = new Error("The disk is full.");
    const onStepEnd = () => {
      throw failure;
    };
    await expect(fit(network(), quarters(10), { callbacks: [{ onStepEnd }] })).rejects.toBe(failure);
  });

  it("can stop the training: the epoch is finished, and the history has the reason", async () => {
    const onStepEnd = ({ control, epoch }: TrainingContext) => {
      if (epoch === 2) control.stop("good enough");
    };
    let ended = 0;
    const onTrainEnd = () => {
      ended += 1;
    };
    const callbacks = [{ onStepEnd, onTrainEnd }];
    const history = await fit(network(), quarters(10), { epochs: 9, batchSize: 3, callbacks });
    expect(history.epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 4],
      [2, 8],
    ]);
    expect(history.stopReason).toBe("good enough");
    expect(ended).toBe(1);
  });

  it("cannot stop it without a reason, which would be none", async () => {
    const onEpochEnd = ({ control }: TrainingContext) => (control.stop as () => void)();
    await expect(fit(network(), quarters(10), { callbacks: [{ onEpochEnd }] })).rejects.toThrow(
      "Expected a text for the reason of control.stop but received undefined.",
    );
  });

  it("can make the iterations of a full-batch optimizer wait", async () => {
    let resumed = 0;
    const onEpochBegin = ({ control, epoch }: TrainingContext) => {
      expect(resumed).toBe(epoch - 1);
      control.pause();
      setTimeout(() => {
        resumed += 1;
        control.resume();
      }, 20);
    };
    const options = { epochs: 2, optimizer: new LBFGS(), callbacks: [{ onEpochBegin }] };
    await fit(network(), quarters(30), options);
    expect(resumed).toBe(2);
  });

  it("can make the training wait, without changing its result", async () => {
    const plain = network();
    await fit(plain, quarters(30), { epochs: 1, batchSize: 4 });
    const paused = network();
    let resumed = false;
    const onStepEnd = ({ control, step }: TrainingContext) => {
      if (step === 4) expect(resumed).toBe(true);
      if (step !== 3) return;
      control.pause();
      setTimeout(() => {
        resumed = true;
        control.resume();
      }, 20);
    };
    await fit(paused, quarters(30), { epochs: 1, batchSize: 4, callbacks: [{ onStepEnd }] });
    expect(resumed).toBe(true);
    expect(sameBytes(weights(paused), weights(plain))).toBe(true);
  });

  it("are told of a pause when the training waits, and when it goes on", async () => {
    const events: string[] = [];
    let resume = () => {};
    const waiting = new Promise<void>((resolve) => {
      resume = resolve;
    });
    const callback: Callback = {
      onStepEnd({ control, step }) {
        if (step === 2) control.pause();
        events.push(`step ${step}`);
      },
      onPause({ control, step }) {
        events.push(`waits ${step}`);
        void waiting.then(() => control.resume());
        setImmediate(resume);
      },
      onResume: ({ step }) => void events.push(`goes on ${step}`),
    };
    await fit(network(), quarters(9), { epochs: 1, batchSize: 3, callbacks: [callback] });
    expect(events).toEqual(["step 1", "step 2", "waits 2", "goes on 2", "step 3"]);
  });

  it("that pause when an epoch has ended make it wait before the next one, in which it can be stopped", async () => {
    const events: string[] = [];
    const callback: Callback = {
      onEpochEnd({ control, epoch }) {
        events.push(`epoch ${epoch}`);
        control.pause();
      },
      onPause({ control, epoch }) {
        events.push(`waits ${epoch}`);
        setImmediate(() => {
          if (epoch === 2) control.stop("enough");
          control.resume();
        });
      },
      onEpochBegin: ({ epoch }) => void events.push(`begins ${epoch}`),
    };
    const history = await fit(network(), quarters(9), { epochs: 5, callbacks: [callback] });
    expect(events).toEqual(["begins 1", "epoch 1", "waits 1", "begins 2", "epoch 2", "waits 2"]);
    expect(history.stopReason).toBe("enough");
  });

  it("that pause after the last epoch do not keep the training from its end", async () => {
    const onEpochEnd = ({ control }: TrainingContext) => control.pause();
    const history = await fit(network(), quarters(9), { epochs: 1, callbacks: [{ onEpochEnd }] });
    expect(history.epochs).toHaveLength(1);
  });

  it("are waited for before the first step", async () => {
    const events: string[] = [];
    const callback: Callback = {
      async onTrainBegin() {
        await sleep(2);
        events.push("ready");
      },
      onStepBegin: () => void events.push("step"),
    };
    await fit(network(), quarters(9), { epochs: 1, callbacks: [callback] });
    expect(events).toEqual(["ready", "step"]);
  });

  it("that pause do not keep an abort from ending it", async () => {
    const controller = new AbortController();
    const onStepEnd = ({ control }: TrainingContext) => control.pause();
    const { signal } = controller;
    const fitted = fit(network(), quarters(30), { signal, callbacks: [{ onStepEnd }] });
    setTimeout(() => controller.abort(new Error("Enough.")), 10);
    await expect(fitted).rejects.toThrow(TrainingAbortedError);
  });

  it("can scale the learning rate", async () => {
    const rates: number[] = [];
    const onStepEnd = ({ control, step, learningRate }: TrainingContext) => {
      rates.push(learningRate);
      if (step === 2) control.scaleLearningRate(0.5);
    };
    await fit(network(), quarters(8), {
      epochs: 1,
      batchSize: 2,
      learningRate: 0.8,
      callbacks: [{ onStepEnd }],
    });
    expect(rates).toEqual([0.8, 0.8, 0.4, 0.4]);
    const wrong: Callback = { onStepEnd: ({ control }) => control.scaleLearningRate(0) };
    await expect(fit(network(), quarters(8), { callbacks: [wrong] })).rejects.toThrow(InvalidArgumentError);
  });
});

describe("an aborted training", () => {
  it("rejects with the finished epochs and the reason", async () => {
    const controller = new AbortController();
    const reason = new Error("Enough.");
    const onEpochEnd = ({ epoch }: { epoch: number }) => {
      if (epoch === 2) controller.abort(reason);
    };
    const { signal } = controller;
    const error = await fit(network(), quarters(10), { epochs: 5, signal, onEpochEnd }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(TrainingAbortedError);
    expect(error).toMatchObject({ code: "ERR_TRAINING_ABORTED", cause: reason });
    expect((error as TrainingAbortedError).message).toBe("The training was aborted after 2 epochs: Enough.");
    expect((error as TrainingAbortedError).history.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });
});

describe("the learning rate of a step", () => {
  it("comes from a schedule, which is told the time", async () => {
    const times: ScheduleTime[] = [];
    const schedule = ({ step, epoch, stepsPerEpoch, examplesPerEpoch, epochs }: ScheduleTime) => {
      times.push({ step, epoch, stepsPerEpoch, examplesPerEpoch, epochs });
      return 1 / (step + 1);
    };
    const { epochs } = await fit(network(), quarters(5), { epochs: 2, batchSize: 3, learningRate: schedule });
    expect(times).toEqual([
      { step: 0, epoch: 1, stepsPerEpoch: 2, examplesPerEpoch: 5, epochs: 2 },
      { step: 1, epoch: 1, stepsPerEpoch: 2, examplesPerEpoch: 5, epochs: 2 },
      { step: 2, epoch: 2, stepsPerEpoch: 2, examplesPerEpoch: 5, epochs: 2 },
      { step: 3, epoch: 2, stepsPerEpoch: 2, examplesPerEpoch: 5, epochs: 2 },
    ]);
    expect(epochs.map(({ learningRate }) => learningRate)).toEqual([1 / 2, 1 / 4]);
  });

  it("is the same for a constant as for a number", async () => {
    const [a, b] = [network(), network()];
    await fit(a, quarters(20), { epochs: 2, learningRate: 0.3 });
    await fit(b, quarters(20), { epochs: 2, learningRate: constant(0.3) });
    expect(sameBytes(weights(a), weights(b))).toBe(true);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("cannot be %s", async (rate) => {
    expect(() => constant(rate)).toThrow(InvalidArgumentError);
    await expect(fit(network(), quarters(5), { learningRate: () => rate })).rejects.toThrow(
      `Expected a finite number above 0 for learningRate but received ${rate}.`,
    );
  });
});

describe("an optimizer", () => {
  it("that is given is the one that steps", async () => {
    const optimizer = new SGD();
    await fit(network(), quarters(10), { epochs: 2, batchSize: 5, optimizer });
    expect(optimizer.steps).toBe(4);
  });
});

describe("an option that does not exist", () => {
  it("is refused, with the nearest that does", async () => {
    await expect(fit(network(), quarters(5), { epoch: 3 } as never)).rejects.toThrow(
      'fit: there is no option "epoch"; did you mean epochs?',
    );
    await expect(fit(network(), quarters(5), 3 as never)).rejects.toThrow(
      "fit: expected an object of options, such as { epochs: 5 }, but received a number.",
    );
  });
});
