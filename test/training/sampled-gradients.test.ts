import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { dense } from "../../src/nn/specification.js";
import { Adam } from "../../src/optim/adam.js";
import type { Optimizer } from "../../src/optim/optimizer.js";
import { SGD } from "../../src/optim/sgd.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { toArray } from "../../src/tensor/tensor.js";
import type { Callback, TrainingContext } from "../../src/training/callback.js";
import { fit } from "../../src/training/fit.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { sameBytes } from "../support/guarded-memory.js";
import { randomDataset } from "./datasets.js";

const dataset = randomDataset(45, 6, 5);
const STEPS = 10;

interface Case {
  readonly name: string;
  readonly optimizer: () => Optimizer;
  readonly alpha?: number;
  readonly frozen?: string;
  /** Whether steps that nobody looks at write no gradients. */
  readonly isFused: boolean;
}

const cases: readonly Case[] = [
  { name: "plain SGD", optimizer: () => new SGD(), isFused: true },
  { name: "SGD with momentum", optimizer: () => new SGD({ momentum: 0.9 }), isFused: false },
  { name: "Adam", optimizer: () => new Adam(), isFused: false },
  { name: "SGD with an L2 penalty", optimizer: () => new SGD(), alpha: 0.1, isFused: false },
  { name: "SGD with a frozen layer", optimizer: () => new SGD(), frozen: "layers.0", isFused: false },
];

const make = ({ alpha, frozen }: Case, backend: Backend) => {
  const network = new MultilayerPerceptron({
    layers: [36, 9, dense(7, "relu"), dense(5, "sigmoid")],
    backend,
    ...(alpha !== undefined && { alpha }),
  });
  if (frozen !== undefined) network.freeze(frozen);
  return network;
};

const train = (network: MultilayerPerceptron, { optimizer }: Case, callbacks: readonly Callback[]) =>
  fit(network, dataset, { epochs: 2, batchSize: 10, learningRate: 0.2, optimizer: optimizer(), callbacks });

const numbersOf = ({ parameters }: MultilayerPerceptron) => parameters.map(({ value }) => toArray(value));

describe("gradients that are read at some of the steps", () => {
  describeOnEveryBackend((create) => {
    it.each(cases)("change no bit, with $name", async (given) => {
      const plain = make(given, create());
      await train(plain, given, []);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.boolean(), { minLength: STEPS, maxLength: STEPS }), async (reads) => {
          const network = make(given, create());
          const backward = vi.spyOn(network, "backward");
          const seen: boolean[] = [];
          const sampling: Callback = {
            readsGradients: ({ step }) => reads[step] as boolean,
            onStepEnd() {
              const { gradient } = network.trainable[0] as Parameter;
              seen.push(toArray(gradient).some((g) => g !== 0 && Number.isFinite(g)));
            },
          };
          await train(network, given, [sampling]);
          expect(seen).toEqual(given.isFused ? reads : reads.map(() => true));
          expect(backward.mock.calls.length).toBe(reads.filter(Boolean).length);
          for (const [i, numbers] of numbersOf(network).entries()) {
            expect(sameBytes(numbers, numbersOf(plain)[i] as typeof numbers)).toBe(true);
          }
          const ends = network.parameters.every(({ value: { data } }, i) =>
            sameBytes(data, (plain.parameters[i] as Parameter).value.data),
          );
          expect(ends, "what lies between the numbers").toBe(true);
        }),
        { numRuns: 12 },
      );
    });

    it("are those of the steps that always have them", async () => {
      const [given] = cases as readonly [Case];
      const collect = async (
        readsGradients: Callback["readsGradients"],
        isMine: (step: number) => boolean,
      ) => {
        const network = make(given, create());
        const gradients: ReturnType<typeof toArray>[] = [];
        const onStepEnd = ({ step }: TrainingContext) => {
          if (isMine(step)) gradients.push(...network.parameters.map(({ gradient }) => toArray(gradient)));
        };
        await train(network, given, [{ onStepEnd, ...(readsGradients !== undefined && { readsGradients }) }]);
        return gradients;
      };
      const third = (step: number) => step % 3 === 0;
      const sampled = await collect(({ step }) => third(step + 1), third);
      const always = await collect(true, third);
      expect(sampled).toHaveLength(3 * 6);
      expect(sampled.map((g, i) => sameBytes(g, always[i] as typeof g))).toEqual(sampled.map(() => true));
    });
  });

  it("are asked for before each step, after every onStepBegin, of all who may want them", async () => {
    const events: string[] = [];
    const asked = (name: string, answer: boolean): Callback => ({
      onStepBegin: ({ step }) => void events.push(`${name} begins ${step}`),
      readsGradients: ({ step }) => {
        events.push(`${name} asked ${step}`);
        return answer;
      },
      onStepEnd: ({ step }) => void events.push(`${name} ends ${step}`),
    });
    const network = new MultilayerPerceptron({ layers: [36, 5] });
    await fit(network, dataset, {
      epochs: 1,
      batchSize: 45,
      callbacks: [asked("a", true), asked("b", false)],
    });
    expect(events).toEqual(["a begins 0", "b begins 0", "a asked 0", "b asked 0", "a ends 1", "b ends 1"]);
  });

  it("are not asked for of a callback that has no onStepEnd, nor where somebody always reads them", async () => {
    const readsGradients = vi.fn(() => true);
    const network = new MultilayerPerceptron({ layers: [36, 5] });
    const backward = vi.spyOn(network, "backward");
    await fit(network, dataset, { epochs: 1, batchSize: 45, callbacks: [{ readsGradients }] });
    expect(backward).not.toHaveBeenCalled();
    const reader = { onStepEnd() {} };
    await fit(network, dataset, {
      epochs: 1,
      batchSize: 45,
      callbacks: [reader, { readsGradients, ...reader }],
    });
    expect(backward).toHaveBeenCalledOnce();
    expect(readsGradients).not.toHaveBeenCalled();
  });
});
