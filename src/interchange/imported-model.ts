import { isDeepStrictEqual } from "node:util";
import type { Activation } from "../backend/activation.js";
import { imageFormat } from "../data/features.js";
import { InvalidArgumentError, ModelFormatError } from "../errors.js";
import { createLoss, type LossName, requirePair } from "../nn/losses/create-loss.js";
import type { LossSpecification } from "../nn/losses/specification.js";
import type { OutputActivation } from "../nn/specification.js";
import { expectThat } from "../system/expected.js";
import { isOptions, type KnownOptions } from "../system/known-options.js";
import type { LoadedModel, LoadModelOptions } from "../training/model-file.js";
import { type NetworkSteps, networkOf, type StandardizationStep, type Step } from "./steps.js";

/** A byte p of a pixel is p * scale + offset for the network. */
export interface PixelScale {
  readonly scale: number;
  readonly offset: number;
}

/** How to read a network that another program wrote. What the file itself tells need not be given, and must not be told otherwise. */
export interface ImportOptions extends LoadModelOptions {
  /** What a message calls the file. Default: `The model`. */
  readonly name?: string | undefined;
  /** Of every hidden layer, where the file has weights alone. */
  readonly activation?: Activation | undefined;
  /**
   * Of the last layer, where the file does not tell it; also `softmax` or `sigmoid` where the file ends with a linear layer, as PyTorch's
   * and Keras' networks do whose loss takes logits.
   */
  readonly output?: OutputActivation | undefined;
  /**
   * What training goes on to make small. Default: what the file tells, as this package's and scikit-learn's classifiers do; else as for
   * every network, `crossEntropy` for a softmax and `squaredError` for others, also for a sigmoid, which Keras and PyTorch mostly train on
   * `binaryCrossEntropy`.
   */
  readonly loss?: LossName | LossSpecification | undefined;
  /**
   * What the other program made of the bytes of pixels: `{ scale: 1 / 255, offset: 0 }` for 0 to 1. Default: `{ scale: 2 / 255, offset: -1
   * }`, this package's own, -1 to 1. Another one becomes a `standardize` layer before the network, so that it sees what it has learned from.
   */
  readonly pixels?: PixelScale | undefined;
  /**
   * Called where neither the file nor `pixels` tells what the other program made of the bytes of pixels, so that this package's own, -1 to 1,
   * are assumed, which matters where the network reads images.
   */
  readonly onAssumedPixels?: (() => void) | undefined;
  /** Recorded in the model: names of classes, the shape of images and so on, as `saveModel` takes them. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export const IMPORT_OPTIONS: KnownOptions<ImportOptions> = {
  backend: true,
  name: true,
  activation: true,
  output: true,
  loss: true,
  pixels: true,
  onAssumedPixels: true,
  metadata: true,
};

/** What a file tells of a network. */
export interface FoundNetwork extends Omit<NetworkSteps, "outputs"> {
  /** What it was trained on, of a file that tells it. */
  readonly loss?: LossName | LossSpecification | undefined;
  /** Whether it tells that it reads this package's pixels. Default: false. */
  readonly tellsPixels?: boolean | undefined;
}

/**
 * The network of the steps that a file tells of, brought to this package's pixels.
 *
 * @throws ModelFormatError when steps do not make a network, or when an option tells otherwise than the file.
 * @throws InvalidArgumentError when the loss does not go with the output.
 */
export function importedModel(
  { inputs, dtype, steps, loss: told, tellsPixels = false }: FoundNetwork,
  { name = "The model", backend, output, loss, pixels, onAssumedPixels, metadata = {} }: ImportOptions,
  found: Readonly<Record<string, string>> = {},
): LoadedModel {
  const whole = withOutput(steps, output, name);
  // One of an output that has been replaced tells nothing of the other.
  const trained = whole === steps ? told : undefined;
  if (loss !== undefined) requireLoss(loss, trained, whole, name);
  const all = withPixels(whole, inputs, pixels);
  try {
    const network = networkOf({ inputs, dtype, steps: all }, { backend, loss: loss ?? trained });
    if (pixels === undefined && !tellsPixels && !takesNegatives(steps)) onAssumedPixels?.();
    return { network, metadata: { ...found, ...metadata } };
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    throw new ModelFormatError(`${name} is no network that can be used here: ${error.message}`, {
      cause: error,
    });
  }
}

/** The activation of the output that was asked for, unless the file tells of another. */
function withOutput(
  steps: readonly Step[],
  output: OutputActivation | undefined,
  name: string,
): readonly Step[] {
  const last = steps.at(-1);
  const told = last?.kind === "activation" ? last.activation : "identity";
  if (output === undefined || output === told) return steps;
  if (told !== "identity") {
    throw new ModelFormatError(
      `${name} tells of ${told} as the activation of its output, and ${output} was asked for; leave that out.`,
    );
  }
  return [...steps, { kind: "activation", activation: output as Exclude<OutputActivation, "identity"> }];
}

/** @throws ModelFormatError when the file tells of another loss. @throws InvalidArgumentError when it does not go with the output. */
function requireLoss(
  asked: LossName | LossSpecification,
  told: LossName | LossSpecification | undefined,
  steps: readonly Step[],
  name: string,
): void {
  const loss = createLoss(asked);
  requireSameLoss(loss.specification, told === undefined ? undefined : createLoss(told).specification, name);
  const last = steps.at(-1);
  const linear = steps.findLast(({ kind }) => kind === "linear");
  const units = linear?.kind === "linear" ? linear.units : 0;
  requirePair(
    loss,
    last?.kind === "activation" ? last.activation : "identity",
    units,
    `the output of ${name}`,
  );
}

/** @throws ModelFormatError when a file tells of another loss than was asked for. */
export function requireSameLoss(
  asked: LossSpecification,
  told: LossSpecification | undefined,
  name: string,
): void {
  if (told === undefined || isDeepStrictEqual(asked, told)) return;
  throw new ModelFormatError(
    `${name} tells of ${lossInWords(told)} as its loss, and ${lossInWords(asked)} was asked for; leave that out, and name another loss when it is trained further.`,
  );
}

function lossInWords({ type, ...options }: LossSpecification): string {
  const settings = Object.entries(options).map(([option, value]) => `${option} ${value}`);
  return settings.length === 0 ? type : `${type} (${settings.join(", ")})`;
}

/** Whether the numbers for the network are standardized first, some about a mean below 0, as no pixels from 0 on have it. */
function takesNegatives([first]: readonly Step[]): boolean {
  return first?.kind === "standardization" && first.mean.some((mean) => mean < 0);
}

/** A first step that brings this package's pixels to what the network has learned from. */
function withPixels(steps: readonly Step[], inputs: number, pixels: PixelScale | undefined): readonly Step[] {
  const own = imageFormat([1, inputs]);
  if (pixels === undefined) return steps;
  expectThat(isOptions(pixels), "an object, such as { scale: 1 / 255, offset: 0 },", "pixels", pixels);
  if (pixels.scale === own.scale && pixels.offset === own.offset) return steps;
  if (!(Number.isFinite(pixels.scale) && pixels.scale > 0 && Number.isFinite(pixels.offset))) {
    throw new InvalidArgumentError(
      `Expected a scale above 0 and an offset, both finite, for pixels but received ${pixels.scale} and ${pixels.offset}.`,
    );
  }
  // ((x - own.offset) / own.scale) * scale + offset = (x - mean) / deviation
  const deviation = own.scale / pixels.scale;
  const mean = own.offset - pixels.offset * deviation;
  const [first, ...rest] = steps;
  const inner = first?.kind === "standardization" ? first : undefined;
  const combined: StandardizationStep = {
    kind: "standardization",
    mean: Float64Array.from({ length: inputs }, (_, j) => mean + deviation * (inner?.mean[j] ?? 0)),
    deviation: Float64Array.from({ length: inputs }, (_, j) => deviation * (inner?.deviation[j] ?? 1)),
  };
  return [combined, ...(inner === undefined ? steps : rest)];
}
