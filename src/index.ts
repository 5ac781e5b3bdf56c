/** Trains multilayer perceptrons at the speed of the machine. */
export type {
  Activation,
  Backend,
  BackendName,
  DType,
  FloatArray,
  InkLists,
  ScaledImages,
} from "./backend/backend.js";
export { createJavaScriptBackend } from "./backend/javascript/backend.js";
export { type BackendChoice, type BackendOptions, chooseBackend, selectBackend } from "./backend/select.js";
export { type Comparison, type ReproduceOptions, reproduce } from "./chapter/reproduce.js";
export { readTrace, type Trace } from "./chapter/trace.js";
export { DATASET_NAMES, type DatasetName } from "./data/catalog/catalog.js";
export {
  downloadDataset,
  findDataset,
  type ListedDataset,
  type LoadDatasetOptions,
  listDatasets,
  loadDataset,
  verifyDataset,
} from "./data/catalog/datasets.js";
export {
  createDataset,
  type Dataset,
  type DatasetOptions,
  type Inputs,
  pixelCount,
  subset,
} from "./data/dataset.js";
export type { FeatureFormat, Features } from "./data/features.js";
export { type ListInkOptions, listInk } from "./data/ink.js";
export {
  type BatchesOptions,
  type BatchMemory,
  batches,
  createBatchMemory,
  type MinibatchOptions,
  minibatches,
  type Shuffler,
} from "./data/minibatches.js";
export { type LoadCsvOptions, loadCsv } from "./data/readers/csv.js";
export { datasetFromArrays } from "./data/readers/from-arrays.js";
export { loadImageFolder } from "./data/readers/image-folder.js";
export {
  isCanonicalMnist,
  type LoadMnistOptions,
  loadMnist,
  type MnistParts,
  type MnistSplit,
} from "./data/readers/mnist.js";
export { loadNpz } from "./data/readers/npz.js";
export { type IdxWindows, type OpenIdxWindowsOptions, openIdxWindows } from "./data/readers/windows.js";
export {
  type StratifiedSplit,
  type StratifiedSplitOptions,
  stratifiedSplit,
  type TrainValidTestOptions,
  type TrainValidTestSplit,
  trainValidTestSplit,
} from "./data/split.js";
export { type DatasetParts, type DatasetSplit, splitDataset } from "./data/split-dataset.js";
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
} from "./data/synthetic/synthetic-digits.js";
export { oneHot, type TargetFormat, type Targets } from "./data/targets.js";
export * from "./errors.js";
export { readIdx } from "./formats/idx.js";
export { type GrayImage, readPngAsGray } from "./formats/png.js";
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
export { type Initializer, normalInitializer } from "./nn/initializers.js";
export type { Layer, OutputLayer, Slot, SlotUse } from "./nn/layer.js";
export { createLossTotals, type Loss, type LossTotals } from "./nn/losses/loss.js";
export { squaredError } from "./nn/losses/squared-error.js";
export { MultilayerPerceptron, type MultilayerPerceptronOptions } from "./nn/mlp.js";
export type { BatchSlots, NetworkSlots } from "./nn/slots.js";
export type { Optimizer } from "./optim/optimizer.js";
export { SGD } from "./optim/sgd.js";
export { RandomState } from "./random/random-state.js";
export type { Batch, BatchTargets } from "./tensor/batch.js";
export { type ImageRows, imageRows, type LayerInput } from "./tensor/layer-input.js";
export {
  argmax,
  columnSums,
  type LinearOptions,
  linear,
  type MatmulOptions,
  matmul,
  type OutputOption,
  sigmoid,
  sigmoidBackward,
  subtractScaled,
  weightGradient,
} from "./tensor/operations.js";
export type { Parameter } from "./tensor/parameter.js";
export {
  assign,
  firstRows,
  type MemoryOrder,
  type Tensor,
  type TensorOptions,
  tensor,
  toArray,
  zeros,
  zerosByColumns,
} from "./tensor/tensor.js";
export type { Callback, TrainingContext } from "./training/callback.js";
export type { Progress } from "./training/callbacks/reporting.js";
export type { Control } from "./training/control.js";
export { type EvaluateOptions, type Evaluation, evaluate } from "./training/evaluate.js";
export { type FitOptions, fit } from "./training/fit.js";
export type { EpochMetrics } from "./training/history.js";
export { formatEpoch, type History } from "./training/history.js";
export { decodeModel, encodeModel, type LoadedModel, loadModel, saveModel } from "./training/model-file.js";
export { type Prediction, predict } from "./training/predict.js";
export { constant, type Schedule, type ScheduleTime } from "./training/schedules/schedule.js";
export { TrainingAbortedError } from "./training/training-aborted-error.js";
