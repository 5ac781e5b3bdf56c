// npm run bench:scaling [-- --quick] [--json FILE]
//
// When training by several processes pays: measures sums over 2 and 4 ranks in this machine's memory and the steps between them, and
// predicts from both how much quicker 2 to 256 ranks are, in memory and over networks. What can be measured here is held against
// the prediction. It takes MPI and its addon: npx mnist-native build --mpi.
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { table } from "./bench/measure.mjs";
import { findMpi, runRanks } from "./bench/mpirun.mjs";
import {
  allReduceSeconds,
  besideOtherWork,
  fitLine,
  gradientBytes,
  judge,
  LINKS,
  speedUp,
} from "./bench/scaling-model.mjs";
import { readOptions } from "./options.mjs";

const { quick, json } = readOptions("bench:scaling", {
  quick: { type: "boolean", default: false, description: "Fewer widths, rows and repetitions" },
  json: { type: "string", requiresArg: true, description: "File for all figures, too" },
});

const WIDTHS = quick ? [50, 512, 4096] : [50, 128, 512, 1024, 2048, 4096];
/** Minibatches of as few rows are timed; the line through both tells of more. */
const ROWS = quick ? [25, 200] : [25, 100, 400, 1600];
const BATCH_SIZES = [100, 512, 2048, 8192];
const RANKS = [2, 4, 8, 16, 32, 64, 128, 256];
const BYTES = quick
  ? [8, 1024, 16_384, 159_040, 2 ** 20, 2 ** 23]
  : [8, 256, 1024, 4096, 16_384, 65_536, 159_040, 2 ** 19, 2 ** 20, 2 ** 22, 2 ** 23, 2 ** 24];
/** Where the prediction is held against two ranks. */
const CHECKED = quick
  ? [{ width: 512, batchSize: 200, count: 10 }]
  : [
      { width: 50, batchSize: 100, count: 100 },
      { width: 512, batchSize: 400, count: 20 },
      { width: 1024, batchSize: 1600, count: 10 },
    ];
const SECONDS = quick ? 0.05 : 0.5;

const mpi = findMpi();
if (mpi === undefined) {
  console.error(
    "bench:scaling: there is no MPI here that the addon has been built for; install one, and run npx mnist-native build --mpi.",
  );
  process.exit(1);
}
const program = fileURLToPath(new URL("bench/rank.mjs", import.meta.url));
/** Of the minute before, so that it is not the ranks' own. */
const [load] = loadavg();
const ask = (ranks, settings) => runRanks(mpi, ranks, program, { seconds: SECONDS, ...settings });

// Two ranks at once on one thread each, so that they meet each other's use of memory and clock.
const steps = WIDTHS.flatMap((width) => ROWS.map((rows) => ({ width, rows })));
const two = ask(2, { threads: 1, sums: BYTES, steps, trainings: CHECKED });
const four = ask(4, { threads: 1, sums: BYTES });
const whole = ask(1, { threads: 2, steps, trainings: CHECKED });

/** What a sum costs within a step. */
const within = two.steps
  .map(({ width, rows, shared, together }) => ({
    bytes: gradientBytes(width),
    rows,
    seconds: together - shared,
  }))
  .filter(({ seconds }) => seconds > 0);
const line = fitLine(within.map(({ bytes, seconds }) => [bytes, seconds]));
/** Of two ranks a sum is one exchange: its cost is one latency, and moving and adding each byte once. */
const memory = {
  name: "shared memory",
  alpha: line.intercept,
  beta: line.slope,
  gamma: 0,
  source: "measured here with 2 ranks, within steps",
};
const links = [memory, ...LINKS];
const onOneThread = linesOf(two.steps);
const onTwoThreads = linesOf(whole.steps);

console.log("# When training by several processes pays\n");
console.log(
  `${two.name}, ${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} processors.\n`,
);
printSums();
printLinks();
for (const link of links) printSpeedUps(link);
const checks = CHECKED.map(check);
printChecks(checks);
if (json !== undefined) {
  const figures = { mpi: two.name, two, four, whole, memory, checks };
  writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
}

/** For each width, seconds of a step over its rows. */
function linesOf(measured) {
  return Object.fromEntries(
    WIDTHS.map((width) => {
      const own = measured.filter((step) => step.width === width);
      const lineOf = (way) => fitLine(own.map((step) => [step.rows, step[way]]));
      return [width, { alone: lineOf("alone"), shared: lineOf("shared") }];
    }),
  );
}

function printSums() {
  console.log("## A sum over all ranks, in shared memory, one after the other\n");
  const hot = fitLine(two.sums.map(({ bytes, seconds }) => [bytes, seconds]));
  const bare = { alpha: hot.intercept, beta: hot.slope, gamma: 0 };
  const rows = two.sums.map(({ bytes, seconds }, i) => [
    bytes.toLocaleString("en"),
    microseconds(seconds),
    microseconds(allReduceSeconds(bare, bytes, 2)),
    microseconds(four.sums[i].seconds),
    microseconds(allReduceSeconds(bare, bytes, 4)),
  ]);
  console.log(table(["bytes", "2 ranks, µs", "fitted", "4 ranks, µs", "predicted"], rows));
  console.log("\n## The same within steps of a training, to which ranks do not come at the same moment\n");
  const steps = within.map(({ bytes, rows, seconds }) => [
    bytes.toLocaleString("en"),
    String(rows),
    microseconds(seconds),
    microseconds(allReduceSeconds(memory, bytes, 2)),
  ]);
  console.log(table(["bytes", "rows of a rank", "2 ranks, µs", "fitted"], steps));
  const gigabytes = 1 / memory.beta / 1e9;
  console.log(
    `\nFitted to 2 ranks within steps: ${microseconds(memory.alpha)} µs and ${gigabytes.toFixed(2)} GB/s. A sum takes the less of log2(N) (alpha + n (beta + gamma)) and 2 log2(N) alpha + 2 n beta (N-1)/N + n gamma (N-1)/N (Thakur, Rabenseifner, Gropp 2005).`,
  );
  if (availableParallelism() < 4)
    console.log(
      "There are fewer than 4 processors, so that 4 ranks wait for each other's turn: their figures are above what is predicted.",
    );
}

function printLinks() {
  console.log("\n## Networks\n");
  for (const { name, source } of links) console.log(`- ${name}: ${source}`);
}

function printSpeedUps(link) {
  console.log(`\n## Predicted speed-up by ${link.name}, of 784-width-10, a rank on one thread\n`);
  const rows = WIDTHS.flatMap((width) =>
    BATCH_SIZES.map((batchSize) => [
      `${width}, batch ${batchSize}`,
      ...RANKS.map((ranks) => {
        if (ranks > batchSize) return "";
        return speedUp(onOneThread[width], link, { bytes: gradientBytes(width), batchSize, ranks }).toFixed(
          1,
        );
      }),
    ]),
  );
  console.log(table(["width", ...RANKS.map((ranks) => `${ranks} ranks`)], rows));
}

/** Two ranks on a thread each against one process on two threads. */
function check({ width, batchSize }, i) {
  const compute = { alone: onTwoThreads[width].alone, shared: onOneThread[width].shared };
  const predicted = speedUp(compute, memory, { bytes: gradientBytes(width), batchSize, ranks: 2 });
  const measured = whole.trainings[i].seconds / two.trainings[i].seconds;
  return {
    width,
    batchSize,
    predicted,
    measured,
    verdict: `${judge(predicted, measured)}${besideOtherWork(load, availableParallelism())}`,
  };
}

function printChecks(all) {
  console.log(
    "\n## Held against what can be measured here: 2 ranks on a thread each, against 1 process on 2 threads\n",
  );
  const rows = all.map(({ width, batchSize, predicted, measured, verdict }) => [
    `${width}, batch ${batchSize}`,
    predicted.toFixed(2),
    measured.toFixed(2),
    verdict,
  ]);
  console.log(table(["width", "predicted speed-up", "measured", "within 20 %"], rows));
}

function microseconds(seconds) {
  return (seconds * 1e6).toFixed(1);
}
