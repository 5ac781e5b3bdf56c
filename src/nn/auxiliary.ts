import { addTo } from "../tensor/activations.js";
import type { BatchTargets } from "../tensor/batch.js";
import type { LayerInput } from "../tensor/layer-input.js";
import type { Parameter } from "../tensor/parameter.js";
import { type Tensor, type TensorOptions, zeros } from "../tensor/tensor.js";
import { checkNumber } from "./checks.js";
import { type Dense, planDense } from "./dense.js";
import type { BackwardPass, Layer, LayerPlan, OutputSlot, Slot, SlotUse } from "./layer.js";
import { createLoss, requirePair } from "./losses/create-loss.js";
import { createLossTotals, type Loss, type LossTotals } from "./losses/loss.js";
import type { AuxiliarySpecification } from "./specification.js";

export interface AuxiliarySlot extends Slot {
  /** Of the output; there is none without training. */
  readonly head: OutputSlot | undefined;
  /** The gradient with respect to z of the output. */
  readonly delta: Tensor;
}

/** x, as it is; and in training an output f(x Wᵀ + b) whose loss is added to the network's. */
export class Auxiliary implements Layer<AuxiliarySlot> {
  readonly parameters: readonly Parameter[];
  readonly buffers = [];
  readonly readsImages = false;
  private readonly totals: LossTotals = createLossTotals();

  readonly specification: AuxiliarySpecification;
  readonly head: Dense;
  private readonly loss: Loss;
  /** The share of its loss. */
  private readonly weight: number;
  private readonly options: TensorOptions;

  constructor(
    specification: AuxiliarySpecification,
    head: Dense,
    loss: Loss,
    weight: number,
    options: TensorOptions,
  ) {
    this.specification = specification;
    this.head = head;
    this.loss = loss;
    this.weight = weight;
    this.options = options;
    this.parameters = head.parameters;
  }

  /** What goes by. */
  get units(): number {
    return this.head.inputs;
  }

  get inputs(): number {
    return this.head.inputs;
  }

  createSlot(rows: number, use: SlotUse): AuxiliarySlot {
    const { training } = use;
    return {
      output: zeros([0, this.units], this.options), // What is handed on is the input.
      head: training ? this.head.createSlot(rows, { ...use, keepsLogits: this.loss.readsLogits }) : undefined,
      delta: zeros([training ? rows : 0, this.head.units], this.options),
    };
  }

  forward(x: LayerInput, { head }: AuxiliarySlot): Tensor {
    if (head !== undefined) this.head.forward(x, head);
    return x as Tensor;
  }

  backward(x: LayerInput, upstream: Tensor, slot: AuxiliarySlot, pass: BackwardPass): Tensor | undefined {
    const head = slot.head as OutputSlot; // There is one in training.
    const delta = this.loss.delta(head, pass.targets, this.totals, slot.delta, this.weight);
    const ofHead = this.head.backwardFromDelta(x, delta, head, pass);
    return ofHead === undefined ? upstream : addTo(upstream, ofHead, { out: upstream });
  }

  /** In use the output is left out. */
  inputGradient(_: LayerInput, upstream: Tensor): Tensor {
    return upstream;
  }

  addedLoss({ head }: AuxiliarySlot, targets: BatchTargets): number {
    if (head === undefined) return 0;
    const totals = createLossTotals();
    this.loss.add(head, targets, totals);
    if (targets.divisor !== undefined) totals[2] = targets.divisor;
    return this.weight * this.loss.objective(totals, this.head.units);
  }
}

export function planAuxiliary(
  specification: AuxiliarySpecification,
  inputs: number,
  where: string,
): LayerPlan {
  const { units, activation, loss: ofLoss, weight = 0.3 } = specification;
  checkNumber(`the weight of ${where}`, weight, (share) => share > 0, "above 0");
  const loss = createLoss(ofLoss, `the loss of ${where}`);
  const head = planDense({ type: "dense", units, activation }, inputs, `${where}.head`);
  requirePair(loss, activation, units, where);
  return {
    units: inputs,
    shapes: head.shapes,
    create: (parameters, context) =>
      new Auxiliary(specification, head.create(parameters, context) as Dense, loss, weight, context),
  };
}
