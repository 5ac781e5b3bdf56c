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

/** Seconds of a step of 784-width-10 over so many rows, without any sum, while the other ranks do the same. */
async function timeSteps({ width, rows }) {
  const dataset = imageLike(rows);
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
  };
  const times = { alone: [], shared: [] };
  const end = performance.now() + seconds * 1000;
  for (let round = 0; round < 5 || performance.now() < end; round++) {
    for (const [way, step] of Object.entries(ways)) {
      const start = performance.now();
      for (const batch of epoch()) step(batch);
      if (round > 1) times[way].push((performance.now() - start) / 1000);
    }
  }
  return { width, rows, alone: await agree(median(times.alone)), shared: await agree(median(times.shared)) };
}

/** Seconds of a step of a training, by `fit`, in whole: what is evaluated after an epoch apart. */
async function timeTraining({ width, batchSize, count }) {
  const dataset = imageLike(batchSize * count);
  const network = new MultilayerPerceptron({ layers: [784, width, 10], seed: 1, backend });
  const epochs = [];
  let steps = 0;
  let began = 0;
  const watch = {
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
