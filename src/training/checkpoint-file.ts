import { ModelFormatError } from "../errors.js";
import { packState, type SavedState, unpackState } from "../formats/saved-state.js";
import { MultilayerPerceptron } from "../nn/mlp.js";
import { expectThat } from "../system/expected.js";
import { isOptions, requireKnownOptions } from "../system/known-options.js";
import { LARGEST_FILE, readRegularFile } from "../system/regular-file.js";
import {
  DECODE_OPTIONS,
  type DecodeModelOptions,
  encodeNetwork,
  LOAD_OPTIONS,
  type LoadModelOptions,
  readModel,
} from "./model-file.js";
import { decodeModelFile, TRAINING } from "./model-format.js";
import { asTrainingState } from "./read-state.js";
import type { TrainingState } from "./state.js";

// A checkpoint is a model file with the state of the training beside the network: tensors `training.…`, and JSON in the metadata.

/** A training as it was at a moment, read from a file. */
export interface Checkpoint {
  /** As it was. */
  readonly network: MultilayerPerceptron;
  /** As of a model: what the file says beside the network and the training. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly state: TrainingState;
}

/** The bytes of a checkpoint, which {@link decodeCheckpoint} and `decodeModel` read. */
export function encodeCheckpoint(
  network: MultilayerPerceptron,
  state: TrainingState,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { json, tensors } = packState(state as unknown as SavedState, TRAINING);
  return encodeNetwork(network, metadata, { metadata: { [TRAINING]: json }, tensors });
}

/**
 * Reads a training that was saved, for `fit` to go on from: `fit(checkpoint.network, dataset, { ...options, resume: checkpoint })`.
 *
 * @throws FileAccessError when the file is missing or cannot be read.
 * @throws ModelFormatError when it is no checkpoint.
 */
export async function loadCheckpoint(path: string, options: LoadModelOptions = {}): Promise<Checkpoint> {
  requireKnownOptions("loadCheckpoint", options, LOAD_OPTIONS, "{ backend: selectBackend() }");
  const bytes = await readRegularFile(path, LARGEST_FILE.model, {
    name: `The checkpoint ${path}`,
    advice: "name a file of the folder checkpoints of a run",
  });
  return decodeCheckpoint(bytes, { ...options, name: path });
}

/**
 * The training in bytes that a callback's `encodeCheckpoint` made.
 *
 * @throws ModelFormatError when they are something else.
 */
export function decodeCheckpoint(bytes: Uint8Array, options: DecodeModelOptions = {}): Checkpoint {
  requireKnownOptions("decodeCheckpoint", options, DECODE_OPTIONS, "{ backend: selectBackend() }");
  const { name = "The checkpoint", backend } = options;
  const file = decodeModelFile(bytes, name);
  const json = file.metadata[TRAINING];
  if (json === undefined) {
    throw new ModelFormatError(`${name} is a model without the state of a training; name a checkpoint.`);
  }
  const state = asTrainingState(unpackState(json, file, name), name);
  const { network, metadata } = readModel(file, name, { backend, seed: state.identity.seed });
  return { network, metadata, state };
}

/** @throws InvalidArgumentError when this is no checkpoint. */
export function checkCheckpoint(checkpoint: unknown): void {
  const { network, state } = (checkpoint ?? {}) as Partial<Checkpoint>;
  const isCheckpoint = network instanceof MultilayerPerceptron && isOptions(state);
  expectThat(isCheckpoint, "what loadCheckpoint returned", "resume", checkpoint);
}
