import type { FloatArray } from "../backend/backend.js";
import { InvalidArgumentError } from "../errors.js";
import type { LayerInput } from "../tensor/layer-input.js";
import { normalizeBatch, normalizeBatchBackward, scaleColumns } from "../tensor/normalization.js";
import { subtractScaled } from "../tensor/operations.js";
import type { Parameter } from "../tensor/parameter.js";
import { type Tensor, type TensorOptions, zeros } from "../tensor/tensor.js";
import { checkNumber } from "./checks.js";
import {
  type BackwardPass,
  type Layer,
  type LayerBuffer,
  type LayerPlan,
  learns,
  type Slot,
  type SlotUse,
} from "./layer.js";
import type { BatchNormalizationSpecification } from "./specification.js";

export interface BatchNormalizationSlot extends Slot {
  readonly training: boolean;
  /** Of the minibatch, [n_units]: means, and 1 / sqrt(variance + epsilon). */
  readonly mean: FloatArray;
  readonly inverseDeviation: FloatArray;
}

/**
 * y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, column by column. In training mean and (biased) variance are those of the
 * minibatch, and running ones follow them: running = (1 - momentum) * running + momentum * batch's, with the unbiased variance.
 * Otherwise, and where gamma and beta are frozen, the running ones are used.
 */
export class BatchNormalization implements Layer<BatchNormalizationSlot> {
  readonly units: number;
  readonly buffers: readonly [mean: LayerBuffer, variance: LayerBuffer];
  readonly readsImages = false;
  private readonly momentum: number;
  private readonly epsilon: number;
  /** What takes the running statistics into account, and gamma and beta: y = x * scale + offset, [n_units]. */
  private readonly scale: Tensor;
  private readonly offset: Tensor;
  private readonly zeros: Tensor;

  readonly specification: BatchNormalizationSpecification;
  readonly parameters: readonly [gamma: Parameter, beta: Parameter];
  private readonly options: TensorOptions;

  constructor(
    specification: BatchNormalizationSpecification,
    parameters: readonly [gamma: Parameter, beta: Parameter],
    where: string,
    options: TensorOptions,
  ) {
    this.specification = specification;
    this.parameters = parameters;
    this.options = options;
    const [gamma] = parameters;
    this.units = gamma.value.shape[0] as number;
    this.momentum = specification.momentum ?? 0.1;
    this.epsilon = specification.epsilon ?? 1e-5;
    const row = () => zeros([this.units], options);
    gamma.value.data.fill(1);
    const variance = row();
    variance.data.fill(1);
    this.buffers = [
      { name: `${where}.runningMean`, value: row() },
      { name: `${where}.runningVariance`, value: variance },
    ];
    this.scale = row();
    this.offset = row();
    this.zeros = row();
  }

  get inputs(): number {
    return this.units;
  }

  createSlot(rows: number, { training }: SlotUse): BatchNormalizationSlot {
    return {
      output: zeros([rows, this.units], this.options),
      training: training && learns(this),
      mean: zeros([this.units], this.options).data,
      inverseDeviation: zeros([this.units], this.options).data,
    };
  }

  forward(input: LayerInput, slot: BatchNormalizationSlot): Tensor {
    const x = input as Tensor;
    const [gamma, beta] = this.parameters;
    const [mean, variance] = this.buffers;
    if (!slot.training) return this.forwardByRunning(x, slot.output);
    if ((x.shape[0] as number) < 2) {
      throw new InvalidArgumentError(
        "Expected at least two examples in a minibatch of a network with batch normalisation, as one has no variance; choose a batch size that leaves no single example over, or leave out a short last minibatch.",
      );
    }
    return normalizeBatch(x, gamma.value, beta.value, {
      momentum: this.momentum,
      epsilon: this.epsilon,
      mean: slot.mean,
      inverseDeviation: slot.inverseDeviation,
      runningMean: mean.value,
      runningVariance: variance.value,
      out: slot.output,
    });
  }

  private forwardByRunning(x: Tensor, out: Tensor): Tensor {
    const [gamma, beta] = this.parameters.map(({ value }) => value.data) as [FloatArray, FloatArray];
    const [mean, variance] = this.buffers.map(({ value }) => value.data) as [FloatArray, FloatArray];
    for (let j = 0; j < this.units; j++) {
      const scale = (gamma[j] as number) / Math.sqrt((variance[j] as number) + this.epsilon); // j is below the length.
      this.scale.data[j] = scale;
      this.offset.data[j] = (beta[j] as number) - (mean[j] as number) * scale;
    }
    return scaleColumns(x, this.scale, this.offset, { out });
  }

  backward(x: LayerInput, upstream: Tensor, slot: BatchNormalizationSlot, { descent }: BackwardPass): Tensor {
    const [gamma, beta] = this.parameters;
    if (!slot.training) return this.inputGradient(x, upstream);
    normalizeBatchBackward(x as Tensor, upstream, gamma.value, {
      mean: slot.mean,
      inverseDeviation: slot.inverseDeviation,
      gammaGradient: gamma.gradient,
      betaGradient: beta.gradient,
      out: upstream,
    });
    if (descent !== undefined) {
      for (const { value, gradient } of this.parameters) subtractScaled(value, gradient, descent);
    }
    return upstream;
  }

  /** By the running statistics, as the last forward pass took them. */
  inputGradient(_: LayerInput, upstream: Tensor): Tensor {
    return scaleColumns(upstream, this.scale, this.zeros, { out: upstream });
  }
}

export function planBatchNormalization(
  specification: BatchNormalizationSpecification,
  inputs: number,
  where: string,
): LayerPlan {
  const { momentum = 0.1, epsilon = 1e-5 } = specification;
  checkNumber(
    `the momentum of ${where}`,
    momentum,
    (share) => share > 0 && share <= 1,
    "above 0 and at most 1",
  );
  checkNumber(`the epsilon of ${where}`, epsilon, (number) => number > 0, "above 0");
  return {
    units: inputs,
    shapes: [
      { name: `${where}.gamma`, shape: [inputs], decays: false },
      { name: `${where}.beta`, shape: [inputs], decays: false },
    ],
    create: ([gamma, beta], context) =>
      new BatchNormalization(specification, [gamma as Parameter, beta as Parameter], where, context), // Two shapes, two parameters.
  };
}
