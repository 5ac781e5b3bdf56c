import { InvalidArgumentError } from "../errors.js";
import { show } from "../system/expected.js";
import { Adagrad } from "./adagrad.js";
import { Adam } from "./adam.js";
import { AdamW } from "./adamw.js";
import type { BatchOptimizer } from "./batch-optimizer.js";
import { LBFGS } from "./lbfgs.js";
import { Lion } from "./lion.js";
import { NAdam } from "./nadam.js";
import type { Optimizer } from "./optimizer.js";
import { RMSprop } from "./rmsprop.js";
import { SGD } from "./sgd.js";

/** Every optimizer by its name. */
const OPTIMIZERS = {
  sgd: SGD,
  rmsprop: RMSprop,
  adagrad: Adagrad,
  adam: Adam,
  adamw: AdamW,
  nadam: NAdam,
  lion: Lion,
  lbfgs: LBFGS,
} as const;

export type OptimizerName = keyof typeof OPTIMIZERS;

/** An optimizer as a plain object, as a configuration file has it: its name as `type`, and its options. */
export interface OptimizerSpecification {
  readonly type: OptimizerName;
  readonly [option: string]: string | number | boolean;
}

/**
 * The optimizer that a specification tells of.
 *
 * @throws InvalidArgumentError when there is no such optimizer, when it has no such option, or when one is out of range.
 */
export function createOptimizer({ type, ...options }: OptimizerSpecification): Optimizer | BatchOptimizer {
  if (!Object.hasOwn(OPTIMIZERS, type)) {
    throw new InvalidArgumentError(
      `Expected one of ${Object.keys(OPTIMIZERS).join(", ")} for the optimizer but received ${show(type)}.`,
    );
  }
  return new OPTIMIZERS[type](options);
}
