// What people train today, each a recipe that any library can follow: layers, loss, optimizer, minibatches. A rival's program gets one
// as JSON.

const relu = (units) => ({ type: "dense", units, activation: "relu" });
const linear = (units) => ({ type: "dense", units });
const adam = { type: "adam", learningRate: 0.001 };

const PLAIN = [relu(512), relu(256)];
/** As usual: normalised before the activation, dropped out after it. */
const normalized = (units) => [
  linear(units),
  { type: "batchNormalization" },
  { type: "activation", activation: "relu" },
  { type: "dropout", rate: 0.2 },
];

/**
 * @typedef {object} Recipe
 * @property {string} name
 * @property {number} inputs
 * @property {readonly object[]} hidden The layers between, as plain objects.
 * @property {number} outputs
 * @property {"crossEntropy" | "squaredError"} loss Averaged over the examples, and over the outputs.
 * @property {{ type: "adam" | "sgd", learningRate: number, momentum?: number }} optimizer
 * @property {number} batchSize
 * @property {number} [rows] Of a table of random numbers. Without it the examples are MNIST's.
 * @property {number} wanted Times as fast as PyTorch, to be reached.
 */

/** @type {readonly Recipe[]} */
export const RECIPES = [
  { name: "784-512-256-10, Adam, batch 32", hidden: PLAIN, optimizer: adam, batchSize: 32, wanted: 2 },
  { name: "784-512-256-10, Adam, batch 128", hidden: PLAIN, optimizer: adam, batchSize: 128, wanted: 1.7 },
  { name: "784-512-256-10, Adam, batch 512", hidden: PLAIN, optimizer: adam, batchSize: 512, wanted: 1.4 },
  {
    name: "the same with batch normalisation and dropout 0.2, batch 128",
    hidden: [...normalized(512), ...normalized(256)],
    optimizer: adam,
    batchSize: 128,
    wanted: 2.5,
  },
  {
    name: "784-512-512-10, SGD with momentum, batch 128",
    hidden: [relu(512), relu(512)],
    optimizer: { type: "sgd", learningRate: 0.05, momentum: 0.9 },
    batchSize: 128,
    wanted: 1.5,
  },
  {
    name: "a table, 30-64-64-1, squared error, Adam, batch 32",
    inputs: 30,
    hidden: [relu(64), relu(64)],
    outputs: 1,
    loss: "squaredError",
    optimizer: adam,
    batchSize: 32,
    rows: 20_000,
    wanted: 5,
  },
].map((recipe) => ({ inputs: 784, outputs: 10, loss: "crossEntropy", ...recipe }));
