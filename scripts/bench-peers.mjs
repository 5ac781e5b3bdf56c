// npm run bench:peers [-- --quick] [--only WHAT] [--rounds N] [--images N] [--mnist FOLDER] [--json FILE]
//
// The same work by OpenBLAS and BLIS (products) and by NumPy, scikit-learn, PyTorch and TensorFlow.js (epochs of the chapter's
// network, and modern recipes on MNIST), in turn with ours, each trial in its own process and measured in the same way: what is printed says how. What is
// not installed is named and skipped. Debian: libopenblas-dev libblis-dev python3-numpy python3-sklearn python3-torch;
// TensorFlow.js: npm install in scripts/bench/peers.
import { existsSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EVALUATION_BATCH } from "../dist/training/evaluate.js";
import { nameOf, SHAPES, SQUARES } from "./bench/gemm.mjs";
import { median, table } from "./bench/measure.mjs";
import { interleave, trial } from "./bench/programs.mjs";
import { RECIPES } from "./bench/recipes.mjs";
import { findPythonLibrary, ours, PEERS, productPrograms, recipePrograms } from "./bench/rivals.mjs";
import { readOptions } from "./options.mjs";

const values = readOptions("bench:peers", {
  quick: { type: "boolean", default: false, description: "One round, few trials and 10,000 images" },
  rounds: { type: "number", requiresArg: true, description: "Times that all take their turn [default: 3]" },
  only: {
    type: "string",
    requiresArg: true,
    choices: ["products", "chapter", "recipes"],
    description: "One part alone: products, chapter or recipes",
  },
  images: { type: "number", requiresArg: true, description: "Images to train on [default: 55000]" },
  mnist: {
    type: "string",
    requiresArg: true,
    description: "Folder with MNIST as .gz [default: MNIST_NATIVE_TEST_DATA, else ../shared/mnist]",
  },
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

const parts = { products: measureProducts, chapter: measureChapter, recipes: measureRecipes };
const result = { quick, rounds, trials, ...settings };
for (const [name, measure] of Object.entries(parts)) {
  if (values.only === undefined || values.only === name) Object.assign(result, measure());
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);

function measureProducts() {
  const { programs: products, missing } = productPrograms(trials);
  for (const line of missing) console.log(line);
  const gemm = interleave(products, rounds);
  for (const [title, shapes] of [
    ["Matrix products", SHAPES],
    ["Square matrix products", SQUARES],
  ]) {
    for (const dtype of ["float32", "float64"]) {
      console.log(`\n## Rivals: ${title.toLowerCase()}, ${dtype}, GFLOP/s\n`);
      console.log(productTable(gemm, dtype, shapes.map(nameOf)));
    }
  }
  console.log(
    `\n${HOW} one trial to warm up and ${trials} of about 10 ms each. Threads: ${availableParallelism()}. Numbers: random, 0 to 1.`,
  );
  return { gemm };
}

function measureChapter() {
  const epochsOfOurs = (backend, dtype) => ours("epochs", { backend, dtype, ...settings });
  const networks = {
    "mnist-native, float32": epochsOfOurs("native", "float32"),
    "mnist-native, float64": epochsOfOurs("native", "float64"),
    "mnist-native, js, float32": epochsOfOurs("js", "float32"),
  };
  const versions = {};
  for (const [name, library] of [
    ["NumPy", "numpy"],
    ["scikit-learn", "sklearn"],
    ["PyTorch", "torch"],
  ]) {
    const found = findPythonLibrary(library);
    if (found === null) {
      console.log(`${name} is skipped: python3 has no module ${library}.`);
      continue;
    }
    versions[name] = found.version;
    networks[`${name}, float32`] = found.epochs("float32", settings);
    networks[`${name}, float64`] = found.epochs("float64", settings);
    if (library === "numpy") {
      networks["NumPy, float64, evaluated by 100 as in the chapter"] = found.epochs("float64", {
        ...settings,
        evaluationBatch: 100,
      });
    }
  }
  if (existsSync(join(PEERS, "node_modules"))) {
    networks["TensorFlow.js WASM, float32"] = trial(process.execPath, [
      join(PEERS, "tensorflow.mjs"),
      JSON.stringify(settings),
    ]);
  } else {
    console.log("TensorFlow.js is skipped: its packages are not installed in scripts/bench/peers.");
  }
  const epochs = interleave(networks, rounds);
  console.log(`\n## Rivals: the chapter's network on ${settings.images} images, seconds\n`);
  for (const [name, version] of Object.entries(versions)) console.log(`- ${name} ${version}`);
  console.log();
  const seconds = (name, what) => median(epochs[name].map((times) => times[what]));
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
  return { versions, epochs };
}

function measureRecipes() {
  const mnist =
    values.mnist ??
    process.env.MNIST_NATIVE_TEST_DATA ??
    fileURLToPath(new URL("../../shared/mnist", import.meta.url));
  if (!existsSync(join(mnist, "train-images-idx3-ubyte.gz"))) {
    console.log(
      `The recipes are skipped: ${mnist} has no train-images-idx3-ubyte.gz; name a folder with MNIST by --mnist.`,
    );
    return {};
  }
  const threads = availableParallelism();
  const { images } = settings;
  const recipes = {};
  for (const recipe of RECIPES) {
    // The table's epochs are short, and V8 has still to compile our loop in the first ones.
    const warmUp = recipe.rows === undefined ? 1 : 5;
    const programs = recipePrograms(recipe, { mnist, images, threads, warmUp, epochs: quick ? 1 : 3 });
    recipes[recipe.name] = interleave(programs, rounds);
  }
  console.log(`\n## Rivals: modern recipes, float32, microseconds of training an example\n`);
  console.log(recipeTable(recipes));
  console.log(
    `\n${HOW} one epoch to warm up, five for the table. Threads: ${threads} (scikit-learn's BLAS chooses its own). MNIST's first ${images} training images, or 20000 random rows; a cross-entropy but for the table; start-up and reading the data do not count.`,
  );
  return { recipes };
}

function recipeTable(recipes) {
  const names = [...new Set(Object.values(recipes).flatMap((programs) => Object.keys(programs)))];
  const rows = RECIPES.map(({ name, wanted }) => {
    const figures = names.map((program) => {
      const times = (recipes[name][program] ?? []).map(({ microseconds }) => microseconds);
      return times.length === 0 || times.includes(null) ? null : median(times);
    });
    const rival = figures[names.indexOf("PyTorch")];
    const times = rival === undefined || rival === null ? "" : (rival / figures[0]).toFixed(2);
    return [name, ...figures.map((figure) => figure?.toFixed(1) ?? "cannot"), times, wanted];
  });
  return table(["recipe", ...names, "times as fast as PyTorch", "wanted"], rows);
}

function productTable(gemm, dtype, shapes) {
  const names = Object.keys(gemm);
  const rate = (name, shape) => median(gemm[name].map((rates) => rates[dtype][shape]));
  const rows = shapes.map((shape) => {
    const best = Math.max(...names.slice(1).map((name) => rate(name, shape)));
    const rates = names.map((name) => rate(name, shape).toFixed(0));
    return [shape, ...rates, ...(names.length > 1 ? [(rate(names[0], shape) / best).toFixed(2)] : [])];
  });
  return table(["M x N x K", ...names, ...(names.length > 1 ? ["ours / best rival"] : [])], rows);
}
