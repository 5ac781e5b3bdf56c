// npm run bench [-- --quick] [--json FILE] [--data-dir FOLDER]
//
// Measures this machine's limit, the products of the network and square ones, element-wise operations, epochs of training
// for native and js, loops of one's own, estimators, one image, checkpoints, a live page, how soon the live page answers, how the time grows with the images,
// with widths and minibatch sizes, and (with --data-dir) the whole run of the chapter. Everything is a median of interleaved trials, and the printed ratios are those of one run.
import { writeFileSync } from "node:fs";
import { createJavaScriptBackend } from "mnist-native";
import { loadAddon, measurePeak } from "../dist/backend/addon.js";
import { createNativeBackend } from "../dist/backend/native.js";
import { benchmarkCheckpointing, benchmarkEncoding } from "./bench/checkpoints.mjs";
import { benchmarkEstimator } from "./bench/estimators.mjs";
import { benchmarkElementwise, benchmarkGemm, SHAPES, SQUARES } from "./bench/gemm.mjs";
import { benchmarkLive } from "./bench/live.mjs";
import { benchmarkLoops } from "./bench/loops.mjs";
import { describeMachine, machineLines } from "./bench/machine.mjs";
import { median, table } from "./bench/measure.mjs";
import { benchmarkPageLatency } from "./bench/page-latency.mjs";
import { benchmarkPrediction } from "./bench/prediction.mjs";
import { wholeRun } from "./bench/runs.mjs";
import { BATCH_SIZES, benchmarkGrowth, benchmarkWidths, SWEEP_IMAGES } from "./bench/scaling.mjs";
import { benchmarkEpochs, flopOfRun, imageLike } from "./bench/training.mjs";
import { readOptions } from "./options.mjs";

const values = readOptions("bench", {
  quick: { type: "boolean", default: false, description: "Few trials, and no sweep of widths" },
  json: { type: "string", requiresArg: true, description: "File for all figures, too" },
  "data-dir": {
    type: "string",
    requiresArg: true,
    description: "Folder with MNIST, for the chapter's whole run",
  },
});
const { quick } = values;

const { addon, info, reason } = loadAddon();
if (addon === null) {
  console.error(`There is no addon to measure: ${reason}.`);
  process.exit(1);
}
const threads = addon.defaultThreads;
const js = createJavaScriptBackend();
const native = createNativeBackend(addon, threads);
const native1 = createNativeBackend(addon, 1);
const result = { machine: describeMachine(info), quick };

section("Machine");
console.log(machineLines(result.machine));

section("Limit: multiply-adds in registers, GFLOP/s");
const peak = {};
for (const dtype of ["float32", "float64"]) {
  peak[dtype] = { one: measurePeak(addon, dtype, 1) / 1e9, all: measurePeak(addon, dtype, threads) / 1e9 };
}
result.peak = peak;
console.log(
  table(
    ["type", "1 thread", `${threads} threads`],
    Object.entries(peak).map(([t, p]) => [t, p.one.toFixed(0), p.all.toFixed(0)]),
  ),
);

const options = quick ? { trials: 5, trialSeconds: 0.01 } : { trials: 25, trialSeconds: 0.02 };
// A thousand cubed takes the js backend a third of a second: too long for many trials.
const most = 5e8;
result.gemm = {};
for (const dtype of ["float32", "float64"]) {
  section(`Matrix products, ${dtype}, GFLOP/s`);
  const rows = benchmarkGemm({ "1 thread": native1, native, js }, dtype, SHAPES, { ...options, most });
  result.gemm[dtype] = rows;
  console.log(productTable(dtype, rows));
}

result.squares = {};
for (const dtype of ["float32", "float64"]) {
  section(`Square matrix products, ${dtype}, GFLOP/s`);
  const rows = benchmarkGemm({ "1 thread": native1, native, js }, dtype, SQUARES, {
    ...options,
    trials: 5,
    ...(quick ? { most } : {}),
  });
  result.squares[dtype] = rows;
  console.log(productTable(dtype, rows));
}

section("Element-wise operations on 78,400 numbers, GB/s");
result.elementwise = {};
for (const dtype of ["float32", "float64"]) {
  const rows = benchmarkElementwise({ "1 thread": native1, native, js }, dtype, options);
  result.elementwise[dtype] = rows;
  console.log(
    table(
      [dtype, "native, 1 thread", `native, ${threads} threads`, "js"],
      rows.map(({ name, gigabytes: g }) => [
        name,
        g["1 thread"].toFixed(1),
        g.native.toFixed(1),
        g.js.toFixed(2),
      ]),
    ),
    "\n",
  );
}

const images = quick ? 10_000 : 55_000;
section(`An epoch of the chapter's network on ${images} images, seconds`);
const dataset = imageLike(images);
const cases = [
  { name: "native float32", backend: native, dtype: "float32", dataset },
  { name: "native float32, 1 thread", backend: native1, dtype: "float32", dataset },
  { name: "native float64", backend: native, dtype: "float64", dataset },
  { name: "js float32", backend: js, dtype: "float32", dataset },
];
const epochs = await benchmarkEpochs(cases, { rounds: quick ? 3 : 5, warmUp: 2, epochs: 1 });
result.epochs = epochs;
const reference = epochs["js float32"];
console.log(
  table(
    ["", "training", "evaluation", "times as fast as js, training", "evaluation"],
    Object.entries(epochs).map(([name, { epoch, evaluation }]) => [
      name,
      epoch.toFixed(3),
      evaluation.toFixed(3),
      (reference.epoch / epoch).toFixed(1),
      (reference.evaluation / evaluation).toFixed(1),
    ]),
  ),
);

section("A loop of one's own: times as fast as fit, native float32");
result.loops = await benchmarkLoops(native, dataset, { epochs: quick ? 5 : 15 });
console.log(
  table(
    ["fit", "trainStep", "forward, backward and step"],
    [
      [
        "1",
        (result.loops.fit / result.loops.trainStep).toFixed(2),
        (result.loops.fit / result.loops.apart).toFixed(2),
      ],
    ],
  ),
);

section("MLPClassifier: times as fast as fit of the same network with Adam, native float32");
result.estimator = await benchmarkEstimator(native, dataset, {
  rounds: quick ? 2 : 5,
  epochs: quick ? 3 : 5,
});
console.log(
  table(["fit", "MLPClassifier"], [["1", (result.estimator.fit / result.estimator.estimator).toFixed(2)]]),
);

section("One image, 784-50-10 in float32: microseconds for an answer of a predictor");
result.prediction = {};
const latencyRows = [];
for (const [name, backend] of Object.entries({ native, "native, 1 thread": native1, js })) {
  const rows = benchmarkPrediction(backend, {
    calls: (quick ? 20_000 : 200_000) / (backend === js ? 10 : 1),
  });
  result.prediction[name] = rows;
  for (const row of rows) latencyRows.push([name, row.name, row.p50.toFixed(2), row.p99.toFixed(2)]);
}
console.log(table(["", "image as", "median", "99th percentile"], latencyRows));

section(
  "Checkpoints at their defaults: time of the chapter's training with them to that without, native float32",
);
result.checkpointing = await benchmarkCheckpointing(native, dataset, {
  rounds: quick ? 3 : 7,
  epochs: quick ? 20 : 50,
});
console.log(
  table(
    ["without, seconds", "with", "ratio", "written"],
    [
      [
        result.checkpointing.without.toFixed(2),
        result.checkpointing.with.toFixed(2),
        (result.checkpointing.with / result.checkpointing.without).toFixed(3),
        result.checkpointing.files,
      ],
    ],
  ),
);

section("The bytes of a checkpoint");
result.encoding = await benchmarkEncoding(native, { repeats: quick ? 15 : 50 });
console.log(
  table(
    ["", "milliseconds", "MB"],
    result.encoding.map(({ name, milliseconds, bytes }) => [
      name,
      milliseconds.toFixed(2),
      (bytes / 1e6).toFixed(2),
    ]),
  ),
);

section(
  "The live page while 784-2048-2048-10 trains, with one reader: milliseconds to an answer (aimed at: 100 at the 99th percentile)",
);
result.pageLatency = await benchmarkPageLatency({ rounds: quick ? 20 : 200 });
console.log(
  table(
    ["", "median", "99th percentile"],
    result.pageLatency.answers.map(({ name, p50, p99 }) => [name, p50.toFixed(1), p99.toFixed(1)]),
  ),
);
console.log(`\nThe network learned ${result.pageLatency.examplesPerSecond.toFixed(0)} images a second.`);

section(
  "A live page with one reader: time of the chapter's training with it to that without, native float32",
);
result.live = await benchmarkLive(native, dataset, { rounds: quick ? 3 : 9, epochs: quick ? 20 : 50 });
console.log(
  table(
    ["without, seconds", "with", "ratio", "samples read"],
    [
      [
        result.live.without.toFixed(2),
        result.live.with.toFixed(2),
        result.live.ratio.toFixed(3),
        result.live.samples.toFixed(0),
      ],
    ],
  ),
);

section("Images: nanoseconds for each, the chapter's network, native");
result.growth = await benchmarkGrowth(native, {
  counts: quick ? [5000, 10_000] : [5000, 10_000, 20_000, 40_000],
  rounds: 3,
  warmUp: 1,
  epochs: quick ? 1 : 3,
});
console.log(
  table(
    ["images", "type", "training", "evaluation"],
    result.growth.map(({ images, dtype, training, evaluation }) => [
      images.toLocaleString("en-US"),
      dtype,
      training.toFixed(0),
      evaluation.toFixed(0),
    ]),
  ),
);

if (!quick) {
  section("Width of the layers and size of the minibatches: GFLOP/s of training, native float32");
  result.widths = await benchmarkWidths(native);
  console.log(
    table(
      [
        "hidden units",
        ...BATCH_SIZES.map((size) => (size === SWEEP_IMAGES ? `all ${size}` : `batch ${size}`)),
      ],
      result.widths.map(({ hidden, cells }) => [
        hidden.join(","),
        ...cells.map(({ gflops }) => gflops.toFixed(1)),
      ]),
    ),
  );
}

if (values["data-dir"] !== undefined) {
  const count = quick ? 5 : 50;
  section(`The whole run: train, ${count} epochs, from the start of the process to its end`);
  const flop = flopOfRun(count);
  result.runs = {};
  const rows = [];
  for (const dtype of ["float32", "float64"]) {
    const runs = Array.from({ length: quick ? 1 : 3 }, () =>
      wholeRun(values["data-dir"], ["--epochs", String(count), "--dtype", dtype]),
    );
    const seconds = median(runs.map((run) => run.seconds));
    const limit = flop / peak[dtype].all / 1e9;
    const accuracy = runs[0].summary.testAccuracy;
    result.runs[dtype] = { seconds, limit, accuracy };
    rows.push([
      dtype,
      seconds.toFixed(2),
      limit.toFixed(2),
      (seconds / limit).toFixed(2),
      `${(100 * accuracy).toFixed(2)} %`,
    ]);
  }
  console.log(table(["", "seconds", "dense limit, seconds", "ratio", "test accuracy"], rows));
}

if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);

const slower = Object.entries(epochs).filter(
  ([name, { epoch, evaluation }]) =>
    name !== "js float32" && (epoch > reference.epoch || evaluation > reference.evaluation),
);
if (slower.length > 0) {
  console.error(`Slower than js: ${slower.map(([name]) => name).join(", ")}.`);
  process.exit(1);
}

function productTable(dtype, rows) {
  const named = rows.some(({ where }) => where !== "");
  return table(
    [
      "M x N x K",
      ...(named ? ["where"] : []),
      "native, 1 thread",
      `native, ${threads} threads`,
      "share of limit",
      "js",
    ],
    rows.map(({ shape, where, gflops }) => [
      shape,
      ...(named ? [where] : []),
      gflops["1 thread"].toFixed(0),
      gflops.native.toFixed(0),
      `${((100 * gflops.native) / peak[dtype].all).toFixed(0)} %`,
      gflops.js?.toFixed(1) ?? "not run",
    ]),
  );
}

function section(title) {
  console.log(`\n## ${title}\n`);
}
