import type { FloatArray } from "../backend/backend.js";
import {
  UPDATE_COEFFICIENT_COUNT,
  UPDATE_RULES,
  type UpdateArguments,
  type UpdateRule,
} from "../backend/operations/updates.js";
import { InvalidArgumentError } from "../errors.js";
import { expectThat } from "../system/expected.js";
import { limitNorms } from "../tensor/limit-norms.js";
import type { Parameter } from "../tensor/parameter.js";
import { type ParameterRun, parameterRuns } from "../tensor/parameter-runs.js";
import { assign, requireShape, sameLayout, type Tensor, toArray } from "../tensor/tensor.js";
import type { Optimizer } from "./optimizer.js";
import { settingsWithValue, type TermOptions } from "./settings.js";

/** Names of what an optimizer remembers: `layers.0.weight.momentum` has `momentum`. */
export interface SlotNames {
  /** Of what it keeps of gradients. */
  readonly first?: string;
  /** Of what it keeps of their squares. */
  readonly second?: string;
}

type Settings = Readonly<Record<string, number | boolean | undefined>> & TermOptions;

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** A run of parameters and the arguments of its update, made once. */
interface PreparedRun {
  readonly decays: boolean;
  readonly backend: ParameterRun["backend"];
  readonly squares: { readonly x: FloatArray; readonly totals: Float64Array };
  readonly update: Writable<UpdateArguments>;
}

/**
 * An optimizer whose step is one rule of a backend's `update`, with what all of them can do: weight decay, clipping and max-norm.
 * Parameters that lie side by side are updated by one call; after the first step on some parameters, further ones allocate no arrays.
 */
export abstract class RuleOptimizer<S extends Settings = Settings> implements Optimizer {
  readonly name: string;
  readonly settings: Readonly<Record<string, number | boolean>>;
  /** The same as {@link settings}, with what is off. */
  protected readonly values: S;
  readonly #rule: UpdateRule;
  readonly #slotNames: SlotNames;
  readonly #coefficients = new Float64Array(UPDATE_COEFFICIENT_COUNT);
  readonly #totals = new Float64Array(1);
  #steps = 0;
  #slots: ReadonlyMap<string, Tensor> = new Map();
  /** Those that {@link #runs} are of. */
  #parameters: readonly Parameter[] = [];
  #runs: readonly PreparedRun[] = [];
  #matrices: readonly Tensor[] = [];

  /** @param slotNames Of each slot that the rule keeps. */
  protected constructor(name: string, rule: UpdateRule, slotNames: SlotNames, values: S) {
    this.name = name;
    this.#rule = rule;
    this.#slotNames = slotNames;
    this.values = values;
    this.settings = settingsWithValue(values);
  }

  /**
   * Writes the coefficients of a step, see `UPDATE_COEFFICIENTS`.
   *
   * @param step Counted from 1.
   */
  protected abstract setCoefficients(coefficients: Float64Array, learningRate: number, step: number): void;

  get steps(): number {
    return this.#steps;
  }

  get slots(): ReadonlyMap<string, Tensor> {
    return this.#slots;
  }

  step(parameters: readonly Parameter[], learningRate: number): void {
    const isUsable = learningRate > 0 && learningRate < Number.POSITIVE_INFINITY;
    expectThat(isUsable, "a finite number above 0", "learningRate", learningRate);
    if (!this.#isPrepared(parameters)) this.#prepare(parameters);
    const { weightDecay = 0, clipNorm, clipValue = Number.POSITIVE_INFINITY, maxNorm } = this.values;
    this.setCoefficients(this.#coefficients, learningRate, this.#steps + 1);
    const gradientScale = clipNorm === undefined ? 1 : Math.min(1, clipNorm / this.#gradientNorm());
    for (const { decays, backend, update } of this.#runs) {
      update.gradientScale = gradientScale;
      update.clip = clipValue;
      update.decay = decays ? learningRate * weightDecay : 0;
      backend.update(update);
    }
    if (maxNorm !== undefined) {
      for (const weight of this.#matrices) limitNorms(weight, maxNorm);
    }
    this.#steps += 1;
  }

  restore(steps: number, slots: ReadonlyMap<string, Tensor>): void {
    expectThat(Number.isSafeInteger(steps) && steps >= 0, "a whole number of at least 0", "steps", steps);
    const endings = Object.values(this.#slotNames).map((name: string) => `.${name}`);
    const alien = [...slots.keys()].find((name) => !endings.some((ending) => name.endsWith(ending)));
    if (alien !== undefined) {
      const expected = endings.length === 0 ? "no slots" : `slots that end with ${endings.join(" or ")}`;
      throw new InvalidArgumentError(`Expected ${expected} for ${this.name} but received ${alien}.`);
    }
    this.#slots = new Map([...slots].map(([name, slot]) => [name, sameLayout(slot, slot.data.slice())]));
    this.#steps = steps;
    // So that the next step makes its runs, with slots of this memory's contents.
    this.#parameters = [];
    this.#runs = [];
    this.#matrices = [];
  }

  /** For a subclass that takes a step by itself. */
  protected countSteps(count: number): void {
    this.#steps += count;
  }

  /** The Euclidean norm of all gradients together. */
  #gradientNorm(): number {
    this.#totals[0] = 0;
    for (const { backend, squares } of this.#runs) backend.sumOfSquares(squares);
    return Math.sqrt(this.#totals[0]);
  }

  /** Element by element: a caller may make a new list for each step, or change the one that it has. */
  #isPrepared(parameters: readonly Parameter[]): boolean {
    if (parameters.length !== this.#parameters.length) return false;
    for (let i = 0; i < parameters.length; i++) {
      if (parameters[i] !== this.#parameters[i]) return false;
    }
    return true;
  }

  /** Finds the runs and makes their slots, with what is remembered of their parameters. Fails before anything is changed. */
  #prepare(parameters: readonly Parameter[]): void {
    const { weightDecay = 0 } = this.values;
    const runs = parameterRuns(parameters, { byDecay: weightDecay > 0 });
    const slots = new Map(this.#slots);
    this.#runs = runs.map((run) => ({
      decays: run.decays,
      backend: run.backend,
      squares: { x: run.gradient, totals: this.#totals },
      update: {
        rule: this.#rule,
        parameter: run.value,
        gradient: run.gradient,
        first: UPDATE_RULES[this.#rule].first ? createSlot(run, this.#slotNames.first, slots) : null,
        second: UPDATE_RULES[this.#rule].second ? createSlot(run, this.#slotNames.second, slots) : null,
        coefficients: this.#coefficients,
        gradientScale: 1,
        clip: Number.POSITIVE_INFINITY,
        decay: 0,
      },
    }));
    this.#matrices = parameters.map(({ value }) => value).filter(({ shape }) => shape.length === 2);
    this.#slots = slots;
    this.#parameters = [...parameters];
  }
}

/** A slot for each parameter of a run, side by side as they are; in `slots` they take the place of those with the same names. */
function createSlot(run: ParameterRun, name: string | undefined, slots: Map<string, Tensor>): FloatArray {
  const dtype = run.value instanceof Float32Array ? "float32" : "float64";
  const all = run.backend.allocate(dtype, run.value.length);
  for (const { parameter, start } of run.members) {
    const { value } = parameter;
    const key = `${parameter.name}.${name}`;
    const slot = sameLayout(value, all.subarray(start, start + value.data.length));
    const remembered = slots.get(key);
    if (remembered !== undefined) {
      requireShape(`the slot ${key}`, remembered, value.shape);
      assign(slot, toArray(remembered));
    }
    slots.set(key, slot);
  }
  return all;
}
