import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FileAccessError, ModelFormatError } from "../../src/errors.js";
import { MLPClassifier } from "../../src/estimators/mlp-classifier.js";
import { MLPRegressor } from "../../src/estimators/mlp-regressor.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/formats/safetensors.js";
import { RandomState } from "../../src/random/random-state.js";
import { loadModel } from "../../src/training/model-file.js";
import { predict } from "../../src/training/predict.js";
import { describeOnEveryBackend } from "../support/backends.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { recorded } from "./golden.js";

const flowers = recorded.datasets.flowers as { x: number[][]; y: string[] };
const houses = recorded.datasets.houses as { x: number[][]; y: number[] };
const topics = recorded.datasets.topics as { x: number[][]; y: number[][] };
const small = { hiddenLayerSizes: [6, 5], randomState: 4, maxIter: 6, learningRateInit: 0.02 } as const;

describeOnEveryBackend((create) => {
  describe("an estimator that is saved and loaded", () => {
    it.each([
      { solver: "adam" },
      { solver: "sgd", learningRate: "invscaling" },
      { solver: "sgd", momentum: 0, dtype: "float32" },
      { solver: "adam", dropout: [0.2, 0] },
    ] as const)("predicts the same bits and goes on to them: %j", async (parameters) => {
      const backend = create();
      const path = join(temporaryFolder(), "flowers.safetensors");
      const classifier = new MLPClassifier<string>({ ...small, ...parameters, backend });
      await classifier.fit(flowers.x, flowers.y);
      await classifier.save(path);
      const loaded = await MLPClassifier.load<string>(path, { backend });
      expect(loaded.getParams()).toEqual(classifier.getParams());
      expect(await loaded.predictProba(flowers.x)).toEqual(await classifier.predictProba(flowers.x));
      expect(await loaded.predict(flowers.x)).toEqual(await classifier.predict(flowers.x));
      const facts = (of: typeof classifier) => {
        const { classes, nIter, t, loss, lossCurve, bestLoss, coefs, intercepts, outActivation } = of;
        return { classes, nIter, t, loss, lossCurve, bestLoss, coefs, intercepts, outActivation };
      };
      expect(facts(loaded)).toEqual(facts(classifier));
      for (const one of [classifier, loaded]) {
        for (let i = 0; i < 3; i++) await one.partialFit(flowers.x, flowers.y);
      }
      expect(facts(loaded)).toEqual(facts(classifier));
    });

    it("is as well in JSON, of several labels, of values, and by lbfgs", async () => {
      const backend = create();
      const labels = new MLPClassifier<number[]>({ ...small, earlyStopping: true, backend });
      await labels.fit(topics.x, topics.y);
      const labelsAgain = MLPClassifier.fromJSON<number[]>(JSON.parse(JSON.stringify(labels)), { backend });
      expect(await labelsAgain.predict(topics.x)).toEqual(await labels.predict(topics.x));
      expect(labelsAgain.validationScores).toEqual(labels.validationScores);
      expect([labelsAgain.bestLoss, labelsAgain.bestValidationScore]).toEqual([
        null,
        labels.bestValidationScore,
      ]);
      const values = new MLPRegressor({ ...small, solver: "lbfgs", nIterNoChange: Number.POSITIVE_INFINITY });
      await values.fit(houses.x, houses.y);
      const valuesAgain = MLPRegressor.fromJSON(JSON.parse(JSON.stringify(values)));
      expect(await valuesAgain.predict(houses.x)).toEqual(await values.predict(houses.x));
      expect(valuesAgain.getParams()).toEqual(values.getParams());
    });
  });
});

describe("the file of an estimator", () => {
  it("is a model that loadModel reads", async () => {
    const path = join(temporaryFolder(), "houses.safetensors");
    const regressor = await new MLPRegressor(small).fit(houses.x, houses.y);
    await regressor.save(path);
    const { network, metadata } = await loadModel(path);
    expect(metadata.estimator).toBe("MLPRegressor");
    const features = { kind: "floats", data: Float64Array.from(houses.x.flat()), width: 3 } as const;
    const { activations } = await predict(network, { features, rows: Int32Array.from(houses.y.keys()) });
    expect(Array.from(activations)).toEqual(await regressor.predict(houses.x));
  });

  it("has no generator and no schedule; one that is asked for says so", async () => {
    const path = join(temporaryFolder(), "scheduled.safetensors");
    const regressor = new MLPRegressor({
      ...small,
      randomState: new RandomState(1),
      learningRate: () => 0.01,
    });
    await regressor.fit(houses.x, houses.y);
    await regressor.save(path);
    const loaded = await MLPRegressor.load(path);
    expect(loaded.getParams().randomState).toBeNull();
    expect(await loaded.predict(houses.x)).toEqual(await regressor.predict(houses.x));
    await expect(loaded.partialFit(houses.x, houses.y)).rejects.toThrow(
      "This estimator was saved with a schedule for its learningRate, which no file can hold; give it by setParams({ learningRate }) before it learns on.",
    );
    loaded.setParams({ learningRate: "constant" });
    await expect(loaded.partialFit(houses.x, houses.y)).resolves.toBe(loaded);
  });

  it("of another estimator, of none, or with parts that do not fit, is refused with a sentence", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "houses.safetensors");
    const regressor = await new MLPRegressor(small).fit(houses.x, houses.y);
    await regressor.save(path);
    await expect(MLPClassifier.load(path)).rejects.toThrow(
      `${path} does not hold an MLPClassifier: it holds an "MLPRegressor".`,
    );
    await expect(MLPRegressor.load(join(folder, "none.safetensors"))).rejects.toThrow(FileAccessError);
    expect(() => MLPRegressor.fromJSON({ estimator: "MLPRegressor" } as never)).toThrow(
      "Expected an object that toJSON of an MLPRegressor gave, with its file, but received an object.",
    );
    const { tensors, metadata } = decodeSafetensors(readFileSync(path), path);
    const spoilt = async (changes: Record<string, string>, leaveOut?: string) => {
      const kept = [...tensors.values()].filter(({ name }) => name !== leaveOut);
      writeFileSync(path, encodeSafetensors(kept, { ...metadata, ...changes }));
      return await MLPRegressor.load(path).catch((error: unknown) => error);
    };
    const wrong: readonly (readonly [Record<string, string>, string, string?])[] = [
      [{ parameters: "{" }, "its metadata are not JSON"],
      [{ parameters: "[]" }, "Expected the parameters of an estimator, by their names"],
      [{ parameters: '{"alpha":-1}' }, "Expected a finite number of at least 0 for alpha of MLPRegressor"],
      [{ parameters: '{"beta":1}' }, 'there is no option "beta"'],
      [{ fitted: "{}" }, "The metadata of the estimator are not whole"],
      [{ fitted: "null" }, "The metadata of the estimator are not whole"],
      [{}, "layers.1.weight is missing", "layers.1.weight"],
    ];
    for (const [changes, sentence, leaveOut] of wrong) {
      const error = await spoilt(changes, leaveOut);
      expect(error).toBeInstanceOf(ModelFormatError);
      expect((error as Error).message).toContain(sentence);
      expect((error as Error).message).toContain(path);
    }
  });
});
