import { types } from "node:util";
import type { DType, FloatArray } from "../float-array.js";
import {
  failType,
  requireDisjoint,
  requireFloats,
  requireLength,
  requireLines,
  requireNumber,
  requireSameType,
  requireSize,
} from "../requirements.js";

/**
 * The rules of {@link UpdateOperations.update}, with what each keeps between steps, in the order of `UpdateRule` in the addon. p is the
 * parameter, g the gradient after scaling and clipping, m is `first`, v is `second`; c are the coefficients, see
 * `UPDATE_COEFFICIENTS`. Every rule begins with p -= decay * p.
 *
 * - `descent`: p -= step * g
 * - `momentum`: m = firstShare * m + g; p -= step * m
 * - `nesterov`: m = firstShare * m + g; p -= step * (g + firstShare * m)
 * - `rmsprop`: v += secondShare * (g² - v); p -= step * g / (√v + epsilon)
 * - `adagrad`: v += g²; p -= step * g / (√v + epsilon)
 * - `adam`: m += firstShare * (g - m); v += secondShare * (g² - v); p -= step * m / (rootScale * √v + epsilon)
 * - `nadam`: as `adam`, with g + firstWeight * m in the place of the last m
 * - `lion`: p -= step * sign(m + firstShare * (g - m)); m += secondShare * (g - m)
 */
export const UPDATE_RULES = {
  descent: { first: false, second: false },
  momentum: { first: true, second: false },
  nesterov: { first: true, second: false },
  rmsprop: { first: false, second: true },
  adagrad: { first: false, second: true },
  adam: { first: true, second: true },
  nadam: { first: true, second: true },
  lion: { first: true, second: false },
} as const satisfies Readonly<Record<string, { readonly first: boolean; readonly second: boolean }>>;

export type UpdateRule = keyof typeof UPDATE_RULES;

/** The places of the coefficients; those that a rule does not name are not read. */
export const UPDATE_COEFFICIENTS = {
  /** The learning rate, divided by the bias correction of m where there is one. */
  step: 0,
  /** Of momentum the factor of the old m; of the others the share of g in the new m, such as 1 - beta1. */
  firstShare: 1,
  /** The share of g² in the new v, such as 1 - beta2; of Lion that of g in the new m. */
  secondShare: 2,
  /** The bias correction of √v: 1 / √(1 - beta2^steps). */
  rootScale: 3,
  /** So large that it is not 0 in float32: where g and v are 0, the parameter must stay, and 0 / 0 is NaN. */
  epsilon: 4,
  firstWeight: 5,
} as const;

/** How many coefficients there are. */
export const UPDATE_COEFFICIENT_COUNT: number = Object.keys(UPDATE_COEFFICIENTS).length;

/** What an optimizer's step takes, and what goes before and after it. */
export interface UpdateOperations {
  /**
   * A step of an optimizer: reads and writes each number once. Element by element, so that a step over an array has the bits of steps
   * over its parts. NaN in the gradient or in a slot gives NaN.
   */
  update(args: UpdateArguments): void;

  /** gradient += l2 * parameter + l1 * sign(parameter): the gradient of l2 / 2 * sum(parameter²) + l1 * sum(|parameter|). */
  addPenalty(args: AddPenaltyArguments): void;

  /** Adds to totals[0] the sum of x², computed in double. */
  sumOfSquares(args: SumOfSquaresArguments): void;

  /**
   * Scales the incoming weights of each unit whose Euclidean norm is above `most`, so that it is `most`. A norm of NaN stays. What lies
   * behind the units has no part in this and stays.
   */
  limitNorms(args: LimitNormsArguments): void;
}

export interface UpdateArguments {
  readonly rule: UpdateRule;
  /** Updated. */
  readonly parameter: FloatArray;
  /** As long as the parameter. */
  readonly gradient: FloatArray;
  /** What the rule keeps of gradients, as long as the parameter, updated; `null` where it keeps nothing of them. */
  readonly first: FloatArray | null;
  /** The same of their squares. */
  readonly second: FloatArray | null;
  /** [6], by `UPDATE_COEFFICIENTS`. */
  readonly coefficients: Float64Array;
  /** The gradient is multiplied by this first. */
  readonly gradientScale: number;
  /** Then it is limited to [-clip, clip]. Infinity: no limit. */
  readonly clip: number;
  /** The part that the parameter loses before the step, learningRate * weightDecay. */
  readonly decay: number;
}

export interface AddPenaltyArguments {
  readonly parameter: FloatArray;
  /** As long as the parameter; added to. */
  readonly gradient: FloatArray;
  readonly l2: number;
  readonly l1: number;
}

export interface SumOfSquaresArguments {
  readonly x: FloatArray;
  /** [1], added to. */
  readonly totals: Float64Array;
}

export interface LimitNormsArguments {
  /** [inputs, ldw], of which element (p, j) is the weight of input p for unit j. */
  readonly weight: FloatArray;
  readonly inputs: number;
  /** At least `units`, and whole lines of 64 bytes. */
  readonly ldw: number;
  readonly units: number;
  /** The largest norm. */
  readonly most: number;
}

const RULE_NUMBERS: ReadonlyMap<unknown, number> = new Map(
  Object.keys(UPDATE_RULES).map((rule, i) => [rule, i]),
);

/** What the addon takes for a rule; it refuses `undefined`. */
export function ruleNumber(rule: UpdateRule): number | undefined {
  return RULE_NUMBERS.get(rule);
}

function checkUpdate(args: UpdateArguments): void {
  const { rule, parameter, gradient, first, second, coefficients } = args;
  if (ruleNumber(rule) === undefined) {
    failType("update", "rule", `one of ${Object.keys(UPDATE_RULES).join(", ")}`, rule);
  }
  requireNumber("update", "gradientScale", args.gradientScale);
  requireNumber("update", "clip", args.clip);
  requireNumber("update", "decay", args.decay);
  const dtype = requireFloats("update", "parameter", parameter);
  requireSameType("update", "gradient", gradient, dtype);
  if (!types.isFloat64Array(coefficients)) failType("update", "coefficients", "a Float64Array", coefficients);
  requireLength("update", "parameter", parameter, parameter.length);
  requireLength("update", "gradient", gradient, parameter.length);
  requireLength("update", "coefficients", coefficients, UPDATE_COEFFICIENT_COUNT);
  requireDisjoint("update", "parameter", parameter, "gradient", gradient);
  requireDisjoint("update", "parameter", parameter, "coefficients", coefficients);
  checkSlot("first", first, args, dtype);
  checkSlot("second", second, args, dtype);
  if (first !== null && second !== null) requireDisjoint("update", "first", first, "second", second);
}

function checkSlot(
  name: "first" | "second",
  slot: FloatArray | null,
  { rule, parameter, gradient, coefficients }: UpdateArguments,
  dtype: DType,
): void {
  if (!UPDATE_RULES[rule][name]) {
    if (slot !== null) failType("update", name, `null, as ${rule} keeps no such numbers,`, slot);
    return;
  }
  const numbers = slot as FloatArray; // Or it is refused.
  requireSameType("update", name, numbers, dtype);
  requireLength("update", name, numbers, parameter.length);
  requireDisjoint("update", name, numbers, "parameter", parameter);
  requireDisjoint("update", name, numbers, "gradient", gradient);
  requireDisjoint("update", name, numbers, "coefficients", coefficients);
}

function checkAddPenalty({ parameter, gradient, l2, l1 }: AddPenaltyArguments): void {
  requireNumber("addPenalty", "l2", l2);
  requireNumber("addPenalty", "l1", l1);
  const dtype = requireFloats("addPenalty", "parameter", parameter);
  requireSameType("addPenalty", "gradient", gradient, dtype);
  requireLength("addPenalty", "parameter", parameter, parameter.length);
  requireLength("addPenalty", "gradient", gradient, parameter.length);
  requireDisjoint("addPenalty", "gradient", gradient, "parameter", parameter);
}

function checkSumOfSquares({ x, totals }: SumOfSquaresArguments): void {
  requireFloats("sumOfSquares", "x", x);
  if (!types.isFloat64Array(totals)) failType("sumOfSquares", "totals", "a Float64Array", totals);
  requireLength("sumOfSquares", "x", x, x.length);
  requireLength("sumOfSquares", "totals", totals, 1);
  requireDisjoint("sumOfSquares", "totals", totals, "x", x);
}

function checkLimitNorms({ weight, inputs, ldw, units, most }: LimitNormsArguments): void {
  requireSize("limitNorms", "inputs", inputs, 0);
  requireSize("limitNorms", "units", units, 0);
  requireNumber("limitNorms", "most", most);
  const dtype = requireFloats("limitNorms", "weight", weight);
  requireLines("limitNorms", "ldw", ldw, units, dtype);
  requireLength("limitNorms", "weight", weight, inputs * ldw);
}

/** The checks of arguments, by operation. */
export const updateChecks: UpdateOperations = {
  update: checkUpdate,
  addPenalty: checkAddPenalty,
  sumOfSquares: checkSumOfSquares,
  limitNorms: checkLimitNorms,
};
