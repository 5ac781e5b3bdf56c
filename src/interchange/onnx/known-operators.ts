import { ARITHMETIC } from "./arithmetic.js";
import { floatOf, integerOf, integersOf, textOf } from "./attributes.js";
import { axesOf, unsqueezed } from "./constant-operators.js";
import { labelOf } from "./failure.js";
import { activation, type FlowValue, part } from "./flow.js";
import { gemm, matMul, normalization, scaler } from "./layer-operators.js";
import { DATA_TYPE, type OnnxNode } from "./messages.js";
import { constantOf, flowOf, type Operator, type OperatorContext, withFlow } from "./operator.js";
import { choiceOf } from "./recognize-activations.js";
import { isSameShape, listOf, rowReshaped } from "./shapes.js";
import { constant, showShape } from "./tensors.js";

// What each operator makes of values that are computed of the network's input.

function elementwise(name: Parameters<typeof activation>[2]): Operator {
  return (node, inputs, { fail }) => {
    const x = flowOf(inputs, 0, node, fail);
    return withFlow(x, activation(x.flow, labelOf(node), name));
  };
}

const passed: Operator = (node, inputs, { fail }) => flowOf(inputs, 0, node, fail);

/** Softmax and LogSoftmax work along the last dimension here. */
function requireColumns(node: OnnxNode, { shape }: FlowValue, { opset, fail }: OperatorContext): void {
  const axis = integerOf(node, "axis", opset < 13 ? 1 : -1);
  const wide = shape.flatMap((size, i) => (size === 1 ? [] : [i + 1]));
  const isAlong =
    wide.length === 0 || (wide.length === 1 && wide[0] === (axis < 0 ? axis + shape.length + 1 : axis));
  if (isAlong || (opset < 13 && axis === 1)) return;
  throw fail(
    `${labelOf(node)} works along the dimension ${axis} of rows of the shape ${showShape(shape)}, and along their columns was expected`,
  );
}

const softmax: Operator = (node, inputs, context) => {
  requireColumns(node, flowOf(inputs, 0, node, context.fail), context);
  return elementwise("softmax")(node, inputs, context);
};

/** Of x with 0, in either order. */
function comparison(whenTrue: "isPositive" | "isNotPositive"): Operator {
  return (node, inputs, { fail }) => {
    const isFirst = inputs[0]?.kind === "flow";
    const x = flowOf(inputs, isFirst ? 0 : 1, node, fail);
    const limit = constantOf(inputs, isFirst ? 1 : 0, node, fail);
    if (limit?.data.length !== 1 || limit.data[0] !== 0)
      throw fail(`${labelOf(node)} compares with what is not 0`);
    const opposite = whenTrue === "isPositive" ? "isNotPositive" : "isPositive";
    return withFlow(x, part(x.flow, labelOf(node), isFirst ? whenTrue : opposite));
  };
}

const partOf =
  (name: "exp" | "erf"): Operator =>
  (node, inputs, { fail }) => {
    const x = flowOf(inputs, 0, node, fail);
    return withFlow(x, part(x.flow, labelOf(node), name));
  };

/** By the operator's name in the file. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  ...ARITHMETIC,
  Gemm: gemm,
  MatMul: matMul,
  BatchNormalization: normalization,
  "ai.onnx.ml.Scaler": scaler,
  Relu: elementwise("relu"),
  Sigmoid: elementwise("sigmoid"),
  Tanh: elementwise("tanh"),

  LeakyRelu(node, inputs, context) {
    const alpha = floatOf(node, "alpha", 0.01);
    if (alpha !== 0.01) {
      throw context.fail(`${labelOf(node)} has the slope ${alpha} below 0, and a leakyRelu here has 0.01`);
    }
    return elementwise("leakyRelu")(node, inputs, context);
  },

  PRelu(node, inputs, context) {
    const slope = constantOf(inputs, 1, node, context.fail)?.data ?? [];
    context.budget.spend(slope.length);
    const wrong = [...slope].find((value) => Math.fround(value) !== Math.fround(0.01));
    if (slope.length === 0 || wrong !== undefined) {
      throw context.fail(
        `${labelOf(node)} has the slope ${wrong ?? "of none"} below 0, and a leakyRelu here has 0.01`,
      );
    }
    return elementwise("leakyRelu")(node, inputs, context);
  },

  Elu(node, inputs, context) {
    const alpha = floatOf(node, "alpha", 1);
    if (alpha !== 1) throw context.fail(`${labelOf(node)} has the alpha ${alpha}, and an elu here has 1`);
    return elementwise("elu")(node, inputs, context);
  },

  Gelu(node, inputs, context) {
    const approximate = textOf(node, "approximate", "none");
    if (approximate !== "none") {
      throw context.fail(
        `${labelOf(node)} is the approximation by ${approximate}, and a gelu here is the exact one`,
      );
    }
    return elementwise("gelu")(node, inputs, context);
  },

  Softmax: softmax,

  LogSoftmax(node, inputs, context) {
    if (context.output !== "softmax") {
      throw context.fail(
        `${labelOf(node)} gives the logarithms of probabilities, and a network here gives the probabilities themselves; ask for the output softmax to get those`,
      );
    }
    return softmax(node, inputs, context);
  },

  Exp: partOf("exp"),
  Erf: partOf("erf"),
  Greater: comparison("isPositive"),
  GreaterOrEqual: comparison("isPositive"),
  Less: comparison("isNotPositive"),
  LessOrEqual: comparison("isNotPositive"),

  Min(node, inputs, { fail }) {
    const isFirst = inputs[0]?.kind === "flow";
    const x = flowOf(inputs, isFirst ? 0 : 1, node, fail);
    const limit = constantOf(inputs, isFirst ? 1 : 0, node, fail);
    if (inputs.length !== 2 || limit?.data.length !== 1 || limit.data[0] !== 0) {
      throw fail(`${labelOf(node)} compares with what is not 0`);
    }
    return withFlow(x, part(x.flow, labelOf(node), "atMost0"));
  },

  Where(node, inputs, { fail }) {
    const [condition, a, b] = [0, 1, 2].map((i) => flowOf(inputs, i, node, fail)) as [
      FlowValue,
      FlowValue,
      FlowValue,
    ];
    const isSame = isSameShape(a.shape, b.shape) && isSameShape(a.shape, condition.shape);
    const flow = isSame ? choiceOf(condition.flow, a.flow, b.flow, labelOf(node)) : undefined;
    if (flow === undefined)
      throw fail(`${labelOf(node)} is no elu, which is the one choice that is known here`);
    return withFlow(a, flow);
  },

  Identity: passed,
  "ai.onnx.ml.ZipMap": passed,

  Dropout(node, inputs, context) {
    const training = constantOf(inputs, 2, node, context.fail);
    if (training !== undefined && (training.data.length !== 1 || training.data[0] !== 0)) {
      throw context.fail(`${labelOf(node)} drops units out, as in training; export the network for use`);
    }
    return passed(node, inputs, context);
  },

  Cast(node, inputs, context) {
    const to = integerOf(node, "to", 0);
    const types: readonly number[] = [
      DATA_TYPE.float,
      DATA_TYPE.double,
      DATA_TYPE.float16,
      DATA_TYPE.bfloat16,
    ];
    if (!types.includes(to))
      throw context.fail(`${labelOf(node)} makes no real numbers of what the network gives`);
    return passed(node, inputs, context);
  },

  Flatten(node, inputs, { fail }) {
    const { flow, shape } = flowOf(inputs, 0, node, fail);
    const axis = integerOf(node, "axis", 1);
    if ((axis < 0 ? axis + shape.length + 1 : axis) !== 1) {
      throw fail(
        `${labelOf(node)} flattens from the dimension ${axis} on, and 1 was expected, after the rows`,
      );
    }
    return { kind: "flow", flow, shape: [flow.width] };
  },

  Reshape(node, inputs, { fail, rows }) {
    const { flow, shape } = flowOf(inputs, 0, node, fail);
    const told = constantOf(inputs, 1, node, fail);
    const sizes = told === undefined ? (integersOf(node, "shape") ?? []) : listOf(told, node, fail);
    const allowsZero = integerOf(node, "allowzero", 0) !== 0;
    return { kind: "flow", flow, shape: rowReshaped(shape, rows, sizes, allowsZero, node, fail) };
  },

  Squeeze(node, inputs, { fail }) {
    const { flow, shape } = flowOf(inputs, 0, node, fail);
    const axes = axesOf(node, constantOf(inputs, 1, node, fail), shape.length + 1, fail);
    if (axes === undefined || axes.some((axis) => shape[axis - 1] !== 1)) {
      throw fail(`${labelOf(node)} leaves out a dimension that is not told, or is not of size 1`);
    }
    return { kind: "flow", flow, shape: shape.filter((_, i) => !axes.includes(i + 1)) };
  },

  Unsqueeze(node, inputs, { fail }) {
    const { flow, shape } = flowOf(inputs, 0, node, fail);
    // The rows are the dimension of size -1, which must stay first.
    const [first, ...rest] = unsqueezed([-1, ...shape], node, constantOf(inputs, 1, node, fail), fail);
    if (first !== -1) throw fail(`${labelOf(node)} puts a dimension before the rows`);
    return { kind: "flow", flow, shape: rest };
  },

  Transpose(node, inputs, { fail }) {
    const { flow, shape } = flowOf(inputs, 0, node, fail);
    const order = integersOf(node, "perm") ?? [...shape.keys(), shape.length].reverse();
    const isOrder = [...order].sort((a, b) => a - b).every((axis, i) => axis === i);
    const wide = order.filter((axis) => axis > 0 && shape[axis - 1] !== 1);
    // Dimensions of size 1 can be anywhere: the numbers stay in their order.
    const isSorted = wide.every((axis, i) => i === 0 || axis > (wide[i - 1] as number));
    if (order.length !== shape.length + 1 || !isOrder || order[0] !== 0 || !isSorted) {
      throw fail(`${labelOf(node)} brings the numbers of a row into another order`);
    }
    return { kind: "flow", flow, shape: order.slice(1).map((axis) => shape[axis - 1] as number) };
  },

  Shape(node, inputs, { fail }) {
    const { shape } = flowOf(inputs, 0, node, fail);
    const all = [Number.NaN, ...shape]; // NaN: the rows.
    const sizes = all.slice(integerOf(node, "start", 0), integerOf(node, "end", all.length));
    return constant([sizes.length], Float64Array.from(sizes), false);
  },

  /** scikit-learn's two classes: their probabilities 1 - p and p, of one output p. */
  Concat(node, inputs, { fail }) {
    const [a, b] = [flowOf(inputs, 0, node, fail), flowOf(inputs, 1, node, fail)];
    const [rest, p] = [a.flow, b.flow];
    const isPair =
      inputs.length === 2 &&
      p.width === 1 &&
      b.shape.length === 1 &&
      [1, -1].includes(integerOf(node, "axis", 1)) &&
      rest.kind === "affine" &&
      rest.of === p &&
      rest.scale === -1 &&
      rest.offset === 1;
    if (!isPair) {
      throw fail(`${labelOf(node)} joins values that are not the probabilities 1 - p and p of two classes`);
    }
    return { kind: "flow", flow: part(p, labelOf(node), "pair", 2), shape: [2] };
  },
};
