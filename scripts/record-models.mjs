// node scripts/record-models.mjs [FOLDER]
//
// Writes test/golden/models: a file of each kind that this version writes, and what each makes of some inputs (expected.json). FOLDER is
// a built checkout of version 0.1 (commit 5ffa904): with it, the files of format 1 are written too, by that version itself; without it,
// they and what is expected of them stay. A later format gets files of its own beside these, and these stay as they are. It takes dist/
// (npm run build).
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as library from "../dist/index.js";

const folder = fileURLToPath(new URL("../test/golden/models/", import.meta.url));
const expectedFile = join(folder, "expected.json");
const expected = existsSync(expectedFile) ? JSON.parse(readFileSync(expectedFile, "utf8")) : {};
const [old] = process.argv.slice(2);
const ROWS = 4;
const EXAMPLES = 24;

if (old !== undefined) await writeFirstFormat(pathToFileURL(resolve(old, "dist", "index.js")).href);
for (const dtype of ["float32", "float64"]) await writeEveryKind(dtype);
await writeCheckpoint();
await writeEstimators();
writeFileSync(expectedFile, `${JSON.stringify(expected, null, 1)}\n`);

/** Sigmoid layers on images of 3 x 4 pixels. */
async function writeFirstFormat(url) {
  const { createDataset, createJavaScriptBackend, fit, MultilayerPerceptron, predict, saveModel } =
    await import(url);
  const pixels = Array.from({ length: EXAMPLES * 12 }, (_, i) => (i * 91) % 256);
  const labels = Uint8Array.from({ length: EXAMPLES }, (_, i) => i % 3);
  const images = (count) =>
    createDataset({
      images: Uint8Array.from(pixels.slice(0, count * 12)),
      labels: labels.slice(0, count),
      imageShape: [3, 4],
      classes: 3,
    });
  for (const dtype of ["float32", "float64"]) {
    const network = new MultilayerPerceptron({
      layers: [12, 7, 5, 3],
      dtype,
      seed: 5,
      backend: createJavaScriptBackend(),
    });
    await fit(network, images(EXAMPLES), { epochs: 2, batchSize: 5 });
    const name = `format-1-${dtype}.safetensors`;
    await saveModel(join(folder, name), network, { imageShape: "[3,4]", note: "of version 0.1" });
    const { activations } = await predict(network, images(ROWS));
    expected[name] = { images: rowsOf(pixels.slice(0, ROWS * 12), 12), outputs: rowsOf(activations, 3) };
  }
}

/** Numbers from -2 to 2. */
function features(width) {
  return Float64Array.from({ length: EXAMPLES * width }, (_, i) => ((i * 37) % 101) / 25 - 2);
}

function table(width, dtype) {
  return library.createTable({
    features: dtype === "float32" ? Float32Array.from(features(width)) : features(width),
    width,
    labels: Array.from({ length: EXAMPLES }, (_, i) => i % 3),
    classNames: ["one", "two", "three"],
  });
}

/** A network with every kind of layer and every activation. */
function everyKind(dtype) {
  const { activation, auxiliary, batchNormalization, crossEntropy, dense, dropout, residual, standardize } =
    library;
  return new library.MultilayerPerceptron({
    layers: [
      6,
      standardize(),
      dense(8),
      batchNormalization({ epsilon: 1e-3, momentum: 0.2 }),
      activation("leakyRelu"),
      residual(dense(5, "gelu"), dropout(0.2), dense(8, "tanh")),
      auxiliary(dense(3, "softmax"), crossEntropy(), { weight: 0.4 }),
      dropout(0.1),
      dense(7, "elu"),
      dense(7, "silu"),
      dense(6, "relu"),
      dense(5, "sigmoid"),
      dense(3, "softmax"),
    ],
    loss: crossEntropy({ labelSmoothing: 0.1 }),
    alpha: 1e-4,
    dtype,
    seed: 8,
    backend: library.createJavaScriptBackend(),
  });
}

async function writeEveryKind(dtype) {
  const network = everyKind(dtype);
  await library.fit(network, table(6, dtype), { epochs: 3, batchSize: 6, learningRate: 0.05 });
  const name = `format-2-every-kind-${dtype}.safetensors`;
  await library.saveModel(join(folder, name), network, { classNames: '["one","two","three"]' });
  expected[name] = { rows: firstRows(6), outputs: await outputsOf(network, 6) };
}

/** A training of four epochs, saved after two. */
async function writeCheckpoint() {
  const network = everyKind("float64");
  const name = "format-2-checkpoint.safetensors";
  const options = { epochs: 4, batchSize: 6, learningRate: 0.01 };
  await library.fit(network, table(6, "float64"), {
    ...options,
    optimizer: new library.AdamW(),
    callbacks: [
      {
        async onCheckpoint(context) {
          if (context.at !== "epoch" || context.epoch !== 2) return;
          writeFileSync(join(folder, name), context.encodeCheckpoint({ note: "after two epochs" }));
          expected[name] = {
            rows: firstRows(6),
            outputs: await outputsOf(context.network, 6),
            epoch: 2,
            options,
          };
        },
      },
    ],
  });
  expected[name].continued = await outputsOf(network, 6);
}

async function writeEstimators() {
  const X = rowsOf([...features(4)], 4);
  const options = {
    hiddenLayerSizes: [5],
    maxIter: 4,
    randomState: 3,
    backend: library.createJavaScriptBackend(),
  };
  const y = X.map((_, i) => ["low", "middle", "high"][i % 3]);
  const classifier = await new library.MLPClassifier(options).fit(X, y);
  await classifier.save(join(folder, "format-2-classifier.safetensors"));
  const rows = X.slice(0, ROWS);
  expected["format-2-classifier.safetensors"] = { rows, outputs: await classifier.predictProba(rows) };
  const regressor = await new library.MLPRegressor(options).fit(
    X,
    X.map(([a, b]) => a - 2 * b),
  );
  await regressor.save(join(folder, "format-2-regressor.safetensors"));
  const values = await regressor.predict(rows);
  expected["format-2-regressor.safetensors"] = { rows, outputs: [...values].map((value) => [value]) };
}

function firstRows(width) {
  return rowsOf([...features(width).subarray(0, ROWS * width)], width);
}

async function outputsOf(network, width) {
  const { dtype } = network;
  const data = dtype === "float32" ? Float32Array.from(features(width)) : features(width);
  const rows = Int32Array.from({ length: ROWS }, (_, i) => i);
  const { activations } = await library.predict(network, { features: { kind: "floats", data, width }, rows });
  return rowsOf(activations, network.outputs);
}

function rowsOf(numbers, width) {
  const all = [...numbers];
  return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
}
