import { examplesFingerprint } from "../data/fingerprint.js";
import { type DatasetOrStream, exampleCount } from "../data/stream.js";
import { ResumeError } from "../errors.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import { isOptions } from "../system/known-options.js";

/**
 * Raised when a version computes other numbers from the same settings: a training that one version began and the other ended would be
 * neither's.
 */
const NUMBERS = 1;

/** All that a training's numbers follow from beside where it is: plain JSON, so that what a checkpoint says can be held against it. */
export interface TrainingIdentity {
  readonly numbers: number;
  readonly network: string;
  /** Of the network's random streams. */
  readonly seed: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly trainingData: string;
  readonly validationData: string | null;
}

/** @param settings Those of `fit` that change its results, by name. */
export async function identify(
  network: MultilayerPerceptron,
  dataset: DatasetOrStream,
  validation: DatasetOrStream | undefined,
  settings: Readonly<Record<string, unknown>>,
): Promise<TrainingIdentity> {
  const { specification, dtype, seed, parameters } = network;
  const known = new Map<ArrayBufferView, string>();
  const frozen = parameters.filter(({ frozen }) => frozen === true).map(({ name }) => name);
  return {
    numbers: NUMBERS,
    network: JSON.stringify({ ...specification, dtype, frozen }),
    seed,
    // As it is after a way through a file.
    settings: JSON.parse(JSON.stringify(settings)),
    trainingData: await dataIdentity(dataset, known),
    validationData: validation === undefined ? null : await dataIdentity(validation, known),
  };
}

async function dataIdentity(source: DatasetOrStream, known: Map<ArrayBufferView, string>): Promise<string> {
  return `${exampleCount(source)} ${await examplesFingerprint(source, known)}`;
}

/**
 * Checks that a training can go on where another one was saved.
 *
 * @param saved Of the checkpoint.
 * @throws ResumeError that names the first difference.
 */
export function checkIdentity(saved: TrainingIdentity, own: TrainingIdentity): void {
  if (saved.numbers !== own.numbers) {
    throw new ResumeError(
      "The checkpoint is of a version of mnist-native that computes other numbers; go on with that version, or start anew.",
    );
  }
  if (saved.network !== own.network) {
    throw new ResumeError(
      `The checkpoint is of another network: expected ${own.network}, but it has ${saved.network}; make the same one, or start anew.`,
    );
  }
  if (saved.seed !== own.seed) {
    throw new ResumeError(
      `The checkpoint is of a network with seed ${saved.seed}, but received one with seed ${own.seed}; give it the same.`,
    );
  }
  const [ofSaved, ofOwn] = [flatten(saved.settings), flatten(own.settings)];
  for (const name of new Set([...ofSaved.keys(), ...ofOwn.keys()])) {
    const [before, now] = [ofSaved.get(name), ofOwn.get(name)];
    if (before === now) continue;
    throw new ResumeError(
      `The checkpoint is of a training with ${name} ${before ?? "left out"}, but received ${now ?? "none"}; go on with the settings that it had, or start anew.`,
    );
  }
  for (const [name, before, now] of [
    ["training", saved.trainingData, own.trainingData],
    ["validation", saved.validationData, own.validationData],
  ]) {
    if (before === now) continue;
    throw new ResumeError(
      `The checkpoint is of a training with another ${name} set; go on with the data that it had, or start anew.`,
    );
  }
}

/** `optimizer.momentum`, and what it is as JSON. */
function flatten(settings: Readonly<Record<string, unknown>>, prefix = ""): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(settings).flatMap(([name, value]) =>
      isOptions(value)
        ? [...flatten(value as Readonly<Record<string, unknown>>, `${prefix}${name}.`)]
        : [[`${prefix}${name}`, JSON.stringify(value)] as const],
    ),
  );
}
