import type { Activation } from "../backend/activation.js";
import type { DType, FloatArray } from "../backend/backend.js";
import { ModelFormatError } from "../errors.js";
import { checkNumber, LARGEST_LAYER } from "../nn/checks.js";
import { createLoss, type LossName } from "../nn/losses/create-loss.js";
import { checkActivation, type OutputActivation } from "../nn/specification.js";
import { expectFunction, expectThat } from "../system/expected.js";
import type { KnownOptions } from "../system/known-options.js";
import type { LoadedModel } from "../training/model-file.js";
import { ImportOptionError, type SpellOption } from "./import-option-error.js";
import { IMPORT_OPTIONS, type ImportOptions, importedModel } from "./imported-model.js";
import type { Step } from "./steps.js";

// Files that hold arrays alone, as PyTorch's state_dict and Keras' get_weights() are: what layers they are of is told by shapes and names,
// what is between them by the options.

/** How to read a network from arrays that other programs saved without the network. */
export interface ImportArraysOptions extends ImportOptions {
  /**
   * Where a batch normalisation stands that comes after a hidden layer, if the file has one and does not tell: before that layer's
   * activation, or after it.
   */
  readonly normalization?: "beforeActivation" | "afterActivation" | undefined;
  /** Of batch normalisations, above 0. Default: that of the program that wrote the file, 1e-5 of PyTorch and 1e-3 of Keras. */
  readonly epsilon?: number | undefined;
}

export const ARRAYS_OPTIONS: KnownOptions<ImportArraysOptions> = {
  ...IMPORT_OPTIONS,
  normalization: true,
  epsilon: true,
};

/** @throws InvalidArgumentError when an option has a value that it cannot have. */
export function checkArraysOptions({
  activation,
  output,
  loss,
  normalization,
  epsilon,
  onAssumedPixels,
}: ImportArraysOptions): void {
  if (onAssumedPixels !== undefined) expectFunction("onAssumedPixels", onAssumedPixels);
  if (activation !== undefined) checkActivation(activation, "the hidden layers", false);
  if (output !== undefined) checkActivation(output, "the output", true);
  if (loss !== undefined) createLoss(loss);
  if (normalization !== undefined) {
    const isPlace = normalization === "beforeActivation" || normalization === "afterActivation";
    expectThat(isPlace, "beforeActivation or afterActivation", "normalization", normalization);
  }
  if (epsilon !== undefined) checkNumber("epsilon", epsilon, (value) => value > 0, "above 0");
}

export interface LinearPart {
  readonly kind: "linear";
  /** What messages call it. */
  readonly name: string;
  /** [units, inputs] */
  readonly weight: FloatArray;
  /** [units]. Default: zeros. */
  readonly bias?: FloatArray | undefined;
  readonly units: number;
  readonly inputs: number;
}

export interface NormalizationPart {
  readonly kind: "normalization";
  readonly name: string;
  /** [units], as all of them. Default: ones. */
  readonly gamma?: FloatArray | undefined;
  /** Default: zeros. */
  readonly beta?: FloatArray | undefined;
  readonly mean: FloatArray;
  readonly variance: FloatArray;
  /** Where it stands, if the file tells. */
  readonly place?: ImportArraysOptions["normalization"];
}

export interface StandardizationPart {
  readonly kind: "standardization";
  readonly name: string;
  readonly mean: FloatArray;
  readonly deviation: FloatArray;
}

export type Part = LinearPart | NormalizationPart | StandardizationPart;

/** A network's layers without what is between them, in the order in which they are computed. */
export interface PlainParts {
  readonly parts: readonly Part[];
  readonly dtype: DType;
  /** What the file tells, or `undefined` where it does not. */
  readonly activation?: Activation | undefined;
  readonly output?: OutputActivation | undefined;
  readonly loss?: LossName | undefined;
  /** Of the program that wrote the file. */
  readonly epsilon: number;
  /** Metadata that the file gives. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The network of such parts.
 *
 * @throws ModelFormatError when they do not make a network that can be used here, or when an option tells otherwise than the file.
 * @throws InvalidArgumentError when an option is missing that says what the file does not.
 */
export function modelOfParts(plain: PlainParts, options: ImportArraysOptions): LoadedModel {
  const { parts, dtype, metadata = {} } = plain;
  const { name = "The model" } = options;
  requireChain(parts, name);
  const hidden = parts.filter(({ kind }) => kind === "linear").length - 1;
  const { activation = plain.activation, output } = options;
  requireTold(plain, options, hidden > 0, name);
  const steps: Step[] = [];
  let remaining = hidden + 1;
  for (const [i, part] of parts.entries()) {
    if (part.kind === "standardization") {
      steps.push({ kind: "standardization", mean: part.mean, deviation: part.deviation });
      continue;
    }
    if (part.kind === "normalization") {
      // One after a linear layer has been placed with it.
      if (remaining === hidden + 1) steps.push(normalizationStep(part, plain, options));
      continue;
    }
    remaining--;
    const { weight, units, inputs, bias = new Float32Array(units) } = part;
    steps.push({ kind: "linear", weight, bias, units, inputs });
    if (remaining === 0) break;
    const rest = parts.slice(i + 1);
    const next = rest.findIndex(({ kind }) => kind === "linear");
    const normalizations = rest.slice(0, next).filter((one) => one.kind === "normalization");
    const after = normalizations.filter((one) => isAfter(one, activation, options, name));
    for (const one of normalizations)
      if (!after.includes(one)) steps.push(normalizationStep(one, plain, options));
    if (activation !== undefined && activation !== "identity") steps.push({ kind: "activation", activation });
    for (const one of after) steps.push(normalizationStep(one, plain, options));
  }
  const told = plain.output;
  if (told !== undefined && told !== "identity") steps.push({ kind: "activation", activation: told });
  return importedModel(
    { inputs: widthOf(parts[0] as Part).inputs, dtype, steps, loss: plain.loss }, // requireChain has seen one.
    { ...options, name, output },
    metadata,
  );
}

/** @throws ModelFormatError unless each part takes the numbers that the one before it gives, all of them finite. */
function requireChain(parts: readonly Part[], name: string): void {
  const fail = (fault: string) =>
    new ModelFormatError(`${name} is no network that can be used here: ${fault}.`);
  if (parts.at(-1)?.kind !== "linear") {
    const last = parts.at(-1);
    throw fail(
      last === undefined
        ? "it has no linear layer"
        : `its last layer, ${last.name}, is no linear one with a matrix of weights`,
    );
  }
  for (const [i, part] of parts.entries()) {
    const { inputs, units } = widthOf(part);
    if (inputs < 1 || units < 1 || inputs > LARGEST_LAYER || units > LARGEST_LAYER) {
      throw fail(`${part.name} is ${units} x ${inputs}, and 1 to ${LARGEST_LAYER} of each were expected`);
    }
    const before = parts[i - 1];
    if (before !== undefined && widthOf(before).units !== inputs) {
      throw fail(
        `${part.name} takes ${inputs} numbers, but ${before.name} before it gives ${widthOf(before).units}`,
      );
    }
    if (part.kind === "standardization" && i > 0) throw fail(`${part.name} is not the first layer`);
    for (const [field, numbers] of Object.entries(part)) {
      if (!ArrayBuffer.isView(numbers)) continue;
      const data = numbers as FloatArray;
      requireFinite(data, `${field} of ${part.name}`, name);
      const length = field === "weight" ? units * inputs : units;
      if (data.length !== length) {
        throw fail(`${field} of ${part.name} has ${data.length} numbers, and ${length} were expected`);
      }
      const isSmall = (value: number) => (field === "variance" ? value < 0 : value <= 0);
      if ((field === "variance" || field === "deviation") && data.some(isSmall)) {
        throw fail(`${field} of ${part.name} has ${data.find(isSmall)}, which no ${field} can be`);
      }
    }
  }
}

/** @throws ModelFormatError when a number is NaN or infinite. */
export function requireFinite(data: FloatArray, what: string, name: string): void {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) {
      throw new ModelFormatError(
        `${name} holds ${data[i]} in ${what}, and finite numbers were expected; did its training diverge?`,
      );
    }
  }
}

function widthOf(part: Part): { readonly inputs: number; readonly units: number } {
  if (part.kind === "linear") return part;
  return { inputs: part.mean.length, units: part.mean.length };
}

function requireTold(plain: PlainParts, options: ImportArraysOptions, isDeep: boolean, name: string): void {
  if (options.activation !== undefined && (plain.activation ?? options.activation) !== options.activation) {
    throw new ModelFormatError(
      `${name} tells of ${plain.activation} as the activation of its hidden layers, and ${options.activation} was asked for; leave that out.`,
    );
  }
  const missing: ((spell: SpellOption) => string)[] = [];
  if (isDeep && plain.activation === undefined && options.activation === undefined) {
    missing.push((spell) => `${spell("activation")}, what its hidden layers apply, such as "relu"`);
  }
  if (plain.output === undefined && options.output === undefined) {
    missing.push(
      (spell) =>
        `${spell("output")}, what its last layer applies, such as "softmax", or "identity" for nothing`,
    );
  }
  if (missing.length > 0) {
    throw new ImportOptionError(
      (spell) =>
        `${name} has weights alone, which do not tell how they are used; give ${missing.map((one) => one(spell)).join(", and ")}.`,
    );
  }
}

function isAfter(
  { name: part, place }: NormalizationPart,
  activation: Activation | undefined,
  { normalization = place }: ImportArraysOptions,
  name: string,
): boolean {
  if (normalization === undefined && activation !== "identity") {
    throw new ImportOptionError(
      (spell) =>
        `${name} does not tell whether the batch normalisation ${part} stands before or after the activation; give ${spell("normalization")}, "beforeActivation" or "afterActivation".`,
    );
  }
  return normalization === "afterActivation";
}

function normalizationStep(
  { gamma, beta, mean, variance }: NormalizationPart,
  plain: PlainParts,
  options: ImportArraysOptions,
): Step {
  const units = mean.length;
  return {
    kind: "normalization",
    gamma: gamma ?? new Float32Array(units).fill(1),
    beta: beta ?? new Float32Array(units),
    mean,
    variance,
    epsilon: options.epsilon ?? plain.epsilon,
  };
}
