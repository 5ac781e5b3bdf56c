import type { FloatArray } from "../backend/backend.js";
import { ShapeError } from "../errors.js";
import type { Parameter } from "../tensor/parameter.js";
import { show } from "../tensor/tensor.js";

/** Parameters as one vector in float64. It has their order in memory, and zeros where there is nothing between their numbers. */
export class FlatParameters {
  readonly length: number;
  readonly #parameters: readonly Parameter[];
  readonly #starts: readonly number[];

  /** @throws ShapeError when a gradient has not the shape, or the order in memory, of its value. */
  constructor(parameters: readonly Parameter[]) {
    const starts: number[] = [];
    let end = 0;
    for (const { name, value, gradient } of parameters) {
      if (gradient.data.length !== value.data.length || layoutOf(gradient) !== layoutOf(value)) {
        throw new ShapeError(
          `Expected a gradient of ${layoutOf(value)} for ${name} but received one of ${layoutOf(gradient)}.`,
        );
      }
      starts.push(end);
      end += value.data.length;
    }
    this.length = end;
    this.#parameters = [...parameters];
    this.#starts = starts;
  }

  /** Whether these are the same parameters, by their memory. */
  areThose(parameters: readonly Parameter[]): boolean {
    return (
      parameters.length === this.#parameters.length &&
      parameters.every(({ value, gradient }, p) => {
        const own = this.#parameters[p];
        return value.data === own?.value.data && gradient.data === own.gradient.data;
      })
    );
  }

  /** Whether each value is what it was when `values` was read. */
  haveValues(values: Float64Array): boolean {
    return this.#parameters.every(({ value: { data } }, p) => {
      const start = this.#starts[p] as number; // There is one for each.
      return data.every((number, i) => Object.is(number, values[start + i]));
    });
  }

  readValues(out: Float64Array): Float64Array {
    return this.#gather(out, ({ value }) => value.data);
  }

  readGradients(out: Float64Array): Float64Array {
    return this.#gather(out, ({ gradient }) => gradient.data);
  }

  /** In float32 they are rounded. */
  writeValues(values: Float64Array): void {
    this.#scatter(values, ({ value }) => value.data);
  }

  writeGradients(gradients: Float64Array): void {
    this.#scatter(gradients, ({ gradient }) => gradient.data);
  }

  #gather(out: Float64Array, dataOf: (parameter: Parameter) => FloatArray): Float64Array {
    for (const [p, parameter] of this.#parameters.entries()) out.set(dataOf(parameter), this.#starts[p]);
    return out;
  }

  #scatter(numbers: Float64Array, dataOf: (parameter: Parameter) => FloatArray): void {
    for (const [p, parameter] of this.#parameters.entries()) {
      const data = dataOf(parameter);
      const start = this.#starts[p] as number; // There is one for each.
      data.set(numbers.subarray(start, start + data.length));
    }
  }
}

function layoutOf({ shape, order, stride }: Parameter["value"]): string {
  return `shape ${show(shape)} by ${order}, ${stride} apart`;
}
