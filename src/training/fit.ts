import type { DatasetOrStream } from "../data/stream.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { weighClasses } from "./class-weights.js";
import { checkSubjects } from "./compatibility.js";
import { trainEpoch, whilePaused } from "./epoch.js";
import { checkFitOptions, type FitOptions } from "./fit-options.js";
import type { History } from "./history.js";
import { identify } from "./identity.js";
import { prepare } from "./prepare.js";
import { resumeFrom } from "./resume.js";
import { learnStandardization } from "./standardization.js";
import { restoreCallbacks } from "./state.js";
import type { Training } from "./training.js";
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
  const { signal, classWeights, resume } = options;
  const examples = classWeights === undefined ? dataset : weighClasses(dataset, classWeights);
  const training = await prepare(network, examples, options);
  const { context, control, callbacks, position } = training;
  try {
    if (resume === undefined) await learnStandardization(network, examples, signal);
    if (training.offerCheckpoint !== undefined) {
      training.identity = await identify(
        network,
        examples,
        options.validation,
        settingsOf(training, options),
      );
      if (resume !== undefined) resumeFrom(resume, training, training.identity);
    }
    for (const callback of callbacks) {
      const beginning = callback.onTrainBegin?.(context);
      if (beginning !== undefined) await beginning;
    }
    if (resume !== undefined) restoreCallbacks(callbacks, resume.state.callbacks);
    while (position.isWithinEpoch || (context.epoch < context.epochs && control.stopReason === undefined)) {
      signal?.throwIfAborted();
      // In a pause somebody may end the training.
      if (control.paused) await whilePaused(training, signal);
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

/** What changes the results, and can be told. */
function settingsOf({ batchSize, dropLast, context }: Training, options: FitOptions) {
  const { name, settings } = context.optimizer;
  return { batchSize, dropLast, optimizer: { type: name, ...settings }, augment: options.augment };
}
