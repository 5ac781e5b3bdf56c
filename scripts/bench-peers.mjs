// npm run bench:peers [-- --quick] [--rounds N] [--images N] [--json FILE]
//
// The same work by OpenBLAS and BLIS (products) and by NumPy, scikit-learn, PyTorch and TensorFlow.js (epochs of the chapter's
// network), in turn with ours, each trial in its own process and measured in the same way: what is printed says how. What is
// not installed is named and skipped. Debian: libopenblas-dev libblis-dev python3-numpy python3-sklearn python3-torch;
// TensorFlow.js: npm install in scripts/bench/peers.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EVALUATION_BATCH } from "../dist/training/evaluate.js";
import { ALL_SHAPES, nameOf, SHAPES, SQUARES } from "./bench/gemm.mjs";
import { median, table } from "./bench/measure.mjs";
import { readOptions } from "./options.mjs";

const values = readOptions("bench:peers", {
  quick: { type: "boolean", default: false, description: "One round, few trials and 10,000 images" },
  rounds: { type: "number", requiresArg: true, description: "Times that all take their turn [default: 3]" },
  images: { type: "number", requiresArg: true, description: "Images to train on [default: 55000]" },
  json: { type: "string", requiresArg: true, description: "File for all figures, too" },
});
const { quick } = values;
const rounds = values.rounds ?? (quick ? 1 : 3);
const settings = {
  images: values.images ?? (quick ? 10_000 : 55_000),
  // V8 takes three of 55,000 images to compile our loop; a Python program needs one to touch its memory.
  warmUp: quick ? 10 : 3,
  epochs: quick ? 3 : 5,
  evaluationBatch: EVALUATION_BATCH,
};
const trials = quick ? 5 : 15;

/** The beginning of a sentence: the same for all, whether ours or a rival. */
const HOW = `Medians. Each program runs in a process of its own, in turn with the others (rounds: ${rounds}), and in each`;

const peers = fileURLToPath(new URL("bench/peers/", import.meta.url));
const ourTrial = fileURLToPath(new URL("bench/ours.mjs", import.meta.url));
const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3"; // Debian's own, which has its packages
const builds = mkdtempSync(join(tmpdir(), "mnist-native-peers-"));
process.on("exit", () => rmSync(builds, { recursive: true, force: true }));

const products = { "mnist-native": [process.execPath, [ourTrial, "gemm", JSON.stringify({ trials })]] };
const shapeArguments = ALL_SHAPES.map(({ m, n, k, transposeA, transposeB }) =>
  [m, n, k, Number(transposeA), Number(transposeB)].join(","),
);
for (const [name, library] of [
  ["OpenBLAS", "openblas"],
  ["BLIS", "blis"],
]) {
  const program = join(builds, library);
  const { status } = run("cc", ["-O2", join(peers, "gemm.c"), `-l${library}`, "-o", program]);
  if (status === 0) products[name] = [program, [String(trials), ...shapeArguments]];
  else console.log(`${name} is skipped: lib${library}-dev or a C compiler is missing.`);
}
const gemm = interleave(products);
for (const [title, shapes] of [
  ["Matrix products", SHAPES],
  ["Square matrix products", SQUARES],
]) {
  for (const dtype of ["float32", "float64"]) {
    console.log(`\n## Rivals: ${title.toLowerCase()}, ${dtype}, GFLOP/s\n`);
    console.log(productTable(dtype, shapes.map(nameOf)));
  }
}
console.log(
  `\n${HOW} one trial to warm up and ${trials} of about 10 ms each. Threads: ${availableParallelism()}. Numbers: random, 0 to 1.`,
);

const chapter = (library, dtype, changes) => [
  python,
  [join(peers, "chapter.py"), library, dtype, JSON.stringify({ ...settings, ...changes })],
];
const ours = (backend, dtype) => [process.execPath, [ourTrial, backend, dtype, JSON.stringify(settings)]];
const networks = {
  "mnist-native, float32": ours("native", "float32"),
  "mnist-native, float64": ours("native", "float64"),
  "mnist-native, js, float32": ours("js", "float32"),
};
const versions = {};
for (const [name, library] of [
  ["NumPy", "numpy"],
  ["scikit-learn", "sklearn"],
  ["PyTorch", "torch"],
]) {
  const { status, stdout } = run(python, [join(peers, "chapter.py"), library]);
  if (status !== 0) {
    console.log(`${name} is skipped: ${python} has no module ${library}.`);
    continue;
  }
  versions[name] = stdout.trim();
  networks[`${name}, float32`] = chapter(library, "float32");
  networks[`${name}, float64`] = chapter(library, "float64");
}
if (versions.NumPy !== undefined) {
  networks["NumPy, float64, evaluated by 100 as in the chapter"] = chapter("numpy", "float64", {
    evaluationBatch: 100,
  });
}
if (existsSync(join(peers, "node_modules"))) {
  networks["TensorFlow.js WASM, float32"] = [
    process.execPath,
    [join(peers, "tensorflow.mjs"), JSON.stringify(settings)],
  ];
} else {
  console.log("TensorFlow.js is skipped: its packages are not installed in scripts/bench/peers.");
}
const epochs = interleave(networks);
console.log(`\n## Rivals: the chapter's network on ${settings.images} images, seconds\n`);
for (const [name, version] of Object.entries(versions)) console.log(`- ${name} ${version}`);
console.log();
const seconds = (name, what) => median(epochs[name].map((trial) => trial[what]));
const reference = (what) => seconds("mnist-native, float32", what);
console.log(
  table(
    ["", "an epoch of training", "times ours", "an evaluation", "times ours"],
    Object.keys(networks).map((name) => [
      name,
      ...["epoch", "evaluation"].flatMap((what) => [
        seconds(name, what).toFixed(3),
        (seconds(name, what) / reference(what)).toFixed(1),
      ]),
    ]),
  ),
);
console.log(
  `\n${HOW} ${settings.warmUp} epochs of training and evaluation to warm up and ${settings.epochs} that count. Start-up and making the data do not. Minibatches: 100 in training, ${settings.evaluationBatch} in evaluation (scikit-learn chooses its own).`,
);
if (values.json !== undefined) {
  const result = { quick, rounds, trials, ...settings, versions, gemm, epochs };
  writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}

function productTable(dtype, shapes) {
  const names = Object.keys(gemm);
  const rate = (name, shape) => median(gemm[name].map((trial) => trial[dtype][shape]));
  const rows = shapes.map((shape) => {
    const best = Math.max(...names.slice(1).map((name) => rate(name, shape)));
    const rates = names.map((name) => rate(name, shape).toFixed(0));
    return [shape, ...rates, ...(names.length > 1 ? [(rate(names[0], shape) / best).toFixed(2)] : [])];
  });
  return table(["M x N x K", ...names, ...(names.length > 1 ? ["ours / best rival"] : [])], rows);
}

/** Runs every program once a round, and parses what each prints. */
function interleave(programs) {
  const results = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, [command, args]] of Object.entries(programs)) {
      const { status, stdout, stderr } = run(command, args);
      if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
      results[name].push(JSON.parse(stdout.trim().split("\n").at(-1)));
    }
  }
  return results;
}

function run(command, args) {
  // BLIS runs on one thread unless it is told otherwise.
  const env = { BLIS_NUM_THREADS: String(availableParallelism()), ...process.env };
  return spawnSync(command, args, { encoding: "utf8", maxBuffer: 1e8, env });
}
