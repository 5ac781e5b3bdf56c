import { dropout } from "../tensor/dropout.js";
import type { LayerInput } from "../tensor/layer-input.js";
import { type Tensor, type TensorOptions, zeros } from "../tensor/tensor.js";
import { checkNumber } from "./checks.js";
import type { Layer, LayerPlan, Slot, SlotUse } from "./layer.js";
import type { DropoutSpecification } from "./specification.js";

export interface DropoutSlot extends Slot {
  readonly training: boolean;
  /** Which of the stream's masks the last forward pass took. */
  draw: number;
}

/** Inverted dropout: in training x * mask / (1 - rate), where the mask is 0 with a probability of `rate`, else 1; otherwise x. */
export class Dropout implements Layer<DropoutSlot> {
  readonly parameters = [];
  readonly buffers = [];
  readonly readsImages = false;
  /** Masks drawn so far: one for each forward pass of training. */
  draws = 0;
  /** Of a minibatch that several processes share: which of its rows the first one here is. */
  firstRow = 0;

  readonly specification: DropoutSpecification;
  readonly units: number;
  /** A mask is a function of the two and of its number. */
  private readonly stream: { readonly seed: number; readonly stream: number };
  private readonly options: TensorOptions;

  constructor(
    specification: DropoutSpecification,
    units: number,
    stream: { readonly seed: number; readonly stream: number },
    options: TensorOptions,
  ) {
    this.specification = specification;
    this.units = units;
    this.stream = stream;
    this.options = options;
  }

  get inputs(): number {
    return this.units;
  }

  createSlot(rows: number, { training }: SlotUse): DropoutSlot {
    return { output: zeros([training ? rows : 0, this.units], this.options), training, draw: 0 };
  }

  forward(x: LayerInput, slot: DropoutSlot): Tensor {
    if (!slot.training) return x as Tensor;
    slot.draw = this.draws++;
    return this.mask(x as Tensor, slot.draw, slot.output);
  }

  /** The mask is drawn again and not kept. */
  backward(_: LayerInput, upstream: Tensor, slot: DropoutSlot): Tensor {
    return this.mask(upstream, slot.draw, upstream);
  }

  /** In use nothing is left out. */
  inputGradient(_: LayerInput, upstream: Tensor): Tensor {
    return upstream;
  }

  private mask(x: Tensor, draw: number, out: Tensor): Tensor {
    const { seed, stream } = this.stream; // Not spread: that costs hundreds of bytes.
    const first = this.firstRow * this.units;
    return dropout(x, this.specification.rate, { seed, stream, draw, first }, { out });
  }
}

export function planDropout(specification: DropoutSpecification, inputs: number, where: string): LayerPlan {
  checkNumber(
    `the rate of ${where}`,
    specification.rate,
    (rate) => rate >= 0 && rate < 1,
    "from 0 to less than 1",
  );
  return {
    units: inputs,
    shapes: [],
    create: (_, context) => {
      const stream = { seed: context.seed, stream: context.nextStream() };
      return new Dropout(specification, inputs, stream, context);
    },
  };
}
