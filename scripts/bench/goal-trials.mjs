// Trials that several goals share, and what they gave.
import { median } from "./measure.mjs";
import { ours } from "./rivals.mjs";
import { wholeRun } from "./runs.mjs";
import { CHAPTER_IMAGES } from "./training.mjs";

/**
 * @typedef {{
 *   quick: boolean,
 *   mnist: () => string,
 *   kernelSet: string,
 *   results: Record<string, { value?: any, error?: Error }[]>,
 * }} Context `mnist` gives the folder, or throws. `results` has what each trial gave in every round, once the trials are over.
 */

/** @param {Context} context */
export function epochsOf({ quick }) {
  return quick ? 5 : 50;
}

export function runName(dtype) {
  return `whole run, ${dtype}`;
}

/** The chapter's run as `train` makes it. @param {Context} context */
export function chapterRun(context, dtype) {
  const args = ["--epochs", String(epochsOf(context)), "--dtype", dtype];
  return () => wholeRun(context.mnist(), args);
}

/**
 * A step of training in float32 on MNIST, steady: in epochs after those of the warm-up.
 *
 * @param {Context} context
 */
export function stepOf(context, { hidden, batchSize, threads }) {
  const { quick, mnist } = context;
  const name = `784-${hidden}-10, minibatches of ${batchSize}${threads === undefined ? "" : `, threads: ${threads}`}`;
  const settings = {
    backend: "native",
    dtype: "float32",
    layers: [784, hidden, 10],
    batchSize,
    threads,
    ...(quick ? { warmUp: 1, epochs: 2 } : { warmUp: 3, epochs: 5 }),
  };
  return {
    name,
    run: () => ours("epochs", { mnist: mnist(), ...settings })(),
    microseconds: () =>
      (medianOf(context, name, ({ epoch }) => epoch) * 1e6) / Math.ceil(CHAPTER_IMAGES / batchSize),
  };
}

/** @param {readonly { name: string, run: () => unknown }[]} all */
export function trialsOf(all) {
  return Object.fromEntries(all.map(({ name, run }) => [name, run]));
}

/** What a trial gave in every round. @param {Context} context */
function valuesOf({ results }, name) {
  return results[name].map(({ value, error }) => {
    if (error !== undefined) throw error;
    return value;
  });
}

/** @param {Context} context */
export function medianOf(context, name, pick = (value) => value) {
  return median(valuesOf(context, name).map(pick));
}

/** Of a trial that was made once. @param {Context} context */
export function only(context, name) {
  return valuesOf(context, name)[0];
}
