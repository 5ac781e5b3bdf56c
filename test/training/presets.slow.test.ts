import { describe, expect, it } from "vitest";
import { subset } from "../../src/data/dataset.js";
import { loadMnist } from "../../src/data/readers/mnist.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { dense } from "../../src/nn/specification.js";
import { AdamW } from "../../src/optim/adamw.js";
import { evaluate } from "../../src/training/evaluate.js";
import { fit } from "../../src/training/fit.js";
import { MODERN } from "../../src/training/presets.js";
import { cosine } from "../../src/training/schedules/cosine.js";
import { mnistDirectory } from "../support/mnist.js";

describe("the preset modern", () => {
  it("is a plain object, which a configuration file can hold", () => {
    expect(JSON.parse(JSON.stringify(MODERN))).toEqual(MODERN);
  });

  it.skipIf(mnistDirectory === null)("learns 20,000 images of MNIST in three epochs", async () => {
    const { train, test } = await loadMnist({ directory: mnistDirectory ?? "", split: "official" });
    const { hiddenLayers, outputActivation, loss, batchSize, augment } = MODERN;
    const { type: _optimizer, ...optimizerOptions } = MODERN.optimizer;
    const { type: _schedule, peak, ...scheduleOptions } = MODERN.learningRate;
    const network = new MultilayerPerceptron({
      layers: [784, ...hiddenLayers, dense(10, outputActivation)],
      loss,
      seed: 1,
    });
    await fit(network, subset(train, train.rows.subarray(0, 20_000)), {
      epochs: 3,
      batchSize,
      optimizer: new AdamW(optimizerOptions),
      learningRate: cosine(peak, scheduleOptions),
      augment,
    });
    const { accuracy } = await evaluate(network, test);
    expect(accuracy).toBeGreaterThan(0.975);
  });
});
