// Two runs of a large network on 1,000 of MNIST's training images, for the figure on overfitting: one without and one with dropout and L2.
import { selectBackend } from "../dist/backend/select.js";
import { subset } from "../dist/data/dataset.js";
import { openData } from "../dist/data/open-data.js";
import { MultilayerPerceptron } from "../dist/nn/mlp.js";
import { dense, dropout } from "../dist/nn/specification.js";
import { Adam } from "../dist/optim/adam.js";
import { describeData, describeEnvironment } from "../dist/runs/environment.js";
import { recordRun } from "../dist/runs/record-run.js";
import { evaluate } from "../dist/training/evaluate.js";
import { fit } from "../dist/training/fit.js";

const SETTINGS = { epochs: 40, batchSize: 50, learningRate: 0.001, seed: 123 };
const COUNT = 1000;

/**
 * @param {(name: string) => string} folderOf The folder of a run, by its name.
 * @param {string | undefined} dataDir The folder with MNIST.
 */
export async function trainOnFewImages(folderOf, dataDir) {
  const data = await openData(dataDir === undefined ? { dataset: "mnist" } : { dataDir });
  const { validation, test } = data.parts;
  const train = subset(data.parts.train, data.parts.train.rows.slice(0, COUNT));
  const parts = { train, validation, test };
  const hidden = [dense(512, "relu"), dense(512, "relu")];
  const networks = {
    plain: { layers: [784, ...hidden, dense(10, "softmax")] },
    "dropout and L2": {
      layers: [784, ...hidden.flatMap((layer) => [layer, dropout(0.5)]), dense(10, "softmax")],
      alpha: 0.02,
    },
  };
  const backend = selectBackend();
  for (const [name, options] of Object.entries(networks)) {
    const network = new MultilayerPerceptron({ ...options, backend });
    const recorder = await recordRun(folderOf(name), {
      config: { layers: network.sizes, ...SETTINGS },
      environment: describeEnvironment(backend, "float32", "docs"),
      data: describeData({ parts }),
      network: network.specification,
      force: true,
    });
    const { epochs, batchSize, learningRate, seed } = SETTINGS;
    const choice = { epochs, batchSize, learningRate, shuffle: seed, validation, optimizer: new Adam() };
    const history = await fit(network, train, choice);
    await recorder.keepMetrics(history.epochs);
    const { loss, accuracy, correct, count } = await evaluate(network, test);
    await recorder.keepResult(network, {
      testLoss: loss,
      testAccuracy: accuracy,
      testCorrect: correct,
      testCount: count,
      seconds: history.epochs.reduce((sum, { seconds }) => sum + seconds, 0),
      interrupted: false,
    });
    recorder.close();
    const { trainAccuracy, validAccuracy } = history.epochs.at(-1);
    console.log(`${name}: ${trainAccuracy} training, ${validAccuracy} validation, ${accuracy} test`);
  }
  await data.close();
}
