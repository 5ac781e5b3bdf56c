// The goals by their numbers: the trials that measure each, and the rows that say how far it is reached. Trials of one name are the
// same, whichever goals ask for them.
import { existsSync } from "node:fs";
import { ALL_SHAPES, nameOf } from "./gemm.mjs";
import { chapterRun, epochsOf, medianOf, only, runName, stepOf, trialsOf } from "./goal-trials.mjs";
import { median } from "./measure.mjs";
import { findPythonLibrary, ours, productPrograms } from "./rivals.mjs";
import { reproduceRun, secondsToFirstStep } from "./runs.mjs";
import { CHAPTER_IMAGES, EVALUATED_PER_TRAINED, flopOfRun } from "./training.mjs";
import { geometricMean } from "./verdict.mjs";

const DTYPES = ["float32", "float64"];
/** Of a run's epochs, those in which V8 still compiles. */
const FIRST_EPOCHS = 3;
const FASHION = "/usr/share/datasets/fashion-mnist";
const MIB = 2 ** 20;

/** @typedef {import("./goal-trials.mjs").Context} Context */

/**
 * @typedef {{
 *   trials: Record<string, () => unknown>,
 *   once?: Record<string, () => unknown>,
 *   rows: import("./verdict.mjs").Goal[],
 * }} Measurement Trials of `once` measure no time, so that one round is enough.
 */

/** @type {Record<number, (context: Context) => Measurement>} */
export const GOALS = {
  1: wholeRuns,
  2: minibatches,
  3: fewImages,
  4: startUp,
  5: products,
  6: memory,
  7: sameBits,
  8: oneImage,
};

/** @param {Context} context */
function wholeRuns(context) {
  const { quick, kernelSet } = context;
  const epochs = epochsOf(context);
  const numpy = findPythonLibrary("numpy");
  // As the chapter's listing: float64 whatever ours is, and evaluated by 100.
  const listing = numpy?.epochs("float64", {
    images: CHAPTER_IMAGES,
    warmUp: 1,
    epochs: quick ? 1 : 3,
    evaluationBatch: 100,
  });
  const listingSeconds = () =>
    epochs *
    medianOf(context, "NumPy", ({ epoch, evaluation }) => epoch + evaluation * EVALUATED_PER_TRAINED);
  const limitSeconds = (dtype) =>
    flopOfRun(epochs) / medianOf(context, "limit", (gflops) => gflops[dtype]) / 1e9;
  const seconds = (dtype) => medianOf(context, runName(dtype), (run) => run.seconds);
  const ofLimit = { float32: 0.9, float64: 0.85 };
  const asFast = kernelSet === "avx512" ? { float32: 7, float64: 3.8 } : { float32: 8, float64: 4.5 };
  return {
    trials: {
      limit: ours("limit", {}),
      ...Object.fromEntries(DTYPES.map((dtype) => [runName(dtype), chapterRun(context, dtype)])),
      ...(listing && { NumPy: listing }),
    },
    rows: DTYPES.flatMap((dtype) => [
      {
        what: `${dtype}: ${epochs} epochs, process start to exit / dense limit`,
        measure: () => seconds(dtype) / limitSeconds(dtype),
        atMost: ofLimit[dtype],
        note: () => `${seconds(dtype).toFixed(2)} s, limit ${limitSeconds(dtype).toFixed(2)} s`,
      },
      {
        what: `${dtype}: times as fast as the chapter's listing in NumPy, its loop alone`,
        measure: () => listingSeconds() / seconds(dtype),
        atLeast: asFast[dtype],
        digits: 1,
        note: () => `NumPy ${numpy.version}: ${listingSeconds().toFixed(1)} s`,
        ...(numpy === null && {
          skipped: "there is no python3 with numpy; install it: apt-get install python3-numpy",
        }),
      },
    ]),
  };
}

/** @param {Context} context */
function minibatches(context) {
  const hiddenUnits = [50, 512];
  const step = (hidden, threads) => stepOf(context, { hidden, threads, batchSize: 100 });
  const steps = hiddenUnits.map((hidden) => ({ hidden, two: step(hidden, 2), one: step(hidden, 1) }));
  const [chapter] = steps;
  return {
    trials: trialsOf(steps.flatMap(({ two, one }) => [two, one])),
    rows: [
      {
        what: "a minibatch of 100 on two threads, 784-50-10, float32",
        measure: chapter.two.microseconds,
        atMost: context.kernelSet === "avx512" ? 60 : 70,
        unit: "µs",
        digits: 1,
      },
      ...steps.map(({ hidden, two, one }) => ({
        what: `two threads / one, 784-${hidden}-10`,
        measure: () => one.microseconds() / two.microseconds(),
        atLeast: hidden === 50 ? 1.6 : 1.8,
        note: () => `${one.microseconds().toFixed(1)} µs and ${two.microseconds().toFixed(1)} µs`,
      })),
    ],
  };
}

/** @param {Context} context */
function fewImages(context) {
  const [one, ten] = [1, 10].map((batchSize) => stepOf(context, { hidden: 50, batchSize }));
  const row = { unit: "µs", digits: 2 };
  return {
    trials: trialsOf([one, ten]),
    rows: [
      { ...row, what: "a step on one image, 784-50-10, float32", measure: one.microseconds, atMost: 12 },
      { ...row, what: "a step on ten images, for each", measure: () => ten.microseconds() / 10, atMost: 2 },
    ],
  };
}

/** @param {Context} context */
function startUp(context) {
  const { mnist } = context;
  const first = "to the first minibatch";
  const compiling = ({ epochs }) => {
    const seconds = epochs.map((epoch) => epoch.seconds);
    const later = median(seconds.slice(FIRST_EPOCHS));
    return seconds.slice(0, FIRST_EPOCHS).reduce((sum, time) => sum + time - later, 0);
  };
  return {
    trials: {
      [first]: () => secondsToFirstStep(mnist()),
      [runName("float32")]: chapterRun(context, "float32"),
    },
    rows: [
      {
        what: "process start to the end of the first minibatch",
        measure: () => medianOf(context, first),
        atMost: 0.35,
        unit: "s",
      },
      {
        what: `what the first ${FIRST_EPOCHS} epochs cost more than later ones, float32`,
        measure: () => medianOf(context, runName("float32"), compiling),
        atMost: 0.2,
        unit: "s",
      },
    ],
  };
}

/** @param {Context} context */
function products(context) {
  const { programs, missing } = productPrograms(context.quick ? 5 : 15);
  const [mine, ...rivals] = Object.keys(programs);
  if (rivals.length === 0) {
    const skipped = `${missing.join(" ")} Install the rivals: apt-get install libopenblas-dev libblis-dev`;
    return {
      trials: {},
      rows: [{ what: "products: ours / best rival", atLeast: 0.97, skipped }],
    };
  }
  const rate = (name, dtype, shape) => medianOf(context, name, (rates) => rates[dtype][shape]);
  const best = (dtype, shape) =>
    rivals
      .map((name) => ({ name, gflops: rate(name, dtype, shape) }))
      .reduce((a, b) => (b.gflops > a.gflops ? b : a));
  const ratio = (dtype, shape) => rate(mine, dtype, shape) / best(dtype, shape).gflops;
  const shapes = ALL_SHAPES.map(nameOf);
  return {
    trials: programs,
    rows: DTYPES.flatMap((dtype) => [
      ...shapes.map((shape) => ({
        what: `${dtype}, ${shape}: ours / best rival`,
        measure: () => ratio(dtype, shape),
        atLeast: 0.97,
        note: () => {
          const { name, gflops } = best(dtype, shape);
          return `${rate(mine, dtype, shape).toFixed(0)} GFLOP/s, ${name} ${gflops.toFixed(0)}`;
        },
      })),
      {
        what: `${dtype}, geometric mean: ours / best rival`,
        measure: () => geometricMean(shapes.map((shape) => ratio(dtype, shape))),
        atLeast: 1.05,
        note: () => ["of", rivals.join(" and "), ...missing].join(" "),
      },
    ]),
  };
}

/** @param {Context} context */
function memory(context) {
  const lists = (name, settings, skipped) => ({
    name: `lists of ${name}`,
    run: ours("ink", settings),
    row: {
      what: `${name}: lists of ink`,
      measure: () => (only(context, `lists of ${name}`).listed ? "some" : "none"),
      wanted: "none",
      ...(skipped && { skipped }),
    },
  });
  const images = [
    lists("70,000 images of noise", {}),
    lists(
      "Fashion-MNIST",
      { directory: FASHION },
      !existsSync(FASHION) && `there is no ${FASHION}; install it: apt-get install dataset-fashion-mnist`,
    ),
  ];
  return {
    trials: { [runName("float32")]: chapterRun(context, "float32") },
    once: trialsOf(images.filter(({ row }) => row.skipped === undefined)),
    rows: [
      {
        what: "the chapter's run, float32: most memory at a time",
        measure: () => medianOf(context, runName("float32"), ({ peakMemory }) => peakMemory / MIB),
        below: 200,
        unit: "MiB",
        digits: 0,
      },
      ...images.map(({ row }) => row),
    ],
  };
}

/** @param {Context} context */
function sameBits(context) {
  const { quick, mnist } = context;
  const epochs = 2;
  const name = (dtype, threads) => `weights, ${dtype}, ${threads} threads`;
  const replayed = quick ? 5 : 50;
  // Of the whole run there are 3 splits, 2 initial weights and the test; of an epoch 2 evaluations.
  const comparisons = 5 + 2 * replayed + (quick ? 0 : 1);
  const replay = "reproduce";
  return {
    trials: {},
    once: {
      ...Object.fromEntries(
        DTYPES.flatMap((dtype) =>
          [1, 2].map((threads) => [
            name(dtype, threads),
            () => ours("weights", { mnist: mnist(), dtype, threads, epochs })(),
          ]),
        ),
      ),
      [replay]: () => reproduceRun(mnist(), ["--epochs", String(replayed)]),
    },
    rows: [
      ...DTYPES.map((dtype) => ({
        what: `${dtype}: weights after ${epochs} epochs on one and on two threads`,
        measure: () =>
          only(context, name(dtype, 1)) === only(context, name(dtype, 2)) ? "the same bits" : "other bits",
        wanted: "the same bits",
      })),
      {
        what: `reproduce, ${replayed} epochs`,
        measure: () => {
          const { made, agree } = only(context, replay);
          return `${agree} of ${made} agree`;
        },
        wanted: `${comparisons} of ${comparisons} agree`,
      },
    ],
  };
}

/** @param {Context} context */
function oneImage(context) {
  const name = "a predictor's answers";
  const calls = context.quick ? 20_000 : 200_000;
  const microseconds = (which) => medianOf(context, name, (latency) => latency[which]);
  return {
    trials: { [name]: ours("prediction", { calls }) },
    rows: [
      {
        what: "a predictor's answer for one image, 784-50-10, float32, median",
        measure: () => microseconds("p50"),
        atMost: 15,
        unit: "µs",
        digits: 1,
        note: () => `99th percentile ${microseconds("p99").toFixed(1)} µs`,
      },
    ],
  };
}
