// Sweeps of all kinds, each over within seconds.

/** @param {{ mnist: string, table: string }} data As writeData tells them. */
export function sweepsOf({ mnist, table }) {
  const train = { dataDir: mnist, epochs: 2, hidden: [6], activation: "relu", loss: "crossEntropy" };
  const rates = { distribution: "logUniform", min: 0.001, max: 0.1 };
  return [
    {
      name: "grid",
      config: {
        train,
        // Some diverge, and some cannot be.
        parameters: { learningRate: { values: [0.05, 1e30] }, optimizer: { values: ["adam", "lbfgs"] } },
      },
    },
    {
      name: "random",
      config: {
        train: {
          table,
          targetColumn: "side",
          task: "classify",
          epochs: 3,
          hidden: [5],
          earlyStopping: { patience: 1 },
        },
        parameters: { learningRate: rates, batchSize: { distribution: "integer", min: 5, max: 40 } },
        search: { type: "random", trials: 3, seed: 3 },
        seeds: [1, 2],
      },
    },
    {
      name: "halving",
      config: {
        train: { ...train, epochs: 4 },
        parameters: { learningRate: rates },
        search: { type: "random", trials: 2 },
        seeds: [1, 2],
        halving: { type: "synchronous", factor: 2 },
      },
    },
    {
      name: "asynchronous",
      isAsynchronous: true,
      config: {
        train: { ...train, epochs: 4 },
        parameters: { learningRate: rates },
        search: { type: "random", trials: 5 },
        halving: { type: "asynchronous", factor: 2 },
      },
    },
  ];
}
