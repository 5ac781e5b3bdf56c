import type { Backend } from "../backend/backend.js";
import { MnistNativeError, ModelFormatError } from "../errors.js";
import { decodeSafetensors, type SafetensorsTensor } from "../formats/safetensors.js";
import { MultilayerPerceptron } from "../nn/mlp.js";
import { createOptimizer, type OptimizerName, type OptimizerSpecification } from "../optim/specification.js";
import { show } from "../system/expected.js";
import { isOptions, type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { LARGEST_FILE, readRegularFile } from "../system/regular-file.js";
import { assign, sameLayout, type Tensor, toArray } from "../tensor/tensor.js";
import { isBatchOptimizer } from "../training/full-batch.js";
import { decodeModel, encodeNetwork } from "../training/model-file.js";
import { TRAINING } from "../training/model-format.js";
import { createFitted, type Fitted } from "./fitted.js";
import type { Label, Labelling } from "./labels.js";
import type { MLPParameters } from "./mlp-parameters.js";
import { dropoutDraws, type Outputs, skipDropoutDraws } from "./network.js";
import { formatParameters, parseParameters } from "./parameters.js";

// An estimator is a model file, with what the optimizer remembers as further tensors, and all else in the metadata: `estimator` has the
// class, `parameters` and `fitted` have JSON.

/** Beginning of the names of what the optimizer remembers. */
const OPTIMIZER_TENSORS = `${TRAINING}.optimizer.`;

type EstimatorName = "MLPClassifier" | "MLPRegressor";

/** An estimator as a plain object that JSON can hold. */
export interface EstimatorJson {
  readonly estimator: string;
  /** The bytes of a model file, in base64. */
  readonly file: string;
}

export interface EstimatorFileOptions {
  /** What the loaded estimator computes with. Default: the one that `selectBackend` chooses. */
  readonly backend?: Backend | undefined;
}

/** What is written of {@link Fitted} beside tensors. */
interface SavedFitted {
  readonly labelling?: Labelling | undefined;
  readonly dropoutSeed: number | null;
  readonly dropoutDraws: number;
  /** `null` where there is none to go on with. */
  readonly optimizer: OptimizerSpecification | null;
  readonly steps: number;
  readonly learningRate: number | null;
  readonly optimizerEpochs: number;
  readonly nIter: number;
  readonly t: number;
  /** Here and below NaN, which JSON has not, is `null`. */
  readonly loss: number | null;
  readonly lossCurve: readonly number[];
  readonly validationScores: readonly (number | null)[] | null;
  readonly noImprovement: number;
}

export function encodeEstimator(
  estimator: EstimatorName,
  parameters: Required<MLPParameters>,
  fitted: Fitted,
): Uint8Array {
  const { network, optimizer, optimizerEpochs, nIter, t, loss, lossCurve, validationScores } = fitted;
  const { backend: _, ...saved } = parameters;
  const state: SavedFitted = {
    labelling: fitted.labelling,
    dropoutSeed: fitted.dropoutSeed,
    dropoutDraws: dropoutDraws(network),
    optimizer: optimizer ? { ...optimizer.settings, type: optimizer.name as OptimizerName } : null,
    steps: optimizer?.steps ?? 0,
    learningRate: Number.isFinite(fitted.learningRate) ? fitted.learningRate : null,
    optimizerEpochs,
    nIter,
    t,
    loss,
    lossCurve,
    validationScores,
    noImprovement: fitted.noImprovement,
  };
  const metadata = {
    estimator,
    parameters: formatParameters(saved),
    fitted: JSON.stringify(state),
  };
  const slots = [...(optimizer?.slots ?? [])].map(
    ([name, slot]): SafetensorsTensor => ({
      name: `${OPTIMIZER_TENSORS}${name}`,
      shape: slot.shape,
      data: toArray(slot),
      dtype: slot.dtype === "float32" ? "F32" : "F64",
    }),
  );
  return encodeNetwork(network, metadata, { tensors: slots, metadata: {} });
}

/** What a file says of an estimator, its parameters unchecked. */
export interface EstimatorFile {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly labelling: Labelling | undefined;
  readonly outputs: number;
  /** What was learned, in a network with these outputs. */
  restore(outputs: Outputs): Fitted;
}

/**
 * Reads an estimator.
 *
 * @param make Makes the estimator of what the file says.
 * @param path What a message calls the bytes.
 * @throws ModelFormatError when they are something else.
 */
export function decodeEstimator<Estimator>(
  estimator: EstimatorName,
  bytes: Uint8Array,
  { backend, path }: EstimatorFileOptions & { readonly path: string },
  make: (file: EstimatorFile) => Estimator,
): Estimator {
  const { network, metadata } = decodeModel(bytes, { ...(backend && { backend }), name: path });
  const fail = (fault: string, cause?: unknown) =>
    new ModelFormatError(`${path} does not hold an ${estimator}: ${fault}.`, { cause });
  if (metadata.estimator !== estimator) {
    const { estimator: found } = metadata;
    throw fail(
      found === undefined
        ? "it is a network by itself; read it by loadModel"
        : `it holds an ${JSON.stringify(found.slice(0, 40))}`,
    );
  }
  const { tensors } = decodeSafetensors(bytes, path);
  try {
    const saved = readSaved(metadata.fitted ?? "");
    return make({
      parameters: {
        ...parseParameters(metadata.parameters ?? "", { learningRate: missingSchedule, randomState: null }),
        ...(backend && { backend }),
      },
      labelling: saved.labelling,
      outputs: network.outputs,
      restore: (outputs) => restoreFitted(network, saved, tensors, outputs),
    });
  } catch (error) {
    if (error instanceof SyntaxError) throw fail("its metadata are not JSON", error);
    if (error instanceof MnistNativeError) {
      throw fail(error.message.replace(/\.$/, ""), error);
    }
    throw error;
  }
}

/** A schedule is a program, which a file has not. */
const missingSchedule = (): number => {
  throw new ModelFormatError(
    "This estimator was saved with a schedule for its learningRate, which no file can hold; give it by setParams({ learningRate }) before it learns on.",
  );
};

function readSaved(text: string): SavedFitted {
  const saved = JSON.parse(text) as Partial<SavedFitted> | null;
  const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
  const isNumber = (value: unknown) => value === null || Number.isFinite(value);
  const isNumbers = (value: unknown) => Array.isArray(value) && value.every(isNumber);
  const isLabelling = (value: SavedFitted["labelling"]) =>
    value === undefined ||
    (isOptions(value) &&
      ["binary", "multiclass", "multilabel"].includes(value.kind) &&
      Array.isArray(value.classes) &&
      value.classes.every((label: Label) => ["number", "string", "boolean"].includes(typeof label)));
  const isSaved =
    isOptions(saved) &&
    isLabelling(saved.labelling) &&
    (saved.dropoutSeed === null || isCount(saved.dropoutSeed)) &&
    (saved.optimizer === null || isOptions(saved.optimizer)) &&
    isNumber(saved.learningRate) &&
    [saved.steps, saved.dropoutDraws, saved.optimizerEpochs, saved.nIter, saved.t, saved.noImprovement].every(
      isCount,
    ) &&
    isNumber(saved.loss) &&
    isNumbers(saved.lossCurve) &&
    (saved.validationScores === null || isNumbers(saved.validationScores));
  if (!isSaved) throw new ModelFormatError("The metadata of the estimator are not whole.");
  return saved as SavedFitted;
}

function restoreFitted(
  from: MultilayerPerceptron,
  saved: SavedFitted,
  tensors: ReadonlyMap<string, SafetensorsTensor>,
  outputs: Outputs,
): Fitted {
  const { dtype, backend, inputs, specification } = from;
  const network = new MultilayerPerceptron({
    layers: [inputs, ...specification.layers],
    loss: outputs.loss, // Of which the file has but the name.
    alpha: specification.alpha ?? 0,
    initializer: () => {},
    ...(saved.dropoutSeed !== null && { seed: saved.dropoutSeed }),
    dtype,
    backend,
  });
  for (const [p, { value }] of network.parameters.entries()) {
    assign(value, toArray((from.parameters[p] as { readonly value: Tensor }).value)); // Both have the same layers.
  }
  skipDropoutDraws(network, saved.dropoutDraws);
  const { steps, optimizerEpochs, nIter, t, lossCurve, noImprovement } = saved;
  const validationScores = saved.validationScores?.map((score) => score ?? Number.NaN) ?? null;
  const fitted: Fitted = {
    ...createFitted(network, { labelling: saved.labelling, dropoutSeed: saved.dropoutSeed }),
    learningRate: saved.learningRate ?? Number.NaN,
    optimizerEpochs,
    nIter,
    t,
    loss: saved.loss ?? Number.NaN,
    lossCurve: [...lossCurve],
    validationScores,
    bestLoss: lossCurve.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    bestValidationScore: (validationScores ?? []).reduce((a, b) => (b > a ? b : a), Number.NEGATIVE_INFINITY),
    noImprovement,
  };
  if (saved.optimizer !== null) {
    const optimizer = createOptimizer(saved.optimizer);
    if (isBatchOptimizer(optimizer)) throw new ModelFormatError("Its optimizer takes no steps.");
    optimizer.restore(steps, slotsOf(network, tensors));
    fitted.optimizer = optimizer;
  }
  return fitted;
}

/** What an optimizer remembers, each like its parameter in memory. */
function slotsOf(
  { parameters }: MultilayerPerceptron,
  tensors: ReadonlyMap<string, SafetensorsTensor>,
): ReadonlyMap<string, Tensor> {
  const slots = new Map<string, Tensor>();
  for (const [name, { data, shape }] of tensors) {
    if (!name.startsWith(OPTIMIZER_TENSORS)) continue;
    const slotName = name.slice(OPTIMIZER_TENSORS.length);
    const parameter = parameters.find((candidate) => slotName.startsWith(`${candidate.name}.`));
    if (parameter === undefined || parameter.value.shape.join() !== shape.join()) {
      throw new ModelFormatError(`The tensor ${name} belongs to no parameter of the network.`);
    }
    const { value } = parameter;
    const slot = sameLayout(value, value.backend.allocate(value.dtype, value.data.length));
    assign(slot, data);
    slots.set(slotName, slot);
  }
  return slots;
}

const FILE_OPTIONS: KnownOptions<EstimatorFileOptions> = { backend: true };

/** @throws FileAccessError when the file is missing or cannot be read. */
export async function bytesOfFile(
  estimator: EstimatorName,
  path: string,
  options: EstimatorFileOptions,
): Promise<Uint8Array> {
  requireKnownOptions(`${estimator}.load`, options, FILE_OPTIONS, "{ backend: selectBackend() }");
  return await readRegularFile(path, LARGEST_FILE.model, {
    name: `The model ${path}`,
    advice: `name a file that save of an ${estimator} wrote`,
  });
}

/** @throws ModelFormatError when this is no such object. */
export function bytesOfJson(
  estimator: EstimatorName,
  json: unknown,
  options: EstimatorFileOptions,
): Uint8Array {
  requireKnownOptions(`${estimator}.fromJSON`, options, FILE_OPTIONS, "{ backend: selectBackend() }");
  const file = isOptions(json) && "file" in json ? json.file : undefined;
  if (typeof file !== "string") {
    throw new ModelFormatError(
      `Expected an object that toJSON of an ${estimator} gave, with its file, but received ${show(json)}.`,
    );
  }
  return Buffer.from(file, "base64");
}
