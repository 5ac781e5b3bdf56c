// What bench:scaling runs as a rank, or alone: it measures what argv[2] asks for, and rank 0 prints it as JSON.
import { batches, fit, listInk, MultilayerPerceptron, RandomState, SGD, selectBackend } from "mnist-native";
import { createCommunicator } from "../../dist/communicator/create-communicator.js";
import { median } from "./measure.mjs";
import { imageLike } from "./training.mjs";

const { threads, sums = [], steps = [], trainings = [], seconds } = JSON.parse(process.argv[2]);
const communicator = await createCommunicator();
const { rank, size, name } = communicator;
const backend = selectBackend({ backend: "native", threads });
const RATE = 1e-3;
/** Minibatches of a timed epoch: so many rows that none is in the processor's cache from the last time. */
const minibatchesOf = (rows) => Math.max(4, Math.min(20, Math.ceil(2000 / rows)));

const result = { name, sums: [], steps: [], trainings: [] };
for (const bytes of sums) result.sums.push(await timeSum(bytes));
for (const step of steps) result.steps.push(await timeSteps(step));
for (const training of trainings) result.trainings.push(await timeTraining(training));
if (rank === 0) console.log(JSON.stringify(result));
communicator.close();

/** Seconds of a sum of so many bytes, the median over repetitions; the first tenth, in which memory is fetched, does not count. */
async function timeSum(bytes) {
  const data = new Float32Array(bytes / 4);
  const start = performance.now();
  await communicator.sum(data);
  await communicator.sum(data);
  const once = await agree((performance.now() - start) / 2000);
  const repetitions = Math.min(500, Math.max(7, Math.ceil(seconds / once)));
  const times = [];
  for (let i = -repetitions / 10; i < repetitions; i++) {
    const began = performance.now();
    await communicator.sum(data);
    if (i >= 0) times.push((performance.now() - began) / 1000);
  }
  return { bytes, seconds: await agree(median(times)) };
}

/**
 * Seconds of a step of 784-width-10 over so many rows while the other ranks do the same: `alone`, `shared` as by one of several but without
 * a sum, and `together` with one. The last tells what a sum costs within a step, to which ranks never come at the same moment.
 */
async function timeSteps({ width, rows }) {
  const count = minibatchesOf(rows);
  const dataset = imageLike(rows * count);
  const ink = listInk(dataset, { backend });
  const network = new MultilayerPerceptron({ layers: [784, width, 10], backend });
  const slots = network.createSlots(rows);
  const optimizer = new SGD();
  const epoch = () => batches(dataset, { batchSize: rows, shuffle: new RandomState(1), ink });
  const ways = {
    alone: (batch) => network.trainStep(batch, slots, optimizer, RATE),
    shared: (batch) => {
      network.forward(batch.x, slots);
      network.backward(batch, slots);
      optimizer.step(network.parameters, RATE);
    },
    async together(batch) {
      network.forward(batch.x, slots);
      network.backward(batch, slots);
      await communicator.sum(network.gradients);
      optimizer.step(network.parameters, RATE / size);
    },
  };
  const timeEpoch = async (way) => {
    const start = performance.now();
    for (const batch of epoch()) {
      const done = ways[way](batch);
      if (done instanceof Promise) await done;
    }
    return (performance.now() - start) / 1000 / count;
  };
  const first = await agree(await timeEpoch("together"));
  // The same number on all ranks, as each must come to every sum.
  const rounds = Math.min(200, Math.max(5, Math.ceil(seconds / (3 * count * first))));
  const medians = [];
  for (const way of Object.keys(ways)) {
    const times = [];
    for (let round = 0; round < rounds; round++) times.push(await timeEpoch(way));
    medians.push([way, await agree(median(times.slice(1)))]);
  }
  return { width, rows, ...Object.fromEntries(medians) };
}

/** Seconds of a step of a training, by `fit`, in whole: what is evaluated after an epoch apart. */
async function timeTraining({ width, batchSize, count }) {
  const dataset = imageLike(batchSize * count);
  const network = new MultilayerPerceptron({ layers: [784, width, 10], seed: 1, backend });
  const epochs = [];
  let steps = 0;
  let began = 0;
  const watch = {
    readsGradients: false, // A process alone updates while it sums, as without anybody who watches.
    onEpochBegin: () => {
      began = performance.now();
      steps = 0;
    },
    onStepEnd: () => {
      if (++steps === count) epochs.push((performance.now() - began) / 1000 / count);
    },
  };
  const options = { epochs: 5, batchSize, learningRate: RATE, callbacks: [watch] };
  await fit(network, dataset, size === 1 ? options : { ...options, communicator });
  return { width, batchSize, seconds: await agree(median(epochs.slice(2))) };
}

/** The mean over all ranks. */
async function agree(value) {
  const sum = Float64Array.of(value);
  await communicator.sum(sum);
  return sum[0] / size;
}
