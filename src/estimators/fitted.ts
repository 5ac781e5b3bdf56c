import type { FloatArray } from "../backend/backend.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { EpochMetrics, History } from "../training/history.js";
import type { Labelling } from "./labels.js";
import type { MLPParameters } from "./mlp-parameters.js";

/** What an estimator has learned, and how far it has come. */
export interface Fitted {
  network: MultilayerPerceptron;
  /** The parameters that the network was made by; `undefined` where it comes from a file. */
  madeBy: Required<MLPParameters> | undefined;
  /** Of a classifier. */
  readonly labelling: Labelling | undefined;
  /** Of its dropout; `null` where there is none. */
  dropoutSeed: number | null;
  /** Kept between partial fits; `lbfgs` leaves none. */
  optimizer: Optimizer | undefined;
  /** Of the next epoch; a schedule's is that of the last step. */
  learningRate: number;
  /** Epochs since the optimizer was made. */
  optimizerEpochs: number;
  nIter: number;
  /** Examples that were trained on, in all epochs. */
  t: number;
  loss: number;
  readonly lossCurve: number[];
  /** `null` where none are set aside. */
  validationScores: number[] | null;
  bestLoss: number;
  bestValidationScore: number;
  /** Epochs in a row without improvement. */
  noImprovement: number;
  /** The parameters of the best epoch, where they are to be restored. */
  best: readonly FloatArray[] | undefined;
}

type Beginning = Partial<Pick<Fitted, "labelling" | "dropoutSeed" | "madeBy">> & {
  readonly hasValidation?: boolean;
};

export function createFitted(
  network: MultilayerPerceptron,
  { hasValidation = false, labelling, dropoutSeed = null, madeBy }: Beginning,
): Fitted {
  return {
    network,
    madeBy,
    labelling,
    dropoutSeed,
    optimizer: undefined,
    learningRate: Number.NaN,
    optimizerEpochs: 0,
    nIter: 0,
    t: 0,
    loss: Number.NaN,
    lossCurve: [],
    validationScores: hasValidation ? [] : null,
    bestLoss: Number.POSITIVE_INFINITY,
    bestValidationScore: Number.NEGATIVE_INFINITY,
    noImprovement: 0,
    best: undefined,
  };
}

export function keepBest(fitted: Fitted): void {
  fitted.best = fitted.network.parameters.map(({ value }) => value.data.slice());
}

/** The same where a fit goes on, and nothing was kept: then the best is what it begins with. */
export function keepFirst(fitted: Fitted): void {
  if (fitted.best === undefined && fitted.lossCurve.length > 0) keepBest(fitted);
}

export function restoreBest({ best, network }: Fitted): void {
  if (best === undefined) return;
  for (const [p, { value }] of network.parameters.entries()) value.data.set(best[p] as FloatArray); // There is one for each.
}

/** For the errors that end a training. */
export function historyOf({ lossCurve, validationScores }: Fitted): History {
  const epochs = lossCurve.map(
    (trainLoss, i): EpochMetrics => ({
      epoch: i + 1,
      trainLoss,
      trainAccuracy: Number.NaN,
      validLoss: Number.NaN,
      validAccuracy: validationScores?.[i] ?? Number.NaN,
      seconds: Number.NaN,
    }),
  );
  return { epochs };
}
