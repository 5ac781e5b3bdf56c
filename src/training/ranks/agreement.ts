import { createHash } from "node:crypto";
import type { Communicator } from "../../communicator/communicator.js";
import { CommunicatorError } from "../../errors.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { packageVersion } from "../../system/package-version.js";
import type { Training } from "../training.js";

/** The fact that stands for all weights, by its name in a sentence. */
const WEIGHTS = "weights";

/** The longest fact that a sentence shows. */
const MOST_SHOWN = 60;

/**
 * Checks that all ranks are about to make the same training.
 *
 * @throws CommunicatorError, on all of them with the same sentence, when they are not.
 */
export async function agreeOnBeginning(communicator: Communicator, training: Training): Promise<void> {
  const { context, position, batchSize, dropLast } = training;
  const { network, optimizer, epochs, epoch, step, examplesPerEpoch } = context;
  const { backend, dtype, specification } = network;
  await agree(
    communicator,
    {
      version: packageVersion(),
      backend: `${backend.name} (${backend.kernelSet})`,
      network: JSON.stringify({ ...specification, dtype }),
      optimizer: JSON.stringify({ type: optimizer.name, ...optimizer.settings }),
      epochs,
      batchSize,
      dropLast,
      "number of training examples": examplesPerEpoch,
      "place in the training": `epoch ${epoch}, step ${step}, minibatch ${position.batches}`,
      [WEIGHTS]: checksum(network),
    },
    "begin the same training",
    "start all of them with the same program, options and data",
  );
}

/** What rank 0 has decided in an epoch. */
export interface EpochDecisions {
  readonly scale: number;
  readonly stopReason: string | null;
  readonly isPaused: boolean;
  /** How many ranks were interrupted. */
  readonly interruptions: number;
}

/**
 * Checks that all ranks have come to the same weights, and hears what rank 0 has decided.
 *
 * @throws CommunicatorError, on all of them with the same sentence, when the weights have become different.
 */
export async function agreeOnEpoch(
  communicator: Communicator,
  { context, control }: Training,
  isInterrupted: boolean,
): Promise<EpochDecisions> {
  const { scale, paused, stopReason = null } = control;
  const facts = { epoch: context.epoch, step: context.step, [WEIGHTS]: checksum(context.network) };
  const own = { facts, scale, isPaused: paused, stopReason, isInterrupted };
  const told = (await communicator.gather(JSON.stringify(own))).map((text) => JSON.parse(text) as typeof own);
  requireSame(
    told.map((one) => one.facts),
    `have the same training after epoch ${context.epoch}`,
    "go on from the last checkpoint, on machines that compute alike",
  );
  const first = told[0] as typeof own; // There is a rank 0.
  return { ...first, interruptions: told.filter((one) => one.isInterrupted).length };
}

/** Facts that all ranks must have in common, by how a sentence names them. */
export type Facts = Readonly<Record<string, unknown>>;

/** What all ranks have noticed together. */
export class DisagreementError extends CommunicatorError {}

async function agree(communicator: Communicator, facts: Facts, what: string, remedy: string): Promise<void> {
  const told = await communicator.gather(JSON.stringify(facts));
  requireSame(
    told.map((text) => JSON.parse(text) as Facts),
    what,
    remedy,
  );
}

/**
 * Checks that all ranks have the same facts. The first that differs is named.
 *
 * @param told What each rank has said.
 * @param what What ranks are expected to do, as `Expected all ranks to …` goes on.
 * @param remedy As a sentence ends.
 * @throws DisagreementError when they have not.
 */
export function requireSame([first = {}, ...others]: readonly Facts[], what: string, remedy: string): void {
  for (const name of Object.keys(first)) {
    for (const [i, facts] of others.entries()) {
      if (facts[name] === first[name]) continue;
      const [theirs, ours] = [String(facts[name]), String(first[name])];
      // A digest tells nobody anything.
      const values =
        ours.length < MOST_SHOWN && theirs.length < MOST_SHOWN ? `, ${theirs} and not ${ours}` : "";
      throw new DisagreementError(
        `Expected all ranks to ${what}, but rank ${i + 1} has other ${name} than rank 0${values}; ${remedy}.`,
      );
    }
  }
}

/** Tells the numbers of a network from others. */
function checksum({ parameters, buffers }: MultilayerPerceptron): string {
  const hash = createHash("sha256");
  for (const { value } of [...parameters, ...buffers]) hash.update(value.data);
  return hash.digest("hex");
}
