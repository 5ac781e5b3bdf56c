import { InvalidArgumentError } from "../errors.js";
import type { LayerInput } from "../tensor/layer-input.js";
import { scaleColumns } from "../tensor/normalization.js";
import { assign, type Tensor, type TensorOptions, zeros } from "../tensor/tensor.js";
import type { Layer, LayerBuffer, LayerPlan, Slot } from "./layer.js";
import type { StandardizeSpecification } from "./specification.js";

/** (x - mean) / deviation, column by column. Until these are learned, x as it is. */
export class Standardize implements Layer {
  readonly parameters = [];
  readonly buffers: readonly [mean: LayerBuffer, deviation: LayerBuffer];
  readonly readsImages = false;
  /** y = x * scale + offset, [n_units] */
  private readonly scale: Tensor;
  private readonly offset: Tensor;
  private readonly zeros: Tensor;

  readonly specification: StandardizeSpecification;
  readonly units: number;
  private readonly options: TensorOptions;

  constructor(specification: StandardizeSpecification, units: number, where: string, options: TensorOptions) {
    this.specification = specification;
    this.units = units;
    this.options = options;
    const row = (value: number) => {
      const numbers = zeros([units], options);
      numbers.data.fill(value);
      return numbers;
    };
    this.buffers = [
      { name: `${where}.mean`, value: row(0) },
      { name: `${where}.deviation`, value: row(0) },
    ];
    this.scale = row(1);
    this.offset = row(0);
    this.zeros = row(0);
  }

  get inputs(): number {
    return this.units;
  }

  /** Whether mean and deviation are there. */
  get hasLearned(): boolean {
    const { data } = this.buffers[1].value;
    for (let j = 0; j < data.length; j++) if (data[j] !== 0) return true; // A callback would make an object of each number.
    return false;
  }

  /**
   * @param mean [n_units]
   * @param deviation [n_units], each above 0
   */
  learn(mean: ArrayLike<number>, deviation: ArrayLike<number>): void {
    const wrong = Array.from(deviation).findIndex((value) => !(value > 0 && Number.isFinite(value)));
    if (wrong !== -1) {
      throw new InvalidArgumentError(
        `Expected a deviation above 0 for each column but received ${deviation[wrong]} for column ${wrong}.`,
      );
    }
    assign(this.buffers[0].value, mean);
    assign(this.buffers[1].value, deviation);
  }

  createSlot(rows: number): Slot {
    return { output: zeros([rows, this.units], this.options) };
  }

  forward(x: LayerInput, { output }: Slot): Tensor {
    if (this.hasLearned) {
      const [{ value: mean }, { value: deviation }] = this.buffers;
      for (let j = 0; j < this.units; j++) {
        const scale = 1 / (deviation.data[j] as number); // j is below the number of units.
        this.scale.data[j] = scale;
        this.offset.data[j] = -(mean.data[j] as number) * scale;
      }
    }
    return scaleColumns(x as Tensor, this.scale, this.offset, { out: output });
  }

  backward(_: LayerInput, upstream: Tensor): Tensor | undefined {
    return upstream; // Nothing before it learns: it is a network's first layer.
  }

  inputGradient(_: LayerInput, upstream: Tensor): Tensor {
    return scaleColumns(upstream, this.scale, this.zeros, { out: upstream });
  }
}

export function planStandardize(
  specification: StandardizeSpecification,
  inputs: number,
  where: string,
): LayerPlan {
  return {
    units: inputs,
    shapes: [],
    create: (_, context) => new Standardize(specification, inputs, where, context),
  };
}
