import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "../bench/measure.mjs";

const CLI = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Epochs of the short form; without it each has its own number. */
const RECIPES = [
  { name: "the chapter's (train)", args: [], quickEpochs: 5 },
  { name: "train --preset modern", args: ["--preset", "modern"], quickEpochs: 1 },
  {
    name: "train --preset adaline --classes 3,8",
    args: ["--preset", "adaline", "--classes", "3,8"],
    quickEpochs: 5,
  },
];
const ROUNDS = 3;

/**
 * What the recipes reach on the test set. They take turns, so that their times compare with each other; each round has its own seed.
 *
 * @param {{ quick: boolean, dataDir: string | undefined, log: (line: string) => void }} options
 * @returns {import("./section.mjs").Section}
 */
export function recipesSection({ quick, dataDir, log }) {
  const data = dataDir === undefined ? ["--dataset", "synthetic"] : ["--data-dir", dataDir];
  const seeds = Array.from({ length: quick ? 1 : ROUNDS }, (_, i) => i + 1);
  const runs = new Map(RECIPES.map((recipe) => [recipe, []]));
  for (const seed of seeds) {
    for (const [recipe, own] of runs) {
      log(`${recipe.name}, seed ${seed}`);
      const epochs = quick ? ["--epochs", String(recipe.quickEpochs)] : [];
      own.push(train([...data, ...recipe.args, ...epochs, "--seed", String(seed)]));
    }
  }
  const chapter = median(runs.get(RECIPES[0]).map(({ seconds }) => seconds));
  return {
    title: "Recipes",
    text: [
      dataDir === undefined ? "On the digits that the program draws." : "On MNIST, in the chapter's split.",
      quick
        ? "In the short form: a few epochs, which do not reach what the recipes can, and one seed."
        : `The mean of ${ROUNDS} seeds, and the least and the greatest; medians of the seconds that train reports.`,
      "Seconds depend on the machine and on what else runs there: only their ratios within this table compare.",
    ].join(" "),
    header: [
      "recipe",
      "epochs",
      "test images",
      "test accuracy",
      "least",
      "greatest",
      "seconds",
      "to the chapter's",
    ],
    rows: [...runs].map(([{ name }, own]) => {
      const accuracies = own.map(({ testAccuracy }) => testAccuracy);
      const seconds = median(own.map((run) => run.seconds));
      const mean = accuracies.reduce((a, b) => a + b) / accuracies.length;
      const figures = [mean, Math.min(...accuracies), Math.max(...accuracies)];
      return [
        name,
        String(own[0].epochs),
        own[0].testCount.toLocaleString("en-US"),
        ...figures.map((share) => `${(100 * share).toFixed(2)} %`),
        seconds.toFixed(1),
        (seconds / chapter).toFixed(2),
      ];
    }),
    faults: [],
  };
}

function train(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, "train", "--json", ...args], {
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(`train ${args.join(" ")} failed: ${stderr.trim()}`);
  const { testAccuracy, testCount, seconds, epochs } = JSON.parse(stdout).summary;
  return { testAccuracy, testCount, seconds, epochs };
}
