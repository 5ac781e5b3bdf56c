// npm run bench [-- --quick] [--json FILE] [--data-dir FOLDER]
//
// Measures this machine's limit, the products of the network, element-wise operations, epochs of training for native and
// js, the whole run of the chapter (with --data-dir), and a sweep over widths and minibatch sizes. Everything is a median
// of interleaved trials, and the printed ratios are those of one run.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { createJavaScriptBackend } from "mnist-native";
import { createNativeBackend, loadAddon, measurePeak } from "../dist/backend/native.js";
import { benchmarkElementwise, benchmarkGemm } from "./bench/gemm.mjs";
import { median, table } from "./bench/measure.mjs";
import { benchmarkEpochs, flopPerImage, imageLike, wholeRun } from "./bench/training.mjs";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    "data-dir": { type: "string" },
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
const result = { machine: machine(), quick };

section("Machine");
console.log(
  Object.entries(result.machine)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join("\n"),
);

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
result.gemm = {};
for (const dtype of ["float32", "float64"]) {
  section(`Matrix products, ${dtype}, GFLOP/s`);
  const rows = benchmarkGemm({ "1 thread": native1, native, js }, dtype, options);
  result.gemm[dtype] = rows;
  console.log(
    table(
      ["M x N x K", "where", "native, 1 thread", `native, ${threads} threads`, "share of limit", "js"],
      rows.map(({ shape, where, gflops }) => [
        shape,
        where,
        gflops["1 thread"].toFixed(0),
        gflops.native.toFixed(0),
        `${((100 * gflops.native) / peak[dtype].all).toFixed(0)} %`,
        gflops.js?.toFixed(1) ?? "not run",
      ]),
    ),
  );
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
const cases = [
  { name: "native float32", backend: native, dtype: "float32" },
  { name: "native float32, 1 thread", backend: native1, dtype: "float32" },
  { name: "native float64", backend: native, dtype: "float64" },
  { name: "js float32", backend: js, dtype: "float32" },
];
const dataset = imageLike(images);
const epochs = await benchmarkEpochs(cases, dataset, { trials: quick ? 3 : 7 });
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

if (!quick) {
  section("Width of the layers and size of the minibatches: GFLOP/s of training, native float32");
  const widths = [[50], [128], [512], [1024], [128, 128], [512, 512], [128, 128, 128]];
  const sample = imageLike(5000);
  result.sweep = [];
  for (const hidden of widths) {
    const layers = [784, ...hidden, 10];
    const row = { hidden: hidden.join(","), gflops: {} };
    for (const batchSize of [1, 10, 100, 1000, 5000]) {
      const times = await benchmarkEpochs(
        [{ name: "it", backend: native, dtype: "float32", layers }],
        sample,
        { trials: 3, batchSize },
      );
      row.gflops[batchSize] = (flopPerImage(layers, true) * 5000) / times.it.epoch / 1e9;
    }
    result.sweep.push(row);
  }
  console.log(
    table(
      ["hidden units", "batch 1", "10", "100", "1000", "all 5000"],
      result.sweep.map(({ hidden, gflops }) => [
        hidden,
        ...Object.values(gflops).map((rate) => rate.toFixed(1)),
      ]),
    ),
  );
}

if (values["data-dir"] !== undefined) {
  const count = quick ? 5 : 50;
  section(`The whole run: train, ${count} epochs, from the start of the process to its end`);
  const flop =
    count * 55_000 * (flopPerImage([784, 50, 10], true) + flopPerImage([784, 50, 10], false) * (60 / 55));
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

function section(title) {
  console.log(`\n## ${title}\n`);
}

function machine() {
  const compiler = execFileSync("sh", ["-c", "c++ --version 2>/dev/null | head -n 1 || true"], {
    encoding: "utf8",
  });
  return {
    processor: cpus()[0]?.model ?? "unknown",
    "kernel set": `${info.kernelSet} (${info.kernelSetDescription})`,
    threads,
    threading: info.threading,
    "Node.js": process.version,
    compiler: compiler.trim() || "none",
  };
}
