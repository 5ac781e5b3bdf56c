import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { batches } from "../../src/data/minibatches.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import { SGD } from "../../src/optim/sgd.js";
import { RandomState } from "../../src/random/random-state.js";
import { fit } from "../../src/training/fit.js";
import { quarters } from "./datasets.js";

describe("a loop of one's own", () => {
  it("over batches trains as fit does, bit for bit", async () => {
    const dataset = quarters(7);
    const backend = createJavaScriptBackend();
    const create = () => new MultilayerPerceptron({ layers: [16, 3, 4], backend });
    const [own, fitted] = [create(), create()];
    const slots = own.createSlots(2);
    const optimizer = new SGD();
    const shuffle = new RandomState(123);
    for (let epoch = 0; epoch < 3; epoch++) {
      for (const batch of batches(dataset, { batchSize: 2, shuffle }))
        own.trainStep(batch, slots, optimizer, 0.1);
    }
    await fit(fitted, dataset, { epochs: 3, batchSize: 2 });
    expect(own.denseLayers[0]?.weight.data).toEqual(fitted.denseLayers[0]?.weight.data);
    expect(own.denseLayers[1]?.bias.data).toEqual(fitted.denseLayers[1]?.bias.data);
  });
});
