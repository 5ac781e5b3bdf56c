import type { DType } from "../../backend/backend.js";
import { MnistNativeError, ModelFormatError } from "../../errors.js";
import {
  decodeForeignSafetensors,
  decodeSafetensors,
  type ForeignSafetensors,
  type ForeignTensor,
} from "../../formats/safetensors.js";
import { expectThat } from "../../system/expected.js";
import { requireKnownOptions } from "../../system/known-options.js";
import type { LoadedModel } from "../../training/model-file.js";
import { decodeModelFile, isOwnFormat } from "../../training/model-format.js";
import { ownModel } from "../own-model.js";
import {
  ARRAYS_OPTIONS,
  checkArraysOptions,
  type ImportArraysOptions,
  modelOfParts,
  type Part,
} from "../plain-parts.js";
import { grouped, inOrder } from "./pytorch-names.js";
import { fromSequential } from "./pytorch-own.js";

/** PyTorch's own, of nn.BatchNorm1d. */
const EPSILON_OF_PYTORCH = 1e-5;

/**
 * Reads a network from a safetensors file:
 *
 * - what this package wrote, as a model or by `exportPyTorch`, which comes back whole;
 * - the `state_dict` of a PyTorch network of nn.Linear and nn.BatchNorm1d in F16, BF16, F32 or F64. Layers come in the order of the
 *   numbers in their names, fc2 before fc10, and in the only one that fits where names do not tell it. `output` has to be given, where
 *   there are hidden layers `activation`, and where a batch normalisation stands between layers whose numbers do not tell,
 *   `normalization`. Skip connections do not show in such a file: a network with them would be read as one without.
 *
 * @param bytes The whole file.
 * @throws ModelFormatError when it is none of these, when it is damaged, or when it holds other layers, which are named.
 * @throws InvalidArgumentError when an option is missing that says what the file does not.
 */
export function importSafetensors(bytes: Uint8Array, options: ImportArraysOptions = {}): LoadedModel {
  requireKnownOptions(
    "importSafetensors",
    options,
    ARRAYS_OPTIONS,
    '{ activation: "relu", output: "softmax" }',
  );
  expectThat(
    bytes instanceof Uint8Array,
    "the bytes of a file",
    "the first argument of importSafetensors",
    bytes,
  );
  checkArraysOptions(options);
  const { name = "The model" } = options;
  const file = decodeForeignSafetensors(bytes, name);
  const { format, network } = file.metadata;
  if (isOwnFormat(file.metadata))
    return ownModel(decodeModelFile(bytes, name), options, "a safetensors file");
  if (format === "pt" && network !== undefined) {
    const whole = withSequentialNames(decodeSafetensors(bytes, name), network, name);
    return ownModel(whole, options, "a safetensors file");
  }
  return ofPyTorch(file, options);
}

function withSequentialNames(
  file: ReturnType<typeof decodeSafetensors>,
  network: string,
  name: string,
): ReturnType<typeof decodeSafetensors> {
  try {
    return fromSequential(file, network);
  } catch (cause) {
    // JSON that is none is a SyntaxError; layers that cannot be are errors of this package.
    if (!(cause instanceof SyntaxError || cause instanceof MnistNativeError)) throw cause;
    throw new ModelFormatError(`${name} describes no network that can be made: ${cause.message}`, { cause });
  }
}

function ofPyTorch({ tensors }: ForeignSafetensors, options: ImportArraysOptions): LoadedModel {
  const { name = "The model" } = options;
  const modules = grouped(tensors.values(), ({ name: tensor }) => tensor.replace(/\.?[^.]*$/, ""));
  const parts = [...modules].map(([module, own]) => partOf(module, own, name));
  const isWide = [...tensors.values()].some(({ dtype }) => dtype === "F64");
  const dtype: DType = isWide ? "float64" : "float32";
  return modelOfParts({ parts: inOrder(parts, name), dtype, epsilon: EPSILON_OF_PYTORCH }, options);
}

/** What a module of PyTorch is, by the names and shapes of its tensors. */
function partOf(module: string, tensors: readonly ForeignTensor[], name: string): Part {
  const fields = new Map(
    tensors.map((tensor) => [tensor.name.slice(module === "" ? 0 : module.length + 1), tensor]),
  );
  const { size } = fields;
  const [weight, bias, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map((field) =>
    numbersOf(fields.get(field)),
  );
  const called = module === "" ? "weight" : module;
  if (weight?.shape.length === 2 && size === (bias === undefined ? 1 : 2) && !/embed/i.test(module)) {
    requireVectors(called, bias === undefined ? [] : [bias], name);
    const [units = 0, inputs = 0] = weight.shape;
    return { kind: "linear", name: called, weight: weight.data, bias: bias?.data, units, inputs };
  }
  const counted = fields.has("num_batches_tracked") ? 1 : 0;
  const affine = [weight, bias].filter((tensor) => tensor !== undefined);
  if (mean !== undefined && variance !== undefined && size === 2 + affine.length + counted) {
    requireVectors(called, [mean, variance, ...affine], name);
    return {
      kind: "normalization",
      name: called,
      gamma: weight?.data,
      beta: bias?.data,
      mean: mean.data,
      variance: variance.data,
    };
  }
  // Of the module that exportPyTorch writes, saved by PyTorch again.
  const [own, deviation] = [numbersOf(fields.get("mean")), numbersOf(fields.get("deviation"))];
  if (own !== undefined && deviation !== undefined && size === 2) {
    requireVectors(called, [own, deviation], name);
    return { kind: "standardization", name: called, mean: own.data, deviation: deviation.data };
  }
  throw strange(fields, name);
}

/** Whole numbers are counts, and no weights. */
function numbersOf(tensor: ForeignTensor | undefined): ForeignTensor | undefined {
  return tensor?.dtype === "I64" ? undefined : tensor;
}

function requireVectors(module: string, tensors: readonly ForeignTensor[], name: string): void {
  const wrong = tensors.find(({ shape }) => shape.length !== 1);
  if (wrong === undefined) return;
  throw new ModelFormatError(
    `${name} has the shape [${shapeOf(wrong)}] for ${quote(wrong.name)} of ${quote(module)}, and a vector was expected.`,
  );
}

/** What is found where neither an nn.Linear nor an nn.BatchNorm1d is. */
function strange(fields: ReadonlyMap<string, ForeignTensor>, name: string): ModelFormatError {
  const weight = fields.get("weight");
  const unknown = [...fields].find(([field]) => !KNOWN_FIELDS.has(field))?.[1];
  const tensor = unknown ?? weight ?? ([...fields.values()][0] as ForeignTensor); // A module has one at least.
  const kind = unknown === undefined ? KINDS[weight?.shape.length ?? 0] : kindByField(unknown.name);
  const looks = kind === undefined ? "" : `, as ${kind} has it`;
  return new ModelFormatError(
    `${name} holds ${quote(tensor.name)} of the shape [${shapeOf(tensor)}]${looks}; networks of nn.Linear and nn.BatchNorm1d alone can be used here.`,
  );
}

const KNOWN_FIELDS = new Set(["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]);

/** By the number of dimensions of a weight. */
const KINDS: readonly (string | undefined)[] = [
  undefined,
  "nn.LayerNorm or nn.PReLU",
  "nn.Embedding",
  "nn.Conv1d",
  "nn.Conv2d",
  "nn.Conv3d",
];

function kindByField(tensor: string): string | undefined {
  if (/weight_[ih]h/.test(tensor)) return "nn.RNN, nn.LSTM or nn.GRU";
  if (/in_proj_/.test(tensor)) return "nn.MultiheadAttention";
  if (/weight_[gv]$|parametrizations/.test(tensor)) return "a layer with a norm of its weights apart";
  return undefined;
}

function shapeOf({ shape }: ForeignTensor): string {
  return shape.slice(0, 8).join(", ");
}

function quote(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
