import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { ImageDataset } from "../../../src/data/dataset.js";
import { labelsOfRows } from "../../../src/data/targets.js";
import type { ModelView } from "../../../src/live/model-views.js";
import type { Part } from "../../../src/live/protocol.js";
import type { RunModel } from "../../../src/live/run-library.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { dense, residual } from "../../../src/nn/specification.js";
import { datasetImage } from "../../../src/report/figures/dataset-tiles.js";
import { readRun } from "../../../src/runs/read-run.js";
import { loadRunData } from "../../../src/runs/recorded-data.js";
import { decodeModel, encodeModel } from "../../../src/training/model-file.js";
import { predict } from "../../../src/training/predict.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { drawnRun, viewOf } from "./drawn-run.js";

const parent = temporaryFolder();
let run: RunModel;
let view: ModelView;
/** All that a view should find, computed plainly. */
let truth: Readonly<
  Record<
    Part,
    {
      dataset: ImageDataset;
      labels: readonly number[];
      predicted: Int32Array;
      sure: readonly number[];
      hidden: readonly Float32Array[];
    }
  >
>;

beforeAll(async () => {
  run = await drawnRun(parent, "run", { hidden: [dense(20, "tanh"), dense(12, "relu")], epochs: 6 });
  view = await viewOf(run);
  const { parts } = await loadRunData(await readRun(run.folder ?? ""));
  const { network } = decodeModel(run.bytes);
  const of = async (part: Part) => {
    const dataset = parts[part] as ImageDataset;
    const { classes, activations } = await predict(network, dataset);
    const { data, width, scale, offset } = dataset.features;
    return {
      dataset,
      labels: [...labelsOfRows(dataset.targets.labels, dataset.rows)],
      predicted: classes,
      sure: Array.from(classes, (_, i) => Math.max(...activations.subarray(i * 10, (i + 1) * 10))),
      hidden: Array.from(dataset.rows, (row) => {
        const x = {
          images: data,
          rows: Int32Array.of(row),
          width,
          scale,
          offset,
          ink: null,
          shape: [1, width],
        } as const;
        return Float32Array.from(network.forward(x)[1]?.data ?? []);
      }),
    };
  };
  truth = { train: await of("train"), validation: await of("validation"), test: await of("test") };
});

describe("the images of a run", () => {
  it("are those of its folder's data, with pictures, classes, and how sure the network is", async () => {
    const page = await view.images({ part: "test", order: "number", from: 0, count: 200 });
    const { dataset, labels, predicted, sure } = truth.test;
    expect(page.parts).toEqual([
      { part: "train", count: 1100 },
      { part: "validation", count: 100 },
      { part: "test", count: 200 },
    ]);
    expect(page.total).toBe(200);
    expect(page.classNames).toEqual([..."0123456789"]);
    for (const [i, image] of page.images.entries()) {
      expect(image).toMatchObject({
        part: "test",
        position: i,
        trueClass: labels[i],
        predicted: predicted[i],
      });
      expect(image.confidence).toBeCloseTo(sure[i] ?? 2, 5);
      if (i % 20 === 0) expect(image.uri).toBe(datasetImage(dataset, dataset.rows[i] ?? -1).uri);
    }
  });

  it("are found by class, right or wrong, and by sureness, page by page: as if all were looked at", async () => {
    const query = fc.record({
      part: fc.constantFrom<Part>("train", "validation", "test"),
      trueClass: fc.option(fc.nat(9), { nil: undefined }),
      verdict: fc.option(fc.constantFrom("right" as const, "wrong" as const), { nil: undefined }),
      order: fc.constantFrom("number" as const, "least-sure" as const, "most-sure" as const),
      from: fc.nat(120),
      count: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(query, async ({ trueClass, verdict, ...others }) => {
        const { part, order, from, count } = others;
        const { labels, predicted, sure } = truth[part];
        const all = [...labels.keys()].filter(
          (i) =>
            (trueClass === undefined || labels[i] === trueClass) &&
            (verdict === undefined || (labels[i] === predicted[i]) === (verdict === "right")),
        );
        const page = await view.images({
          ...others,
          ...(trueClass !== undefined && { trueClass }),
          ...(verdict !== undefined && { verdict }),
        });
        expect(page.total).toBe(all.length);
        if (order !== "number") {
          // Where two are as sure to the last digits, either may come first: what is sorted is compared.
          const sorted = all.map((i) => sure[i] ?? 0).sort((a, b) => (order === "most-sure" ? b - a : a - b));
          expect(page.images.map(({ position }) => all.includes(position))).not.toContain(false);
          for (const [i, { confidence }] of page.images.entries())
            expect(confidence).toBeCloseTo(sorted[from + i] ?? 2, 5);
        } else {
          expect(page.images.map(({ position }) => position)).toEqual(all.slice(from, from + count));
        }
        expect(new Set(page.images.map(({ position }) => position)).size).toBe(
          Math.max(0, Math.min(count, all.length - from)),
        );
      }),
      { numRuns: 80 },
    );
  });

  it("are not given for what is out of bounds", async () => {
    const query = { part: "test", order: "number", from: 0, count: 10 } as const;
    for (const [change, message] of [
      [{ count: 201 }, "Expected a whole number from 1 to 200 for count but received 201."],
      [{ count: Number.NaN }, "for count but received NaN."],
      [{ from: -1 }, "Expected a whole number of at least 0 for from"],
      [{ trueClass: 10 }, "Expected a class from 0 to 9 for class but received 10."],
      [{ verdict: "maybe" }, "Expected right or wrong for verdict"],
      [{ order: "size" }, "Expected number, least-sure or most-sure for order"],
      [{ part: "all" }, "Expected train or validation or test for part"],
    ] as const) {
      await expect(view.images({ ...query, ...change } as never)).rejects.toThrow(message);
    }
    await expect(view.image("test", 200)).rejects.toThrow("Expected a number from 0 to 199");
    await expect(view.nearest("test", -1, 5)).rejects.toThrow("Expected a number from 0 to 199");
    await expect(view.nearest("test", 0, 101)).rejects.toThrow("from 1 to 100 for count");
    await expect(view.hidden("test", 3001)).rejects.toThrow("from 1 to 3000 for count");
    await expect(view.mistakes(201)).rejects.toThrow("from 0 to 200 for count");
  });

  it("beyond the last there are none", async () => {
    const page = await view.images({ part: "test", order: "number", from: 5000, count: 10 });
    expect(page).toMatchObject({ total: 200, images: [] });
  });

  it("are shown in detail as the network sees them", async () => {
    const { image, recognition } = await view.image("validation", 7);
    const { dataset, predicted, hidden } = truth.validation;
    const row = dataset.rows[7] ?? -1;
    expect(image.predicted).toBe(predicted[7]);
    expect(recognition.predicted).toBe(predicted[7]);
    const pixels = Buffer.from(recognition.input?.pixels ?? "", "base64");
    expect(pixels).toEqual(Buffer.from(dataset.features.data.subarray(row * 784, (row + 1) * 784)));
    expect(recognition.hidden.map(({ name }) => name)).toEqual(["20 tanh units", "12 relu units"]);
    for (const [i, value] of (recognition.hidden[1]?.activations ?? []).entries())
      expect(value).toBeCloseTo(hidden[7]?.[i] ?? Number.NaN, 4);
    expect(recognition.explanation?.uri).toMatch(/^data:image\/png/);
  });

  it("add up to the confusion matrix, and the mistakes, the surest first", async () => {
    const { labels, predicted, sure } = truth.test;
    const { counts, part } = await view.confusion();
    expect(part).toBe("test");
    const expected = Array<number>(100).fill(0);
    for (const [i, label] of labels.entries())
      expected[label * 10 + (predicted[i] ?? 0)] = (expected[label * 10 + (predicted[i] ?? 0)] ?? 0) + 1;
    expect(counts).toEqual(expected);
    const wrong = [...labels.keys()].filter((i) => labels[i] !== predicted[i]);
    const mistakes = await view.mistakes(5);
    expect(mistakes).toMatchObject({ part: "test", examples: 200, total: wrong.length });
    expect(wrong.length).toBeGreaterThan(5);
    const surest = wrong.map((i) => sure[i] ?? 0).sort((a, b) => b - a);
    for (const [i, { confidence, trueClass, predicted: found }] of mistakes.images.entries()) {
      expect(confidence).toBeCloseTo(surest[i] ?? 2, 5);
      expect(trueClass).not.toBe(found);
    }
    expect((await view.mistakes(0)).images).toEqual([]);
  });

  it("have neighbours in the last hidden layer: the nearest of all training images", async () => {
    for (const [part, position] of [
      ["test", 3],
      ["train", 17],
    ] as const) {
      const found = await view.nearest(part, position, 8);
      expect(found).toMatchObject({ layer: "12 relu units", searched: 1100, modelVersion: 1 });
      const own = truth[part].hidden[position] ?? [];
      const distances = truth.train.hidden
        .map((other) => Math.sqrt(other.reduce((sum, value, i) => sum + (value - (own[i] ?? 0)) ** 2, 0)))
        .filter((_, i) => part !== "train" || i !== position)
        .sort((a, b) => a - b);
      expect(found.neighbours).toHaveLength(8);
      for (const [i, neighbour] of found.neighbours.entries()) {
        expect(neighbour.distance).toBeCloseTo(distances[i] ?? -1, 3);
        expect(neighbour.part).toBe("train");
        expect(neighbour.trueClass).toBe(truth.train.labels[neighbour.position]);
      }
    }
  });

  it("lie in hidden space, spread evenly over their part", async () => {
    const space = await view.hidden("train", 50);
    expect(space).toMatchObject({ layer: "12 relu units", width: 12, part: "train" });
    expect(space.images.map(({ position }) => position)).toEqual(
      Array.from({ length: 50 }, (_, i) => i * 22),
    );
    const bytes = Buffer.from(space.activations, "base64");
    const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    expect(numbers).toHaveLength(50 * 12);
    for (const [i, { position }] of space.images.entries()) {
      for (let j = 0; j < 12; j++)
        expect(numbers[i * 12 + j]).toBeCloseTo(truth.train.hidden[position]?.[j] ?? -1, 4);
    }
    expect((await view.hidden("test", 3000)).images).toHaveLength(200);
  });
});

describe("the weights of the first layer", () => {
  it("are drawn as the report draws them, in light and dark", async () => {
    const light = await view.weightsFigure("light");
    expect(light).toMatch(/^<svg/);
    expect(light.match(/<image /g)).toHaveLength(21); // 20 units, and the scale.
    expect(await view.weightsFigure("dark")).not.toBe(light);
    expect(light).not.toContain("The first");
  });

  it("are those of the first hundred units of a wide layer, which the figure says", async () => {
    const network = new MultilayerPerceptron({ layers: [784, dense(1500, "relu"), 10] });
    const wide = await viewOf({ version: 1, bytes: encodeModel(network), folder: null, images: null });
    const figure = await wide.weightsFigure("light");
    expect(figure.match(/<image /g)).toHaveLength(101);
    expect(figure).toContain("The first 100 of 1,500 units");
  });

  it("are not drawn where the first layer has none for a pixel", async () => {
    const network = new MultilayerPerceptron({ layers: [784, residual(dense(784, "relu")), 10] });
    const block = await viewOf({ version: 1, bytes: encodeModel(network), folder: null, images: null });
    await expect(block.weightsFigure("light")).rejects.toThrow("it is of the type residual");
  });
});
