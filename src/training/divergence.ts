import { MnistNativeError } from "../errors.js";
import type { Layer } from "../nn/layer.js";
import type { MultilayerPerceptron } from "../nn/mlp.js";
import type { NetworkSlots } from "../nn/slots.js";
import type { Tensor } from "../tensor/tensor.js";
import type { History } from "./history.js";

/** Why `fit` stopped: the loss of a minibatch was not a finite number any more. */
export class TrainingDivergedError extends MnistNativeError {
  readonly code = "ERR_TRAINING_DIVERGED";
  /** What was measured until then. */
  readonly history: History;
  /** Counted from 1. */
  readonly epoch: number;
  /** Steps in all, the last one included. */
  readonly step: number;
  /** The first tensor, from the inputs on, with a number that is not finite: `layers.0.weight`, `the output of layers.1`, `the loss`. */
  readonly tensor: string;

  constructor(
    where: { readonly epoch: number; readonly step: number; readonly tensor: string },
    history: History,
  ) {
    const { epoch, step, tensor } = where;
    super(
      `The training diverged in epoch ${epoch}, step ${step}: the loss is no finite number any more, and the first such numbers are in ${tensor}; try a lower learning rate, clipping of the gradients (clipNorm), or inputs of a smaller range (standardize).`,
    );
    this.history = history;
    this.epoch = epoch;
    this.step = step;
    this.tensor = tensor;
  }
}

/** The first tensor of a forward pass with a number that is not finite. */
export function firstBadTensor(network: MultilayerPerceptron, slots: NetworkSlots, examples: number): string {
  const { activations } = slots.forRows(examples);
  for (const [l, layer] of network.layers.entries()) {
    const bad =
      badParameter(layer) ?? (isBad(activations[l] as Tensor) ? `the output of layers.${l}` : undefined);
    if (bad !== undefined) return bad;
  }
  return "the loss";
}

function badParameter({ parameters }: Layer): string | undefined {
  return parameters.find(({ value }) => isBad(value))?.name;
}

function isBad({ data }: Tensor): boolean {
  return data.some((number) => !Number.isFinite(number));
}
