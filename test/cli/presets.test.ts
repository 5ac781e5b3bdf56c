import { expect, it } from "vitest";
import { readTrainingSettings } from "../../src/cli/options/training-settings.js";
import { dense } from "../../src/nn/specification.js";
import { stackLayers } from "../../src/runs/stack.js";
import { MODERN } from "../../src/training/presets.js";

it("--preset modern is the recipe of the library", async () => {
  const settings = await readTrainingSettings({ preset: "modern" });
  const { hiddenLayers, outputActivation, loss, optimizer, learningRate, batchSize, epochs, augment } =
    MODERN;
  const recipe = hiddenLayers.map((layer) => (layer.type === "dense" ? dense(layer.units) : layer));
  expect(stackLayers(settings.stack, 10)).toEqual([...recipe, dense(10, outputActivation)]);
  const { peak, ...schedule } = learningRate;
  expect(settings).toMatchObject({
    loss,
    optimizer,
    schedule,
    learningRate: peak,
    batchSize,
    epochs,
    augment,
  });
});
