// The chapter's run from a program: node examples/train-chapter.mjs FOLDER [EPOCHS]
import { evaluate, fit, formatEpoch, loadMnist, MultilayerPerceptron, saveModel } from "mnist-native";

const [directory, epochsArgument = "50"] = process.argv.slice(2);
if (directory === undefined) {
  console.error("Name the folder with the four MNIST files: node examples/train-chapter.mjs FOLDER [EPOCHS]");
  process.exit(2);
}
const epochs = Number(epochsArgument);

const { train, validation, test } = await loadMnist({ directory });
const network = new MultilayerPerceptron({ layers: [784, 50, 10], seed: 123 });

const history = await fit(network, train, {
  epochs,
  batchSize: 100,
  learningRate: 0.1,
  validation,
  onEpochEnd: (metrics) => console.log(formatEpoch(metrics, epochs)),
});

const { accuracy, correct, count } = await evaluate(network, test);
console.log(
  `Test accuracy after ${history.epochs.length} epochs: ${(accuracy * 100).toFixed(2)}% (${correct} of ${count})`,
);
await saveModel("chapter.safetensors", network);
