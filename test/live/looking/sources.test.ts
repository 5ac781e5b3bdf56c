import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encode } from "fast-png";
import { beforeAll, describe, expect, it } from "vitest";
import type { ImageDataset } from "../../../src/data/dataset.js";
import { openData } from "../../../src/data/open-data.js";
import { labelsOfRows } from "../../../src/data/targets.js";
import type { RunModel } from "../../../src/live/run-library.js";
import { squaredError } from "../../../src/nn/losses/squared-error.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { dense } from "../../../src/nn/specification.js";
import { readRun } from "../../../src/runs/read-run.js";
import { loadRunData } from "../../../src/runs/recorded-data.js";
import { decodeModel, encodeModel } from "../../../src/training/model-file.js";
import { predict } from "../../../src/training/predict.js";
import { keepRun } from "../../support/library-runs.js";
import { mnistDirectory } from "../../support/mnist.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { drawnRun, viewOf } from "./drawn-run.js";
import { writeLargeQuartet } from "./large-run.js";

const parent = temporaryFolder();
let run: RunModel;

beforeAll(async () => {
  run = await drawnRun(parent, "run", { epochs: 2 });
});

describe("where images come from", () => {
  const query = { part: "test", order: "number", from: 0, count: 3 } as const;

  it("is the training itself, where no file has them", async () => {
    const { parts } = await loadRunData(await readRun(run.folder ?? ""));
    const dataset = parts.test as ImageDataset;
    const ownLabels = labelsOfRows(dataset.targets.labels, dataset.rows);
    const pixels = new Uint8Array(new SharedArrayBuffer(30 * 784));
    for (const [i, row] of dataset.rows.subarray(0, 30).entries())
      pixels.set(dataset.features.data.subarray(row * 784, (row + 1) * 784), i * 784);
    const labels = new Int32Array(new SharedArrayBuffer(4 * 30));
    labels.set(ownLabels.subarray(0, 30));
    const classNames = Array.from("abcdefghij");
    const images = { pixels, labels, classes: 10, classNames, imageShape: [28, 28] } as const;
    const shared = await viewOf({ ...run, folder: null, images });
    const page = await shared.images(query);
    expect(page.parts).toEqual([{ part: "test", count: 30 }]);
    expect(page.classNames).toEqual(classNames);
    const { classes } = await predict(decodeModel(run.bytes).network, dataset);
    expect(page.images.map(({ predicted }) => predicted)).toEqual([...classes.subarray(0, 3)]);
    const { searched, neighbours } = await shared.nearest("test", 0, 30);
    expect(searched).toBe(30);
    expect(neighbours).toHaveLength(29); // All but itself.
    await expect(shared.images({ ...query, part: "train" })).rejects.toThrow("Expected test for part");
    // And where the folder's data are gone.
    const gone = join(parent, "gone");
    await cp(run.folder ?? "", gone, { recursive: true });
    const config = (await readFile(join(gone, "config.json"), "utf8")).replaceAll("run-data", "no-data");
    await writeFile(join(gone, "config.json"), config);
    expect((await (await viewOf({ ...run, folder: gone, images })).images(query)).total).toBe(30);
    await expect((await viewOf({ ...run, folder: gone })).images(query)).rejects.toThrow(
      "The images of this model cannot be had here, though what you draw can still be recognised.",
    );
  });

  it("is nowhere for a model without a run that was trained on somebody's own, or says nothing", async () => {
    const bytes = (metadata: Record<string, string>) => encodeModel(new MultilayerPerceptron(), metadata);
    const alone = (metadata: Record<string, string>) =>
      viewOf({ version: 1, bytes: bytes(metadata), folder: null, images: null });
    await expect((await alone({ dataset: "csv" })).images(query)).rejects.toThrow(
      "open the folder of its run",
    );
    await expect((await alone({})).confusion()).rejects.toThrow("does not say what it was trained on");
    const none = await alone({ dataset: "kmnist" });
    await expect(none.mistakes(3)).rejects.toThrow("The images of this model cannot be had here");
    const drawn = await none.recognise({
      width: 28,
      height: 28,
      pixels: new Uint8Array(784).fill(255, 300, 500),
    });
    expect(drawn.predicted).not.toBeNull();
  });

  it("is refused for what memory cannot hold, while digits are still recognised", async ({ skip }) => {
    const large = join(parent, "large");
    const fault = writeLargeQuartet(large);
    if (fault !== null) skip(fault);
    const config = JSON.parse(await readFile(join(run.folder ?? "", "config.json"), "utf8")) as object;
    const folder = join(parent, "large-run");
    await cp(run.folder ?? "", folder, { recursive: true });
    await writeFile(
      join(folder, "config.json"),
      JSON.stringify({ ...config, dataDir: large, split: "official" }),
    );
    const tooLarge = await viewOf({ ...run, folder });
    await expect(tooLarge.images(query)).rejects.toThrow("they are too many for memory");
    const picture = { width: 28, height: 28, pixels: new Uint8Array(784).fill(255, 300, 500) };
    expect((await tooLarge.recognise(picture)).predicted).not.toBeNull();
  });

  it("is refused where the network does not fit them", async () => {
    const network = new MultilayerPerceptron({ layers: [100, 10] });
    const small = await viewOf({ ...run, bytes: encodeModel(network) });
    await expect(small.confusion()).rejects.toThrow(
      "The network has 100 inputs, but the images have 28 x 28 pixels",
    );
  });

  it.skipIf(mnistDirectory === null)("is a folder that the server names, for MNIST", async () => {
    const bytes = encodeModel(new MultilayerPerceptron({ layers: [784, 10] }), {
      dataset: "mnist",
      split: "official",
    });
    const model = { version: 1, bytes, folder: null, images: null };
    const mnist = await viewOf(model, { mnistDirectory: mnistDirectory ?? "" });
    const { parts } = await mnist.images(query);
    expect(parts.map(({ count }) => count)).toEqual([55_000, 5_000, 10_000]);
    const { parts: plain } = await openData({ dataDir: mnistDirectory ?? "", split: "official" });
    const test = plain.test as ImageDataset;
    expect((await mnist.image("test", 9)).image.trueClass).toBe(test.targets.labels[test.rows[9] ?? 0]);
    expect((await mnist.nearest("test", 9, 3)).searched).toBe(10_000);
  });

  it("is data of one's own of any shape", async () => {
    const folder = join(parent, "letters");
    for (const name of ["a", "b"]) {
      await mkdir(join(folder, name), { recursive: true });
      for (let i = 0; i < 30; i++) {
        const data = new Uint8Array(12 * 7).fill(name === "a" ? 20 : 230, i, i + 40);
        await writeFile(
          join(folder, name, `${i}.png`),
          encode({ width: 7, height: 12, data, channels: 1, depth: 8 }),
        );
      }
    }
    const out = join(parent, "letters-run");
    await keepRun(
      out,
      { imageFolder: folder },
      { layers: [84, dense(6, "tanh"), dense(2, "sigmoid")], loss: squaredError() },
    );
    const bytes = await readFile(join(out, "model.safetensors"));
    const letters = await viewOf({ version: 1, bytes, folder: out, images: null });
    const page = await letters.images({ ...query, order: "least-sure" });
    expect(page.classNames).toEqual(["a", "b"]);
    const { recognition } = await letters.image("train", 1);
    expect(recognition.classes.map(({ name }) => name)).toEqual(["a", "b"]);
    expect([recognition.input?.height, recognition.input?.width]).toEqual([12, 7]);
    expect(recognition.kind).toBe("activation");
  });
});
