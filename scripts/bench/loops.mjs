// A training loop of one's own against `fit`.
import { batches, listInk, MultilayerPerceptron, RandomState, SGD } from "mnist-native";
import { median } from "./measure.mjs";
import { epochTimes } from "./training.mjs";

const BATCH_SIZE = 100;
const RATE = 0.1;

/**
 * Median seconds of an epoch of the chapter's network: by `fit`, by `trainStep` in a loop of one's own, and by forward,
 * backward and step there. The three take turns, and the first epochs of each do not count.
 *
 * @param {import("mnist-native").Backend} backend
 * @param {import("mnist-native").Dataset} dataset
 * @returns {Promise<Record<"fit" | "trainStep" | "apart", number>>}
 */
export async function benchmarkLoops(backend, dataset, { epochs, warmUp = 3 }) {
  const network = () => new MultilayerPerceptron({ backend });
  const ink = listInk(dataset, { backend }); // As `fit` does by itself.
  const own = (step) => {
    const it = network();
    const slots = it.createSlots(BATCH_SIZE);
    const optimizer = new SGD();
    const shuffle = new RandomState(123);
    return async () => {
      const start = performance.now();
      for (const batch of batches(dataset, { batchSize: BATCH_SIZE, shuffle, ink })) {
        step(it, batch, slots, optimizer);
      }
      return (performance.now() - start) / 1000;
    };
  };
  const candidates = {
    fit: epochOfFit(network(), dataset),
    trainStep: own((it, batch, slots, optimizer) => it.trainStep(batch, slots, optimizer, RATE)),
    apart: own((it, batch, slots, optimizer) => {
      it.forward(batch.x, slots);
      it.backward(batch, slots);
      optimizer.step(it.parameters, RATE);
    }),
  };
  const times = Object.fromEntries(Object.keys(candidates).map((name) => [name, []]));
  for (let epoch = 0; epoch < warmUp + epochs; epoch++) {
    for (const [name, run] of Object.entries(candidates)) {
      const seconds = await run();
      if (epoch >= warmUp) times[name].push(seconds);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
}

function epochOfFit(network, dataset) {
  return async () => {
    const [{ epoch }] = await epochTimes(network, dataset, {
      epochs: 1,
      batchSize: BATCH_SIZE,
      learningRate: RATE,
    });
    return epoch;
  };
}
