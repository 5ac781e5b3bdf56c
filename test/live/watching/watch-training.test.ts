import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { watchTraining } from "../../../src/live/watching/watch-training.js";
import { crossEntropy } from "../../../src/nn/losses/cross-entropy.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { auxiliary, batchNormalization, dense, dropout, residual } from "../../../src/nn/specification.js";
import { Adam } from "../../../src/optim/adam.js";
import { LBFGS } from "../../../src/optim/lbfgs.js";
import { toArray } from "../../../src/tensor/tensor.js";
import type { Callback } from "../../../src/training/callback.js";
import { checkpointing } from "../../../src/training/callbacks/checkpointing.js";
import { earlyStopping } from "../../../src/training/callbacks/early-stopping.js";
import { decodeCheckpoint } from "../../../src/training/checkpoint-file.js";
import { TrainingDivergedError } from "../../../src/training/divergence.js";
import { fit } from "../../../src/training/fit.js";
import { decodeModel } from "../../../src/training/model-file.js";
import { quarters } from "../../training/datasets.js";
import { inShort, ofType, recordingChannel } from "./recording-channel.js";

const backend = createJavaScriptBackend();
const network = () => new MultilayerPerceptron({ layers: [16, 3, 4], backend });
const dataset = quarters(30);

/** A clock that stands still but for what a test moves it by. */
function clock() {
  let time = 1000;
  return {
    now: () => time,
    forward(milliseconds: number) {
      time += milliseconds;
    },
  };
}

const euclidean = (...arrays: ArrayLike<number>[]) =>
  Math.hypot(...arrays.flatMap((numbers) => Array.from(numbers)));

describe("a training that is watched", () => {
  it("tells how it begins, goes on and ends", async () => {
    const channel = recordingChannel();
    const { callback } = watchTraining(channel, { now: clock().now });
    await fit(network(), dataset, {
      epochs: 2,
      batchSize: 10,
      validation: quarters(8),
      callbacks: [callback],
    });
    expect(inShort(channel.messages)).toEqual([
      "begin",
      "model 0",
      "sample",
      "epoch 1",
      "epoch 2",
      "model 6",
      "end finished",
    ]);
    expect(channel.messages[0]).toEqual({
      type: "begin",
      training: {
        epochs: 2,
        stepsPerEpoch: 3,
        examplesPerEpoch: 30,
        history: [],
        network: "16-3-4",
        layers: ["layers.0", "layers.1"],
        loss: "MSE",
        optimizer: "sgd",
      },
    });
    expect(channel.messages.at(-1)).toEqual({ type: "end", state: "finished" });
  });

  it("tells of its epochs as the history has them, and null for what is not known", async () => {
    const channel = recordingChannel();
    const { callback } = watchTraining(channel);
    const { epochs } = await fit(network(), dataset, { epochs: 2, callbacks: [callback] });
    const points = ofType(channel, "epochs").flatMap(({ epochs }) => epochs);
    expect(points).toEqual(
      epochs.map(({ epoch, step, trainLoss, trainAccuracy, learningRate, seconds }) => ({
        epoch,
        step,
        trainLoss,
        trainAccuracy,
        validLoss: null,
        validAccuracy: null,
        learningRate,
        seconds,
      })),
    );
  });

  it("of a small network tells of many epochs together, ten times a second at most, and leaves none out", async () => {
    const time = clock();
    const channel = recordingChannel();
    const { callback } = watchTraining(channel, { now: time.now });
    const moving: Callback = { onEpochEnd: () => time.forward(7) };
    await fit(network(), dataset, { epochs: 60, callbacks: [moving, callback] });
    const told = ofType(channel, "epochs").map(({ epochs }) => epochs.map(({ epoch }) => epoch));
    expect(told.flat()).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(told.length).toBeLessThanOrEqual(1 + Math.ceil((60 * 7) / 100) + 1);
  });

  it("is sampled with its loss, rate and time, pauses left out", async () => {
    const time = clock();
    const channel = recordingChannel();
    const { callback } = watchTraining(channel, { now: time.now });
    const moving: Callback = { onStepBegin: () => time.forward(200) };
    const pausing: Callback = {
      readsGradients: false,
      onStepEnd({ control, step }) {
        if (step !== 2) return;
        control.pause();
        setImmediate(() => {
          time.forward(5000);
          control.resume();
        });
      },
    };
    const losses: number[] = [];
    const noting: Callback = { readsGradients: false, onStepEnd: ({ loss }) => void losses.push(loss) };
    await fit(network(), dataset, {
      epochs: 2,
      batchSize: 10,
      learningRate: ({ step }) => 0.5 / (step + 1),
      callbacks: [moving, noting, callback, pausing],
    });
    const samples = ofType(channel, "sample").map(({ sample }) => sample);
    expect(samples.map(({ step, epoch }) => [step, epoch])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 2],
      [5, 2],
      [6, 2],
    ]);
    expect(samples.map(({ loss }) => loss)).toEqual(losses);
    expect(samples.map(({ learningRate }) => learningRate)).toEqual(samples.map(({ step }) => 0.5 / step));
    const near = (values: readonly (number | null)[], wanted: readonly number[]) => {
      expect(values).toHaveLength(wanted.length);
      for (const [i, value] of values.entries()) expect(value).toBeCloseTo(wanted[i] as number, 9);
    };
    near(
      samples.map(({ seconds }) => seconds),
      [0.2, 0.4, 0.6, 0.8, 1, 1.2],
    );
    near(
      samples.map(({ examplesPerSecond }) => examplesPerSecond),
      [50, 50, 50, 50, 50, 50],
    );
    near(
      samples.map(({ secondsLeft }) => secondsLeft),
      [1, 0.8, 0.6, 0.4, 0.2, 0],
    );
  });

  it("is sampled with the norms of each layer's gradients and weights, by the step that it is of", async () => {
    const time = clock();
    const channel = recordingChannel();
    const { callback } = watchTraining(channel, { now: time.now });
    const watched = new MultilayerPerceptron({
      layers: [
        16,
        dense(5, "relu"),
        batchNormalization(),
        dropout(0.3),
        residual(dense(5, "tanh")),
        auxiliary(dense(4, "softmax"), crossEntropy()),
        dense(4, "softmax"),
      ],
      loss: crossEntropy(),
      backend,
    });
    const parametersOf = (name: string) =>
      watched.parameters.filter((parameter) => parameter.name.startsWith(`${name}.`));
    const names = ["layers.0", "layers.1", "layers.3", "layers.4", "layers.5"];
    const wanted: { weights: number[]; gradients: number[] }[] = [];
    const noting: Callback = {
      onStepEnd() {
        wanted.push({
          weights: names.map((name) => euclidean(...parametersOf(name).map(({ value }) => toArray(value)))),
          gradients: names.map((name) =>
            euclidean(...parametersOf(name).map(({ gradient }) => toArray(gradient))),
          ),
        });
        time.forward(100);
      },
    };
    await fit(watched, dataset, {
      epochs: 1,
      batchSize: 10,
      optimizer: new Adam(),
      callbacks: [callback, noting],
    });
    expect(ofType(channel, "begin")[0]?.training.layers).toEqual(names);
    const samples = ofType(channel, "sample").map(({ sample }) => sample);
    expect(samples).toHaveLength(3);
    for (const [i, { weightNorms, gradientNorms }] of samples.entries()) {
      for (let l = 0; l < names.length; l++) {
        expect(weightNorms[l]).toBeCloseTo(wanted[i]?.weights[l] as number, 6);
        expect(gradientNorms[l]).toBeCloseTo(wanted[i]?.gradients[l] as number, 6);
        expect(gradientNorms[l]).toBeGreaterThan(0);
      }
    }
  });

  it("has gradients in its samples where nobody else reads them, and none for a layer that is frozen", async () => {
    const channel = recordingChannel();
    const { callback } = watchTraining(channel);
    await fit(network(), dataset, { epochs: 1, callbacks: [callback] });
    const frozen = network();
    frozen.freeze("layers.0");
    await fit(frozen, dataset, { epochs: 1, callbacks: [callback] });
    const norms = ofType(channel, "sample").map(({ sample }) => sample.gradientNorms);
    expect(norms).toEqual([
      [expect.any(Number), expect.any(Number)],
      [null, expect.any(Number)],
    ]);
  });

  it("hands over its model: the one that it began with, and the one that it ended with", async () => {
    const channel = recordingChannel();
    const { callback } = watchTraining(channel);
    const trained = network();
    const numbers = () => trained.parameters.map(({ value }) => Array.from(toArray(value)));
    const before = numbers();
    await fit(trained, dataset, { epochs: 3, callbacks: [callback] });
    const models = ofType(channel, "model");
    const decode = (i: number) =>
      decodeModel(models.at(i)?.bytes ?? new Uint8Array()).network.parameters.map(({ value }) =>
        Array.from(toArray(value)),
      );
    expect(decode(0)).toEqual(before);
    expect(decode(-1)).toEqual(numbers());
    expect(numbers()).not.toEqual(before);
    expect([models.at(-1)?.epoch, models.at(-1)?.step]).toEqual([3, 3]);
    // Only so can its memory change hands.
    for (const { bytes } of models) expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
  });

  it("hands over models after epochs, but no more than two a second", async () => {
    const time = clock();
    const channel = recordingChannel();
    const { callback } = watchTraining(channel, { now: time.now });
    const moving: Callback = { onEpochEnd: () => time.forward(200) };
    await fit(network(), dataset, { epochs: 8, callbacks: [moving, callback] });
    // After 0, 600, 1200 ms, and at the end.
    expect(ofType(channel, "model").map(({ epoch }) => epoch)).toEqual([0, 3, 6, 8]);
  });

  it("hands over models that take long more seldom, a hundredth of the time", async () => {
    const time = clock();
    const channel = recordingChannel((message) => {
      if (message.type === "model") time.forward(50);
    });
    const { callback } = watchTraining(channel, { now: time.now });
    const moving: Callback = { onEpochEnd: () => time.forward(400) };
    await fit(network(), dataset, { epochs: 30, callbacks: [moving, callback] });
    // The first one, that has learned nothing, is not counted.
    expect(ofType(channel, "model").map(({ epoch }) => epoch)).toEqual([0, 2, 15, 28, 30]);
  });

  it("hands over a model after every epoch of a second or more, however long it took before", async () => {
    const time = clock();
    const channel = recordingChannel((message) => {
      if (message.type === "model") time.forward(300);
    });
    const { callback } = watchTraining(channel, { now: time.now });
    const moving: Callback = { onEpochEnd: () => time.forward(1000) };
    await fit(network(), dataset, { epochs: 4, callbacks: [moving, callback] });
    expect(ofType(channel, "model").map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4, 4]);
  });

  it("tells why another callback ended it, which is no end by the page's wish", async () => {
    const channel = recordingChannel();
    const { callback } = watchTraining(channel);
    const stopping = earlyStopping({ monitor: "train.loss", patience: 1, minDelta: 1e9 });
    await fit(network(), dataset, { epochs: 5, callbacks: [stopping, callback] });
    expect(channel.messages.at(-1)).toEqual({
      type: "end",
      state: "finished",
      reason: expect.stringContaining("train.loss has not fallen"),
    });
  });

  it("tells who ran it what ended it, by an error or with a test", async () => {
    const channel = recordingChannel();
    const { callback, ended } = watchTraining(channel);
    const failing = fit(network(), dataset, { learningRate: 1e300, epochs: 9, callbacks: [callback] });
    await expect(failing).rejects.toThrow(TrainingDivergedError);
    ended({ state: "failed", reason: "It diverged." });
    expect(channel.messages.at(-1)).toEqual({ type: "end", state: "failed", reason: "It diverged." });
    expect(ofType(channel, "end")).toHaveLength(1);
    ended({ state: "finished", testAccuracy: 0.9 });
    expect(channel.messages.at(-1)).toEqual({ type: "end", state: "finished", testAccuracy: 0.9 });
  });

  it("that is resumed begins with its history, and reckons from there", async () => {
    const files: Uint8Array[] = [];
    const write = async (name: string, bytes: Uint8Array) => {
      if (name.startsWith("last")) files.push(bytes.slice());
    };
    const options = { batchSize: 10, shuffle: 7 };
    const saver = () => checkpointing({ write, everySeconds: 1e-9 });
    const { epochs: first } = await fit(network(), dataset, { ...options, epochs: 2, callbacks: [saver()] });
    const time = clock();
    const channel = recordingChannel();
    const { callback } = watchTraining(channel, { now: time.now });
    const moving: Callback = { onStepBegin: () => time.forward(1000) };
    const resume = decodeCheckpoint(files.at(-1) as Uint8Array);
    await fit(network(), dataset, { ...options, epochs: 4, resume, callbacks: [saver(), moving, callback] });
    expect(
      ofType(channel, "begin")[0]?.training.history.map(({ epoch, trainLoss }) => [epoch, trainLoss]),
    ).toEqual(first.map(({ epoch, trainLoss }) => [epoch, trainLoss]));
    expect(ofType(channel, "model")[0]).toMatchObject({ epoch: 2, step: 6 });
    const [sample] = ofType(channel, "sample");
    const before = first.reduce((sum, { seconds }) => sum + seconds, 0);
    expect(sample?.sample).toMatchObject({ step: 7, epoch: 3 });
    expect(sample?.sample.seconds).toBeCloseTo(before + 1, 6);
    expect(sample?.sample.secondsLeft).toBeCloseTo(5, 6);
    expect(sample?.sample.examplesPerSecond).toBeCloseTo(10, 6);
    expect(ofType(channel, "epochs").flatMap(({ epochs }) => epochs.map(({ epoch }) => epoch))).toEqual([
      3, 4,
    ]);
  });

  it("by a full-batch optimizer is sampled after its epochs", async () => {
    const time = clock();
    const channel = recordingChannel();
    const { callback } = watchTraining(channel, { now: time.now });
    const moving: Callback = { onEpochEnd: () => time.forward(60) };
    const { epochs } = await fit(network(), dataset, {
      epochs: 4,
      optimizer: new LBFGS(),
      callbacks: [moving, callback],
    });
    const samples = ofType(channel, "sample").map(({ sample }) => sample);
    expect(samples.map(({ epoch }) => epoch)).toEqual([1, 3]);
    expect(samples.map(({ step }) => step)).toEqual([epochs[0]?.step, epochs[2]?.step]);
    const [first, second] = samples as [(typeof samples)[0], (typeof samples)[0]];
    expect(second.examplesPerSecond).toBeCloseTo(((second.step - first.step) * 30) / 0.12, 6);
    expect(second.gradientNorms.every((norm) => norm !== null && norm > 0)).toBe(true);
  });

  it("is one of several: the next begins anew", async () => {
    const time = clock();
    const run = async (channel: ReturnType<typeof recordingChannel>, callback: Callback) => {
      const from = channel.messages.length;
      await fit(network(), dataset, { epochs: 2, batchSize: 10, callbacks: [callback] });
      return channel.messages
        .slice(from)
        .map((message) => (message.type === "epochs" ? message.epochs.map(({ epoch }) => epoch) : message));
    };
    const channel = recordingChannel();
    const { callback } = watchTraining(channel, { now: time.now });
    const first = await run(channel, callback);
    time.forward(1);
    expect(await run(channel, callback)).toEqual(first);
  });

  it("refuses options that there are not", () => {
    const wrong = (options: unknown) => () => watchTraining(recordingChannel(), options as never);
    expect(wrong({ clock: Date.now })).toThrow(
      'watchTraining: there is no option "clock"; its options are now.',
    );
    expect(wrong({ now: 3 })).toThrow("Expected a function for now but received 3.");
  });
});
