import { createHash } from "node:crypto";
import type { Communicator } from "../../communicator/communicator.js";
import { createCommunicator } from "../../communicator/create-communicator.js";
import type { OpenData } from "../../data/open-data.js";
import { isStream } from "../../data/stream.js";
import { CommunicatorError, MnistNativeError } from "../../errors.js";
import type { RunData } from "../../runs/environment.js";
import { cpuLimits } from "../../system/machine.js";
import { packageVersion } from "../../system/package-version.js";
import { TrainingDivergedError } from "../../training/divergence.js";
import { DisagreementError, requireSame } from "../../training/ranks/agreement.js";
import { EXIT_ERROR, EXIT_USAGE, reportError, silence, UsageError } from "../process.js";
import { giveFirstPrecedence, rankOfEnvironment } from "../several-processes.js";

/** What the ranks of one training have to have in common before it begins. */
export interface Preparation {
  readonly config: Readonly<Record<string, unknown>>;
  readonly data: OpenData;
  readonly facts: RunData;
  readonly kernelSet: string;
  /** The bytes or the place of what it goes on from. */
  readonly checkpoint: string | undefined;
}

/** A training's other processes, as the command sees them. */
export interface Together {
  readonly communicator: Communicator;
  /** Threads of a rank where nobody asked for a number: the processors of the machine, divided by its ranks. */
  readonly threads: number;
  /**
   * Called once by every rank, when it is ready to train and has written nothing.
   *
   * @throws AgreedError, on all ranks, when one of them is not, or is about to train something else.
   */
  ready(preparation: Preparation): Promise<void>;
}

/** What all ranks know of, so that rank 0 alone tells it. */
class AgreedError extends CommunicatorError {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What a rank says of its preparations. */
type Words =
  | { readonly facts: Readonly<Record<string, unknown>> }
  | { readonly fault: string; readonly exitCode: number };

/**
 * Runs a training as one of several processes that MPI has started: they agree before it begins, rank 0 tells how it goes, and an error ends all.
 *
 * @param train Trains, and calls `ready` just before.
 */
export async function trainTogether(
  verbose: boolean,
  train: (together: Together) => Promise<unknown>,
): Promise<void> {
  if (rankOfEnvironment() !== 0) silence();
  let communicator: Communicator;
  try {
    communicator = await createCommunicator();
  } catch (error) {
    // Every rank meets it, and rank 0 tells.
    if (rankOfEnvironment() === 0) throw error;
    await giveFirstPrecedence();
    process.exitCode = EXIT_ERROR;
    return;
  }
  if (communicator.rank !== 0) silence();
  let isReady = false;
  const meet = async (words: Words) => {
    isReady = true;
    requireAgreement(
      (await communicator.gather(JSON.stringify(words))).map((text) => JSON.parse(text) as Words),
    );
  };
  try {
    try {
      await train({
        communicator,
        threads: threadsOfRank(communicator),
        ready: async (preparation) => meet({ facts: await factsOf(preparation) }),
      });
      // A run that had nothing left to do.
      if (!isReady) await meet({ facts: {} });
    } catch (error) {
      if (isReady) throw error;
      const message = error instanceof Error ? error.message : String(error);
      await meet({ fault: message, exitCode: error instanceof UsageError ? EXIT_USAGE : EXIT_ERROR });
    }
    communicator.close();
  } catch (error) {
    if (isMetByAll(error)) endTogether(error, communicator, verbose);
    else await endAll(error, communicator, verbose);
  }
}

/** What all ranks have met is told by rank 0. */
function endTogether(error: unknown, communicator: Communicator, verbose: boolean): void {
  if (communicator.rank === 0) reportError(error, verbose, "train");
  process.exitCode = error instanceof AgreedError ? error.exitCode : EXIT_ERROR;
  communicator.close();
}

/** What this rank may be the only one to know of, it tells, and ends the others, which would wait for it. */
async function endAll(error: unknown, communicator: Communicator, verbose: boolean): Promise<void> {
  const { rank } = communicator;
  await giveFirstPrecedence(rank);
  reportError(rank === 0 ? error : ofRank(rank, error), verbose, "train");
  communicator.abort(EXIT_ERROR);
}

/** Other errors may be one rank's alone, also those that tell of a wrong argument: a callback or a file may bring it. */
function isMetByAll(error: unknown): boolean {
  return [AgreedError, DisagreementError, TrainingDivergedError].some((kind) => error instanceof kind);
}

/** The same error, and whose it is. */
function ofRank(rank: number, error: unknown): unknown {
  if (!(error instanceof MnistNativeError)) return error;
  return new CommunicatorError(`Rank ${rank}: ${error.message}`, { cause: error });
}

function requireAgreement(all: readonly Words[]): void {
  for (const [rank, words] of all.entries()) {
    if (!("fault" in words)) continue;
    const sentence = rank === 0 ? words.fault : `Rank ${rank} cannot begin: ${words.fault}`;
    throw words.exitCode === EXIT_USAGE
      ? new AgreedError(sentence, EXIT_USAGE)
      : new AgreedError(sentence, EXIT_ERROR);
  }
  requireSame(
    all.map((words) => ("facts" in words ? words.facts : {})),
    "train the same",
    "start all of them with the same version, options and data",
  );
}

/** Places are each machine's own; what is there is looked at. */
const PLACES = ["dataDir", "csv", "npz", "imageFolder", "table", "from"];

async function factsOf({ config, data, facts, kernelSet, checkpoint }: Preparation) {
  const { train } = data.parts;
  const settings = Object.fromEntries(Object.entries(config).filter(([name]) => !PLACES.includes(name)));
  return {
    version: packageVersion(),
    "kernel set": kernelSet,
    ...Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [`${name} setting`, JSON.stringify(value)]),
    ),
    "numbers of examples": JSON.stringify(facts.examples),
    data: facts.fingerprint ?? (isStream(train) ? await train.fingerprint?.() : undefined),
    checkpoint: checkpoint === undefined ? "none" : createHash("sha256").update(checkpoint).digest("hex"),
  };
}

function threadsOfRank({ localSize }: Communicator): number {
  const { processors, affinity, quota } = cpuLimits();
  const ofMachine = Math.min(processors, quota ?? processors);
  return Math.max(1, Math.min(affinity, Math.floor(ofMachine / localSize)));
}
