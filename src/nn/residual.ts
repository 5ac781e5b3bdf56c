import { ShapeError } from "../errors.js";
import { addTo } from "../tensor/activations.js";
import type { BatchTargets } from "../tensor/batch.js";
import type { LayerInput } from "../tensor/layer-input.js";
import type { Parameter } from "../tensor/parameter.js";
import { type Tensor, type TensorOptions, zeros } from "../tensor/tensor.js";
import {
  addedLosses,
  backwardChain,
  type ChainSlot,
  createChain,
  createChainSlot,
  forwardChain,
  inputGradientOfChain,
} from "./chain.js";
import type { BackwardPass, Layer, LayerBuffer, LayerPlan, Slot, SlotUse } from "./layer.js";
import type { ResidualSpecification } from "./specification.js";

export interface ResidualSlot extends Slot {
  readonly block: ChainSlot;
}

/** x + block(x), where the block is a chain of layers that ends with as many units as it has inputs. */
export class Residual implements Layer<ResidualSlot> {
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly LayerBuffer[];
  readonly readsImages = false;

  readonly specification: ResidualSpecification;
  readonly units: number;
  readonly layers: readonly Layer[];
  private readonly options: TensorOptions;

  constructor(
    specification: ResidualSpecification,
    units: number,
    layers: readonly Layer[],
    options: TensorOptions,
  ) {
    this.specification = specification;
    this.units = units;
    this.layers = layers;
    this.options = options;
    this.parameters = layers.flatMap(({ parameters }) => parameters);
    this.buffers = layers.flatMap(({ buffers }) => buffers);
  }

  get inputs(): number {
    return this.units;
  }

  createSlot(rows: number, use: SlotUse): ResidualSlot {
    const numbers = () => zeros([rows, this.units], this.options);
    return {
      output: numbers(),
      block: createChainSlot(this.layers, rows, { ...use, keepsLogits: false }),
      ...(((use.training && use.passesBack) || use.inputGradient) && { upstream: numbers() }),
    };
  }

  forward(x: LayerInput, { output, block }: ResidualSlot): Tensor {
    return addTo(x as Tensor, forwardChain(this.layers, x, block), { out: output });
  }

  backward(
    x: LayerInput,
    upstream: Tensor,
    { block, upstream: own }: ResidualSlot,
    pass: BackwardPass,
  ): Tensor | undefined {
    own?.data.set(upstream.data); // The block writes over its own.
    const ofBlock = backwardChain(this.layers, x, upstream, block, pass);
    return own && (ofBlock === undefined ? own : addTo(own, ofBlock, { out: own })); // upstream + d block / dx
  }

  inputGradient(x: LayerInput, upstream: Tensor, slot: ResidualSlot): Tensor {
    const own = slot.upstream as Tensor; // The slots are made for this.
    own.data.set(upstream.data);
    return addTo(own, inputGradientOfChain(this.layers, x, upstream, slot.block), { out: own }); // upstream + d block / dx
  }

  addedLoss({ block }: ResidualSlot, targets: BatchTargets): number {
    return addedLosses(this.layers, block, targets);
  }
}

/** @param plans Those of the block's layers. */
export function planResidual(
  specification: ResidualSpecification,
  inputs: number,
  plans: readonly LayerPlan[],
  where: string,
): LayerPlan {
  const units = plans.at(-1)?.units ?? 0;
  if (units !== inputs) {
    throw new ShapeError(
      `Expected the residual block ${where} to end with as many units as it has inputs, ${inputs}, but it ends with ${units}.`,
    );
  }
  return {
    units,
    shapes: plans.flatMap(({ shapes }) => shapes),
    create: (parameters, context) =>
      new Residual(specification, units, createChain(plans, parameters, context), context),
  };
}
