// npm run bench:peers [-- --rounds N] [--json FILE]
//
// The same work by OpenBLAS and BLIS (products) and by NumPy, scikit-learn, PyTorch and TensorFlow.js (epochs of the chapter's
// network), in turn with ours, each trial in its own process. What is not installed is named and skipped. Debian: libopenblas-dev
// libblis-dev python3-numpy python3-sklearn python3-torch; TensorFlow.js: npm install in scripts/bench/peers.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median, table } from "./bench/measure.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    json: { type: "string" },
    images: { type: "string", default: "55000" },
  },
});
const rounds = Number(values.rounds);
const peers = fileURLToPath(new URL("bench/peers/", import.meta.url));
const ourTrial = fileURLToPath(new URL("bench/ours.mjs", import.meta.url));
const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3"; // Debian's own, which has its packages
const builds = mkdtempSync(join(tmpdir(), "mnist-native-peers-"));
process.on("exit", () => rmSync(builds, { recursive: true, force: true }));

const products = { "mnist-native": [process.execPath, [ourTrial, "gemm"]] };
for (const [name, library] of [
  ["OpenBLAS", "openblas"],
  ["BLIS", "blis"],
]) {
  const program = join(builds, library);
  const { status } = run("cc", ["-O2", join(peers, "gemm.c"), `-l${library}`, "-o", program]);
  if (status === 0) products[name] = [program, []];
  else console.log(`${name} is skipped: lib${library}-dev or a C compiler is missing.`);
}
const gemm = interleave(products);
for (const dtype of ["float32", "float64"]) {
  console.log(`\n## Matrix products, ${dtype}, GFLOP/s (medians of ${rounds} processes)\n`);
  const names = Object.keys(gemm);
  const shapes = Object.keys(gemm["mnist-native"][0][dtype]);
  const rate = (name, shape) => median(gemm[name].map((trial) => trial[dtype][shape]));
  const rows = shapes.map((shape) => {
    const best = Math.max(...names.slice(1).map((name) => rate(name, shape)));
    const ours = rate("mnist-native", shape);
    return [shape, ...names.map((name) => rate(name, shape).toFixed(0)), (ours / best).toFixed(2)];
  });
  console.log(table(["M x N x K", ...names, "ours / best rival"], rows));
}

const chapter = (library, dtype) => [python, [join(peers, "chapter.py"), library, dtype, values.images, "2"]];
const ours = (backend, dtype) => [process.execPath, [ourTrial, "epoch", backend, dtype, values.images, "3"]];
const networks = {
  "mnist-native, float32": ours("native", "float32"),
  "mnist-native, float64": ours("native", "float64"),
  "mnist-native, js, float32": ours("js", "float32"),
};
for (const [name, library, module] of [
  ["NumPy", "numpy", "numpy"],
  ["scikit-learn", "sklearn", "sklearn"],
  ["PyTorch", "torch", "torch"],
]) {
  if (run(python, ["-c", `import ${module}`]).status !== 0) {
    console.log(`${name} is skipped: ${python} has no module ${module}.`);
    continue;
  }
  networks[`${name}, float32`] = chapter(library, "float32");
  networks[`${name}, float64`] = chapter(library, "float64");
}
if (existsSync(join(peers, "node_modules"))) {
  networks["TensorFlow.js WASM, float32"] = [
    process.execPath,
    [join(peers, "tensorflow.mjs"), values.images],
  ];
} else {
  console.log("TensorFlow.js is skipped: its packages are not installed in scripts/bench/peers.");
}
const epochs = interleave(networks);
console.log(
  `\n## The chapter's network on ${values.images} images, seconds (medians of ${rounds} processes)\n`,
);
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
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ gemm, epochs }, null, 2)}\n`);

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
