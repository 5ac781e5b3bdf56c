/** Trains multilayer perceptrons at the speed of the machine. */
export type { Activation, Backend, BackendName, DType, FloatArray, ScaledImages } from "./backend/backend.js";
export { createJavaScriptBackend } from "./backend/javascript/backend.js";
export { type BackendChoice, type BackendOptions, chooseBackend, selectBackend } from "./backend/select.js";
export { DATASET_NAMES, type DatasetName } from "./data/catalog.js";
export { type LoadCsvOptions, loadCsv } from "./data/csv.js";
export { createDataset, type Dataset, pixelCount, subset } from "./data/dataset.js";
export {
  downloadDataset,
  findDataset,
  type ListedDataset,
  type LoadDatasetOptions,
  listDatasets,
  loadDataset,
  verifyDataset,
} from "./data/datasets.js";
export { datasetFromArrays } from "./data/from-arrays.js";
export { readIdx } from "./data/idx.js";
export { loadImageFolder } from "./data/image-folder.js";
export { type MinibatchOptions, minibatches, type Shuffler } from "./data/minibatches.js";
export {
  isCanonicalMnist,
  type LoadMnistOptions,
  loadMnist,
  type MnistParts,
  type MnistSplit,
} from "./data/mnist.js";
export { loadNpz } from "./data/npz.js";
export { oneHot } from "./data/one-hot.js";
export { type DatasetParts, type DatasetSplit, splitDataset } from "./data/parts.js";
export {
  type StratifiedSplit,
  type StratifiedSplitOptions,
  stratifiedSplit,
  type TrainValidTestOptions,
  type TrainValidTestSplit,
  trainValidTestSplit,
} from "./data/split.js";
export {
  type DatasetOrStream,
  type DatasetStream,
  datasetStream,
  exampleCount,
  type StreamOptions,
} from "./data/stream.js";
export {
  type LoadSyntheticOptions,
  loadSynthetic,
  type SyntheticDigitsOptions,
  syntheticDigits,
} from "./data/synthetic.js";
export { type IdxWindows, type OpenIdxWindowsOptions, openIdxWindows } from "./data/windows.js";
export * from "./errors.js";
export { type GrayImage, readPngAsGray } from "./formats/png.js";
export type { EpochMetrics } from "./formats/run-folder.js";
export { readTrace, type Trace } from "./formats/trace.js";
export { type ImageRows, imageRows, type LayerInput } from "./image-rows.js";
export { accuracy } from "./metrics/accuracy.js";
export {
  expectedCalibrationError,
  predictionConfidences,
  type ReliabilityBin,
  type ReliabilityOptions,
  reliabilityBins,
} from "./metrics/calibration.js";
export {
  type ClassificationReport,
  type ClassScores,
  classificationReport,
} from "./metrics/classification-report.js";
export { type ConfusionMatrix, confusionMatrix } from "./metrics/confusion-matrix.js";
export { meanSquaredError } from "./metrics/mean-squared-error.js";
export { type ProportionInterval, wilsonInterval } from "./metrics/wilson-interval.js";
export type { Dense } from "./nn/dense.js";
export { type Initializer, normalInitializer } from "./nn/initializer.js";
export { createLossTotals, type LossTotals } from "./nn/loss.js";
export { type Gradient, MultilayerPerceptron, type MultilayerPerceptronOptions } from "./nn/mlp.js";
export { createWorkspace, type WorkspaceOptions, type WorkspaceRows } from "./nn/workspace.js";
export { SGD } from "./optim/sgd.js";
export { RandomState } from "./random/random-state.js";
export {
  argmax,
  columnSums,
  firstRows,
  type LinearOptions,
  linear,
  type MatmulOptions,
  matmul,
  type OutputOption,
  sigmoid,
  sigmoidBackward,
  type Tensor,
  type TensorOptions,
  tensor,
  zeros,
} from "./tensor.js";
export { type LoadedModel, loadModel, saveModel } from "./training/checkpoint.js";
export { type EvaluateOptions, type Evaluation, evaluate } from "./training/evaluate.js";
export { type FitOptions, fit, type Progress } from "./training/fit.js";
export { formatEpoch, type History } from "./training/history.js";
export { type Prediction, predict } from "./training/predict.js";
export { type Comparison, type ReproduceOptions, reproduce } from "./training/reproduce.js";
