import type { Backend, DType } from "../backend/backend.js";
import { InvalidArgumentError, ModelFormatError } from "../errors.js";
import { decodeSafetensors, encodeSafetensors, type Safetensors } from "../formats/safetensors.js";
import { LARGEST_LAYER, MultilayerPerceptron } from "../nn/mlp.js";
import { writeFileAtomically } from "../system/files.js";
import { isOptions, type KnownOptions, kindOf, requireKnownOptions } from "../system/known-options.js";
import { LARGEST_FILE, readRegularFile } from "../system/regular-file.js";
import { assign, type Tensor, toArray } from "../tensor/tensor.js";
import { checkNetwork } from "./compatibility.js";

/** A network read from a file. */
export interface LoadedModel {
  readonly network: MultilayerPerceptron;
  /** Configuration and seeds of the run that made it, as strings; {@link saveModel} wrote them. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface LoadModelOptions {
  /** Default: the one that `selectBackend` chooses. */
  readonly backend?: Backend;
}

export interface DecodeModelOptions extends LoadModelOptions {
  /** What a message calls the bytes. Default: `The model`. */
  readonly name?: string;
}

const LOAD_OPTIONS: KnownOptions<LoadModelOptions> = { backend: true };
const DECODE_OPTIONS: KnownOptions<DecodeModelOptions> = { ...LOAD_OPTIONS, name: true };

const FORMAT = "mnist-native multilayer perceptron 1";

/**
 * Writes a network to a safetensors file, atomically: tensors `layers.0.weight` [n_units, n_inputs], `layers.0.bias`
 * [n_units], and so on.
 *
 * @param metadata Whatever should be known about how the network was made, except `format`, `layers` and `activation`, which
 *   are written anyway.
 * @throws InvalidArgumentError when the metadata have one of these three.
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
  checkNetwork(network);
  checkMetadata(metadata);
  const description = { format: FORMAT, layers: JSON.stringify(network.sizes), activation: "sigmoid" };
  const reserved = Object.keys(description).find((name) => Object.hasOwn(metadata, name));
  if (reserved !== undefined) {
    throw new InvalidArgumentError(
      `Expected metadata without ${reserved}, which describes the network itself; give it another name.`,
    );
  }
  const entry = (name: string, x: Tensor) =>
    ({ name, shape: x.shape, data: toArray(x), dtype: x.dtype === "float32" ? "F32" : "F64" }) as const;
  const tensors = network.parameters.map(({ name, value }) => entry(name, value));
  return encodeSafetensors(tensors, { ...metadata, ...description });
}

function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const entries = isOptions(metadata) ? Object.entries(metadata) : undefined;
  const wrong = entries?.find(([, value]) => typeof value !== "string");
  if (entries === undefined || wrong !== undefined) {
    const found = wrong === undefined ? kindOf(metadata) : `${kindOf(wrong[1])} for ${wrong[0]}`;
    throw new InvalidArgumentError(
      `Expected metadata that are an object of texts, such as { dataset: "mnist" }, but received ${found}.`,
    );
  }
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
  const { backend, name: path = "The model" } = options;
  const file = decodeSafetensors(bytes, path);
  const fail = (fault: string) =>
    new ModelFormatError(`${path} is a safetensors file, but not a model of this program: ${fault}.`);
  if (file.metadata.format !== FORMAT || file.metadata.activation !== "sigmoid") {
    throw fail(`its metadata do not say "${FORMAT}"`);
  }
  const { sizes, dtype } = readConfiguration(file, fail);
  // The weights drawn here are overwritten; the constructor checks the sizes.
  const network = new MultilayerPerceptron({ layers: sizes, dtype, initializer: () => {}, backend });
  for (const { name, value } of network.parameters) copyTensor(file, name, value, fail);
  return { network, metadata: file.metadata };
}

/** Whether all that a network has learned are finite numbers; after a training that diverged they are not. */
export function hasFiniteWeights({ parameters }: MultilayerPerceptron): boolean {
  return parameters.every(({ value }) => value.data.every(Number.isFinite));
}

type Fail = (fault: string) => ModelFormatError;

/** Layer sizes from the shapes of the weights: a file of a few bytes cannot make the program allocate more than it holds. */
function readConfiguration(file: Safetensors, fail: Fail): { sizes: readonly number[]; dtype: DType } {
  const sizes: number[] = [];
  for (let l = 0; file.tensors.has(`layers.${l}.weight`); l++) {
    const { shape = [] } = file.tensors.get(`layers.${l}.weight`) ?? {};
    const [units, inputs] = shape;
    if (units === undefined || inputs === undefined || shape.length !== 2 || units < 1 || inputs < 1) {
      throw fail(`layers.${l}.weight is not a matrix`);
    }
    if (units > LARGEST_LAYER || inputs > LARGEST_LAYER) {
      throw fail(
        `layers.${l}.weight is ${units} x ${inputs}, and a layer has at most ${LARGEST_LAYER} units`,
      );
    }
    if (l === 0) sizes.push(inputs);
    if (sizes.at(-1) !== inputs) {
      throw fail(
        `layers.${l}.weight has ${inputs} inputs, but the layer before it has ${sizes.at(-1)} units`,
      );
    }
    sizes.push(units);
  }
  if (file.tensors.size === 0 || file.tensors.size !== 2 * (sizes.length - 1)) {
    throw fail("it must hold a weight and a bias for each layer, and nothing else");
  }
  if ((sizes.at(-1) ?? 0) > 256) throw fail(`its last layer has ${sizes.at(-1)} units, and 256 are the most`);
  const [first] = file.tensors.values();
  return { sizes, dtype: first?.dtype === "F64" ? "float64" : "float32" };
}

function copyTensor(file: Safetensors, name: string, target: Tensor, fail: Fail): void {
  const source = file.tensors.get(name);
  if (source?.shape.join() !== target.shape.join() || source.data.constructor !== target.data.constructor) {
    throw fail(`${name} is missing, or has another shape or type than the rest demands`);
  }
  assign(target, source.data);
}
