import type { Activation } from "../../backend/activation.js";
import type { DType, FloatArray } from "../../backend/backend.js";
import { DataFormatError, ModelFormatError } from "../../errors.js";
import type { NpyArray, NpyNumbers } from "../../formats/npy-array.js";
import { type Npz, readNpz } from "../../formats/npz.js";
import type { SafetensorsTensor } from "../../formats/safetensors.js";
import type { LossName } from "../../nn/losses/create-loss.js";
import type { OutputActivation } from "../../nn/specification.js";
import { expectThat, show } from "../../system/expected.js";
import { requireKnownOptions } from "../../system/known-options.js";
import type { LoadedModel } from "../../training/model-file.js";
import { VALUES } from "../../training/model-metadata.js";
import { ownModel } from "../own-model.js";
import {
  ARRAYS_OPTIONS,
  checkArraysOptions,
  type ImportArraysOptions,
  type LinearPart,
  modelOfParts,
  type NormalizationPart,
  type Part,
} from "../plain-parts.js";

/** Keras' own, of BatchNormalization. */
const EPSILON_OF_KERAS = 1e-3;

/**
 * Reads a network from arrays that `numpy.savez` or `numpy.savez_compressed` wrote, told by their names:
 *
 * - what `exportNpz` wrote, which comes back whole;
 * - an MLPClassifier or MLPRegressor of scikit-learn, `coefs_0`, `intercepts_0` and so on, as examples/save-sklearn.py writes them;
 * - `numpy.savez(path, *model.get_weights())` of a Keras model of Dense and BatchNormalization layers, `arr_0` and so on; `output` has to
 *   be given, where there are hidden layers `activation`, and where a BatchNormalization follows one `normalization`. A
 *   BatchNormalization needs both `scale` and `center`, which are Keras' defaults: without them its arrays cannot be told from others.
 *
 * @param bytes The whole file.
 * @throws ModelFormatError when it is none of these, when it is damaged, or when its arrays do not make a network.
 * @throws InvalidArgumentError when an option is missing that says what the file does not.
 */
export async function importNpz(bytes: Uint8Array, options: ImportArraysOptions = {}): Promise<LoadedModel> {
  requireKnownOptions("importNpz", options, ARRAYS_OPTIONS, '{ activation: "relu", output: "softmax" }');
  expectThat(bytes instanceof Uint8Array, "the bytes of a file", "the first argument of importNpz", bytes);
  checkArraysOptions(options);
  const { name = "The model" } = options;
  const file = await readArrays(bytes, name);
  const { arrays } = file;
  if (arrays.has("network") && arrays.has("format")) return ofOwn(arrays, options);
  if (arrays.has("coefs_0")) return ofScikitLearn(arrays, options);
  if (arrays.has("arr_0")) return ofKeras(arrays, options);
  throw unknown(file, name);
}

/** What files begin with that somebody may take for one of savez. */
const BEGINNINGS = [
  ["\x93NUMPY", "a single array, as numpy.save writes it; write all arrays by numpy.savez"],
  ["\x89HDF", "an HDF5 file; write numpy.savez(path, *model.get_weights()) instead"],
  [
    "\x80",
    "a pickle, which only Python can read; write arrays by numpy.savez, as examples/save-sklearn.py does",
  ],
] as const;

async function readArrays(bytes: Uint8Array, name: string): Promise<Npz> {
  const beginning = Buffer.from(bytes.subarray(0, 6)).toString("latin1");
  if (!beginning.startsWith("PK")) {
    const [, found = "no archive"] = BEGINNINGS.find(([start]) => beginning.startsWith(start)) ?? [];
    throw new ModelFormatError(`${name} is not what numpy.savez writes, but ${found}.`);
  }
  try {
    return await readNpz(bytes, name);
  } catch (error) {
    if (!(error instanceof DataFormatError)) throw error;
    throw new ModelFormatError(error.message, { cause: error });
  }
}

/** By a file in the archive: whose it is, and what to write instead. */
const ARCHIVES = [
  ["data.pkl", "torch.save", "its state_dict by safetensors.torch.save_file"],
  ["model.weights.h5", "Keras' model.save", "numpy.savez(path, *model.get_weights())"],
] as const;

function unknown({ arrays, others }: Npz, name: string): ModelFormatError {
  const archive = ARCHIVES.find(([ending]) => others.some((file) => file.endsWith(ending)));
  if (archive !== undefined) {
    const [, writer, remedy] = archive;
    return new ModelFormatError(
      `${name} is what ${writer} wrote, which only that program can read; write ${remedy} instead.`,
    );
  }
  const names = [...arrays.keys()].slice(0, 8).map((key) => key.slice(0, 40));
  const found = names.length === 0 ? "no arrays" : `the arrays ${names.join(", ")}`;
  return new ModelFormatError(
    `${name} holds ${found}, and arrays as exportNpz writes them, coefs_0 … of scikit-learn or arr_0 … of Keras were expected.`,
  );
}

type Arrays = ReadonlyMap<string, NpyArray>;

/** What exportNpz wrote. */
function ofOwn(arrays: Arrays, options: ImportArraysOptions): LoadedModel {
  const { name = "The model" } = options;
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [key, array] of arrays) {
    if (array.kind === "texts") continue;
    const { shape, data } = array;
    tensors.set(key, { name: key, dtype: data instanceof Float32Array ? "F32" : "F64", shape, data });
  }
  const [format, network, metadata = "{}"] = ["format", "network", "metadata"].map((key) =>
    textOf(arrays, key, name),
  );
  if (format === undefined || network === undefined) throw new TypeError("There are no such texts.");
  const file = { tensors, metadata: { ...parseMetadata(metadata, name), format, network } };
  return ownModel(file, options, "a file of NumPy arrays");
}

function parseMetadata(text: string, name: string): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ModelFormatError(`${name} has metadata that are not JSON: ${show(text)}.`, { cause });
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject || !Object.values(value as object).every((entry) => typeof entry === "string")) {
    throw new ModelFormatError(`${name} has metadata that are no object of texts: ${show(text)}.`);
  }
  return value as Record<string, string>;
}

const HIDDEN_OF_SCIKIT_LEARN: ReadonlyMap<string, Activation> = new Map([
  ["identity", "identity"],
  ["logistic", "sigmoid"],
  ["tanh", "tanh"],
  ["relu", "relu"],
]);

/** A regressor's output is linear. Of a classifier it minimises the log loss, sklearn.neural_network.MLPClassifier. */
const LOSS_OF_SCIKIT_LEARN: Readonly<Partial<Record<OutputActivation, LossName>>> = {
  sigmoid: "binaryCrossEntropy",
  softmax: "crossEntropy",
};

const OUTPUT_OF_SCIKIT_LEARN: ReadonlyMap<string, OutputActivation> = new Map([
  ["identity", "identity"],
  ["logistic", "sigmoid"],
  ["softmax", "softmax"],
]);

function ofScikitLearn(arrays: Arrays, options: ImportArraysOptions): LoadedModel {
  const { name = "The model" } = options;
  const used: NpyNumbers[] = [];
  const take = (key: string, dimensions: number) => {
    const array = numbersOf(arrays, key, dimensions, name);
    used.push(array);
    return array;
  };
  const parts: Part[] = [];
  if (arrays.has("mean_") || arrays.has("scale_")) {
    const [mean, deviation] = [take("mean_", 1).data, take("scale_", 1).data];
    parts.push({ kind: "standardization", name: "mean_ and scale_", mean, deviation });
  }
  for (let i = 0; arrays.has(`coefs_${i}`); i++) {
    const kernel = take(`coefs_${i}`, 2);
    parts.push(linearOf(`coefs_${i}`, kernel, take(`intercepts_${i}`, 1).data));
  }
  const known = (key: string, values: ReadonlyMap<string, OutputActivation>) => {
    const text = textOf(arrays, key, name);
    const value = values.get(text ?? "");
    if (text !== undefined && value === undefined) {
      throw new ModelFormatError(
        `${name} has the ${key} ${show(text)}, and one of ${[...values.keys()].join(", ")} was expected.`,
      );
    }
    return value;
  };
  const output = known("out_activation_", OUTPUT_OF_SCIKIT_LEARN);
  const plain = {
    parts,
    dtype: dtypeOf(used),
    activation: known("activation", HIDDEN_OF_SCIKIT_LEARN) as Activation | undefined,
    output,
    loss: output === undefined ? undefined : LOSS_OF_SCIKIT_LEARN[output],
    epsilon: 1e-5,
  };
  const { network, metadata } = modelOfParts(plain, options);
  // A linear output is a regressor's; its class of one number would be taken for two classes.
  const learns = output === "identity" && !arrays.has("classes_") ? { learns: VALUES } : {};
  return {
    network,
    metadata: { ...learns, ...classNames(arrays.get("classes_"), network.outputs, name), ...metadata },
  };
}

/** Classes that are no more than their numbers need no names. */
function classNames(classes: NpyArray | undefined, outputs: number, name: string): Record<string, string> {
  if (classes === undefined) return {};
  const names = classes.kind === "texts" ? classes.texts : Array.from(classes.data, String);
  const expected = outputs === 1 ? 2 : outputs;
  if (names.length !== expected) {
    throw new ModelFormatError(
      `${name} has ${names.length} classes in classes_, but its ${outputs} outputs tell ${expected} apart.`,
    );
  }
  return names.every((text, i) => text === String(i)) ? {} : { classNames: JSON.stringify(names) };
}

/** Every layer's arrays in turn: a Dense kernel and, unless it was left out, its bias; gamma, beta, mean and variance. */
function ofKeras(arrays: Arrays, options: ImportArraysOptions): LoadedModel {
  const { name = "The model" } = options;
  const numbers: NpyNumbers[] = [];
  for (let i = 0; arrays.has(`arr_${i}`); i++) numbers.push(numbersOf(arrays, `arr_${i}`, undefined, name));
  const strange = numbers.findIndex(({ shape }) => shape.length !== 1 && shape.length !== 2);
  if (strange !== -1) {
    throw new ModelFormatError(
      `${name} has the shape [${numbers[strange]?.shape.join(", ")}] in arr_${strange}, as no Dense or BatchNormalization layer has; networks of these layers alone can be used here.`,
    );
  }
  const parts: Part[] = [];
  let i = 0;
  while (i < numbers.length) {
    const first = numbers[i] as NpyNumbers; // i is below the number of arrays, here and in the next lines.
    let vectors = 0;
    const isKernel = first.shape.length === 2;
    const start = isKernel ? i + 1 : i;
    while (numbers[start + vectors]?.shape.length === 1) vectors++;
    const hasBias = isKernel && vectors % 4 === 1;
    if (isKernel) parts.push(linearOf(`arr_${i}`, first, hasBias ? numbers[i + 1]?.data : undefined));
    if ((hasBias ? vectors - 1 : vectors) % 4 !== 0) {
      throw new ModelFormatError(
        `${name} has ${vectors} vectors from arr_${start} on, and a bias, or gamma, beta, moving_mean and moving_variance of a BatchNormalization, or both were expected.`,
      );
    }
    for (let at = hasBias ? start + 1 : start; at < start + vectors; at += 4)
      parts.push(normalizationOf(at, numbers));
    i = start + vectors;
  }
  return modelOfParts({ parts, dtype: dtypeOf(numbers), epsilon: EPSILON_OF_KERAS }, options);
}

function normalizationOf(at: number, numbers: readonly NpyNumbers[]): NormalizationPart {
  const [gamma, beta, mean, variance] = numbers.slice(at, at + 4).map(({ data }) => data) as [
    FloatArray,
    FloatArray,
    FloatArray,
    FloatArray,
  ];
  return { kind: "normalization", name: `arr_${at} to arr_${at + 3}`, gamma, beta, mean, variance };
}

/** Both programs keep weights as [inputs, units]. */
function linearOf(
  name: string,
  { shape, data }: NpyNumbers,
  bias: LinearPart["bias"] | undefined,
): LinearPart {
  const [inputs = 0, units = 0] = shape;
  const weight = new (data instanceof Float32Array ? Float32Array : Float64Array)(data.length);
  for (let i = 0; i < inputs; i++)
    for (let u = 0; u < units; u++) weight[u * inputs + i] = data[i * units + u] as number; // In the matrix.
  return { kind: "linear", name, weight, bias, units, inputs };
}

function dtypeOf(arrays: readonly NpyNumbers[]): DType {
  return arrays.every(({ data }) => data instanceof Float32Array) ? "float32" : "float64";
}

function numbersOf(arrays: Arrays, key: string, dimensions: number | undefined, name: string): NpyNumbers {
  const array = arrays.get(key);
  if (array?.kind === "numbers" && array.shape.length === (dimensions ?? array.shape.length)) return array;
  const found =
    array === undefined
      ? "has none"
      : `has ${array.kind} of the shape [${array.shape.slice(0, 8).join(", ")}] there`;
  throw new ModelFormatError(
    `${name} ${found}, and an array of numbers ${dimensions === undefined ? "" : `with ${dimensions} dimensions `}was expected in ${key}.`,
  );
}

/** `undefined` where there is no such array. */
function textOf(arrays: Arrays, key: string, name: string): string | undefined {
  const array = arrays.get(key);
  if (array === undefined) return undefined;
  if (array.kind !== "texts" || array.texts.length !== 1) {
    throw new ModelFormatError(`${name} has no single text in ${key}, where one was expected.`);
  }
  return array.texts[0];
}
