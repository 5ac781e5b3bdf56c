import { InvalidArgumentError } from "../../errors.js";
import { show } from "../../system/expected.js";
import { isOptions, requireKnownOptions } from "../../system/known-options.js";
import type { OutputActivation } from "../specification.js";
import { absoluteError, huber } from "./absolute-error.js";
import { binaryCrossEntropy, crossEntropy } from "./cross-entropy.js";
import type { Loss } from "./loss.js";
import type { LossSpecification } from "./specification.js";
import { squaredError } from "./squared-error.js";

/** Every loss by its type. */
const LOSSES = {
  squaredError,
  absoluteError: (options: object) => {
    requireKnownOptions("absoluteError", options, {}, "{}");
    return absoluteError();
  },
  huber,
  binaryCrossEntropy,
  crossEntropy,
} as const;

export type LossName = keyof typeof LOSSES;

export const LOSS_NAMES = Object.keys(LOSSES) as readonly LossName[];

/**
 * The loss that a specification, or its type alone, tells of.
 *
 * @param where What a message calls it.
 * @throws InvalidArgumentError when there is no such loss, or when it has no such option.
 */
export function createLoss(specification: LossSpecification | LossName, where = "the loss"): Loss {
  const given = typeof specification === "string" ? { type: specification } : specification;
  const { type, ...options } = isOptions(given)
    ? (given as { readonly type: LossName })
    : { type: undefined };
  if (type === undefined || !Object.hasOwn(LOSSES, type)) {
    throw new InvalidArgumentError(
      `Expected one of ${LOSS_NAMES.join(", ")} for ${where} but received ${show(type ?? specification)}.`,
    );
  }
  return LOSSES[type](options);
}

/** The loss of an output that has this activation, where none is named. */
export function defaultLoss(activation: OutputActivation): Loss {
  if (activation === "softmax") return crossEntropy();
  return squaredError(activation === "identity" ? { averageOutputs: true } : {});
}

/**
 * Checks that a loss and the activation of the output go together.
 *
 * @throws InvalidArgumentError naming what goes together.
 */
export function requirePair(loss: Loss, activation: OutputActivation, units: number, where: string): void {
  if (!loss.outputs.includes(activation)) {
    const pairs = LOSS_NAMES.map((name) => {
      const { outputs } = createLoss(name);
      return `${name} with ${outputs.join(" or ")}`;
    });
    throw new InvalidArgumentError(
      `Expected ${loss.outputs.join(" or ")} for the activation of ${where}, as the ${loss.name} asks for, but received ${activation}; there are ${pairs.join(", ")}.`,
    );
  }
  if (activation === "softmax" && units < 2) {
    throw new InvalidArgumentError(
      `Expected at least two units for ${where}, as the softmax of one is always 1; take a sigmoid with the binary cross-entropy to tell two classes apart.`,
    );
  }
}
