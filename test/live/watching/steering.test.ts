import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import type { TrainingCommand, TrainingMessage } from "../../../src/live/protocol.js";
import { watchTraining } from "../../../src/live/watching/watch-training.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { LBFGS } from "../../../src/optim/lbfgs.js";
import type { Callback } from "../../../src/training/callback.js";
import { type FitOptions, fit } from "../../../src/training/fit.js";
import { quarters } from "../../training/datasets.js";
import { inShort, ofType, recordingChannel } from "./recording-channel.js";

const backend = createJavaScriptBackend();
const dataset = quarters(30);

/** Asks for something as soon as a message has come; of one kind, each of the commands in turn. */
type Script = Readonly<Record<string, readonly TrainingCommand[]>>;

/** Epochs and states of a training that is steered, and what `fit` returned. */
async function steered(script: Script, options: FitOptions = {}, more: readonly Callback[] = []) {
  const counts = new Map<string, number>();
  const channel = recordingChannel((message: TrainingMessage) => {
    const [what = ""] = inShort([message]);
    const asked = script[what] ?? [];
    const count = counts.get(what) ?? 0;
    counts.set(what, count + 1);
    const command = asked[count];
    // As a message from elsewhere comes: not within what it answers, but before the next step.
    if (command !== undefined) queueMicrotask(() => channel.ask(command));
  });
  const { callback } = watchTraining(channel, { now: () => 0 });
  const network = new MultilayerPerceptron({ layers: [16, 3, 4], backend });
  const history = await fit(network, dataset, {
    epochs: 4,
    batchSize: 10,
    callbacks: [...more, callback],
    ...options,
  });
  const told = inShort(channel.messages).filter((what) => what !== "sample" && what !== "begin");
  return { channel, history, told };
}

describe("a training that is steered", () => {
  it("pauses after an epoch where it is asked for one, and goes on", async () => {
    const { told, history, channel } = await steered(
      {
        "model 0": ["step"],
        "state paused": ["step", "resume"],
      },
      { epochs: 4 },
    );
    expect(told).toEqual([
      "model 0",
      "epoch 1",
      "model 3",
      "state paused",
      "state training",
      "epoch 2",
      "model 6",
      "state paused",
      "state training",
      "epoch 3",
      "epoch 4",
      "model 12",
      "end finished",
    ]);
    expect(history.epochs).toHaveLength(4);
    expect(ofType(channel, "model").map(({ epoch }) => epoch)).toEqual([0, 1, 2, 4]);
  });

  it("pauses where it is, in an epoch, with the model of that step", async () => {
    const { told } = await steered({ "state paused": ["resume"] }, { epochs: 1 }, [
      { readsGradients: false, onStepEnd: ({ control, step }) => void (step === 2 && control.pause()) },
    ]);
    expect(told).toEqual([
      "model 0",
      "model 2",
      "state paused",
      "state training",
      "epoch 1",
      "model 3",
      "end finished",
    ]);
  });

  it.each(["pause", "step", "stop"] as const)(
    "ends after its epoch where it is stopped, and %s is no more",
    async (more) => {
      const { told, history, channel } = await steered({ "model 0": ["stop"], "state stopping": [more] });
      expect(told).toEqual(["model 0", "state stopping", "epoch 1", "model 3", "end stopped"]);
      expect(history.stopReason).toBe("it was stopped from the page");
      expect(channel.messages.at(-1)).toMatchObject({ reason: "it was stopped from the page" });
    },
  );

  it("goes on to the end of its epoch where it is stopped in a pause", async () => {
    const pausing: Callback = {
      readsGradients: false,
      onStepEnd: ({ control, step }) => void (step === 4 && control.pause()),
    };
    const { told } = await steered({ "state paused": ["stop"] }, {}, [pausing]);
    expect(told).toEqual([
      "model 0",
      "epoch 1",
      "model 4",
      "state paused",
      "state stopping",
      "state stopping",
      "epoch 2",
      "model 6",
      "end stopped",
    ]);
  });

  it("ends at once where it is stopped between two epochs", async () => {
    const { told, history } = await steered({ "model 0": ["step"], "state paused": ["stop"] }, {});
    expect(told.slice(0, 4)).toEqual(["model 0", "epoch 1", "model 3", "state paused"]);
    expect(told.slice(-2)).toEqual(["model 3", "end stopped"]);
    expect(history.epochs).toHaveLength(1);
  });

  it("has finished where it is stopped in its last epoch", async () => {
    const { channel } = await steered({ "model 0": ["stop"] }, { epochs: 1 });
    expect(channel.messages.at(-1)).toEqual({ type: "end", state: "finished" });
  });

  it("reckons the time that is left to the end of its epoch, where it is stopped", async () => {
    let time = 0;
    const channel = recordingChannel();
    const { callback } = watchTraining(channel, { now: () => time });
    const moving: Callback = {
      readsGradients: false,
      onStepBegin() {
        time += 1000;
      },
      onStepEnd: ({ step }) => void (step === 2 && channel.ask("stop")),
    };
    await fit(new MultilayerPerceptron({ layers: [16, 3, 4], backend }), dataset, {
      epochs: 9,
      batchSize: 10,
      callbacks: [moving, callback],
    });
    const left = ofType(channel, "sample").map(({ sample }) => Math.round(sample.secondsLeft ?? Number.NaN));
    expect(left).toEqual([26, 1, 0]);
  });

  it("is steered by a full-batch optimizer, too", async () => {
    const { told, history } = await steered(
      { "model 0": ["step"], "state paused": ["step", "stop"] },
      { optimizer: new LBFGS(), batchSize: undefined },
    );
    expect(told.filter((what) => !what.startsWith("model"))).toEqual([
      "epoch 1",
      "state paused",
      "state training",
      "epoch 2",
      "state paused",
      "state stopping",
      "state stopping",
      "end stopped",
    ]);
    expect(history.epochs).toHaveLength(2);
  });

  it("is not steered when it is over", async () => {
    const { channel, history } = await steered({});
    const count = channel.messages.length;
    for (const command of ["pause", "step", "stop", "resume"] as const) channel.ask(command);
    expect(channel.messages).toHaveLength(count);
    expect(history.stopReason).toBeUndefined();
  });
});
