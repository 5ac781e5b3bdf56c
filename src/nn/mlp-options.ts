import type { Backend, DType } from "../backend/backend.js";
import { InvalidArgumentError } from "../errors.js";
import { expectThat, hasFunctions, show } from "../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../system/known-options.js";
import { checkNumber } from "./checks.js";
import type { Initializer, InitializerName } from "./initializers.js";
import { createLoss, defaultLoss, type LossName } from "./losses/create-loss.js";
import type { Loss } from "./losses/loss.js";
import type { LossSpecification } from "./losses/specification.js";
import type { LayerList, LayerSpecification } from "./specification.js";

export interface MultilayerPerceptronOptions {
  /**
   * The number of inputs, and then each layer: `dense(256, "relu")`, `dropout(0.2)` and so on, or a plain number for a layer of so many
   * sigmoid units; the last is a dense one. Default: the chapter's, [784, 50, 10].
   */
  readonly layers?: LayerList | undefined;
  /**
   * What training makes small. Default: by the activation of the last layer: {@link squaredError}, the chapter's, for a sigmoid,
   * {@link crossEntropy} for a softmax, and for a linear layer the squared error averaged over the outputs, too.
   */
  readonly loss?: Loss | LossName | LossSpecification | undefined;
  /**
   * scikit-learn's `alpha`, 0 or more: with it alpha / (2 n) times the sum of all squared weights is added to the loss of a minibatch of n
   * examples. Biases, gamma and beta are left out. Default: 0.
   */
  readonly alpha?: number | undefined;
  /** The same for the sum of the weights' magnitudes: l1 / n times it. Default: 0. */
  readonly l1?: number | undefined;
  /** Seed of the weights and of the layers' own random streams, an integer from 0 to 2^32 - 1. Default: 123, the chapter's. */
  readonly seed?: number | undefined;
  /** How the weights of all layers are drawn, layer by layer from the first. Default: as each layer says. */
  readonly initializer?: Initializer | InitializerName | undefined;
  /** Default: `float32`. */
  readonly dtype?: DType | undefined;
  /** Default: the one that `selectBackend` chooses. */
  readonly backend?: Backend | undefined;
}

const OPTIONS: KnownOptions<MultilayerPerceptronOptions> = {
  layers: true,
  loss: true,
  alpha: true,
  l1: true,
  seed: true,
  initializer: true,
  dtype: true,
  backend: true,
};

/** @throws InvalidArgumentError when there is no such option, or when the type, the backend or a penalty is none. */
export function checkOptions(options: MultilayerPerceptronOptions): void {
  requireKnownOptions("MultilayerPerceptron", options, OPTIONS, "{ layers: [784, 50, 10] }");
  const { alpha = 0, l1 = 0 } = options;
  checkDType(options.dtype);
  checkBackend(options.backend);
  checkNumber("alpha", alpha, (number) => number >= 0, "of at least 0");
  checkNumber("l1", l1, (number) => number >= 0, "of at least 0");
}

/** The loss that was given, or the one that goes with the last layer. */
export function lossOf(
  given: MultilayerPerceptronOptions["loss"],
  specifications: readonly LayerSpecification[],
): Loss {
  if (given === undefined) {
    const last = specifications.at(-1);
    return defaultLoss((last?.type === "dense" ? last.activation : undefined) ?? "identity");
  }
  if (typeof given === "string" || (typeof given === "object" && given !== null && "type" in given)) {
    return createLoss(given, "loss");
  }
  expectThat(
    hasFunctions(given, "add", "delta", "mean", "objective"),
    "a loss, such as squaredError(),",
    "loss",
    given,
  );
  return given;
}

function checkBackend(backend: unknown): void {
  if (backend === undefined) return;
  expectThat(
    hasFunctions(backend, "gemm", "allocate"),
    "a backend, such as selectBackend() gives,",
    "backend",
    backend,
  );
}

function checkDType(dtype: unknown): void {
  if (dtype !== undefined && dtype !== "float32" && dtype !== "float64") {
    throw new InvalidArgumentError(`Expected float32 or float64 for dtype but received ${show(dtype)}.`);
  }
}
