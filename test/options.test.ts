import { describe, expect, it } from "vitest";
import * as library from "../src/index.js";
import * as interchange from "../src/interchange/index.js";
import * as live from "../src/live/index.js";
import * as report from "../src/report/index.js";
import * as sweeps from "../src/sweeps/index.js";
import { kindOf } from "../src/system/known-options.js";
import { sampleDataset, sampleEpochs } from "./report/figures/sample-data.js";
import { temporaryFolder } from "./support/temporary-folder.js";

const folder = temporaryFolder();
const backend = library.createJavaScriptBackend();
const network = new library.MultilayerPerceptron({ layers: [4, 3, 2], backend });
const data = sampleDataset([0, 1, 0, 1], { classes: 2, imageShape: [2, 2] });
const { labels } = data.targets;
const x = library.zeros([2, 2], { backend });
const runs = [{ name: "a", epochs: sampleEpochs(2) }];
const matrix = library.confusionMatrix([0, 1], [0, 1], 2);

/** A call with options that its type would not take. */
type Call = (options: never) => unknown;

/** Every exported function that takes an object of options, and one of these. */
const CALLS: Readonly<Record<string, readonly [option: string, call: Call]>> = {
  Adaline: ["nIter", (options) => new library.Adaline(options)],
  LBFGS: ["maxIterations", (options) => new library.LBFGS(options)],
  MLPClassifier: ["warmStart", (options) => new library.MLPClassifier(options)],
  MLPRegressor: ["dropout", (options) => new library.MLPRegressor(options)],
  MultilayerPerceptron: ["layers", (options) => new library.MultilayerPerceptron(options)],
  accuracy: ["weights", (options) => library.accuracy([0], [0], options)],
  activate: ["out", (options) => library.activate(x, "relu", options)],
  activationBackward: ["out", (options) => library.activationBackward(x, x, "relu", options)],
  addTo: ["out", (options) => library.addTo(x, x, options)],
  adaptive: ["tol", (options) => library.adaptive(options)],
  Adagrad: ["epsilon", (options) => new library.Adagrad(options)],
  Adam: ["beta1", (options) => new library.Adam(options)],
  AdamW: ["weightDecay", (options) => new library.AdamW(options)],
  Lion: ["beta2", (options) => new library.Lion(options)],
  NAdam: ["momentumDecay", (options) => new library.NAdam(options)],
  RMSprop: ["alpha", (options) => new library.RMSprop(options)],
  SGD: ["momentum", (options) => new library.SGD(options)],
  auxiliary: [
    "weight",
    (options) => library.auxiliary(library.dense(2, "softmax"), library.crossEntropy(), options),
  ],
  averagePrecision: ["average", (options) => library.averagePrecision([0], [0], options)],
  balancedAccuracy: ["adjusted", (options) => library.balancedAccuracy([0], [0], options)],
  classificationReport: ["zeroDivision", (options) => library.classificationReport(matrix, options)],
  cohenKappa: ["weights", (options) => library.cohenKappa([0], [0], options)],
  f1Score: ["zeroDivision", (options) => library.f1Score([0], [0], options)],
  logLoss: ["weights", (options) => library.logLoss([0], [0], options)],
  matthewsCorrelation: ["weights", (options) => library.matthewsCorrelation([0], [0], options)],
  precisionScore: ["average", (options) => library.precisionScore([0], [0], options)],
  recallScore: ["average", (options) => library.recallScore([0], [0], options)],
  rocAuc: ["average", (options) => library.rocAuc([0], [0], options)],
  batchNormalization: ["momentum", (options) => library.batchNormalization(options)],
  binaryCrossEntropy: ["labelSmoothing", (options) => library.binaryCrossEntropy(options)],
  batches: ["batchSize", (options) => library.batches(data, options)],
  checkpointing: ["folder", (options) => library.checkpointing(options)],
  columnSums: ["out", (options) => library.columnSums(x, options)],
  confusionMatrix: ["weights", (options) => library.confusionMatrix([0], [0], 1, options)],
  csvLog: ["everySteps", (options) => library.csvLog(`${folder}/log.csv`, options)],
  cosine: ["warmUp", (options) => library.cosine(0.1, options)],
  cosineRestarts: ["period", (options) => library.cosineRestarts(0.1, options)],
  cyclical: ["gamma", (options) => library.cyclical(0.1, options)],
  exponentialDecay: ["gamma", (options) => library.exponentialDecay(0.1, options)],
  inverseScaling: ["power", (options) => library.inverseScaling(0.1, options)],
  multiStepDecay: ["milestones", (options) => library.multiStepDecay(0.1, options)],
  oneCycle: ["divFactor", (options) => library.oneCycle(0.1, options)],
  piecewise: ["interpolate", (options) => library.piecewise([[0, 0.1]], options)],
  polynomialDecay: ["power", (options) => library.polynomialDecay(0.1, options)],
  stepDecay: ["stepSize", (options) => library.stepDecay(0.1, options)],
  warmUp: ["start", (options) => library.warmUp(library.constant(0.1), options)],
  createBatchMemory: ["dtype", (options) => library.createBatchMemory(4, 2, options)],
  createTable: ["featureNames", (options) => library.createTable(options)],
  createAugmenter: ["rotate", (options) => library.createAugmenter(options, [2, 2])],
  crossEntropy: ["labelSmoothing", (options) => library.crossEntropy(options)],
  crossValidate: ["folds", (options) => library.crossValidate({ layers: [4, 2] }, data, options)],
  dense: ["initializer", (options) => library.dense(2, "relu", options)],
  groupKFold: ["nSplits", (options) => library.groupKFold([1, 2], options)],
  huber: ["threshold", (options) => library.huber(options)],
  squaredError: ["averageOutputs", (options) => library.squaredError(options)],
  createDataset: ["imageShape", (options) => library.createDataset(options)],
  datasetFromArrays: ["imageShape", (options) => library.datasetFromArrays(options)],
  decodeCheckpoint: ["backend", (options) => library.decodeCheckpoint(new Uint8Array(), options)],
  decodeModel: ["backend", (options) => library.decodeModel(library.encodeModel(network), options)],
  downloadDataset: ["directory", (options) => library.downloadDataset("mnist", options)],
  earlyStopping: ["patience", (options) => library.earlyStopping(options)],
  encodeTable: ["trainRows", (options) => library.encodeTable({} as never, options)],
  evaluate: ["batchSize", (options) => library.evaluate(network, data, options)],
  findLearningRate: ["smoothing", (options) => library.findLearningRate(network, data, options)],
  findDataset: ["directory", (options) => library.findDataset("mnist", options)],
  fit: ["learningRate", (options) => library.fit(network, data, options)],
  formatEpoch: [
    "lossDigits",
    (options) => library.formatEpoch(sampleEpochs(1)[0] as library.EpochMetrics, 1, options),
  ],
  jsonlLog: ["everySteps", (options) => library.jsonlLog(`${folder}/log.jsonl`, options)],
  kFold: ["shuffle", (options) => library.kFold(4, options)],
  linear: ["activation", (options) => library.linear(x, x, library.zeros([2], { backend }), options)],
  listInk: ["backend", (options) => library.listInk(data, options)],
  listDatasets: ["cacheDirectory", (options) => library.listDatasets(options)],
  loadCheckpoint: ["backend", (options) => library.loadCheckpoint("last.safetensors", options)],
  loadCsv: ["labelColumn", (options) => library.loadCsv(options)],
  loadDataset: ["directory", (options) => library.loadDataset("mnist", options)],
  loadImageFolder: ["directory", (options) => library.loadImageFolder(options)],
  loadMnist: ["directory", (options) => library.loadMnist(options)],
  loadModel: ["backend", (options) => library.loadModel(`${folder}/model.safetensors`, options)],
  loadNpz: ["imageShape", (options) => library.loadNpz(options)],
  loadSynthetic: ["count", (options) => library.loadSynthetic(options)],
  loadTable: ["targetColumn", (options) => library.loadTable("table.csv", options)],
  matmul: ["transposeA", (options) => library.matmul(x, x, options)],
  meanAbsoluteError: ["outputs", (options) => library.meanAbsoluteError([0], [0], options)],
  meanSquaredError: [
    "weights",
    (options) => library.meanSquaredError(Float64Array.of(0), Uint8Array.of(0), 1, options),
  ],
  minibatches: ["batchSize", (options) => library.minibatches(data.rows, options)],
  openIdxWindows: ["windowBytes", (options) => library.openIdxWindows(options)],
  predict: ["batchSize", (options) => library.predict(network, data, options)],
  progress: ["everyMilliseconds", (options) => library.progress(() => {}, options)],
  r2Score: ["outputs", (options) => library.r2Score([0], [0], options)],
  reduceOnPlateau: ["factor", (options) => library.reduceOnPlateau(options)],
  regressionReport: ["outputs", (options) => library.regressionReport([0], [0], options)],
  reliabilityBins: ["bins", (options) => library.reliabilityBins([0.5], [true], options)],
  reproduce: ["onComparison", (options) => library.reproduce({} as never, {} as never, options)],
  rootMeanSquaredError: ["outputs", (options) => library.rootMeanSquaredError([0], [0], options)],
  selectBackend: ["threads", (options) => library.selectBackend(options)],
  sigmoid: ["out", (options) => library.sigmoid(x, options)],
  sigmoidBackward: ["out", (options) => library.sigmoidBackward(x, x, options)],
  shuffledSplit: ["testSize", (options) => library.shuffledSplit(10, options)],
  softmaxRows: ["out", (options) => library.softmaxRows(x, options)],
  splitDataset: ["seed", (options) => library.splitDataset(data, options)],
  repeatedKFold: ["nRepeats", (options) => library.repeatedKFold(4, options)],
  repeatedStratifiedKFold: ["nRepeats", (options) => library.repeatedStratifiedKFold(labels, options)],
  shuffleSplit: ["testSize", (options) => library.shuffleSplit(4, options)],
  stratifiedKFold: ["shuffle", (options) => library.stratifiedKFold(labels, options)],
  stratifiedShuffleSplit: ["testSize", (options) => library.stratifiedShuffleSplit(labels, options)],
  trainTestSplit: ["testSize", (options) => library.trainTestSplit(data, options)],
  splitTable: ["trainCount", (options) => library.splitTable({} as never, options)],
  stratifiedSplit: ["testSize", (options) => library.stratifiedSplit(labels, options)],
  stopAtThreshold: ["threshold", (options) => library.stopAtThreshold(options)],
  stopOnNaN: ["monitor", (options) => library.stopOnNaN(options)],
  syntheticDigits: ["count", (options) => library.syntheticDigits(options)],
  tensor: ["dtype", (options) => library.tensor([1], [1], options)],
  topKAccuracy: ["weights", (options) => library.topKAccuracy([0], [1, 0], options)],
  trainValidTestSplit: ["validSize", (options) => library.trainValidTestSplit(labels, options)],
  verifyDataset: ["directory", (options) => library.verifyDataset("mnist", options)],
  weightGradient: ["out", (options) => library.weightGradient(x, x, options)],
  zerosByColumns: ["dtype", (options) => library.zerosByColumns([1, 1], options)],
  zeros: ["backend", (options) => library.zeros([1], options)],
  createPredictor: ["batchSize", (options) => library.createPredictor(network, options)],
  createSlots: ["training", (options) => network.createSlots(2, options)],

  accuracyFigure: ["theme", (options) => report.accuracyFigure(sampleEpochs(2), options)],
  comparisonFigure: ["measure", (options) => report.comparisonFigure(runs, options)],
  confusionFigure: ["classNames", (options) => report.confusionFigure(matrix, options)],
  convergenceFigure: ["lossName", (options) => report.convergenceFigure(runs, options)],
  digitsFigure: ["theme", (options) => report.digitsFigure(data, options)],
  epochTimeFigure: ["theme", (options) => report.epochTimeFigure(sampleEpochs(2), options)],
  learningRateFigure: [
    "lossName",
    (options) =>
      report.learningRateFigure(
        {
          rates: [1],
          losses: [1],
          smoothedLosses: [1],
          divergedAt: null,
          suggestions: null,
          outcome: "flat",
        },
        options,
      ),
  ],
  lossFigure: ["validation", (options) => report.lossFigure(sampleEpochs(2), options)],
  misclassifiedFigure: ["theme", (options) => report.misclassifiedFigure(data, [0, 1, 0, 0], options)],
  parallelCoordinatesFigure: [
    "title",
    (options) =>
      report.parallelCoordinatesFigure(
        [{ name: "rate", scale: "log" }],
        [{ name: "Trial 1", values: [0.1] }],
        options,
      ),
  ],
  predictedFigure: [
    "theme",
    (options) => report.predictedFigure({ width: 1, targets: [1], predictions: [1] }, options),
  ],
  residualsFigure: [
    "theme",
    (options) => report.residualsFigure({ width: 1, targets: [1], predictions: [1] }, options),
  ],
  reliabilityFigure: ["theme", (options) => report.reliabilityFigure([], options)],
  renderPng: ["width", (options) => report.renderPng("<svg/>", options)],
  variantsFigure: ["theme", (options) => report.variantsFigure(data, 1, options)],
  weightsFigure: ["imageShape", (options) => report.weightsFigure(new Float32Array(4), options)],

  inProcessRunner: ["concurrency", (options) => sweeps.inProcessRunner(options)],
  localRunner: ["threads", (options) => sweeps.localRunner(options)],
  redisRunner: ["url", (options) => sweeps.redisRunner(options)],
  slurmRunner: ["queueEvery", (options) => sweeps.slurmRunner(options)],
  sweep: ["objective", (options) => sweeps.sweep(options)],

  exportJavaScript: ["input", (options) => interchange.exportJavaScript(network, options)],
  exportOnnx: ["input", (options) => interchange.exportOnnx(network, options)],
  exportPyTorch: ["weightsFile", (options) => interchange.exportPyTorch(network, options)],
  importOnnx: ["output", (options) => interchange.importOnnx(new Uint8Array(0), options)],
  tensorBoard: ["histograms", (options) => interchange.tensorBoard(`${folder}/board`, options)],
  exportCsv: ["metadata", (options) => interchange.exportCsv(network, options)],
  exportNpz: ["metadata", (options) => interchange.exportNpz(network, options)],
  importModel: ["activation", (options) => interchange.importModel(`${folder}/model.onnx`, options)],
  importNpz: ["activation", (options) => interchange.importNpz(new Uint8Array(), options)],
  importSafetensors: ["normalization", (options) => interchange.importSafetensors(new Uint8Array(), options)],

  createServer: ["basePath", (options) => live.createServer(options)],
  liveView: ["port", (options) => live.liveView(options)],
};

/** The others: what they take are values, and no options that could be misspelt. */
const WITHOUT: readonly string[] = [
  "Dense",
  "absoluteError",
  "activation",
  "balancedWeights",
  "createLoss",
  "dropout",
  "residual",
  "standardize",
  "RandomState",
  "argmax",
  "assign",
  "chooseBackend",
  "constant",
  "createCommunicator",
  "createJavaScriptBackend",
  "createLossTotals",
  "createOptimizer",
  "createSchedule",
  "datasetStream",
  "dependsOnEpochs",
  "encodeModel",
  "exampleCount",
  "findMetric",
  "examplesAt",
  "expectedCalibrationError",
  "firstRows",
  "glorotNormal",
  "glorotUniform",
  "heNormal",
  "heUniform",
  "imageRows",
  "isCanonicalMnist",
  "leaveOneGroupOut",
  "lecunNormal",
  "lecunUniform",
  "lossNames",
  "meanAndDeviation",
  "normalInitializer",
  "oneHot",
  "orthogonal",
  "parseConfig",
  "pixelCount",
  "predictionConfidences",
  "readConfig",
  "readIdx",
  "readPngAsGray",
  "readRun",
  "readTrace",
  "saveModel",
  "sklearnUniform",
  "subset",
  "subtractScaled",
  "sweepReport",
  "timeLimit",
  "toArray",
  "uniformInitializer",
  "wilsonInterval",
  "zerosInitializer",
  "createSweepFolder",
  "formatResults",
  "nextTasks",
  "openSweepFolder",
  "parseSweepConfig",
  "planSweep",
  "rankOutcomes",
  "readSweepConfig",
  "resultsTable",
  "tasksOfRung",
];

/** What a call throws, at once or as a promise. */
async function errorOf(call: Call, options: unknown): Promise<unknown> {
  try {
    await call(options as never);
    return undefined;
  } catch (error) {
    return error;
  }
}

it("every exported function is in one of the two lists", () => {
  const functions = Object.entries({ ...library, ...report, ...live, ...interchange, ...sweeps })
    .filter(([name, value]) => typeof value === "function" && !/^[A-Z].*Error$/.test(name))
    .map(([name]) => name);
  const listed = [...Object.keys(CALLS).filter((name) => name !== "createSlots"), ...WITHOUT];
  expect(functions.sort()).toEqual(listed.sort());
});

describe.each(Object.entries(CALLS))("%s", (name, [option, call]) => {
  it("names the nearest option for one that it does not know", async () => {
    const error = await errorOf(call, { [`${option}s`]: 1 });
    expect(error).toBeInstanceOf(library.InvalidArgumentError);
    expect(error).toHaveProperty(
      "message",
      `${name}: there is no option "${option}s"; did you mean ${option}?`,
    );
  });

  it.each([[["a"]], ["text"], [7], [null], [new Float32Array(1)]])(
    "refuses %j for options",
    async (value) => {
      const error = await errorOf(call, value);
      expect(error).toBeInstanceOf(library.InvalidArgumentError);
      expect((error as Error).message).toMatch(
        new RegExp(`^${name}: expected an object of options, such as \\{ `),
      );
      expect((error as Error).message).toContain(`but received ${kindOf(value)}.`);
    },
  );
});

describe("what looks like options and is none", () => {
  it("a tensor and a network give their type and backend", () => {
    const double = library.zeros([1], { dtype: "float64", backend });
    expect(library.zeros([3], double).dtype).toBe("float64");
    expect(library.tensor([1], [1], network).dtype).toBe("float32");
  });

  it.each([
    [["a"], "an array"],
    ["text", "a string"],
    [{ epochs: 50 }, "a number for epochs"],
  ])("metadata must be texts, not %j", async (metadata, words) => {
    const path = `${folder}/refused.safetensors`;
    const sentence = `Expected metadata that are an object of texts, such as { dataset: "mnist" }, but received ${words}.`;
    expect(() => library.encodeModel(network, metadata as never)).toThrow(sentence);
    await expect(library.saveModel(path, network, metadata as never)).rejects.toThrow(sentence);
  });

  it.each([[{ rows: new Int32Array(1) }], [[1, 2]], ["train"]])(
    "rows of a stream are numbers, not %j",
    (rows) => {
      expect(() => library.datasetStream({ count: 3 } as never, rows as never)).toThrow(
        `Expected an Int32Array of row numbers for datasetStream, such as a part of stratifiedSplit, but received ${kindOf(rows)}.`,
      );
    },
  );

  it.each<[string, (path: never) => Promise<unknown>]>([
    ["readTrace", (path) => library.readTrace(path)],
    ["loadModel", (path) => library.loadModel(path)],
    ["loadCsv", (path) => library.loadCsv({ file: path })],
  ])("the path for %s is a text", async (_, call) => {
    await expect(call({ path: "a" } as never)).rejects.toThrow(
      /cannot be read: the path of a file is a text/,
    );
  });
});
