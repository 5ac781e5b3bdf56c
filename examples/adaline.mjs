// One linear unit that tells two digits apart, by the chapter's Adaline: node examples/adaline.mjs FOLDER [DIGIT DIGIT]
import { createDataset, evaluate, fit, loadMnist, MultilayerPerceptron, squaredError } from "mnist-native";

const [directory, ...digits] = process.argv.slice(2);
if (directory === undefined) {
  console.error("Name the folder with the four MNIST files: node examples/adaline.mjs FOLDER [DIGIT DIGIT]");
  process.exit(2);
}
const [no = 3, yes = 8] = digits.map(Number);

/** The images of both digits alone; the labels become 0 and 1. */
function select({ features, targets, rows }) {
  const labels = targets.labels.map((label) => (label === yes ? 1 : 0));
  const all = createDataset({ images: features.data, labels, imageShape: features.imageShape, classes: 2 });
  return { ...all, rows: rows.filter((row) => [no, yes].includes(targets.labels[row])) };
}

const { train, test } = await loadMnist({ directory });
const [training, testing] = [select(train), select(test)];

for (const batchSize of [training.rows.length, 1]) {
  const network = new MultilayerPerceptron({
    layers: [784, { type: "dense", units: 1, activation: "identity", initializer: "zeros" }],
    loss: squaredError(),
  });
  console.log(batchSize === 1 ? "One image a step:" : "All images in each step:");
  await fit(network, training, {
    epochs: batchSize === 1 ? 3 : 60,
    batchSize,
    learningRate: batchSize === 1 ? 0.0001 : 0.001,
    onEpochEnd: ({ epoch, trainLoss }) => {
      if (epoch % 20 === 0 || batchSize === 1) console.log(`  epoch ${epoch}: loss ${trainLoss.toFixed(4)}`);
    },
  });
  const { accuracy, correct, count } = await evaluate(network, testing);
  console.log(`  test accuracy ${(accuracy * 100).toFixed(2)}% (${correct} of ${count})`);
}
