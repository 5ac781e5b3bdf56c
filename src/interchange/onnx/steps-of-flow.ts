import type { DType, FloatArray } from "../../backend/backend.js";
import type { LinearStep, NormalizationStep, StandardizationStep, Step } from "../steps.js";
import type { Budget } from "./budget.js";
import type { Fail } from "./failure.js";
import type { AffineFlow, Columns, Flow, LinearFlow } from "./flow.js";

// From values that point to what they are computed of to the steps of a network, in their order. What is x * scale + offset, column by
// column, has no layer of its own but a standardisation of the inputs; elsewhere it becomes a part of the layer before or after it.

export interface StepsContext {
  readonly fail: Fail;
  readonly budget: Budget;
}

/** The steps from the input to a value; of 1 - p and p, the probabilities of two classes, those to p. */
export function stepsOfFlow(output: Flow, context: StepsContext): readonly Step[] {
  const last = output.kind === "part" && output.part === "pair" ? output.of : output;
  return stepsBetween(undefined, last, context);
}

/** From a value, or from the input, to another one. */
function stepsBetween(from: Flow | undefined, to: Flow, context: StepsContext): readonly Step[] {
  const flows: Flow[] = [];
  for (let flow: Flow | undefined = to; flow !== undefined && flow !== from; flow = flow.of) {
    if (flow.kind !== "input") flows.push(flow);
  }
  const chain = new StepChain(context, from === undefined);
  for (const flow of flows.reverse()) chain.add(flow);
  return chain.end();
}

/** Steps, and what was computed column by column since the last of them. */
class StepChain {
  readonly #context: StepsContext;
  readonly #isNetwork: boolean;
  readonly #steps: Step[] = [];
  #pending: AffineFlow[] = [];

  constructor(context: StepsContext, isNetwork: boolean) {
    this.#context = context;
    this.#isNetwork = isNetwork;
  }

  add(flow: Flow): void {
    const { fail, budget } = this.#context;
    if (flow.kind === "affine") {
      this.#addAffine(flow);
      return;
    }
    if (flow.kind === "linear") {
      budget.spend(flow.weight.data.length + flow.width);
      this.#steps.push(this.#withPendingBefore(linearStep(flow)));
      return;
    }
    this.#placePending();
    switch (flow.kind) {
      case "activation":
        this.#steps.push({ kind: "activation", activation: flow.activation });
        break;
      case "normalization":
        this.#steps.push(flow.step);
        break;
      case "residual":
        this.#steps.push({
          kind: "residual",
          steps: stepsBetween(flow.of, flow.block, this.#context),
        });
        break;
      case "part":
        throw fail(`${flow.label} is not a part of an activation that is known here`);
    }
  }

  end(): readonly Step[] {
    this.#placePending();
    return this.#steps;
  }

  #addAffine(flow: AffineFlow): void {
    const last = this.#steps.at(-1);
    const isAfterLayer = this.#pending.length === 0 && this.#steps.length > 0;
    if (isAfterLayer && last?.kind === "linear") {
      this.#context.budget.spend(typeof flow.scale === "number" && flow.scale === 1 ? 0 : last.weight.length);
      this.#steps[this.#steps.length - 1] = scaledLinear(last, flow);
    } else if (isAfterLayer && last?.kind === "normalization") {
      this.#context.budget.spend(2 * flow.width);
      this.#steps[this.#steps.length - 1] = scaledNormalization(last, flow);
    } else {
      this.#pending.push(flow);
    }
  }

  /** (x s + o) Wᵀ + b = x (W s)ᵀ + (W o + b) */
  #withPendingBefore(linear: LinearStep): LinearStep {
    const [first] = this.#pending;
    if (first === undefined) return linear;
    const standardization = this.#standardization();
    if (standardization !== undefined) {
      this.#steps.push(standardization);
      this.#pending = [];
      return linear;
    }
    const { scale, offset } = combined(this.#pending);
    this.#pending = [];
    this.#context.budget.spend(linear.weight.length);
    const { inputs, units } = linear;
    const weight = Float64Array.from(linear.weight);
    const bias = Float64Array.from(linear.bias);
    for (let unit = 0; unit < units; unit++) {
      let sum = 0;
      for (let j = 0; j < inputs; j++) {
        const i = unit * inputs + j;
        sum += (weight[i] as number) * at(offset, j);
        weight[i] = (weight[i] as number) * at(scale, j);
      }
      bias[unit] = (bias[unit] as number) + sum;
    }
    return { ...linear, weight: sameType(weight, linear.weight), bias: sameType(bias, linear.bias) };
  }

  /** Before what is no linear step: nothing, or a standardisation of the inputs. */
  #placePending(): void {
    const [first] = this.#pending;
    if (first === undefined) return;
    const { scale, offset } = combined(this.#pending);
    const isNothing = scale === 1 && offset === 0;
    const standardization = isNothing ? undefined : this.#standardization();
    if (standardization !== undefined) this.#steps.push(standardization);
    else if (!isNothing) {
      throw this.#context.fail(
        `${first.label} multiplies or adds to columns where no layer can take that up; leave it out, or put it next to a linear layer`,
      );
    }
    this.#pending = [];
  }

  /** (x - mean) / deviation, where it comes first and every column is divided by a number above 0. */
  #standardization(): StandardizationStep | undefined {
    const pending = this.#pending;
    const [first] = pending;
    if (first === undefined || !this.#isNetwork || this.#steps.length > 0) return undefined;
    const { scale, offset } = combined(pending);
    const { width } = first;
    const row = (f: (j: number) => number) => Float64Array.from({ length: width }, (_, j) => f(j));
    if (row((j) => at(scale, j)).some((s) => !(s > 0))) return undefined;
    this.#context.budget.spend(2 * width);
    // As it was written, where it was: (x - c) / d.
    const [, second, third] = pending;
    if (first.subtracted !== undefined && second?.divisor !== undefined && third === undefined) {
      const [mean, deviation] = [first.subtracted, second.divisor];
      return {
        kind: "standardization",
        mean: row((j) => at(mean, j)),
        deviation: row((j) => at(deviation, j)),
      };
    }
    return {
      kind: "standardization",
      mean: row((j) => -at(offset, j) / at(scale, j)),
      deviation: row((j) => 1 / at(scale, j)),
    };
  }
}

/** What a chain of x * scale + offset is as one. */
export function combined(flows: readonly AffineFlow[]): {
  readonly scale: Columns;
  readonly offset: Columns;
} {
  let scale: Columns = 1;
  let offset: Columns = 0;
  for (const flow of flows) {
    scale = zip(scale, flow.scale, (a, b) => a * b);
    offset = zip(
      zip(offset, flow.scale, (a, b) => a * b),
      flow.offset,
      (a, b) => a + b,
    );
  }
  return { scale, offset };
}

function zip(a: Columns, b: Columns, f: (a: number, b: number) => number): Columns {
  if (typeof a === "number" && typeof b === "number") return f(a, b);
  const length = typeof a === "number" ? (b as FloatArray).length : a.length;
  return Float64Array.from({ length }, (_, j) => f(at(a, j), at(b, j)));
}

function at(columns: Columns, j: number): number {
  return typeof columns === "number" ? columns : (columns[j] as number);
}

function sameType(numbers: Float64Array, as: FloatArray): FloatArray {
  return as instanceof Float32Array ? Float32Array.from(numbers) : numbers;
}

function linearStep({ of, weight, isTransposed, alpha, width: units }: LinearFlow): LinearStep {
  const inputs = of.width;
  const { data } = weight;
  let numbers = data;
  if (!isTransposed) {
    numbers = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
    for (let unit = 0; unit < units; unit++) {
      for (let j = 0; j < inputs; j++) numbers[unit * inputs + j] = data[j * units + unit] as number;
    }
  }
  if (alpha !== 1) numbers = numbers.map((value) => value * alpha) as FloatArray;
  const bias = data instanceof Float32Array ? new Float32Array(units) : new Float64Array(units);
  return { kind: "linear", weight: numbers, bias, units, inputs };
}

function scaledLinear(step: LinearStep, { scale, offset }: AffineFlow): LinearStep {
  const { inputs } = step;
  const weight =
    scale === 1
      ? step.weight
      : (step.weight.map((value, i) => value * at(scale, Math.floor(i / inputs))) as FloatArray);
  const bias = Float64Array.from(step.bias, (value, unit) => value * at(scale, unit) + at(offset, unit));
  return { ...step, weight, bias: sameType(bias, step.bias) };
}

function scaledNormalization(step: NormalizationStep, { scale, offset }: AffineFlow): NormalizationStep {
  return {
    ...step,
    gamma: step.gamma.map((value, j) => value * at(scale, j)) as FloatArray,
    beta: step.beta.map((value, j) => value * at(scale, j) + at(offset, j)) as FloatArray,
  };
}

/** float64 where weights are doubles. */
export function dtypeOf(steps: readonly Step[]): DType {
  const isDouble = (step: Step): boolean => {
    if (step.kind === "residual") return step.steps.some(isDouble);
    return step.kind === "linear" && step.weight instanceof Float64Array;
  };
  return steps.some(isDouble) ? "float64" : "float32";
}

/** @throws ModelFormatError when a number is not finite, or is no float32 where that is what they become. */
export function requireFinite(steps: readonly Step[], dtype: DType, fail: Fail): void {
  for (const step of steps) {
    if (step.kind === "residual") requireFinite(step.steps, dtype, fail);
    for (const numbers of Object.values(step)) {
      if (!(numbers instanceof Float32Array || numbers instanceof Float64Array)) continue;
      for (const value of numbers) {
        const kept = dtype === "float32" ? Math.fround(value) : value;
        if (Number.isFinite(kept)) continue;
        throw fail(`its numbers come to ${kept} where they are put together, and finite ones were expected`);
      }
    }
    if (
      step.kind === "standardization" &&
      step.deviation.some((value: number) => !(Math.fround(value) > 0))
    ) {
      throw fail("it divides columns by numbers that are as good as 0");
    }
  }
}
