// Which settings are best? A sweep tries them: here of a small network that tells drawn digits apart. Twelve combinations are drawn at
// random, all begin with one epoch, and a third of them goes on each time. Run it again with the same folder: it goes on where it was, and
// what has been trained is not trained again.
import { dense, fit, loadSynthetic, MultilayerPerceptron, SGD } from "mnist-native";
import { formatResults, sweep } from "mnist-native/sweeps";

const [folder] = process.argv.slice(2);
const { train, validation } = await loadSynthetic({ count: 1500 });

const { best, trials, results } = await sweep({
  space: {
    learningRate: { distribution: "logUniform", min: 0.001, max: 0.3 },
    momentum: { values: [0, 0.9] },
    units: { distribution: "integer", min: 4, max: 40 },
  },
  search: { type: "random", trials: 12, seed: 1 },
  halving: { type: "synchronous", maxEpochs: 9 },
  mode: "max",
  ...(folder !== undefined && { folder }),
  async objective({ settings, seed, epochs, signal }) {
    const { learningRate, momentum, units } = settings;
    const network = new MultilayerPerceptron({
      layers: [train.features.width, dense(units, "relu"), dense(10, "softmax")],
      seed,
    });
    const optimizer = new SGD({ momentum });
    const history = await fit(network, train, {
      optimizer,
      learningRate,
      epochs,
      validation,
      batchSize: 50,
      signal,
    });
    return { value: history.epochs.at(-1).validAccuracy, figures: { loss: history.epochs.at(-1).validLoss } };
  },
  onOutcome({ trial, epochs, value }) {
    console.log(
      `Trial ${trial} after ${epochs} epochs: ${value === null ? "diverged" : `${(100 * value).toFixed(1)} %`}`,
    );
  },
});

console.log(`\n${formatResults(results)}`);
if (best === undefined) throw new Error("All trials have failed.");
const { learningRate, momentum, units } = best.settings;
console.log(
  `Best of ${trials.length}: ${(100 * best.value).toFixed(1)} %, by a learning rate of ${learningRate.toFixed(3)}, momentum ${momentum} and ${units} units.`,
);
