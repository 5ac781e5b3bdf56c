import { labelOf } from "./failure.js";
import {
  type AffineFlow,
  activation,
  affine,
  type Columns,
  type FlowValue,
  sumOf,
  type Value,
} from "./flow.js";
import type { OnnxNode } from "./messages.js";
import { constantOf, flowOf, type Operator, type OperatorContext, withFlow } from "./operator.js";
import { argumentOfSigmoid, productOf } from "./recognize-activations.js";
import { columnsOf, isSameShape } from "./shapes.js";
import { showShape } from "./tensors.js";

// Sums and products: of columns and constants, of a block and what it began with, and those that are parts of activations.

type Change = Pick<AffineFlow, "scale" | "offset" | "subtracted" | "divisor">;

/** @param isReversed Whether the constant comes first. */
function withConstant(change: (c: Columns, isReversed: boolean) => Change) {
  return (node: OnnxNode, inputs: readonly (Value | undefined)[], context: OperatorContext): FlowValue => {
    const { fail, budget } = context;
    if (inputs.length !== 2) throw fail(`${labelOf(node)} has ${inputs.length} inputs, and 2 were expected`);
    const isReversed = inputs[0]?.kind !== "flow";
    const x = flowOf(inputs, isReversed ? 1 : 0, node, fail);
    const other = constantOf(inputs, isReversed ? 0 : 1, node, fail);
    const columns = other && columnsOf(other, x.shape);
    if (columns === undefined) {
      const found = other === undefined ? "nothing" : `a constant of the shape ${showShape(other.shape)}`;
      throw fail(
        `${labelOf(node)} has rows of the shape ${showShape(x.shape)} and ${found}, which do not meet`,
      );
    }
    if (typeof columns !== "number") budget.spend(2 * columns.length);
    return withFlow(x, affine(x.flow, labelOf(node), change(columns, isReversed)));
  };
}

function map(columns: Columns, f: (x: number) => number): Columns {
  return typeof columns === "number" ? f(columns) : Float64Array.from(columns, f);
}

/** Both are computed of the network's input. */
function flowsOf([a, b, ...others]: readonly (Value | undefined)[]):
  | readonly [FlowValue, FlowValue]
  | undefined {
  return a?.kind === "flow" && b?.kind === "flow" && others.length === 0 ? [a, b] : undefined;
}

const addConstant = withConstant((c) => ({ scale: 1, offset: c }));
const multiplyByConstant = withConstant((c) => ({ scale: c, offset: 0 }));
const subtractConstant = withConstant((c, isReversed) =>
  isReversed ? { scale: -1, offset: c } : { scale: 1, offset: map(c, (x) => -x), subtracted: c },
);
const divideByConstant = withConstant((c) => ({ scale: map(c, (x) => 1 / x), offset: 0, divisor: c }));

const add: Operator = (node, inputs, context) => {
  const flows = flowsOf(inputs);
  if (flows === undefined) return addConstant(node, inputs, context);
  const [a, b] = flows;
  const flow = isSameShape(a.shape, b.shape) ? sumOf(a.flow, b.flow, labelOf(node), context.fail) : undefined;
  if (flow === undefined) {
    throw context.fail(
      `${labelOf(node)} adds two values of which neither is computed of the other, or whose shapes differ, and x + block(x) was expected`,
    );
  }
  return withFlow(a, flow);
};

const multiply: Operator = (node, inputs, context) => {
  const flows = flowsOf(inputs);
  if (flows === undefined) return multiplyByConstant(node, inputs, context);
  const [a, b] = flows;
  const flow = isSameShape(a.shape, b.shape) ? productOf(a.flow, b.flow, labelOf(node)) : undefined;
  if (flow === undefined) {
    throw context.fail(
      `${labelOf(node)} multiplies two values that the network computes, and only silu, x sigmoid(x), and the exact gelu, x (1 + erf(x / sqrt 2)) / 2, are known here`,
    );
  }
  return withFlow(a, flow);
};

const divide: Operator = (node, inputs, context) => {
  const { fail } = context;
  const [above, below] = inputs;
  if (below?.kind !== "flow") return divideByConstant(node, inputs, context);
  const x = argumentOfSigmoid(below.flow);
  if (above?.kind === "flow" && above.flow === x && isSameShape(above.shape, below.shape))
    return withFlow(above, activation(x, labelOf(node), "silu"));
  const isOne = above?.kind === "constant" && above.data.length === 1 && above.data[0] === 1;
  if (x !== undefined && isOne) return withFlow(below, activation(x, labelOf(node), "sigmoid"));
  throw fail(
    `${labelOf(node)} divides by what the network computes, and only x / (1 + exp(-x)) and 1 / (1 + exp(-x)) are known here`,
  );
};

export const ARITHMETIC: Readonly<Record<string, Operator>> = {
  Add: add,
  Sum: add,
  Mul: multiply,
  Sub: subtractConstant,
  Div: divide,
  Neg(node, inputs, { fail }) {
    const x = flowOf(inputs, 0, node, fail);
    return withFlow(x, affine(x.flow, labelOf(node), { scale: -1, offset: 0 }));
  },
};
