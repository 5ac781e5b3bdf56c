import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import { watchTraining } from "../../../src/live/watching/watch-training.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import type { Callback } from "../../../src/training/callback.js";
import { fit } from "../../../src/training/fit.js";
import { quarters } from "../../training/datasets.js";
import { recordingChannel } from "./recording-channel.js";

const backend = createJavaScriptBackend();
const dataset = quarters(40);
const STEPS = 80;

/** A clock that moves, or jumps, by these numbers of milliseconds each time it is read; and how far it has gone forward in all. */
function movedBy(moves: readonly number[]) {
  let [time, forward, reads] = [5000, 0, 0];
  return {
    now() {
      const move = moves[reads++ % moves.length] as number;
      time += move;
      forward += Math.max(0, move);
      return time;
    },
    reads: () => reads,
    forward: () => forward,
  };
}

/** How far a clock had gone when each sample was sent, and how often it was read. */
async function sampleTimes(moves: readonly number[], steps = STEPS) {
  const clock = movedBy(moves);
  const times: number[] = [];
  const channel = recordingChannel(({ type }) => {
    if (type === "sample") times.push(clock.forward());
  });
  const { callback } = watchTraining(channel, { now: clock.now });
  const network = new MultilayerPerceptron({ layers: [16, 2, 4], backend });
  await fit(network, dataset, { epochs: steps / 40, batchSize: 1, callbacks: [callback] });
  return { times, reads: clock.reads() };
}

/** The steps that were sampled, where the clock moves before each of them, and while a sample is sent. */
async function sampledSteps(moveBefore: (step: number) => number, cost = 0): Promise<readonly number[]> {
  let time = 0;
  const steps: number[] = [];
  const channel = recordingChannel((message) => {
    if (message.type !== "sample") return;
    steps.push(message.sample.step);
    time += cost;
  });
  const { callback } = watchTraining(channel, { now: () => time });
  const moving: Callback = {
    onStepBegin({ step }) {
      time += moveBefore(step);
    },
  };
  const network = new MultilayerPerceptron({ layers: [16, 2, 4], backend });
  await fit(network, dataset, { epochs: STEPS / 40, batchSize: 1, callbacks: [moving, callback] });
  return steps;
}

const leastGap = (times: readonly number[]) =>
  Math.min(...times.slice(1).map((time, i) => time - (times[i] as number)));

describe("samples", () => {
  it("come no more often than ten times a second, whatever the clock does", async () => {
    const onward = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 30, noNaN: true }), fc.nat(1000));
    const backward = fc.integer({ min: -5000, max: -1 });
    const move = fc.oneof({ weight: 9, arbitrary: onward }, { weight: 1, arbitrary: backward });
    let samples = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 60 }), async (moves) => {
        const { times } = await sampleTimes(moves);
        samples += times.length;
        // As sums of such numbers are rounded.
        expect(leastGap(times)).toBeGreaterThanOrEqual(100 - 1e-6);
      }),
      { numRuns: 150 },
    );
    expect(samples).toBeGreaterThan(300);
  });

  it("come ten times a second where steps are quick", async () => {
    const { times } = await sampleTimes([1], 400);
    expect(leastGap(times)).toBeGreaterThanOrEqual(100);
    expect(times.length).toBeGreaterThanOrEqual(4);
    expect(times.length).toBeLessThanOrEqual(5);
  });

  it("come again after a clock was set back", async () => {
    const steps = await sampledSteps((step) => (step === 30 ? -1_000_000 : 50));
    // Every hundred milliseconds; with the jump the wait begins anew.
    expect(steps.slice(0, 15)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29]);
    expect(steps.slice(15, 18)).toEqual([33, 35, 37]);
  });

  it("take a hundredth of the time, where they take long", async () => {
    expect(await sampledSteps(() => 100, 20)).toEqual([1, 21, 41, 61]);
  });

  it("cost the steps between them one look at the clock each", async () => {
    const { times, reads } = await sampleTimes([0]);
    expect(times).toHaveLength(1);
    // Beside those at the beginning, of the sample, of models, and two of each epoch's end.
    expect(reads - STEPS).toBeLessThanOrEqual(13);
  });
});
