import { InvalidArgumentError } from "../errors.js";
import { show } from "../system/expected.js";
import { type Initializer, type InitializerName, initializers } from "./initializers.js";
import type { OutputActivation } from "./specification.js";

/** Where a layer names no initializer: He's normal for the relu and its kin, Glorot's uniform, Keras' default, for the others. */
export function defaultInitializer(activation: OutputActivation): Initializer {
  switch (activation) {
    case "relu":
    case "leakyRelu":
    case "elu":
    case "gelu":
    case "silu":
      return initializers.heNormal();
    default:
      return initializers.glorotUniform();
  }
}

/** @throws InvalidArgumentError unless this is an initializer or the name of one. */
export function initializerOf(given: Initializer | InitializerName, where: string): Initializer {
  if (typeof given === "function") return given;
  if (typeof given === "string" && Object.hasOwn(initializers, given)) return initializers[given]();
  throw new InvalidArgumentError(
    `Expected a function, such as normalInitializer() gives, or one of ${Object.keys(initializers).join(", ")} for ${where} but received ${show(given)}.`,
  );
}
