/**
 * Trains multilayer perceptrons at the speed of the machine.
 *
 * @module mnist-native
 */
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
export type { Communicator, Done, Numbers } from "./communicator/communicator.js";
export { createCommunicator } from "./communicator/create-communicator.js";
export {
  type Augmenter,
  type AugmentOptions,
  type AugmentTime,
  createAugmenter,
} from "./data/augmentation/augmenter.js";
export {
  type BatchMemory,
  type BatchMemoryOptions,
  createBatchMemory,
} from "./data/batch-memory.js";
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
export { type ClassTableOptions, createTable, type ValueTableOptions } from "./data/create-table.js";
export {
  createDataset,
  type Dataset,
  type DatasetOptions,
  examplesAt,
  type ImageDataset,
  type Inputs,
  pixelCount,
  subset,
} from "./data/dataset.js";
export type {
  ByteFeatures,
  ByteFormat,
  FeatureFormat,
  Features,
  FloatFeatures,
  FloatFormat,
} from "./data/features.js";
export type { Fold, ShuffleOptions } from "./data/folds/fold.js";
export {
  type GroupKFoldOptions,
  type Groups,
  groupKFold,
  leaveOneGroupOut,
} from "./data/folds/group-k-fold.js";
export { type KFoldOptions, kFold, type RepeatedKFoldOptions, repeatedKFold } from "./data/folds/k-fold.js";
export {
  type ShuffleSplitOptions,
  shuffleSplit,
  stratifiedShuffleSplit,
} from "./data/folds/shuffle-split.js";
export {
  type RepeatedStratifiedKFoldOptions,
  repeatedStratifiedKFold,
  type StratifiedKFoldOptions,
  stratifiedKFold,
} from "./data/folds/stratified-k-fold.js";
export { type ListInkOptions, listInk } from "./data/ink.js";
export {
  type BatchesOptions,
  batches,
  type MinibatchOptions,
  minibatches,
  type Shuffler,
} from "./data/minibatches.js";
export { type LoadCsvOptions, loadCsv } from "./data/readers/csv.js";
export {
  type EncodedTable,
  type EncodeTableOptions,
  encodeTable,
  type SplitTable,
  type SplitTableOptions,
  splitTable,
} from "./data/readers/encode-table.js";
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
export { type LoadTableOptions, loadTable, type RawColumn, type Table } from "./data/readers/table.js";
export type { TableColumn, TableColumns, TableTarget, Task } from "./data/readers/table-columns.js";
export { type IdxWindows, type OpenIdxWindowsOptions, openIdxWindows } from "./data/readers/windows.js";
export {
  type StratifiedSplit,
  type StratifiedSplitOptions,
  shuffledSplit,
  stratifiedSplit,
  type TrainValidTestOptions,
  type TrainValidTestSplit,
  trainValidTestSplit,
} from "./data/split.js";
export { type DatasetParts, type DatasetSplit, splitDataset } from "./data/split-dataset.js";
export type { SplitSizes } from "./data/split-sizes.js";
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
export {
  type ClassFormat,
  type ClassTargets,
  type Labels,
  oneHot,
  type TargetFormat,
  type Targets,
  type ValueFormat,
  type ValueTargets,
} from "./data/targets.js";
export { type TrainTestSplitOptions, trainTestSplit } from "./data/train-test-split.js";
export * from "./errors.js";
export { Adaline, type AdalineFitOptions, type AdalineParameters } from "./estimators/adaline.js";
export type { ClassWeight } from "./estimators/class-weight.js";
export {
  type CrossValidateOptions,
  type CrossValidation,
  CrossValidationAbortedError,
  crossValidate,
  type FoldContext,
  type FoldFitOptions,
  type FoldResult,
  type NetworkOfFold,
} from "./estimators/cross-validate.js";
export type { EstimatorFileOptions, EstimatorJson } from "./estimators/estimator-file.js";
export type { FoldScores, ScoreSummary } from "./estimators/fold-scores.js";
export type { Examples, ShapedNumbers } from "./estimators/inputs.js";
export type { Label } from "./estimators/labels.js";
export {
  MLPClassifier,
  type MLPClassifierParameters,
  type PartialFitOptions,
} from "./estimators/mlp-classifier.js";
export type { HiddenActivation, MLPParameters } from "./estimators/mlp-parameters.js";
export { MLPRegressor, type Target } from "./estimators/mlp-regressor.js";
export type {
  EstimatorFitOptions,
  EstimatorPredictOptions,
  ScoreOptions,
} from "./estimators/options.js";
export type { EstimatorEpoch } from "./estimators/stochastic.js";
export { readIdx } from "./formats/idx.js";
export { type GrayImage, readPngAsGray } from "./formats/png.js";
export { accuracy } from "./metrics/accuracy.js";
export { cohenKappa, matthewsCorrelation } from "./metrics/agreement.js";
export { type BalancedAccuracyOptions, balancedAccuracy } from "./metrics/balanced-accuracy.js";
export {
  expectedCalibrationError,
  predictionConfidences,
  type ReliabilityBin,
  type ReliabilityOptions,
  reliabilityBins,
} from "./metrics/calibration.js";
export {
  type ClassScoreOptions,
  f1Score,
  precisionScore,
  recallScore,
  type ScoreAverage,
} from "./metrics/class-scores.js";
export {
  type ClassificationReport,
  type ClassificationReportOptions,
  type ClassScores,
  classificationReport,
} from "./metrics/classification-report.js";
export { type ConfusionMatrix, confusionMatrix } from "./metrics/confusion-matrix.js";
export { findMetric, METRIC_NAMES } from "./metrics/find-metric.js";
export { logLoss } from "./metrics/log-loss.js";
export { type MeanAndDeviation, meanAndDeviation } from "./metrics/mean-and-deviation.js";
export { meanSquaredError } from "./metrics/mean-squared-error.js";
export type { Metric, ScoredExamples } from "./metrics/metric.js";
export { averagePrecision, type RankingOptions, rocAuc } from "./metrics/ranking.js";
export {
  meanAbsoluteError,
  type RegressionOptions,
  type RegressionReport,
  type RegressionScores,
  r2Score,
  regressionReport,
  rootMeanSquaredError,
} from "./metrics/regression.js";
export { type TopKOptions, topKAccuracy } from "./metrics/top-k-accuracy.js";
export type { WeightsOption } from "./metrics/weights.js";
export { type ProportionInterval, wilsonInterval } from "./metrics/wilson-interval.js";
export { Dense } from "./nn/dense.js";
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  type InitializerName,
  initializers,
  lecunNormal,
  lecunUniform,
  normalInitializer,
  orthogonal,
  sklearnUniform,
  uniformInitializer,
  zerosInitializer,
} from "./nn/initializers.js";
export type { BackwardPass, Layer, LayerBuffer, OutputLayer, OutputSlot, Slot, SlotUse } from "./nn/layer.js";
export { absoluteError, huber } from "./nn/losses/absolute-error.js";
export { createLoss, LOSS_NAMES, type LossName } from "./nn/losses/create-loss.js";
export { binaryCrossEntropy, crossEntropy } from "./nn/losses/cross-entropy.js";
export { createLossTotals, type Loss, type LossTotals } from "./nn/losses/loss.js";
export { type LossNames, lossNames } from "./nn/losses/loss-names.js";
export type {
  CrossEntropyOptions,
  HuberOptions,
  LossSpecification,
  SquaredErrorOptions,
} from "./nn/losses/specification.js";
export { squaredError } from "./nn/losses/squared-error.js";
export {
  MultilayerPerceptron,
  type NetworkSpecification,
} from "./nn/mlp.js";
export type { MultilayerPerceptronOptions } from "./nn/mlp-options.js";
export type { BatchSlots, NetworkSlots } from "./nn/slots.js";
export {
  type ActivationSpecification,
  type AuxiliarySpecification,
  activation,
  auxiliary,
  type BatchNormalizationSpecification,
  batchNormalization,
  type DenseSpecification,
  type DropoutSpecification,
  dense,
  dropout,
  type LayerList,
  type LayerSpecification,
  type OutputActivation,
  type ResidualSpecification,
  residual,
  type StandardizeSpecification,
  standardize,
} from "./nn/specification.js";
export type { LayerSummary, NetworkSummary } from "./nn/summary.js";
export { Adagrad, type AdagradOptions } from "./optim/adagrad.js";
export { Adam, type AdamOptions } from "./optim/adam.js";
export { AdamW, type AdamWOptions } from "./optim/adamw.js";
export type { BatchOptimizer, BatchProgress, EndReason } from "./optim/batch-optimizer.js";
export { LBFGS, type LBFGSOptions } from "./optim/lbfgs.js";
export { Lion, type LionOptions } from "./optim/lion.js";
export type { MomentOptions } from "./optim/moments.js";
export { NAdam, type NAdamOptions } from "./optim/nadam.js";
export type { Optimizer } from "./optim/optimizer.js";
export { RMSprop, type RMSpropOptions } from "./optim/rmsprop.js";
export type { TermOptions } from "./optim/settings.js";
export { SGD, type SGDOptions } from "./optim/sgd.js";
export { createOptimizer, type OptimizerName, type OptimizerSpecification } from "./optim/specification.js";
export { RandomState, type RandomStateSnapshot } from "./random/random-state.js";
export { parseConfig, readConfig } from "./runs/config/read-config.js";
export type { TrainConfig } from "./runs/config/schema.js";
export {
  activate,
  activationBackward,
  activationSaves,
  addTo,
  sigmoid,
  sigmoidBackward,
  softmaxRows,
} from "./tensor/activations.js";
export type { Batch, BatchTargets } from "./tensor/batch.js";
export { type ImageRows, imageRows, type LayerInput } from "./tensor/layer-input.js";
export {
  argmax,
  columnSums,
  type LinearOptions,
  linear,
  type MatmulOptions,
  matmul,
  subtractScaled,
  weightGradient,
} from "./tensor/operations.js";
export type { OutputOption } from "./tensor/output.js";
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
export type { Callback, CheckpointContext, SavedState, TrainingContext } from "./training/callback.js";
export { type AdaptiveOptions, adaptive } from "./training/callbacks/adaptive.js";
export { type CheckpointingOptions, checkpointing } from "./training/callbacks/checkpointing.js";
export { csvLog } from "./training/callbacks/csv-log.js";
export {
  type EarlyStopping,
  type EarlyStoppingOptions,
  earlyStopping,
} from "./training/callbacks/early-stopping.js";
export { jsonlLog } from "./training/callbacks/jsonl-log.js";
export type { LogOptions } from "./training/callbacks/log.js";
export { type ProgressOptions, progress } from "./training/callbacks/progress.js";
export { type ReduceOnPlateauOptions, reduceOnPlateau } from "./training/callbacks/reduce-on-plateau.js";
export type { Progress } from "./training/callbacks/reporting.js";
export { type StopAtThresholdOptions, stopAtThreshold } from "./training/callbacks/stop-at-threshold.js";
export { type StopOnNaNOptions, stopOnNaN } from "./training/callbacks/stop-on-nan.js";
export { timeLimit } from "./training/callbacks/time-limit.js";
export { type Checkpoint, decodeCheckpoint, loadCheckpoint } from "./training/checkpoint-file.js";
export { balancedWeights, type ClassWeights } from "./training/class-weights.js";
export type { Control } from "./training/control.js";
export { TrainingDivergedError } from "./training/divergence.js";
export { type EvaluateOptions, type Evaluation, evaluate, type PredictOptions } from "./training/evaluate.js";
export { type FindLearningRateOptions, findLearningRate } from "./training/find-learning-rate.js";
export { type FitOptions, fit } from "./training/fit.js";
export type { EpochMetrics } from "./training/history.js";
export { type FormatEpochOptions, formatEpoch, type History } from "./training/history.js";
export type { LearningRateRange, LearningRateSuggestions } from "./training/learning-rate-range.js";
export { decodeModel, encodeModel, type LoadedModel, loadModel, saveModel } from "./training/model-file.js";
export type { MonitorOptions } from "./training/monitor.js";
export { type Prediction, predict } from "./training/predict.js";
export {
  type BatchPrediction,
  createPredictor,
  type ExamplePrediction,
  type PredictOutputOptions,
  type Predictor,
  type PredictorExamples,
  type PredictorOptions,
} from "./training/predictor.js";
export type { PredictorExample } from "./training/predictor-run.js";
export { MODERN, type Preset } from "./training/presets.js";
export { type CosineOptions, cosine } from "./training/schedules/cosine.js";
export { type CosineRestartsOptions, cosineRestarts } from "./training/schedules/cosine-restarts.js";
export { type CyclicalOptions, cyclical } from "./training/schedules/cyclical.js";
export {
  type ExponentialDecayOptions,
  exponentialDecay,
  type MultiStepDecayOptions,
  multiStepDecay,
  type StepDecayOptions,
  stepDecay,
} from "./training/schedules/decay.js";
export { type InverseScalingOptions, inverseScaling } from "./training/schedules/inverse-scaling.js";
export { type OneCycleOptions, oneCycle } from "./training/schedules/one-cycle.js";
export { type PiecewiseOptions, piecewise, type RatePoint } from "./training/schedules/piecewise.js";
export { type PolynomialDecayOptions, polynomialDecay } from "./training/schedules/polynomial.js";
export { constant, type Schedule, type ScheduleTime } from "./training/schedules/schedule.js";
export {
  createSchedule,
  dependsOnEpochs,
  type ScheduleName,
  type ScheduleSpecification,
} from "./training/schedules/specification.js";
export type { ScheduleUnit } from "./training/schedules/time.js";
export { type WarmUpOptions, warmUp } from "./training/schedules/warm-up.js";
export type { NamedMetrics } from "./training/scorer.js";
export type { TrainingState } from "./training/state.js";
export { TrainingAbortedError } from "./training/training-aborted-error.js";
export type { Weights } from "./training/weights.js";
