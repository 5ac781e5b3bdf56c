import { describe, expect, it } from "vitest";
import type { Backend, DType } from "../../src/backend/backend.js";
import { MultilayerPerceptron } from "../../src/nn/mlp.js";
import type { Parameter } from "../../src/tensor/parameter.js";
import { fit } from "../../src/training/fit.js";
import { predict } from "../../src/training/predict.js";
import { nativeBackend, nativeSkipReason } from "../support/backends.js";
import { dtypes, sameBytes } from "../support/guarded-memory.js";
import { randomDataset } from "./datasets.js";

const one = nativeBackend(1);
const title = "training gives the same bits on any number of threads";

describe.skipIf(one === null)(one === null ? `${title}, skipped: ${nativeSkipReason}` : title, () => {
  // Large enough for every product of an epoch to be split, with a short minibatch at the end.
  const train = randomDataset(4000, 28);
  const validation = randomDataset(700, 28, 10, 2);

  const run = async (dtype: DType, create: (() => Backend) | null) => {
    if (create === null) throw new Error("There is no native backend.");
    const network = new MultilayerPerceptron({ layers: [784, 64, 10], dtype, backend: create() });
    const { epochs } = await fit(network, train, { epochs: 3, batchSize: 256, validation });
    return { network, losses: epochs.map(({ trainLoss, validLoss }) => [trainLoss, validLoss]) };
  };

  describe.each(dtypes)("%s", (dtype) => {
    it.each([2, 3])("%i threads as one", async (threads) => {
      const expected = await run(dtype, one);
      const actual = await run(dtype, nativeBackend(threads));
      expect(actual.losses).toEqual(expected.losses);
      for (const [i, { value }] of actual.network.parameters.entries()) {
        expect(sameBytes(value.data, (expected.network.parameters[i] as Parameter).value.data)).toBe(true);
      }
      const batchSize = 700;
      const outputs = await predict(actual.network, validation, { batchSize });
      expect(outputs).toEqual(await predict(expected.network, validation, { batchSize }));
    });
  });
});
