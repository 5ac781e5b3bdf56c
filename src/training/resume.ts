import { InvalidArgumentError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { assign, toArray } from "../tensor/tensor.js";
import { type Checkpoint, encodeCheckpoint } from "./checkpoint-file.js";
import { checkIdentity, type TrainingIdentity } from "./identity.js";
import { learnedTensors } from "./model-file.js";
import { captureState, restoreState } from "./state.js";
import type { Training } from "./training.js";

/**
 * A training as the bytes of a checkpoint.
 *
 * @throws InvalidArgumentError when the moment is not one between two steps or epochs.
 */
export function encodeTraining(training: Training, metadata?: Readonly<Record<string, string>>): Uint8Array {
  const { identity, position, context } = training;
  if (identity === undefined || !position.isWhole) {
    throw new InvalidArgumentError(
      "Expected encodeCheckpoint to be called within onCheckpoint, and only there.",
    );
  }
  return encodeCheckpoint(context.network, captureState(training, identity), metadata);
}

/**
 * Brings a training and its network to where the checkpoint was.
 *
 * @throws ResumeError when it cannot go on from there.
 */
export function resumeFrom(
  { network: source, state }: Checkpoint,
  training: Training,
  identity: TrainingIdentity,
): void {
  const { network } = training.context;
  checkIdentity(state.identity, identity);
  if (source !== network) copyNumbers(source, network);
  restoreState(training, state);
}

/** Both are of the same layers. */
function copyNumbers(source: MultilayerPerceptron, network: MultilayerPerceptron): void {
  const numbers = new Map(learnedTensors(source).map(({ name, value }) => [name, value]));
  for (const { name, value } of learnedTensors(network)) {
    const saved = numbers.get(name);
    if (saved !== undefined) assign(value, toArray(saved));
  }
}
