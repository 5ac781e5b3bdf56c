import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { encode } from "fast-png";
import { beforeAll, describe, expect, it } from "vitest";
import type { ModelView } from "../../../src/live/model-views.js";
import type { RunModel } from "../../../src/live/run-library.js";
import { binaryCrossEntropy } from "../../../src/nn/losses/cross-entropy.js";
import { squaredError } from "../../../src/nn/losses/squared-error.js";
import { MultilayerPerceptron } from "../../../src/nn/mlp.js";
import { activation, batchNormalization, dense, dropout, residual } from "../../../src/nn/specification.js";
import { MODEL_FILE } from "../../../src/runs/run-folder.js";
import { encodeModel } from "../../../src/training/model-file.js";
import { cli } from "../../cli/harness.js";
import { testImage } from "../../cli/small-data.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { drawOnCanvas, waysToWrite } from "./canvas.js";
import { drawnRun, viewOf } from "./drawn-run.js";

const parent = temporaryFolder();
let run: RunModel;
let view: ModelView;

beforeAll(async () => {
  run = await drawnRun(parent, "relu", { hidden: [dense(64, "relu")], epochs: 12 });
  view = await viewOf(run);
});

/** A network whose weights nobody has trained. */
function untrained(options: ConstructorParameters<typeof MultilayerPerceptron>[0], metadata = {}): RunModel {
  const bytes = encodeModel(new MultilayerPerceptron(options), metadata);
  return { version: 3, bytes, folder: null, images: null };
}

describe("a picture that is drawn", () => {
  it("is recognised: nine of ten digits, each in all ways to write it, of any size and place", async () => {
    let right = 0;
    let all = 0;
    for (let digit = 0; digit < 10; digit++) {
      for (let way = 0; way < waysToWrite(digit); way++) {
        const place = { size: 0.4 + 0.04 * (way % 6), left: 0.05 * (way % 4), top: 0.02 + 0.03 * (way % 5) };
        const { predicted } = await view.recognise(drawOnCanvas({ digit, seed: way, ...place }));
        right += Number(predicted === digit);
        all++;
      }
    }
    expect(all).toBeGreaterThan(50);
    expect(right / all).toBeGreaterThan(0.9);
  });

  it("becomes what the network reads, as `predict` makes it, with the same outputs", async () => {
    const canvas = drawOnCanvas({ digit: 3, seed: 1 });
    const inverted = { ...canvas, pixels: canvas.pixels.map((value) => 255 - value) };
    const asItIs = { width: 28, height: 28, pixels: testImage(4).pixels };
    for (const [i, picture] of [canvas, inverted, asItIs].entries()) {
      const file = join(parent, `picture-${i}.png`);
      await writeFile(file, encode({ ...picture, data: picture.pixels, channels: 1, depth: 8 }));
      const { stdout, stderr } = await cli(["predict", join(run.folder ?? "", MODEL_FILE), file, "--json"]);
      expect(stderr).toBe("");
      const said = JSON.parse(stdout) as { predicted: number; activations: number[]; notes: string[] };
      const found = await view.recognise(picture);
      expect(found.predicted).toBe(said.predicted);
      expect(found.notes).toEqual(said.notes);
      expect(found.kind).toBe("probability");
      for (const [c, { share }] of found.classes.entries())
        expect(share).toBeCloseTo(said.activations[c] ?? 2, 5);
    }
  });

  it("comes back as the network reads it: 28 x 28, bright ink on dark in bytes, dark on light as a picture", async () => {
    const { input, modelVersion } = await view.recognise(drawOnCanvas({ digit: 7, seed: 2 }));
    expect(modelVersion).toBe(1);
    expect([input?.width, input?.height]).toEqual([28, 28]);
    const pixels = Buffer.from(input?.pixels ?? "", "base64");
    expect(pixels).toHaveLength(784);
    expect(pixels[0]).toBe(0);
    expect(Math.max(...pixels)).toBeGreaterThan(200);
    expect(input?.uri).toMatch(/^data:image\/png;base64,/);
  });

  it("is told to be empty where nothing is drawn, or too little, and nothing is guessed", async () => {
    const empty = await view.recognise({ width: 280, height: 280, pixels: new Uint8Array(280 * 280) });
    expect(empty).toMatchObject({
      predicted: null,
      input: null,
      hidden: [],
      explanation: null,
      notes: ["There is nothing in the picture that stands out from its paper."],
    });
    expect(empty.classes).toEqual(Array.from("0123456789", (name) => ({ name, share: null })));
    const dot = { width: 280, height: 280, pixels: new Uint8Array(280 * 280) };
    for (let i = 0; i < 3; i++) dot.pixels.fill(255, 280 * (100 + i) + 100, 280 * (100 + i) + 103);
    const { predicted, notes } = await view.recognise(dot);
    expect(predicted).toBeNull();
    expect(notes.join()).toContain("give a picture with a larger digit");
  });

  it("is refused where it is out of bounds", async () => {
    const pixels = new Uint8Array(4);
    await expect(view.recognise({ width: 600, height: 2, pixels })).rejects.toThrow(
      "Expected a picture of 1 to 512 pixels",
    );
    await expect(view.recognise({ width: 0, height: 0, pixels })).rejects.toThrow("received one of 0 x 0");
    await expect(view.recognise({ width: 3, height: 3, pixels })).rejects.toThrow("Expected 9 bytes");
  });

  it("never brings it down, whatever the bytes are", async () => {
    const sides = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }));
    await fc.assert(
      fc.asyncProperty(
        sides.chain(([width, height]) =>
          fc.record({
            width: fc.constant(width),
            height: fc.constant(height),
            pixels: fc.uint8Array({ minLength: width * height, maxLength: width * height }),
          }),
        ),
        async (picture) => {
          const found = await view.recognise(picture);
          expect(found.classes).toHaveLength(10);
          if (found.predicted === null) {
            expect(found.notes).toHaveLength(1);
          } else {
            const total = found.classes.reduce((sum, { share }) => sum + (share ?? Number.NaN), 0);
            expect(total).toBeCloseTo(1, 4);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("what a network makes of a picture on the way", () => {
  const picture = drawOnCanvas({ digit: 2, seed: 3 });

  it("is told by the layers that people count, by their names", async () => {
    const model = untrained({
      layers: [
        784,
        dense(600, "relu"),
        dropout(0.5),
        dense(20),
        batchNormalization(),
        activation("tanh"),
        residual(dense(20, "silu")),
        dense(8),
        dense(1, "sigmoid"),
        dense(10, "sigmoid"),
      ],
      loss: squaredError(),
    });
    const { hidden, kind } = await (await viewOf(model)).recognise(picture);
    expect(kind).toBe("activation");
    expect(hidden.map(({ name, units, activations }) => [name, units, activations.length])).toEqual([
      ["600 relu units", 600, 512],
      ["20 tanh units", 20, 20],
      ["20 units of a residual block", 20, 20],
      ["8 linear units", 8, 8],
      ["1 sigmoid unit", 1, 1],
    ]);
    const [relu, tanh, , , sigmoid] = hidden;
    expect([tanh?.largest, sigmoid?.largest]).toEqual([1, 1]);
    expect(relu?.largest).toBeGreaterThan(0);
    expect(Math.max(...(relu?.activations ?? []).map(Number))).toBeLessThanOrEqual(relu?.largest ?? 0);
  });

  it("is for one output that of two classes", async () => {
    const sigmoid = untrained(
      { layers: [784, dense(5, "tanh"), dense(1, "sigmoid")], loss: binaryCrossEntropy() },
      { classNames: '["cat","dog"]' },
    );
    const shares = await (await viewOf(sigmoid)).recognise(picture);
    expect(shares.kind).toBe("probability");
    expect(shares.classes.map(({ name }) => name)).toEqual(["cat", "dog"]);
    const [cat, dog] = shares.classes.map(({ share }) => share ?? Number.NaN);
    expect((cat ?? 0) + (dog ?? 0)).toBeCloseTo(1, 6);
    expect(shares.predicted).toBe((dog ?? 0) >= 0.5 ? 1 : 0);
    const linear = untrained({ layers: [784, dense(1)], loss: squaredError() });
    const outputs = await (await viewOf(linear)).recognise(picture);
    expect(outputs.kind).toBe("output");
    expect(outputs.classes[0]).toEqual({ name: "0", share: null });
    expect(outputs.hidden).toEqual([]);
  });

  it("is said to be no number where training has diverged", async () => {
    const network = new MultilayerPerceptron({ layers: [784, 5, 10] });
    network.parameters[2]?.value.data.fill(Number.NaN);
    const diverged = { version: 1, bytes: encodeModel(network), folder: null, images: null };
    const found = await (await viewOf(diverged)).recognise(picture);
    expect(found).toMatchObject({ predicted: null, explanation: null });
    expect(found.notes.at(-1)).toContain("its training has diverged");
    expect(found.classes.every(({ share }) => share === null)).toBe(true);
    expect(JSON.parse(JSON.stringify(found))).toEqual(found); // All of it is JSON.
  });

  it("works for images of other shapes, and for pictures that a network knows as they are", async () => {
    const oblong = untrained(
      { layers: [20 * 30, 5, 3] },
      { imageShape: "[20,30]", classNames: '["a","b","c"]' },
    );
    const found = await (await viewOf(oblong)).recognise(picture);
    expect([found.input?.height, found.input?.width]).toEqual([20, 30]);
    expect(found.classes.map(({ name }) => name)).toEqual(["a", "b", "c"]);

    const own = untrained({ layers: [784, 5, 10] }, { dataset: "image-folder", imageShape: "[28,28]" });
    const ownView = await viewOf(own);
    const pixels = Uint8Array.from({ length: 784 }, (_, i) => 255 - (i % 7));
    const asItIs = await ownView.recognise({ width: 28, height: 28, pixels });
    expect(Buffer.from(asItIs.input?.pixels ?? "", "base64").equals(Buffer.from(pixels))).toBe(true);
    expect(asItIs.notes).toEqual([]);
    const fitted = await ownView.recognise(picture);
    expect(fitted.predicted).not.toBeNull();
    expect(fitted.notes.join()).toContain("which may not be how it knows them");
  });

  it("is refused for tables, values, and inputs that make no image", async () => {
    const table = untrained({ layers: [4, 5, 3] }, { dataset: "table" });
    await expect(viewOf(table)).rejects.toThrow("reads the rows of a table and not images");
    const columns = JSON.stringify({ target: { task: "regress", name: "price" } });
    const values = untrained({ layers: [4, 5, dense(1)], loss: squaredError() }, { columns });
    await expect(viewOf(values)).rejects.toThrow("learns values");
    await expect(viewOf(untrained({ layers: [5, 3] }))).rejects.toThrow(
      "does not say how its 5 inputs make an image",
    );
    const broken = { version: 1, bytes: new Uint8Array(9), folder: null, images: null };
    await expect(viewOf(broken)).rejects.toThrow("The model is not a safetensors file");
  });
});
