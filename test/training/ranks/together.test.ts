import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import type { Communicator } from "../../../src/communicator/communicator.js";
import type { DatasetStream } from "../../../src/data/stream.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import type { MultilayerPerceptronOptions } from "../../../src/nn/mlp-options.js";
import type { Callback } from "../../../src/training/callback.js";
import { decodeCheckpoint } from "../../../src/training/checkpoint-file.js";
import { type FitOptions, fit } from "../../../src/training/fit.js";
import { shareOf } from "../../../src/training/ranks/share.js";
import { TrainingAbortedError } from "../../../src/training/training-aborted-error.js";
import { onRanks, settledOnRanks } from "../../support/ranks.js";
import { quarters } from "../datasets.js";

const backend = createJavaScriptBackend();
const small = (options: MultilayerPerceptronOptions = {}) =>
  new MultilayerPerceptron({ layers: [16, 6, 4], backend, dtype: "float64", ...options });
const digits = quarters(40);

/** Trains on several ranks, each with what `of` gives it, and tells what became of each. */
const trainOn = (
  size: number,
  of: (
    communicator: Communicator,
  ) => FitOptions & { network?: MultilayerPerceptron; dataset?: DatasetStream },
) =>
  settledOnRanks(size, async (communicator) => {
    const { network = small(), dataset = digits, ...options } = of(communicator);
    const history = await fit(network, dataset, { batchSize: 10, epochs: 3, ...options, communicator });
    return { history, weights: [...(network.parameters[0]?.value.data ?? [])] };
  });

const reasons = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason : undefined));

describe("shares", () => {
  it.each([1, 2, 4])("follow each other and have every row once, %i rows together", (rowStep) => {
    for (const size of [1, 2, 3, 7]) {
      for (let rows = 0; rows < 40; rows++) {
        let end = 0;
        for (let rank = 0; rank < size; rank++) {
          const share = shareOf(rows, { rank, size, rowStep });
          expect(share.start).toBe(end);
          if (share.end > share.start) expect(share.start % rowStep).toBe(0);
          end = share.end;
        }
        expect(end).toBe(rows);
      }
    }
  });
});

describe("several ranks", () => {
  it("stop after the same step when one of them is interrupted", async () => {
    const steps: number[] = [];
    const outcomes = await trainOn(3, ({ rank }) => {
      const controller = new AbortController();
      const watch: Callback = {
        onStepEnd({ step }) {
          steps[rank] = step;
          if (rank === 1 && step === 5) controller.abort(new Error("Enough."));
        },
      };
      return { signal: controller.signal, callbacks: [watch] };
    });
    for (const reason of reasons(outcomes)) expect(reason).toBeInstanceOf(TrainingAbortedError);
    expect(steps).toEqual([6, 6, 6]);
    expect(reasons(outcomes)[1].cause.message).toBe("Enough.");
    expect(reasons(outcomes)[0].cause.message).toBe("Another rank was interrupted.");
  });

  it("do what rank 0 decides: it stops, scales the learning rate, and pauses", async () => {
    const rates: number[][] = [[], []];
    const outcomes = await trainOn(2, ({ rank }) => ({
      epochs: 9,
      callbacks: [
        {
          onStepEnd({ step, learningRate, control }) {
            rates[rank]?.push(learningRate);
            if (rank === 0 && step === 2) control.scaleLearningRate(0.5);
            if (rank === 0 && step === 3) control.pause();
            if (rank === 1 && step === 4) control.stop("rank 1 has no say");
          },
          onPause({ control }) {
            if (rank === 0) queueMicrotask(() => control.resume());
          },
          onEpochEnd({ epoch, control }) {
            if (rank === 0 && epoch === 2) control.stop("rank 0 has seen enough");
          },
        },
      ],
    }));
    expect(rates[0]).toEqual([0.1, 0.1, ...Array.from({ length: 6 }, () => 0.05)]);
    expect(rates[1]).toEqual(rates[0]);
    for (const outcome of outcomes) {
      expect(outcome.status === "fulfilled" && outcome.value.history.stopReason).toBe(
        "rank 0 has seen enough",
      );
    }
  });

  it("end a pause of all when rank 0 is interrupted in it", async () => {
    const controller = new AbortController();
    const outcomes = await trainOn(2, ({ rank }) => ({
      ...(rank === 0 && { signal: controller.signal }),
      callbacks: [
        {
          onStepBegin({ control }) {
            if (rank === 0) control.pause();
          },
          onPause() {
            if (rank === 0) setImmediate(() => controller.abort(new Error("Enough.")));
          },
        },
      ],
    }));
    for (const reason of reasons(outcomes)) expect(reason).toBeInstanceOf(TrainingAbortedError);
  });

  it("diverge together", async () => {
    const outcomes = await trainOn(3, () => ({
      network: small({
        layers: [16, { type: "dense", units: 6, activation: "relu" }, { type: "dense", units: 4 }],
        loss: { type: "squaredError" },
      }),
      learningRate: 1e300,
    }));
    const codes = reasons(outcomes).map((reason) => [reason.code, reason.epoch, reason.step]);
    expect(codes[0]?.[0]).toBe("ERR_TRAINING_DIVERGED");
    expect(codes).toEqual([codes[0], codes[0], codes[0]]);
  });

  it("read the summed gradient", async () => {
    const normOf = (network: MultilayerPerceptron) =>
      Math.hypot(...network.parameters.flatMap(({ gradient }) => [...gradient.data]));
    const norms: number[] = [];
    const reader: Callback = { onStepEnd: ({ network }) => void norms.push(normOf(network)) };
    await fit(small(), digits, { batchSize: 10, epochs: 1, callbacks: [reader] });
    const alone = norms.splice(0);
    await onRanks(2, (communicator) =>
      fit(small(), digits, {
        batchSize: 10,
        epochs: 1,
        callbacks: communicator.rank === 0 ? [reader] : [],
        communicator,
      }),
    );
    expect(norms).toHaveLength(alone.length);
    for (const [i, norm] of norms.entries()) expect(norm).toBeCloseTo(alone[i] as number, 12);
  });

  it("do not begin with other weights, options or data", async () => {
    const other = await trainOn(2, ({ rank }) => ({ network: small({ seed: 5 + rank }) }));
    expect(reasons(other).map(String)).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining("rank 1 has other weights than rank 0;")),
    );
    const batch = await trainOn(3, ({ rank }) => ({ batchSize: rank === 2 ? 8 : 10 }));
    for (const reason of reasons(batch)) {
      expect(reason.message).toBe(
        "Expected all ranks to begin the same training, but rank 2 has other batchSize than rank 0, 8 and not 10; start all of them with the same program, options and data.",
      );
    }
  });

  it("notice weights that have become different", async () => {
    const outcomes = await trainOn(2, ({ rank }) => ({
      callbacks: [
        {
          onStepEnd({ step, network }) {
            const data = network.parameters[1]?.value.data;
            if (rank === 1 && step === 6 && data !== undefined) data[0] = 7;
          },
        },
      ],
    }));
    for (const reason of reasons(outcomes)) {
      expect(reason.message).toContain("the same training after epoch 2, but rank 1 has other weights");
      expect(reason.code).toBe("ERR_COMMUNICATOR");
    }
  });

  it("refuse batch normalisation, unless it is frozen", async () => {
    const normalized = () =>
      small({
        layers: [16, 6, { type: "batchNormalization" }, { type: "dense", units: 4, activation: "sigmoid" }],
      });
    for (const reason of reasons(await trainOn(2, () => ({ network: normalized() })))) {
      expect(reason.message).toMatch(
        /^Expected a network without batch normalisation for 2 ranks, as each sees/,
      );
    }
    const frozen = await trainOn(2, () => {
      const network = normalized();
      network.freeze("layers.1");
      return { network };
    });
    expect(reasons(frozen)).toEqual([undefined, undefined]);
  });

  it("go on from a checkpoint of other ranks, 2, then 3, then one, in the middle of an epoch", async () => {
    let saved: Uint8Array | undefined;
    const interrupt = (at: number): Callback & { readonly signal: AbortSignal } => {
      const controller = new AbortController();
      return {
        signal: controller.signal,
        onStepEnd({ step }) {
          if (step === at) controller.abort(new Error("Enough."));
        },
        onCheckpoint(context) {
          if (context.at === "abort") saved = context.encodeCheckpoint();
        },
      };
    };
    const until = (at: number) => async (communicator: Communicator) => {
      const { signal, ...callback } = interrupt(at);
      const resume = saved === undefined ? undefined : decodeCheckpoint(saved, { backend });
      const options = { batchSize: 10, epochs: 3, resume, communicator };
      const run = fit(
        small(),
        digits,
        communicator.rank === 0 ? { ...options, signal, callbacks: [callback] } : options,
      );
      await expect(run).rejects.toThrow(TrainingAbortedError);
    };
    await onRanks(2, until(3));
    await onRanks(3, until(6));
    const network = small();
    const resume = decodeCheckpoint(saved as Uint8Array, { backend });
    const { epochs } = await fit(network, digits, { batchSize: 10, epochs: 3, resume });
    const alone = small();
    const expected = await fit(alone, digits, { batchSize: 10, epochs: 3 });
    expect(epochs).toHaveLength(3);
    expect(epochs[2]?.trainLoss).toBeCloseTo(expected.epochs[2]?.trainLoss as number, 12);
  });
});
