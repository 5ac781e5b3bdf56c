import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { type ImageDataset, subset } from "../../src/data/dataset.js";
import { minibatches } from "../../src/data/minibatches.js";
import {
  type IdxWindows,
  type OpenIdxWindowsOptions,
  openIdxWindows,
} from "../../src/data/readers/windows.js";
import {
  type DatasetOrStream,
  datasetStream,
  exampleCount,
  type StreamOptions,
} from "../../src/data/stream.js";
import { DataFormatError, InvalidArgumentError, ShapeError } from "../../src/errors.js";
import { encodeIdxHeader } from "../../src/formats/idx.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { dense, standardize } from "../../src/nn/specification.js";
import { RandomState } from "../../src/random/random-state.js";
import { subtractScaled } from "../../src/tensor/operations.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { tensor } from "../../src/tensor/tensor.js";
import { checkpointing } from "../../src/training/callbacks/checkpointing.js";
import { evaluate } from "../../src/training/evaluate.js";
import { fit } from "../../src/training/fit.js";
import { TrainingAbortedError } from "../../src/training/training-aborted-error.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { sameBytes } from "../support/guarded-memory.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { quarters } from "./datasets.js";

const folder = temporaryFolder();
const COUNT = 300;
const PIXELS = 16;
const dataset = sortedByClass(quarters(COUNT));
const images = join(folder, "images");
const labels = join(folder, "labels");
writeFileSync(images, Buffer.concat([encodeIdxHeader("images", [COUNT, 4, 4]), dataset.features.data]));
writeFileSync(
  labels,
  Buffer.concat([encodeIdxHeader("labels", [COUNT]), Uint8Array.from(dataset.targets.labels)]),
);

/** Every third row, last first. */
const someRows = Int32Array.from({ length: 100 }, (_, i) => 3 * (99 - i));

/** Chunks of 10 images, six of them in a window. */
async function openSmall(options: Partial<OpenIdxWindowsOptions> = {}): Promise<IdxWindows> {
  const sizes = { chunkBytes: 10 * PIXELS, windowBytes: 60 * PIXELS };
  const windows = await openIdxWindows({ images, labels, ...sizes, ...options });
  onTestFinished(windows.close);
  return windows;
}

describeOnEveryBackend((create) => {
  const network = () => new MultilayerPerceptron({ layers: [16, 6, 4], dtype: "float64", backend: create() });

  it("fit on a stream takes the steps that plain operations take, window by window", async () => {
    const windows = await openSmall();
    const fitted = network();
    const settings = { epochs: 2, batchSize: 16, learningRate: 0.3, shuffle: 7 };
    await fit(fitted, datasetStream(windows, someRows), settings);

    const stepped = network();
    const shuffle = new RandomState(7);
    const seen: number[] = [];
    for (let epoch = 0; epoch < 2; epoch++) {
      for await (const { dataset: part, fileRows } of windows.epoch({ rows: someRows, shuffle })) {
        for (const rows of minibatches(part.rows, { batchSize: 16, shuffle })) {
          seen.push(...Array.from(rows, (row) => fileRows[row] ?? -1));
          step(stepped, part, rows);
        }
      }
    }
    for (const epoch of [seen.slice(0, 100), seen.slice(100)]) {
      expect(epoch.toSorted((a, b) => a - b)).toEqual([...someRows].toReversed());
    }
    expect(seen.slice(0, 100)).not.toEqual(seen.slice(100));
    for (const [
      i,
      {
        value: { data },
      },
    ] of fitted.parameters.entries()) {
      const wanted = (stepped.parameters[i] as Parameter).value.data;
      expect(Math.max(...data.map((value, j) => Math.abs(value - (wanted[j] ?? Number.NaN))))).toBeLessThan(
        1e-13,
      );
    }
  });

  it("a stream of a single chunk gives the bits that the same images in memory give", async () => {
    const windows = await openSmall({ chunkBytes: COUNT * PIXELS, windowBytes: COUNT * PIXELS });
    const run = async (source: DatasetOrStream) => {
      const fitted = network();
      const { epochs } = await fit(fitted, source, { epochs: 3, batchSize: 7, validation: source });
      return { fitted, metrics: epochs.map(({ seconds: _, ...metrics }) => metrics) };
    };
    const [streamed, held] = [await run(datasetStream(windows)), await run(dataset)];
    expect(streamed.metrics).toEqual(held.metrics);
    for (const [i, { value }] of streamed.fitted.parameters.entries()) {
      expect(sameBytes(value.data, (held.fitted.parameters[i] as Parameter).value.data)).toBe(true);
    }
  });

  it("evaluate gives for a stream what it gives for the same images in memory", async () => {
    const windows = await openSmall();
    const made = network();
    await fit(made, dataset, { epochs: 2 });
    const pairs = [
      [datasetStream(windows), dataset],
      [datasetStream(windows, someRows), subset(dataset, someRows)],
    ] as const;
    for (const [stream, held] of pairs) {
      const [expected, { loss, ...actual }] = [await evaluate(made, held), await evaluate(made, stream)];
      expect(expected).toMatchObject(actual);
      expect(actual.count).toBe(exampleCount(stream));
      expect(loss).toBeCloseTo(expected.loss, 13);
    }
  });

  it("a network learns from a file that is sorted by class", async () => {
    const windows = await openSmall();
    const made = network();
    const rows = Int32Array.from({ length: COUNT }, (_, i) => i);
    const validation = datasetStream(
      windows,
      rows.filter((row) => row % 6 === 0),
    );
    const train = datasetStream(
      windows,
      rows.filter((row) => row % 6 !== 0),
    );
    const { epochs } = await fit(made, train, { epochs: 60, batchSize: 5, learningRate: 0.5, validation });
    expect(epochs.at(-1)?.validAccuracy).toBeGreaterThan(0.9); // Chance is 0.25.
  });
});

describe("a stream", () => {
  it("can be left while it is read for the first time, before there is anything to save", async () => {
    const controller = new AbortController();
    const stream = {
      ...{ count: COUNT, features: dataset.features, targets: dataset.targets, partRows: COUNT },
      async *parts({ signal }: StreamOptions = {}) {
        controller.abort(new Error("Enough."));
        signal?.throwIfAborted();
        yield dataset;
      },
    };
    const network = new MultilayerPerceptron({
      layers: [PIXELS, standardize(), dense(4)],
      backend: createJavaScriptBackend(),
    });
    const written: string[] = [];
    const callbacks = [checkpointing({ write: async (name) => void written.push(name) })];
    const fitted = fit(network, stream, { signal: controller.signal, callbacks });
    await expect(fitted).rejects.toThrow(TrainingAbortedError);
    await expect(fitted).rejects.toThrow("The training was aborted after 0 epochs: Enough.");
    expect(written).toEqual([]);
  });

  const backend = createJavaScriptBackend();
  const network = () => new MultilayerPerceptron({ layers: [16, 4], backend });

  it("is told from a dataset, and says what it holds", async () => {
    const windows = await openSmall({ classNames: ["a", "b", "c", "d"] });
    expect(datasetStream(windows, someRows)).toMatchObject({
      count: 100,
      features: { imageShape: [4, 4], width: 16 },
      targets: { classes: 4, classNames: ["a", "b", "c", "d"] },
      partRows: 60,
    });
    expect([exampleCount(datasetStream(windows)), exampleCount(dataset)]).toEqual([COUNT, COUNT]);
  });

  it("tells how far an epoch is in examples of the whole stream", async () => {
    const windows = await openSmall();
    const controller = new AbortController();
    const wide = new MultilayerPerceptron({ layers: [16, 3000, 4], backend });
    const stopped = fit(wide, datasetStream(windows, someRows), {
      epochs: 100,
      batchSize: 10,
      signal: controller.signal,
      onProgress: ({ examples, examplesPerEpoch }) => {
        expect(examplesPerEpoch).toBe(100);
        expect(examples).toBeLessThanOrEqual(100);
        controller.abort(new Error("enough"));
      },
    });
    await expect(stopped).rejects.toThrow("enough");
  });

  it("ends with the signal's reason, and the file can be closed", async () => {
    const windows = await openSmall();
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(fit(network(), datasetStream(windows), { signal })).rejects.toThrow("stop");
    await expect(evaluate(network(), datasetStream(windows), { signal })).rejects.toThrow("stop");
    expect((await evaluate(network(), datasetStream(windows))).count).toBe(COUNT);
  });

  it("takes no dropLast, no rows that the file has not, and no other network", async () => {
    const windows = await openSmall();
    const stream = datasetStream(windows);
    await expect(fit(network(), stream, { dropLast: true })).rejects.toThrow(InvalidArgumentError);
    await expect(fit(network(), datasetStream(windows, Int32Array.of(COUNT)))).rejects.toThrow("rows from 0");
    const other = new MultilayerPerceptron({ layers: [17, 4], backend });
    await expect(fit(other, stream)).rejects.toThrow(ShapeError);
    await expect(fit(network(), datasetStream(windows, new Int32Array(0)))).rejects.toThrow("0 examples");
  });

  it("fails with the file's name when the file is cut short on the way", async () => {
    const path = join(folder, "cut");
    writeFileSync(path, Buffer.concat([encodeIdxHeader("images", [COUNT, 4, 4]), dataset.features.data]));
    const windows = await openSmall({ images: path });
    truncateSync(path, 1000);
    await expect(fit(network(), datasetStream(windows))).rejects.toThrow(DataFormatError);
    await expect(fit(network(), datasetStream(windows))).rejects.toThrow("cut was cut short");
  });
});

/** One step of gradient descent by plain operations, with a learning rate of 0.3. */
function step(
  network: MultilayerPerceptron,
  { features: { data: bytes }, targets: { labels: classes } }: ImageDataset,
  rows: Int32Array,
) {
  const pixels = [...rows].flatMap((row) => [...bytes.subarray(row * PIXELS, (row + 1) * PIXELS)]);
  const scaled = Float64Array.from(pixels, (pixel) => pixel * (2 / 255) - 1);
  const x = tensor(scaled, [rows.length, PIXELS], network);
  const truth = Uint8Array.from(rows, (row) => classes[row] ?? Number.NaN);
  const slots = network.createSlots(rows.length);
  network.forward(x, slots);
  network.backward({ x, values: truth }, slots);
  for (const { value, gradient } of network.parameters) subtractScaled(value, gradient, 0.3);
}

function sortedByClass({ features, targets, rows }: ImageDataset): ImageDataset {
  const [bytes, classes] = [features.data, targets.labels];
  const order = [...classes.keys()].sort((a, b) => (classes[a] ?? 0) - (classes[b] ?? 0));
  return {
    rows,
    features: {
      ...features,
      data: Uint8Array.from(order.flatMap((row) => [...bytes.subarray(row * PIXELS, (row + 1) * PIXELS)])),
    },
    targets: { ...targets, labels: Uint8Array.from(order, (row) => classes[row] ?? 0) },
  };
}
