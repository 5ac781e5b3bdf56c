import { type DatasetOrStream, isStream } from "../data/stream.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { weighClasses } from "./class-weights.js";
import { checkSubjects } from "./compatibility.js";
import { trainEpoch, whilePaused } from "./epoch.js";
import { checkFitOptions, type FitOptions } from "./fit-options.js";
import type { History } from "./history.js";
import { identify } from "./identity.js";
import { prepare } from "./prepare.js";
import { singleRank } from "./ranks/single-rank.js";
import { resumeFrom } from "./resume.js";
import { learnStandardization } from "./standardization.js";
import { restoreCallbacks } from "./state.js";
import type { Ranks, Training } from "./training.js";
import { TrainingAbortedError } from "./training-aborted-error.js";

export type { FitOptions };

/**
 * Trains a network by minibatch gradient descent on its loss.
 *
 * The work is done on the calling thread (and the backend's own), and the event loop gets its turn at least every 20 ms on
 * networks of the chapter's size; a single operation is never interrupted. The network is updated in place: after an abort it
 * holds what it has learned so far.
 *
 * Where most pixels are background, the others are listed when `fit` begins: it then sees images in memory as they were at that time.
 *
 * @param dataset The training set. It is evaluated after every epoch, too, so that a stream is read twice in each.
 * @throws InvalidArgumentError when there is no such option, when one is out of range, or when a dataset is empty or weighs nothing.
 * @throws ShapeError when the network does not fit the images.
 * @throws FileAccessError or DataFormatError when a stream cannot be read.
 * @throws CommunicatorError, on all ranks, when they are at different places, or when their weights have become different.
 * @throws TrainingDivergedError when the loss of a minibatch is no finite number, with the history so far.
 * @throws TrainingAbortedError when the signal is aborted, with the history so far and the signal's reason as its cause.
 */
export async function fit(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  options: FitOptions = {},
): Promise<History> {
  checkFitOptions(options);
  checkSubjects(network, dataset);
  const { classWeights, resume } = options;
  const examples = classWeights === undefined ? dataset : weighClasses(dataset, classWeights);
  const ranks = await ranksOf(network, options);
  const { signal } = ranks;
  const training = await prepare(network, examples, options, ranks);
  const { context, control, callbacks, position } = training;
  try {
    if (resume === undefined)
      await learnStandardization(network, examples, signal, dividedStream(ranks, examples));
    if (training.offerCheckpoint !== undefined) {
      training.identity = await identify(
        network,
        examples,
        options.validation,
        settingsOf(training, options),
      );
      if (resume !== undefined) resumeFrom(resume, training, training.identity);
    }
    const agreement = ranks.begin(training);
    if (agreement !== undefined) await agreement;
    for (const callback of callbacks) {
      const beginning = callback.onTrainBegin?.(context);
      if (beginning !== undefined) await beginning;
    }
    if (resume !== undefined) restoreCallbacks(callbacks, resume.state.callbacks);
    while (position.isWithinEpoch || (context.epoch < context.epochs && control.stopReason === undefined)) {
      signal?.throwIfAborted();
      // In a pause somebody may end the training.
      if (ranks.isPaused(training)) await whilePaused(training);
      else await trainEpoch(training, examples, signal);
    }
    for (const callback of callbacks) callback.onTrainEnd?.(context);
  } catch (error) {
    if (signal?.aborted && error === signal.reason) {
      if (position.isWhole && training.identity !== undefined) await training.offerCheckpoint?.("abort");
      throw new TrainingAbortedError({ epochs: context.history }, error);
    }
    throw error;
  }
  const { stopReason } = control;
  return { epochs: context.history, ...(stopReason !== undefined && { stopReason }) };
}

/** Plain training loads nothing for others. */
async function ranksOf(network: MultilayerPerceptron, { communicator, signal }: FitOptions): Promise<Ranks> {
  if (communicator === undefined || communicator.size === 1) return singleRank(signal);
  const { severalRanks } = await import("./ranks/several-ranks.js");
  return severalRanks(communicator, network, signal);
}

/** What is in memory is there whole, and its sums get the same bits in any number of processes. */
function dividedStream(ranks: Ranks, dataset: DatasetOrStream) {
  return isStream(dataset) ? ranks.divide(dataset) : undefined;
}

/** What changes the results, and can be told. */
function settingsOf({ batchSize, dropLast, context }: Training, options: FitOptions) {
  const { name, settings } = context.optimizer;
  return { batchSize, dropLast, optimizer: { type: name, ...settings }, augment: options.augment };
}
