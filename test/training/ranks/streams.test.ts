import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../../src/backend/javascript/backend.js";
import type { Communicator } from "../../../src/communicator/communicator.js";
import { type IdxWindows, openIdxWindows } from "../../../src/data/readers/windows.js";
import { type DatasetStream, datasetStream } from "../../../src/data/stream.js";
import { encodeIdxHeader } from "../../../src/formats/idx.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { evaluate } from "../../../src/training/evaluate.js";
import { fit } from "../../../src/training/fit.js";
import { onRanks } from "../../support/ranks.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { quarters } from "../datasets.js";

const COUNT = 131;
const folder = temporaryFolder();
const [images, labels] = ["images", "labels"].map((name) => join(folder, name)) as [string, string];
const backend = createJavaScriptBackend();
let windows: IdxWindows;

beforeAll(async () => {
  const { features, targets } = quarters(COUNT);
  writeFileSync(images, Buffer.concat([encodeIdxHeader("images", [COUNT, 4, 4]), features.data]));
  writeFileSync(labels, Buffer.concat([encodeIdxHeader("labels", [COUNT]), targets.labels as Uint8Array]));
  // Chunks of 8 images, and windows of two of them.
  windows = await openIdxWindows({ images, labels, chunkBytes: 128, windowBytes: 256 });
});
afterAll(() => windows.close());

/** A stream that tells which rows of the file each rank was given. */
function watched(stream: DatasetStream, seen: number[]): DatasetStream {
  return {
    ...stream,
    async *parts(options) {
      for await (const part of stream.parts(options)) {
        // Only what is trained on is shuffled.
        if (options?.shuffle !== undefined) {
          for (const row of part.rows) seen.push(part.fileRows?.[row] ?? Number.NaN);
        }
        yield part;
      }
    },
  };
}

const trainOn = (size: number, streamOf: (seen: number[]) => DatasetStream, epochs = 1) =>
  onRanks(size, async (communicator: Communicator) => {
    const seen: number[] = [];
    const network = new MultilayerPerceptron({
      layers: [
        16,
        { type: "dense", units: 6 },
        { type: "dropout", rate: 0.2 },
        { type: "dense", units: 4, activation: "sigmoid" },
      ],
      loss: { type: "squaredError" },
      dtype: "float64",
      backend,
    });
    const examples: number[] = [];
    const dataset = streamOf(seen);
    const history = await fit(network, dataset, {
      epochs,
      batchSize: 14,
      validation: dataset,
      callbacks: [{ onEpochEnd: (context) => void examples.push(context.examples) }],
      communicator,
    });
    return { seen, network, examples, history, draws: network.draws };
  });

describe("a stream that several ranks share", () => {
  it.each([2, 3, 4, 7])("is dealt out to %i of them, each example once in an epoch", async (size) => {
    const ranks = await trainOn(size, (seen) => watched(datasetStream(windows), seen), 2);
    const all = ranks.flatMap(({ seen }) => seen).sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 2 * COUNT }, (_, i) => Math.floor(i / 2)));
    for (const { examples, history, network, draws } of ranks) {
      expect(examples).toEqual([COUNT, COUNT]);
      expect(draws).toEqual(ranks[0]?.draws);
      const { loss, correct } = await evaluate(network, quarters(COUNT));
      expect(history.epochs[1]?.trainLoss).toBeCloseTo(loss, 12);
      expect(history.epochs[1]?.validAccuracy).toBeCloseTo(correct / COUNT, 12);
    }
  });

  it("gives the same bits each time", async () => {
    const of = async () => {
      const [first] = await trainOn(3, () => datasetStream(windows), 2);
      return [...(first?.network.parameters[0]?.value.data ?? [])];
    };
    expect(await of()).toEqual(await of());
  });

  it("goes round by parts where it does not deal by itself", async () => {
    const own = (seen: number[]) => {
      const { deals, ...stream } = datasetStream(windows);
      expect(deals).toBe(true);
      return watched(stream, seen);
    };
    const ranks = await trainOn(2, own);
    expect(ranks.map(({ seen }) => seen.length)).toEqual([COUNT, COUNT]); // Each reads all, and trains on half.
    expect(ranks[0]?.examples).toEqual([COUNT]);
  });

  it("needs a minibatch with examples for all", async () => {
    const run = onRanks(3, (communicator) =>
      fit(new MultilayerPerceptron({ layers: [16, 4], backend }), datasetStream(windows), {
        batchSize: 2,
        communicator,
      }),
    );
    await expect(run).rejects.toThrow("Expected a batchSize of at least 3 for a stream that 3 ranks share");
  });
});
