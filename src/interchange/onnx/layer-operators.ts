import type { FloatArray } from "../../backend/backend.js";
import { attributeOf, floatOf, integerOf } from "./attributes.js";
import { type Fail, labelOf } from "./failure.js";
import { affine, type Columns, type Flow, type LinearFlow } from "./flow.js";
import type { OnnxNode } from "./messages.js";
import { constantOf, flowOf, type Operator, withFlow } from "./operator.js";
import { columnsOf } from "./shapes.js";
import { type Constant, showShape } from "./tensors.js";

// The operators that hold what a network has learned.

/** x W, alpha times. */
function linear(
  of: Flow,
  weight: Constant | undefined,
  { isTransposed, alpha }: Pick<LinearFlow, "isTransposed" | "alpha">,
  node: OnnxNode,
  fail: Fail,
): LinearFlow {
  const label = labelOf(node);
  if (weight === undefined) throw fail(`${label} lacks its weights`);
  const { shape } = weight;
  const [inputs, units] = isTransposed ? [shape[1], shape[0]] : shape;
  if (shape.length !== 2 || inputs !== of.width || units === undefined || units < 1) {
    const expected = isTransposed ? `[units, ${of.width}]` : `[${of.width}, units]`;
    throw fail(`${label} has weights of the shape ${showShape(shape)}, and ${expected} was expected`);
  }
  return { kind: "linear", of, weight, isTransposed, alpha, width: units, depth: of.depth + 1, label };
}

/** Y = alpha A B + beta C, where A are the rows and B the weights. */
export const gemm: Operator = (node, inputs, { fail }) => {
  const x = flowOf(inputs, 0, node, fail);
  const label = labelOf(node);
  if (integerOf(node, "transA", 0) !== 0 || x.shape.length !== 1) {
    throw fail(
      `${label} does not work on rows as they are: it transposes them, or they have the shape ${showShape(x.shape)}`,
    );
  }
  const [alpha, beta] = [floatOf(node, "alpha", 1), floatOf(node, "beta", 1)];
  const isTransposed = integerOf(node, "transB", 0) !== 0;
  const product = linear(x.flow, constantOf(inputs, 1, node, fail), { isTransposed, alpha }, node, fail);
  const shape = [product.width];
  const bias = constantOf(inputs, 2, node, fail);
  if (bias === undefined || beta === 0) return { kind: "flow", flow: product, shape };
  const columns = columnsOf(bias, shape);
  if (columns === undefined) {
    throw fail(
      `${label} has a bias of the shape ${showShape(bias.shape)}, and ${showShape(shape)} was expected`,
    );
  }
  const offset: Columns =
    beta === 1
      ? columns
      : typeof columns === "number"
        ? beta * columns
        : Float64Array.from(columns, (b) => b * beta);
  return { kind: "flow", flow: affine(product, label, { scale: 1, offset }), shape };
};

export const matMul: Operator = (node, inputs, { fail }) => {
  if (inputs[0]?.kind !== "flow" && inputs[1]?.kind === "flow") {
    throw fail(`${labelOf(node)} has the weights before what the network is given, and x W was expected`);
  }
  const x = flowOf(inputs, 0, node, fail);
  const weight = constantOf(inputs, 1, node, fail);
  if (x.shape.at(-1) !== x.flow.width) {
    throw fail(
      `${labelOf(node)} works on rows of the shape ${showShape(x.shape)}, and [${x.flow.width}] was expected`,
    );
  }
  const flow = linear(x.flow, weight, { isTransposed: false, alpha: 1 }, node, fail);
  return { kind: "flow", flow, shape: [...x.shape.slice(0, -1), flow.width] };
};

/** By the running statistics. */
export const normalization: Operator = (node, inputs, { fail, budget, opset }) => {
  const x = flowOf(inputs, 0, node, fail);
  const label = labelOf(node);
  // Before version 14 the statistics of the rows are given where they are used.
  const givesStatistics = opset < 14 && node.output.slice(1).some((name) => name !== "");
  if (integerOf(node, "training_mode", 0) !== 0 || givesStatistics) {
    throw fail(`${label} normalises by the rows themselves, as in training; export the network for use`);
  }
  const { width } = x.flow;
  if (x.shape[0] !== width) {
    throw fail(`${label} works on rows of the shape ${showShape(x.shape)}, and [${width}] was expected`);
  }
  budget.spend(4 * width);
  const row = (i: number, what: string): FloatArray => {
    const numbers = constantOf(inputs, i, node, fail);
    if (numbers?.shape.length !== 1 || numbers.data.length !== width) {
      const found = numbers === undefined ? "none" : `one of the shape ${showShape(numbers.shape)}`;
      throw fail(`${label} has ${found} for its ${what}, and [${width}] was expected`);
    }
    return numbers.data;
  };
  const [gamma, beta, mean, variance] = [row(1, "scale"), row(2, "B"), row(3, "mean"), row(4, "variance")];
  const epsilon = floatOf(node, "epsilon", 1e-5);
  // The attribute is a float32 where the decimal was meant; what that changes belongs to variances that are exact enough to tell.
  const rounding = (attributeOf(node, "epsilon")?.f ?? epsilon) - epsilon;
  const wrong = variance.find((value: number) => !(value >= 0));
  if (wrong !== undefined || !(epsilon > 0)) {
    throw fail(
      `${label} has the variance ${wrong ?? 0} and the epsilon ${epsilon}, and none below 0 and one above 0 were expected`,
    );
  }
  const step = {
    kind: "normalization",
    gamma,
    beta,
    mean,
    variance:
      variance instanceof Float64Array && rounding !== 0 ? variance.map((v) => v + rounding) : variance,
    epsilon,
  } as const;
  return withFlow(x, { kind: "normalization", of: x.flow, step, width, depth: x.flow.depth + 1, label });
};

/** (x - offset) * scale, of ai.onnx.ml. */
export const scaler: Operator = (node, inputs, { fail }) => {
  const x = flowOf(inputs, 0, node, fail);
  const label = labelOf(node);
  const columns = (name: string, byDefault: number): Columns => {
    const numbers = attributeOf(node, name)?.floats ?? new Float32Array();
    if (numbers.length === 0) return byDefault;
    if (numbers.length === 1) return numbers[0] as number;
    if (numbers.length === x.flow.width && x.shape.length === 1) return numbers;
    throw fail(`${label} has ${numbers.length} numbers for its ${name}, and ${x.flow.width} were expected`);
  };
  const [offset, scale] = [columns("offset", 0), columns("scale", 1)];
  const shifted = affine(x.flow, label, {
    scale: 1,
    offset: typeof offset === "number" ? -offset : Float64Array.from(offset, (c) => -c),
    subtracted: offset,
  });
  return withFlow(x, affine(shifted, label, { scale, offset: 0 }));
};
