import type { Backend, FloatArray } from "../backend/backend.js";
import { InvalidArgumentError, ModelFormatError } from "../errors.js";
import { encodeSafetensors, type Safetensors, type SafetensorsTensor } from "../formats/safetensors.js";
import { leaveZeros } from "../nn/initializers.js";
import { MultilayerPerceptron } from "../nn/mlp.js";
import { writeFileAtomically } from "../system/files.js";
import { type KnownOptions, kindOf, requireKnownOptions } from "../system/known-options.js";
import { LARGEST_FILE, readRegularFile } from "../system/regular-file.js";
import { assign, assignRows, type Tensor, toArray } from "../tensor/tensor.js";
import { checkNetwork } from "./compatibility.js";
import { describedNetwork, type Fail, misfit } from "./described-network.js";
import {
  checkMetadata,
  decodeModelFile,
  FORMAT,
  OF_THE_NETWORK,
  provenanceOf,
  requireKnownFormat,
  TRAINING,
} from "./model-format.js";

/** A network read from a file. */
export interface LoadedModel {
  readonly network: MultilayerPerceptron;
  /**
   * Configuration and seeds of the run that made it, as strings; {@link saveModel} wrote them, and takes them again. What a file says of the
   * network itself is in `network.specification`.
   */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface LoadModelOptions {
  /** Default: the one that `selectBackend` chooses. */
  readonly backend?: Backend | undefined;
}

export interface DecodeModelOptions extends LoadModelOptions {
  /** What a message calls the bytes. Default: `The model`. */
  readonly name?: string | undefined;
}

export const LOAD_OPTIONS: KnownOptions<LoadModelOptions> = { backend: true };
export const DECODE_OPTIONS: KnownOptions<DecodeModelOptions> = { ...LOAD_OPTIONS, name: true };

/**
 * Writes a network to a safetensors file, atomically: tensors `layers.0.weight` [n_units, n_inputs], `layers.0.bias`
 * [n_units], and so on, with running means and the like.
 *
 * @param metadata Whatever should be known about how the network was made, except `format` and `network`, which are written anyway, and
 *   `layers` and `activation`, which told of the network in earlier versions.
 * @throws InvalidArgumentError when the metadata have one of these four.
 * @throws OutputError when the file cannot be written; what was there before is kept.
 */
export async function saveModel(
  path: string,
  network: MultilayerPerceptron,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (typeof path !== "string") {
    throw new InvalidArgumentError(
      `Expected the path of a file as the first argument of saveModel, and the network as the second, but received ${kindOf(path)}.`,
    );
  }
  await writeFileAtomically(path, encodeModel(network, metadata));
}

/**
 * A network as the bytes of such a file: to keep it elsewhere than in a file, or to send it to a worker.
 *
 * @throws InvalidArgumentError as {@link saveModel}.
 */
export function encodeModel(
  network: MultilayerPerceptron,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return encodeNetwork(network, metadata);
}

/** What stands in a file beside a network. */
export interface ModelAddition {
  readonly tensors: readonly SafetensorsTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** As {@link encodeModel}, with more than the network. */
export function encodeNetwork(
  network: MultilayerPerceptron,
  metadata: Readonly<Record<string, string>>,
  addition: ModelAddition = { tensors: [], metadata: {} },
): Uint8Array {
  checkNetwork(network);
  checkMetadata(metadata);
  const description = { format: FORMAT, network: JSON.stringify(network.specification) };
  const reserved = OF_THE_NETWORK.find((name) => Object.hasOwn(metadata, name));
  if (reserved !== undefined) {
    throw new InvalidArgumentError(
      `Expected metadata without ${reserved}, which describes the network itself; give it another name.`,
    );
  }
  const entry = (name: string, x: Tensor) =>
    ({ name, shape: x.shape, data: toArray(x), dtype: x.dtype === "float32" ? "F32" : "F64" }) as const;
  const tensors = learnedTensors(network).map(({ name, value }) => entry(name, value));
  return encodeSafetensors([...tensors, ...addition.tensors], {
    ...metadata,
    ...description,
    ...addition.metadata,
  });
}

/**
 * Reads a network that {@link saveModel} wrote.
 *
 * @throws FileAccessError when the file is missing or cannot be read.
 * @throws ModelFormatError when it is not such a file.
 */
export async function loadModel(path: string, options: LoadModelOptions = {}): Promise<LoadedModel> {
  requireKnownOptions("loadModel", options, LOAD_OPTIONS, "{ backend: selectBackend() }");
  const bytes = await readRegularFile(path, LARGEST_FILE.model, {
    name: `The model ${path}`,
    advice: "name a model.safetensors that training wrote",
  });
  return decodeModel(bytes, { ...options, name: path });
}

/**
 * The network in bytes that {@link encodeModel} made.
 *
 * @throws ModelFormatError when they are something else.
 */
export function decodeModel(bytes: Uint8Array, options: DecodeModelOptions = {}): LoadedModel {
  requireKnownOptions("decodeModel", options, DECODE_OPTIONS, "{ backend: selectBackend() }");
  const { name = "The model", backend } = options;
  return readModel(decodeModelFile(bytes, name), name, { backend });
}

/** Numbers that are copied in some four milliseconds. */
const PIECE = 1 << 20;

/**
 * As {@link decodeModel}, in pieces of a few milliseconds, so that a wide network holds up nobody for long.
 *
 * @param rest Awaited between the pieces.
 */
export async function decodeModelInPieces(
  bytes: Uint8Array,
  options: DecodeModelOptions,
  rest: () => Promise<void>,
): Promise<LoadedModel> {
  requireKnownOptions("decodeModelInPieces", options, DECODE_OPTIONS, "{ backend: selectBackend() }");
  const { name = "The model", backend } = options;
  const { network, metadata, copies } = beginModel(decodeModelFile(bytes, name), name, { backend });
  for (const { from, to } of copies) {
    const [rows = 0, columns] = to.shape;
    if (columns === undefined) {
      assign(to, from);
      continue;
    }
    const count = Math.max(1, Math.floor(PIECE / columns));
    for (let row = 0; row < rows; row += count) {
      await rest();
      assignRows(to, row, from.subarray(row * columns, (row + count) * columns));
    }
  }
  return { network, metadata };
}

/**
 * The network in a file; what a checkpoint has beside it is left out.
 *
 * @param options.seed Of the random streams of its layers.
 * @param options.kind What a message calls a file of this form. Default: `a safetensors file`.
 */
export function readModel(all: Safetensors, path: string, options: ReadModelOptions): LoadedModel {
  const { network, metadata, copies } = beginModel(all, path, options);
  for (const { from, to } of copies) assign(to, from);
  return { network, metadata };
}

interface ReadModelOptions {
  readonly backend: Backend | undefined;
  readonly seed?: number;
  readonly kind?: string;
}

/** A network that has nothing in it yet, and what is to be copied into it. */
interface BegunModel extends LoadedModel {
  readonly copies: readonly { readonly from: FloatArray; readonly to: Tensor }[];
}

function beginModel(
  all: Safetensors,
  path: string,
  { kind = "a safetensors file", ...options }: ReadModelOptions,
): BegunModel {
  const fail = (fault: string) =>
    new ModelFormatError(`${path} is ${kind}, but not a model of this program: ${fault}.`);
  requireKnownFormat(all.metadata, path); // Also of what other forms hold.
  const file = withoutTraining(all);
  const description = describedNetwork(file, fail);
  const network = new MultilayerPerceptron({ ...description, initializer: leaveZeros, ...options });
  const tensors = learnedTensors(network);
  const other = [...file.tensors.keys()].find((name) => !tensors.some((tensor) => tensor.name === name));
  if (other !== undefined) throw fail(`${other} is no tensor of its network`);
  const copies = tensors.map(({ name, value }) => ({ from: sourceOf(file, name, value, fail), to: value }));
  return { network, metadata: provenanceOf(file.metadata), copies };
}

function withoutTraining({ tensors, metadata: { [TRAINING]: _, ...metadata } }: Safetensors): Safetensors {
  const entries = [...tensors].filter(([name]) => !name.startsWith(`${TRAINING}.`));
  return { tensors: new Map(entries), metadata };
}

/** All numbers of a network that a file must hold: what it has learned, running means and the like included. */
export function learnedTensors({
  parameters,
  buffers,
}: Pick<MultilayerPerceptron, "parameters" | "buffers">): readonly { name: string; value: Tensor }[] {
  return [...parameters, ...buffers];
}

/** Whether all that a network has learned are finite numbers; after a training that diverged they are not. */
export function hasFiniteWeights({ parameters }: MultilayerPerceptron): boolean {
  return parameters.every(({ value }) => value.data.every(Number.isFinite));
}

function sourceOf(file: Safetensors, name: string, target: Tensor, fail: Fail): FloatArray {
  const source = file.tensors.get(name);
  if (source?.shape.join() !== target.shape.join() || source.data.constructor !== target.data.constructor) {
    throw misfit(name, fail);
  }
  return source.data;
}
