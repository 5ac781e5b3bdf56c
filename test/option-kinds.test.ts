import { describe, expect, it } from "vitest";
import * as library from "../src/index.js";
import * as interchange from "../src/interchange/index.js";
import * as live from "../src/live/index.js";
import * as sweeps from "../src/sweeps/index.js";
import { sampleDataset } from "./report/figures/sample-data.js";
import { temporaryFolder } from "./support/temporary-folder.js";

const folder = temporaryFolder();
const backend = library.createJavaScriptBackend();
const network = new library.MultilayerPerceptron({ layers: [4, 3, 2], backend });
const data = sampleDataset([0, 1, 0, 1], { classes: 2, imageShape: [2, 2] });

/** What a call throws, at once or as a promise. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

it("an option that is undefined is one that was left out", async () => {
  const options: Readonly<Record<keyof library.FitOptions, undefined>> = {
    epochs: undefined,
    batchSize: undefined,
    learningRate: undefined,
    optimizer: undefined,
    callbacks: undefined,
    shuffle: undefined,
    dropLast: undefined,
    classWeights: undefined,
    augment: undefined,
    metrics: undefined,
    resume: undefined,
    validation: undefined,
    signal: undefined,
    communicator: undefined,
    onEpochEnd: undefined,
    onProgress: undefined,
  };
  const { epochs } = await library.fit(network, data, { ...options, epochs: 2 });
  expect(epochs).toHaveLength(2);
  const stopping = library.earlyStopping({ monitor: "train.loss", patience: undefined, minDelta: undefined });
  await library.fit(network, data, { epochs: 1, callbacks: [stopping] });
  expect(library.warmUp(library.constant(0.1), { length: 4, unit: undefined })).toBeTypeOf("function");
});

describe("a value of another kind than an option takes", () => {
  const signal = (value: unknown) => ["an AbortSignal for signal", value] as const;
  const whole = (name: string, value: unknown) =>
    [`a whole number of at least 1 for ${name}`, value] as const;
  const ofNetwork = (options: object) => () => new library.MultilayerPerceptron(options);
  const ofFit = (options: object) => () => library.fit(network, data, { epochs: 1, ...options });
  const ofEvaluate = (options: object) => () => library.evaluate(network, data, options);
  const ofPredict = (options: object) => () => library.predict(network, data, options);
  const ofBatches = (options: object) => () => library.batches(data, { batchSize: 2, ...options });
  const ofEstimator = (options: object) => () =>
    new library.MLPClassifier({ maxIter: 1, backend }).fit([[1], [2]], [0, 1], options);
  const hook = "a function for onEpochEnd of a callback";

  const wrong: readonly (readonly [call: () => unknown, expected: string, received: unknown])[] = [
    [ofFit({ epochs: "3" }), ...whole("epochs", '"3"')],
    [ofFit({ batchSize: "3" }), ...whole("batchSize", '"3"')],
    [ofFit({ batchSize: [3] }), ...whole("batchSize", "an array")],
    [ofFit({ learningRate: "0.1" }), "a finite number above 0 for learningRate", '"0.1"'],
    [ofFit({ learningRate: () => "0.1" }), "a finite number above 0 for learningRate", '"0.1"'],
    [ofFit({ learningRate: () => "high" }), "a finite number above 0 for learningRate", '"high"'],
    [ofFit({ learningRate: async () => 1 }), "a finite number above 0 for learningRate", "an object"],
    [ofFit({ optimizer: {} }), "an optimizer, such as new SGD(), for optimizer", "an object"],
    [ofFit({ optimizer: library.SGD }), "an optimizer, such as new SGD(), for optimizer", "a function"],
    [ofFit({ callbacks: {} }), "an array of callbacks for callbacks", "an object"],
    [ofFit({ callbacks: null }), "an array of callbacks for callbacks", "null"],
    [ofFit({ callbacks: [3] }), "an object with hooks, such as { onEpochEnd }, for each of callbacks", 3],
    [ofFit({ callbacks: [{ onEpochEnd: 3 }] }), hook, 3],
    [
      ofFit({
        callbacks: [
          new (class {
            onEpochEnd = "x";
          })(),
        ],
      }),
      hook,
      '"x"',
    ],
    [
      () => interchange.exportJavaScript(network, { input: "pixels" as never }),
      '"numbers" or "bytes" for input',
      '"pixels"',
    ],
    [
      () => interchange.exportPyTorch(network, { weightsFile: "a/b" }),
      "the name of a file without a folder for weightsFile",
      '"a/b"',
    ],
    [() => sweeps.inProcessRunner({ concurrency: "2" as never }), ...whole("concurrency", '"2"')],
    [() => sweeps.redisRunner({ url: 3 as never }), "an address of Redis for url", 3],
    [() => sweeps.slurmRunner({ jobs: 0 }), "a whole number of at least 1 for jobs", 0],
    [() => sweeps.slurmRunner({ queueEvery: "30" as never }), "seconds above 0 for queueEvery", '"30"'],
    [() => sweeps.slurmRunner({ options: "-p cpu" as never }), "a list of texts for options", '"-p cpu"'],
    [() => sweeps.slurmRunner({ wait: 1 as never }), "true or false for wait", 1],
    [() => sweeps.slurmRunner({ onSubmit: 3 as never }), "a function for onSubmit", 3],
    [() => sweeps.sweep({ space: {}, objective: 3 as never }), "a function for objective", 3],
    [() => sweeps.sweep({ space: {}, objective: () => 0, signal: 3 as never }), ...signal(3)],
    [() => live.createServer({ runs: "runs" as never }), "a list of texts for runs", '"runs"'],
    [() => live.createServer({ hosts: [3] as never }), "a list of texts for hosts", "an array"],
    [() => live.createServer({ newRuns: "" }), "the path of a folder for newRuns", '""'],
    [() => live.createServer({ drawings: "" }), "the path of a folder for drawings", '""'],
    [() => live.createServer({ dataDir: 3 as never }), "the path of a folder for dataDir", 3],
    [() => live.createServer({ token: "short" }), "16 to 200 letters, digits, - and _ for token", '"short"'],
    [() => live.createServer({ basePath: "/live/" }), "a path such as /live for basePath", '"/live/"'],
    [() => live.liveView({ port: "80" as never }), "a whole number from 0 to 65535 for port", '"80"'],
    [() => live.liveView({ host: "" }), "a name or an address of this machine for host", '""'],
    [() => live.liveView({ open: 1 as never }), "true or false for open", 1],
    [
      () => interchange.importModel(3 as never),
      "the path of a file for the first argument of importModel",
      3,
    ],
    [
      () => interchange.importOnnx(interchange.exportOnnx(network), { pixels: null as never }),
      "an object, such as { scale: 1 / 255, offset: 0 }, for pixels",
      "null",
    ],
    [
      () => interchange.importNpz(new Uint8Array(), { onAssumedPixels: true as never }),
      "a function for onAssumedPixels",
      true,
    ],
    [
      () => interchange.importNpz("a.npz" as never),
      "the bytes of a file for the first argument of importNpz",
      '"a.npz"',
    ],
    [
      () => interchange.importSafetensors([1] as never),
      "the bytes of a file for the first argument of importSafetensors",
      "an array",
    ],
    [
      () => interchange.importNpz(new Uint8Array(), { epsilon: "1e-3" as never }),
      "a number above 0 for epsilon",
      '"1e-3"',
    ],
    [
      () => interchange.importNpz(new Uint8Array(), { normalization: "after" as never }),
      "beforeActivation or afterActivation for normalization",
      '"after"',
    ],
    [
      () => interchange.importSafetensors(new Uint8Array(), { activation: "softmax" as never }),
      "one of identity, sigmoid, tanh, relu, leakyRelu, elu, gelu, silu for the activation of the hidden layers",
      '"softmax"',
    ],
    [
      () => interchange.exportOnnx(network, { input: "pixels" as never }),
      '"numbers" or "bytes" for input',
      '"pixels"',
    ],
    [
      () => interchange.exportOnnx(network, { metadata: { seed: 3 } as never }),
      'metadata that are an object of texts, such as { dataset: "mnist" },',
      "a number for seed",
    ],
    [ofFit({ resume: {} }), "what loadCheckpoint returned for resume", "an object"],
    [() => library.checkpointing({ folder: "" }), "the path of a folder for folder", '""'],
    [() => library.checkpointing({ folder: "a", everySeconds: 0 }), "a number above 0 for everySeconds", 0],
    [
      () => library.checkpointing({ folder: "a", everySeconds: "30" as never }),
      "a number above 0 for everySeconds",
      '"30"',
    ],
    [() => library.checkpointing({ folder: "a", mode: "up" as never }), '"min" or "max" for mode', '"up"'],
    [
      ofFit({ callbacks: [{ readsGradients: 1 }] }),
      "true, false or a function that says so before each step for readsGradients of a callback",
      1,
    ],
    [
      ofFit({ callbacks: [{ onStepEnd() {}, readsGradients: () => 1 }] }),
      "true or false for what readsGradients of a callback returns",
      1,
    ],
    [
      ofFit({ callbacks: [{ save() {} }] }),
      "a name, save and restore together for a callback with a state",
      "an object",
    ],
    [
      () => library.earlyStopping({ monitor: 3 as never }),
      "a figure such as validation.loss or train.accuracy for monitor",
      3,
    ],
    [() => library.earlyStopping({ mode: "auto" as never }), '"min" or "max" for mode', '"auto"'],
    [() => library.earlyStopping({ patience: "3" as never }), ...whole("patience", '"3"')],
    [
      () => library.reduceOnPlateau({ factor: "0.5" as never }),
      "a number above 0 and below 1 for factor",
      '"0.5"',
    ],
    [() => library.adaptive({ tol: "0.1" as never }), "a number of at least 0 for tol", '"0.1"'],
    [() => library.stopAtThreshold({ threshold: "1" as never }), "a finite number for threshold", '"1"'],
    [() => library.timeLimit("60" as never), "a finite number of seconds above 0 for seconds", '"60"'],
    [ofFit({ shuffle: true }), "a seed or a RandomState for shuffle", true],
    [ofFit({ shuffle: "3" }), "a seed or a RandomState for shuffle", '"3"'],
    [ofFit({ dropLast: "yes" }), "true or false for dropLast", '"yes"'],
    [ofFit({ augment: { shift: "1" } }), "a number from 0 to 2 for shift", '"1"'],
    [ofFit({ validation: 3 }), "a dataset, such as loadMnist gives, for validation", 3],
    [ofFit({ validation: [1, 2] }), "a dataset, such as loadMnist gives, for validation", "an array"],
    [ofFit({ metrics: "r2" }), 'an array of names, such as ["f1Macro"], for metrics', '"r2"'],
    [ofFit({ metrics: [2] }), 'an array of names, such as ["f1Macro"], for metrics', "an array"],
    [ofEvaluate({ metrics: {} }), 'an array of names, such as ["f1Macro"], for metrics', "an object"],
    [ofFit({ signal: 3 }), ...signal(3)],
    [ofFit({ signal: new AbortController() }), ...signal("an object")],
    [ofFit({ onEpochEnd: 3 }), "a function for onEpochEnd", 3],
    [ofFit({ onProgress: "x" }), "a function for onProgress", '"x"'],
    [() => library.fit(data as never, data), "a MultilayerPerceptron for network", "an object"],
    [
      () => library.fit(network, "mnist" as never),
      "a dataset, such as loadMnist gives, for dataset",
      '"mnist"',
    ],
    [() => library.kFold(9, { shuffle: "yes" as never }), "true or false for shuffle", '"yes"'],
    [() => library.repeatedKFold(9, { nRepeats: "2" as never }), ...whole("nRepeats", '"2"')],
    [() => library.shuffleSplit(9, { nSplits: "2" as never }), ...whole("nSplits", '"2"')],
    [
      () => library.stratifiedKFold("labels" as never),
      "a Uint8Array or an Int32Array for the class of each row",
      '"labels"',
    ],
    [() => library.trainTestSplit(data, { stratify: 1 as never }), "true or false for stratify", 1],
    [
      () => library.crossValidate({ layers: [4, 2], backend }, data, { fit: 3 as never }),
      "an object of options, or a function that makes one for each fold, for fit",
      3,
    ],
    [
      () => library.crossValidate({ layers: [4, 2], backend }, data, { onFoldEnd: true as never }),
      "a function for onFoldEnd",
      true,
    ],
    [ofEvaluate({ batchSize: "3" }), ...whole("batchSize", '"3"')],
    [() => library.topKAccuracy([0], [1, 0], { k: 1.5 }), ...whole("k", 1.5)],
    [
      () => library.balancedAccuracy([0], [0], { adjusted: "yes" as never }),
      "true or false for adjusted",
      '"yes"',
    ],
    [
      () => library.f1Score([0], [0], { average: "mean" as never }),
      '"binary", "micro", "macro" or "weighted" for average',
      '"mean"',
    ],
    [
      () => library.rocAuc([0], [0], { average: "micro" as never }),
      '"macro" or "weighted" for average',
      '"micro"',
    ],
    [
      () => library.recallScore([0], [0], { zeroDivision: "warn" as never }),
      "0 or 1 for zeroDivision",
      '"warn"',
    ],
    [ofEvaluate({ signal: "x" }), ...signal('"x"')],
    [() => library.evaluate(network, 3 as never), "a dataset, such as loadMnist gives, for dataset", 3],
    [() => library.evaluate({} as never, data), "a MultilayerPerceptron for network", "an object"],
    [ofPredict({ batchSize: true }), ...whole("batchSize", true)],
    [ofPredict({ signal: {} }), ...signal("an object")],
    [() => library.createPredictor(network, { batchSize: "9" as never }), ...whole("batchSize", '"9"')],
    [() => library.createPredictor({} as never), "a MultilayerPerceptron for network", "an object"],
    [() => library.createPredictor({ network: 3 } as never), "a MultilayerPerceptron for network", 3],
    [
      () => library.createPredictor(network).predict(new Uint8Array(4), { out: [0, 0] as never }),
      "a Float32Array, as the network is float32, for out",
      "an array",
    ],
    [
      () => library.createPredictor(network).predictBatch("pixels" as never),
      "a list of examples, or one array with all of them, for predictBatch",
      '"pixels"',
    ],
    [
      () => library.predict(network, null as never),
      "a dataset, such as loadMnist gives, for dataset",
      "null",
    ],
    [() => library.predict(3 as never, data), "a MultilayerPerceptron for network", 3],
    [ofBatches({ batchSize: "2" }), ...whole("batchSize", '"2"')],
    [ofBatches({ dropLast: "yes" }), "true or false for dropLast", '"yes"'],
    [ofBatches({ shuffle: 123 }), "what can shuffle, such as a RandomState, for shuffle", 123],
    [ofBatches({ ink: 1 }), "what listInk returned for this dataset's images, for ink", 1],
    [ofBatches({ ink: {} }), "what listInk returned for this dataset's images, for ink", "an object"],
    [
      ofBatches({ ink: { images: new Uint8Array(16), width: 4, handle: {} } }),
      "what listInk returned for this dataset's images, for ink",
      "an object",
    ],
    [() => library.listInk([1] as never), "a dataset, such as loadMnist gives, for dataset", "an array"],
    [
      () => library.listInk({ parts() {} } as never),
      "a dataset, such as loadMnist gives, for dataset",
      "an object",
    ],
    [
      () => library.listInk(data, { backend: "native" as never }),
      "a backend, such as selectBackend() gives, for backend",
      '"native"',
    ],
    [
      () => library.batches([1] as never, { batchSize: 1 }),
      "a dataset, such as loadMnist gives, for dataset",
      "an array",
    ],
    [
      ofNetwork({ loss: "mse" }),
      "one of squaredError, absoluteError, huber, binaryCrossEntropy, crossEntropy for loss",
      '"mse"',
    ],
    [ofNetwork({ loss: library.squaredError }), "a loss, such as squaredError(), for loss", "a function"],
    [ofNetwork({ backend: "native" }), "a backend, such as selectBackend() gives, for backend", '"native"'],
    [
      ofNetwork({ initializer: "x" }),
      "a function, such as normalInitializer() gives, or one of normal, uniform, zeros, glorotUniform, glorotNormal, heUniform, heNormal, lecunUniform, lecunNormal, orthogonal, sklearnUniform for initializer",
      '"x"',
    ],
    [ofNetwork({ dtype: 32 }), "float32 or float64 for dtype", 32],
    [ofNetwork({ seed: "1" }), "an integer from 0 to 4294967295 for seed", '"1"'],
    [
      ofNetwork({ layers: "784,10" }),
      "a list of the number of inputs and layers, such as [784, 50, 10], for layers",
      '"784,10"',
    ],
    [
      ofNetwork({ layers: ["784", 10] }),
      "a whole number from 1 to 1000000 for the units of the inputs, layers[0],",
      '"784"',
    ],
    [
      () => library.saveModel(network as never, "m.safetensors" as never),
      "the path of a file as the first argument of saveModel, and the network as the second,",
      "an object",
    ],
    [
      () => library.saveModel(`${folder}/refused.safetensors`, data as never),
      "a MultilayerPerceptron for network",
      "an object",
    ],
    [
      () => new library.MLPRegressor({ alpha: "1" as never }),
      "a finite number of at least 0 for alpha of MLPRegressor",
      '"1"',
    ],
    [
      () => new library.Adaline({ randomState: "1" as never }),
      "a seed from 0 to 4294967295, a RandomState or null for randomState of Adaline",
      '"1"',
    ],
    [ofEstimator({ signal: 3 }), ...signal(3)],
    [ofEstimator({ sampleWeight: 3 }), "a list of numbers, one for each example, for sampleWeight", 3],
    [ofEstimator({ onEpochEnd: 3 }), "a function for onEpochEnd", 3],
    [() => library.encodeModel("m" as never), "a MultilayerPerceptron for network", '"m"'],
    [() => library.stepDecay(0.1, { stepSize: "3" as never }), ...whole("stepSize", '"3"')],
    [
      () => library.multiStepDecay(0.1, { milestones: 30 as never }),
      "a list of whole numbers, such as [30, 60], for milestones",
      30,
    ],
    [
      () => library.exponentialDecay(0.1, { gamma: "0.9" as never }),
      "a number above 0 and at most 1 for gamma",
      '"0.9"',
    ],
    [
      () => library.polynomialDecay(0.1, { length: "9" as never }),
      "a finite number above 0 for length",
      '"9"',
    ],
    [() => library.cosine(0.1, { unit: 3 as never }), '"epoch" or "step" for unit', 3],
    [
      () => library.cosineRestarts(0.1, { period: [9] as never }),
      "a finite number above 0 for period",
      "an array",
    ],
    [() => library.oneCycle(0.1, { threePhase: "yes" as never }), "true or false for threePhase", '"yes"'],
    [
      () => library.cyclical(0.1, { mode: 2 as never }),
      "one of triangular, triangular2, expRange for mode",
      2,
    ],
    [
      () => library.inverseScaling(0.1, { power: "1" as never }),
      "a finite number of at least 0 for power",
      '"1"',
    ],
    [() => library.piecewise([[0, 0.1]], { interpolate: 1 as never }), "true or false for interpolate", 1],
    [() => library.warmUp(0.1 as never, { length: 2 }), "a function for schedule", 0.1],
    [
      () => library.createSchedule("cosine" as never, 0.1),
      'an object, such as { type: "cosine" }, for schedule',
      '"cosine"',
    ],
    [
      () => library.findLearningRate(network, data, { steps: "9" as never }),
      "a whole number of at least 10 for steps",
      '"9"',
    ],
  ];
  const rows = wrong.map(([call, expected, received]) => ({ call, expected, received }));
  it.each(rows)("expects $expected, not $received", async ({ call, expected, received }) => {
    const error = await errorOf(call);
    expect(error).toBeInstanceOf(library.InvalidArgumentError);
    expect((error as Error).message).toBe(`Expected ${expected} but received ${received}.`);
  });

  it.each<[object, string]>([
    [{ onEpochend() {} }, 'there is no hook "onEpochend"; did you mean onEpochEnd?'],
    [{ onEpochEnd() {}, stepEnd() {} }, 'there is no hook "stepEnd"; did you mean onStepEnd?'],
    [
      { whenever() {} },
      'there is no hook "whenever"; they are onTrainBegin, onEpochBegin, onStepBegin, onStepEnd, onPause, onResume, onEpochEnd, onCheckpoint, onTrainEnd, save, restore.',
    ],
  ])("a misspelt hook of a callback: %s", async (callback, sentence) => {
    const error = await errorOf(ofFit({ callbacks: [callback] }));
    expect(error).toBeInstanceOf(library.InvalidArgumentError);
    expect((error as Error).message).toBe(`callbacks: ${sentence}`);
  });

  it("a callback that is of a class may have other functions, and any may keep values", async () => {
    class Counter {
      count = 0;
      add() {
        this.count++;
      }
      onStepEnd() {
        this.add();
      }
    }
    const counter = new Counter();
    const plain = {
      count: 0,
      onStepEnd() {
        this.count++;
      },
    };
    await library.fit(network, data, { epochs: 1, batchSize: 2, callbacks: [counter, plain] });
    expect([counter.count, plain.count]).toEqual([2, 2]);
  });
});
