import type { FloatArray } from "../../backend/backend.js";
import type { ActivationStep, NormalizationStep } from "../steps.js";
import type { Fail } from "./failure.js";
import type { Constant } from "./tensors.js";

// What is computed of a network's input, value by value: each points to what it is computed of.

interface FlowOf {
  /** How many numbers there are in a row. */
  readonly width: number;
  /** How many values lie between the input and this one. */
  readonly depth: number;
  /** The node, for messages. */
  readonly label: string;
  readonly of: Flow;
}

export interface InputFlow extends Omit<FlowOf, "of"> {
  readonly kind: "input";
  readonly of: undefined;
}

/** x W + b */
export interface LinearFlow extends FlowOf {
  readonly kind: "linear";
  /** Of shape [inputs, units], or [units, inputs] where `isTransposed`. */
  readonly weight: Constant;
  readonly isTransposed: boolean;
  /** What the products are multiplied by. */
  readonly alpha: number;
}

export interface ActivationFlow extends FlowOf {
  readonly kind: "activation";
  readonly activation: ActivationStep["activation"];
}

export interface NormalizationFlow extends FlowOf {
  readonly kind: "normalization";
  readonly step: NormalizationStep;
}

/** A number for each column, or one for all. */
export type Columns = number | FloatArray;

/** x * scale + offset, column by column. */
export interface AffineFlow extends FlowOf {
  readonly kind: "affine";
  readonly scale: Columns;
  readonly offset: Columns;
  /** Where it is x - c or x / c: the c, which `scale` and `offset` hold rounded. */
  readonly subtracted?: Columns;
  readonly divisor?: Columns;
}

/** x + block(x), where `of` is the x. */
export interface ResidualFlow extends FlowOf {
  readonly kind: "residual";
  readonly block: Flow;
  /** How many blocks stand within each other here. */
  readonly nesting: number;
}

/** What makes sense only together with others: of an elu, gelu or of two probabilities of one. */
export interface PartFlow extends FlowOf {
  readonly kind: "part";
  readonly part: "exp" | "erf" | "isPositive" | "isNotPositive" | "atMost0" | "pair";
}

export type Flow =
  | InputFlow
  | LinearFlow
  | ActivationFlow
  | NormalizationFlow
  | AffineFlow
  | ResidualFlow
  | PartFlow;

/** A value of the graph that is computed of its input: the numbers of a row, and the shape that they are in. */
export interface FlowValue {
  readonly kind: "flow";
  readonly flow: Flow;
  /** Without the rows. */
  readonly shape: readonly number[];
}

export type Value = Constant | FlowValue;

export function affine(
  of: Flow,
  label: string,
  columns: Pick<AffineFlow, "scale" | "offset" | "subtracted" | "divisor">,
): AffineFlow {
  return { kind: "affine", of, width: of.width, depth: of.depth + 1, label, ...columns };
}

export function activation(of: Flow, label: string, name: ActivationStep["activation"]): ActivationFlow {
  return { kind: "activation", of, width: of.width, depth: of.depth + 1, label, activation: name };
}

export function part(of: Flow, label: string, name: PartFlow["part"], width = of.width): PartFlow {
  return { kind: "part", of, width, depth: of.depth + 1, label, part: name };
}

/** The value at this depth that a value is computed of. */
function ancestorOf(flow: Flow, depth: number): Flow {
  let found = flow;
  while (found.depth > depth && found.of !== undefined) found = found.of;
  return found;
}

/** Networks are built and written layer in layer. */
const DEEPEST_NESTING = 64;

/**
 * The sum of two values of which one is computed of the other; `undefined` where neither is.
 *
 * @throws ModelFormatError when there are too many blocks within each other.
 */
export function sumOf(a: Flow, b: Flow, label: string, fail: Fail): Flow | undefined {
  if (a === b) return affine(a, label, { scale: 2, offset: 0 });
  const [of, block] = a.depth < b.depth ? [a, b] : [b, a];
  if (of.width !== block.width || ancestorOf(block, of.depth) !== of) return undefined;
  const nesting = 1 + nestingBetween(of, block);
  if (nesting > DEEPEST_NESTING) {
    throw fail(
      `${label} is the ${nesting}th residual connection in another, and ${DEEPEST_NESTING} are the most`,
    );
  }
  return { kind: "residual", of, block, width: of.width, depth: of.depth + 1, label, nesting };
}

function nestingBetween(from: Flow, to: Flow): number {
  let most = 0;
  for (let flow: Flow | undefined = to; flow !== undefined && flow !== from; flow = flow.of) {
    if (flow.kind === "residual") most = Math.max(most, flow.nesting);
  }
  return most;
}
