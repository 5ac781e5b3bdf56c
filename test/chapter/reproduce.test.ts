import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { type Comparison, reproduce } from "../../src/chapter/reproduce.js";
import { readTrace, type Trace } from "../../src/chapter/trace.js";
import { loadMnist, type MnistParts } from "../../src/data/readers/mnist.js";
import { loadSynthetic } from "../../src/data/synthetic/synthetic-digits.js";
import { InvalidArgumentError } from "../../src/errors.js";
import { nativeBackend, nativeSkipReason } from "../support/backends.js";
import { mnistDirectory } from "../support/mnist.js";
import { onRanks } from "../support/ranks.js";

const traceAt = (path: string) => readTrace(fileURLToPath(new URL(`../../${path}`, import.meta.url)));
const chapter = () => traceAt("traces/chapter.json");
const native = nativeBackend(2);

/** A test that needs MNIST, and a backend where `create` is one; its name says why it is skipped. */
function itOnMnist(
  name: string,
  create: (() => Backend) | null,
  test: (backend: Backend, load: (trace: Trace) => Promise<MnistParts>) => Promise<void>,
): void {
  const reason = mnistDirectory === null ? "MNIST is not on this machine" : nativeSkipReason;
  const isSkipped = mnistDirectory === null || create === null;
  it.skipIf(isSkipped)(isSkipped ? `${name}, skipped: ${reason}` : name, async () => {
    if (mnistDirectory === null || create === null) throw new Error("This test should have been skipped.");
    const directory = mnistDirectory;
    await test(create(), ({ settings }) => loadMnist({ directory, seed: settings.split_seed }));
  });
}

const differing = (comparisons: readonly Comparison[]) => comparisons.filter(({ agrees }) => !agrees);
const names = (comparisons: readonly Comparison[]) => comparisons.map(({ name }) => name);
const namesOf = (epochs: number) => [
  ...["split train", "split valid", "split test", "initial weights layer 0", "initial weights layer 1"],
  ...Array.from({ length: epochs }, (_, i) => [`epoch ${i + 1} train`, `epoch ${i + 1} valid`]).flat(),
];

describe("reproduce, on MNIST,", () => {
  itOnMnist(
    "agrees with the chapter's first 5 epochs on the native backend",
    native,
    async (backend, load) => {
      const trace = await chapter();
      const comparisons = await reproduce(trace, await load(trace), { backend, epochs: 5 });
      expect(differing(comparisons)).toEqual([]);
      expect(names(comparisons)).toEqual(namesOf(5));
    },
  );

  itOnMnist(
    "agrees with the chapter's first 3 epochs in TypeScript",
    createJavaScriptBackend,
    async (backend, load) => {
      const trace = await chapter();
      const comparisons = await reproduce(trace, await load(trace), { backend, epochs: 3 });
      expect(differing(comparisons)).toEqual([]);
      expect(names(comparisons)).toEqual(namesOf(3));
    },
  );

  itOnMnist("agrees with the chapter's first epoch in 3 ranks", native, async (backend, load) => {
    const trace = await chapter();
    const parts = await load(trace);
    const ranks = await onRanks(3, (communicator) =>
      reproduce(trace, parts, { backend, epochs: 1, communicator }),
    );
    for (const comparisons of ranks) {
      expect(differing(comparisons)).toEqual([]);
      expect(names(comparisons)).toEqual(namesOf(1));
    }
  });

  for (const hidden of [17, 30, 100]) {
    const path = `test/golden/traces/hidden-${hidden}.json`;
    itOnMnist(`agrees with ${path} to its end`, native, async (backend, load) => {
      const trace = await traceAt(path);
      const told: Comparison[] = [];
      const comparisons = await reproduce(trace, await load(trace), {
        backend,
        onComparison: (comparison) => told.push(comparison),
      });
      expect(differing(comparisons)).toEqual([]);
      expect(names(comparisons)).toEqual([...namesOf(trace.settings.epochs), "test"]);
      expect(told).toEqual(comparisons);
    });
  }

  itOnMnist("tells which values of a trace differ, and no others", native, async (backend, load) => {
    const trace = await chapter();
    const [first, ...rest] = trace.epochs;
    if (first === undefined) throw new Error("The trace has no epochs.");
    const { train, valid } = first;
    const {
      weight_out_first: [weight = 0, ...weights],
    } = trace.init;
    const sha256 = trace.split.test.sha256_int64_le;
    const tampered: Trace = {
      ...trace,
      split: {
        ...trace.split,
        test: { ...trace.split.test, sha256_int64_le: [...sha256].reverse().join("") },
      },
      init: { ...trace.init, weight_out_first: [weight + 1e-12, ...weights] },
      epochs: [
        {
          ...first,
          train: { ...train, correct: train.correct + 1 },
          valid: { ...valid, mse: valid.mse * (1 + 1e-9) },
        },
        ...rest,
      ],
    };
    const comparisons = await reproduce(tampered, await load(trace), { backend, epochs: 1 });
    expect(names(differing(comparisons))).toEqual([
      "split test",
      "initial weights layer 1",
      "epoch 1 train",
      "epoch 1 valid",
    ]);
    const counts = comparisons.find(({ name }) => name === "epoch 1 train");
    expect(counts?.expected).toContain(`${train.correct + 1}/${train.count} `);
    expect(counts?.actual).toContain(`${train.correct}/${train.count} `);
  });
});

describe("reproduce", () => {
  const backend = createJavaScriptBackend();

  it("finds that other images are not those of the trace, and says so in every line but the weights", async () => {
    const parts = await loadSynthetic({ count: 1000 });
    const comparisons = await reproduce(await chapter(), parts, { backend, epochs: 1 });
    const agreeing = comparisons.filter(({ agrees }) => agrees);
    expect(names(agreeing)).toEqual(["initial weights layer 0", "initial weights layer 1"]);
    expect(names(comparisons)).toEqual(namesOf(1));
  });

  it.each([0, 51, 1.5, Number.NaN])("refuses to replay %s of 50 epochs", async (epochs) => {
    const parts = await loadSynthetic({ count: 200 });
    const replay = reproduce(await chapter(), parts, { backend, epochs });
    await expect(replay).rejects.toThrow(InvalidArgumentError);
    await expect(replay).rejects.toThrow("Expected 1 to 50 epochs");
  });

  it("ends when its signal is aborted", async () => {
    const parts = await loadSynthetic({ count: 200 });
    const reason = new Error("Enough.");
    const replay = reproduce(await chapter(), parts, { backend, signal: AbortSignal.abort(reason) });
    await expect(replay).rejects.toMatchObject({ code: "ERR_TRAINING_ABORTED", cause: reason });
  });
});
