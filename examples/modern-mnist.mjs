// The preset `modern` from a program: node examples/modern-mnist.mjs FOLDER [EPOCHS]
// FOLDER holds MNIST's four files, or those of Fashion-MNIST.
import {
  AdamW,
  cosine,
  dense,
  evaluate,
  fit,
  formatEpoch,
  loadMnist,
  MODERN,
  MultilayerPerceptron,
  saveModel,
} from "mnist-native";

const [directory, epochsArgument = String(MODERN.epochs)] = process.argv.slice(2);
if (directory === undefined) {
  console.error("Name the folder with the four MNIST files: node examples/modern-mnist.mjs FOLDER [EPOCHS]");
  process.exit(2);
}
const epochs = Number(epochsArgument);
const { hiddenLayers, outputActivation, loss, batchSize, augment } = MODERN;
const { type: _optimizer, ...optimizerOptions } = MODERN.optimizer;
const { type: _schedule, peak, ...scheduleOptions } = MODERN.learningRate;

const { train, validation, test } = await loadMnist({ directory, split: "official" });
const network = new MultilayerPerceptron({
  layers: [784, ...hiddenLayers, dense(10, outputActivation)],
  loss,
  seed: 1,
});

await fit(network, train, {
  epochs,
  batchSize,
  optimizer: new AdamW(optimizerOptions),
  learningRate: cosine(peak, scheduleOptions),
  augment,
  validation,
  onEpochEnd: (metrics) => console.log(formatEpoch(metrics, epochs)),
});

const { accuracy, correct, count } = await evaluate(network, test);
console.log(`Test accuracy: ${(accuracy * 100).toFixed(2)}% (${correct} of ${count})`);
await saveModel("modern.safetensors", network);
