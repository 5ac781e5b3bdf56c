import { selectBackend } from "../../src/backend/select.js";
import { type DataChoice, dataSettings, openData } from "../../src/data/open-data.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { MultilayerPerceptronOptions } from "../../src/nn/mlp-options.js";
import { Adam } from "../../src/optim/adam.js";
import { describeData, describeEnvironment } from "../../src/runs/environment.js";
import { recordRun } from "../../src/runs/record-run.js";
import { evaluate } from "../../src/training/evaluate.js";
import { fit as train } from "../../src/training/fit.js";
import type { EpochMetrics } from "../../src/training/history.js";
import { scoreValues } from "../../src/training/score-values.js";

/** A run of a network of any kind, kept in a folder as `train` keeps it. */
export async function keepRun(
  folder: string,
  choice: DataChoice,
  network: Pick<MultilayerPerceptronOptions, "layers" | "loss" | "alpha">,
  { epochs = 20, batchSize = 20, learningRate = 0.01 } = {},
): Promise<readonly EpochMetrics[]> {
  const data = await openData(choice);
  const backend = selectBackend({ threads: 1 });
  const perceptron = new MultilayerPerceptron({ ...network, backend });
  const { validation, test } = data.parts;
  const { inputs, layers, loss: ofTraining } = perceptron.specification;
  const settings = { inputs, layers, loss: ofTraining, epochs, batchSize, learningRate, seed: 123 };
  const recorder = await recordRun(folder, {
    config: { ...dataSettings(choice, data), ...settings },
    environment: describeEnvironment(backend, "float32", "0"),
    data: describeData(data),
    force: true,
  });
  const options = { epochs, batchSize, learningRate, validation, optimizer: new Adam() };
  const history = await train(perceptron, data.parts.train, options);
  await recorder.keepMetrics(history.epochs);
  const { loss, accuracy, correct, count } = await evaluate(perceptron, test);
  const scores = await scoreValues(perceptron, test);
  await recorder.keepResult(perceptron, history.epochs, {
    testLoss: loss,
    testAccuracy: accuracy,
    testCorrect: correct,
    testCount: count,
    ...(scores !== null && { testScores: scores }),
    seconds: 1,
    epochs,
    interrupted: false,
  });
  recorder.close();
  await data.close();
  return history.epochs;
}
