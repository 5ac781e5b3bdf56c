// npm run bench:goals [-- --quick] [--only N[,N]] [--mnist FOLDER]
//
// Measures how far each goal is reached, and prints a table of them: what, measured, goal, and `met` or how much of the way there it is.
// Every ratio is of one run of this program: all trials take turns in rounds, each in a process of its own, and medians over the rounds
// are compared. MNIST_NATIVE_CPU=avx2 measures the kernels of another processor; rivals always run as they do by themselves.
// Exit code: 0 whatever the verdicts, 1 when something could not be measured, 2 for wrong usage.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadAddon } from "../dist/backend/addon.js";
import { GOALS } from "./bench/goals.mjs";
import { describeMachine, machineLines } from "./bench/machine.mjs";
import { table } from "./bench/measure.mjs";
import { interleave } from "./bench/programs.mjs";
import { goalCells } from "./bench/verdict.mjs";
import { readOptions } from "./options.mjs";

const NUMBERS = Object.keys(GOALS);
const values = readOptions("bench:goals", {
  quick: { type: "boolean", default: false, description: "One round, and runs of 5 epochs" },
  only: {
    type: "string",
    requiresArg: true,
    description: "Numbers of goals, separated by commas [default: all]",
    coerce: (list) => {
      const chosen = list.split(",");
      if (chosen.some((number) => !NUMBERS.includes(number)))
        throw new Error(`Expected numbers from 1 to ${NUMBERS.length} for --only but received ${list}`);
      return NUMBERS.filter((number) => chosen.includes(number));
    },
  },
  mnist: {
    type: "string",
    requiresArg: true,
    description: "Folder with MNIST as .gz [default: MNIST_NATIVE_TEST_DATA, else ../shared/mnist]",
  },
});
const { quick, only: chosen = NUMBERS } = values;
const rounds = quick ? 1 : 5;

const { addon, info, reason } = loadAddon();
if (addon === null) {
  console.error(`There is no addon to measure: ${reason}.`);
  process.exit(1);
}
const folder =
  values.mnist ??
  process.env.MNIST_NATIVE_TEST_DATA ??
  fileURLToPath(new URL("../../shared/mnist", import.meta.url));

const context = { quick, mnist, kernelSet: info.kernelSet, results: {} };
const measurements = chosen.map((number) => ({ number, ...GOALS[number](context) }));
const all = (kind) => attempts(Object.assign({}, ...measurements.map((measurement) => measurement[kind])));
console.log(`${machineLines(describeMachine(info))}\n- rounds: ${rounds}\n`);
Object.assign(context.results, interleave(all("trials"), rounds), interleave(all("once"), 1));

const rows = measurements.flatMap(({ number, rows }) =>
  rows.map((row) => {
    const { cells, isMissing } = goalCells(row);
    if (isMissing) process.exitCode = 1;
    return [number, ...cells];
  }),
);
console.log(table(["goal", "what", "measured", "wanted", "verdict"], rows));

/** The folder with MNIST, compressed, as its reading is part of what is measured. */
function mnist() {
  if (!existsSync(join(folder, "train-images-idx3-ubyte.gz")))
    throw new Error(`${folder} has no train-images-idx3-ubyte.gz; name a folder with MNIST by --mnist`);
  return folder;
}

/** Trials that say on standard error that they begin, and of which a failing one leaves the others alone. */
function attempts(trials) {
  const attempt = (name, run) => (round) => {
    console.error(`Round ${round}: ${name}`);
    try {
      return { value: run() };
    } catch (error) {
      return { error };
    }
  };
  return Object.fromEntries(Object.entries(trials).map(([name, run]) => [name, attempt(name, run)]));
}
