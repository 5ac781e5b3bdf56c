import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../src/errors.js";
import { MLPClassifier } from "../../src/estimators/mlp-classifier.js";
import { MLPRegressor } from "../../src/estimators/mlp-regressor.js";
import { camelCase, recorded } from "./golden.js";

describe("parameters", () => {
  it.each([
    ["MLPClassifier", new MLPClassifier().getParams()],
    ["MLPRegressor", new MLPRegressor().getParams()],
  ] as const)("of %s have scikit-learn's names and defaults", (name, params) => {
    const theirs = Object.entries(recorded.members[name].parameters).map(([key, value]) => [
      camelCase(key),
      value,
    ]);
    expect(params).toMatchObject(Object.fromEntries(theirs));
    const ours = Object.keys(params).filter((key) => !theirs.some(([their]) => their === key));
    const added = ["backend", "classWeight", "dropout", "dtype", "restoreBestWeights"];
    expect(ours.sort()).toEqual(added.filter((key) => name === "MLPClassifier" || key !== "classWeight"));
  });

  it("are changed by setParams, and make another estimator", () => {
    const first = new MLPClassifier({ alpha: 0.1 }).setParams({ maxIter: 7 });
    const second = new MLPClassifier(first.getParams());
    expect(second.getParams()).toEqual(first.getParams());
    expect(second.getParams()).toMatchObject({ alpha: 0.1, maxIter: 7, solver: "adam" });
  });

  it("stay as they were checked, whatever becomes of the lists and tables that they came from", () => {
    const [hiddenLayerSizes, classWeight, byClass] = [[3], { a: 1 }, new Map([["a", 1]])];
    const classifiers = [classWeight, byClass].map(
      (weights) => new MLPClassifier({ hiddenLayerSizes, classWeight: weights }),
    );
    hiddenLayerSizes.push(-1);
    classWeight.a = -1;
    byClass.set("a", -1);
    expect(classifiers.map((classifier) => classifier.getParams())).toMatchObject([
      { hiddenLayerSizes: [3], classWeight: { a: 1 } },
      { hiddenLayerSizes: [3], classWeight: new Map([["a", 1]]) },
    ]);
    const sizes = new MLPClassifier().getParams().hiddenLayerSizes as number[];
    expect(() => sizes.push(7)).toThrow(TypeError);
    expect(new MLPClassifier().getParams().hiddenLayerSizes).toEqual([100]);
  });

  it.each<[object, string]>([
    [
      { hiddenLayerSizes: [0] },
      "a whole number of at least 1, or a list of such numbers, for hiddenLayerSizes",
    ],
    [
      { activation: "swish" },
      "one of logistic, identity, sigmoid, tanh, relu, leakyRelu, elu, gelu, silu for activation",
    ],
    [{ solver: "newton" }, "one of adam, sgd, lbfgs for solver"],
    [{ alpha: -1 }, "a finite number of at least 0 for alpha"],
    [{ batchSize: "all" }, 'a whole number of at least 1 or "auto" for batchSize'],
    [{ learningRate: 0.1 }, "constant, invscaling, adaptive or a schedule for learningRate"],
    [{ learningRateInit: 0 }, "a finite number above 0 for learningRateInit"],
    [{ randomState: -1 }, "a seed from 0 to 4294967295, a RandomState or null for randomState"],
    [{ momentum: 1 }, "a number from 0 to below 1 for momentum"],
    [{ nIterNoChange: 0.5 }, "a whole number of at least 1 or Infinity for nIterNoChange"],
    [{ shuffle: 1 }, "true or false for shuffle"],
    [{ maxIter: null }, "a whole number of at least 1 for maxIter"],
    [{ dropout: 1 }, "a number from 0 to below 1, or a list of such numbers, for dropout"],
    [
      { classWeight: { a: -1 } },
      'null, "balanced" or weights by class, finite numbers of at least 0, for classWeight',
    ],
    [{ backend: "js" }, "a backend, such as selectBackend() gives, or null for backend"],
  ])("%j is refused at once", (parameters, sentence) => {
    expect(() => new MLPClassifier(parameters)).toThrow(InvalidArgumentError);
    expect(() => new MLPClassifier(parameters)).toThrow(`Expected ${sentence} of MLPClassifier but received`);
  });
});
