import type { ActivationStep, NormalizationStep, Step } from "../steps.js";
import { floatAttribute, type GraphBuilder, intAttribute } from "./graph-builder.js";
import { DATA_TYPE } from "./messages.js";

// Each step of a network as operators of ONNX's standard, version 17 (https://onnx.ai/onnx/operators).

/** PyTorch's default, and this package's. */
const LEAKY_SLOPE = 0.01;

/**
 * Adds the operators of steps.
 *
 * @param path Where the steps are, to be put before the names of their layers: `layers` for a network.
 * @param x The name of what the first one takes.
 * @returns The name of what the last one gives.
 */
export function addSteps(graph: GraphBuilder, steps: readonly Step[], path: string, x: string): string {
  let value = x;
  let index = -1;
  for (const [i, step] of steps.entries()) {
    // An activation after a linear step belongs to its layer.
    if (step.kind !== "activation" || steps[i - 1]?.kind !== "linear") index++;
    value = addStep(graph, step, `${path}.${index}`, value);
  }
  return value;
}

function addStep(graph: GraphBuilder, step: Step, layer: string, x: string): string {
  switch (step.kind) {
    case "linear": {
      const weight = graph.numbers(`${layer}.weight`, step.weight, [step.units, step.inputs]);
      const bias = graph.numbers(`${layer}.bias`, step.bias);
      return graph.apply(layer, "Gemm", [x, weight, bias], [intAttribute("transB", 1)]); // x Wᵀ + b
    }
    case "activation":
      return addActivation(graph, step.activation, layer, x);
    case "normalization":
      return addNormalization(graph, step, layer, x);
    case "standardization": {
      const centred = graph.apply(layer, "Sub", [x, graph.numbers(`${layer}.mean`, step.mean)]);
      return graph.apply(layer, "Div", [centred, graph.numbers(`${layer}.deviation`, step.deviation)]);
    }
    case "residual":
      return graph.apply(layer, "Add", [x, addSteps(graph, step.steps, `${layer}.layers`, x)]);
  }
}

function addNormalization(graph: GraphBuilder, step: NormalizationStep, layer: string, x: string): string {
  // The attribute is a float32. What it lacks is added to the variances, so that their sums are what they were.
  const epsilon = Math.fround(step.epsilon);
  const variance =
    graph.dtype === "float64" ? step.variance.map((v) => v + (step.epsilon - epsilon)) : step.variance;
  const inputs = [
    x,
    graph.numbers(`${layer}.gamma`, step.gamma),
    graph.numbers(`${layer}.beta`, step.beta),
    graph.numbers(`${layer}.mean`, step.mean),
    graph.numbers(`${layer}.variance`, variance),
  ];
  return graph.apply(layer, "BatchNormalization", inputs, [floatAttribute("epsilon", epsilon)]);
}

function addActivation(
  graph: GraphBuilder,
  activation: ActivationStep["activation"],
  layer: string,
  x: string,
): string {
  switch (activation) {
    case "sigmoid":
      return graph.apply(layer, "Sigmoid", [x]);
    case "tanh":
      return graph.apply(layer, "Tanh", [x]);
    case "relu":
      return graph.apply(layer, "Relu", [x]);
    case "leakyRelu":
      // The attribute of LeakyRelu is a float32, and 0.01 as one is wrong by 2e-10.
      return graph.dtype === "float32"
        ? graph.apply(layer, "LeakyRelu", [x], [floatAttribute("alpha", LEAKY_SLOPE)])
        : graph.apply(layer, "PRelu", [x, graph.constant("leaky_slope", LEAKY_SLOPE)]);
    case "elu":
      return graph.dtype === "float32"
        ? graph.apply(layer, "Elu", [x], [floatAttribute("alpha", 1)])
        : addElu(graph, layer, x);
    case "gelu":
      return addGelu(graph, layer, x);
    case "silu":
      return graph.dtype === "float32"
        ? graph.apply(layer, "Mul", [x, graph.apply(layer, "Sigmoid", [x])])
        : addSilu(graph, layer, x);
    case "softmax":
      return graph.apply(layer, "Softmax", [x], [intAttribute("axis", -1)]);
  }
}

/** x > 0 ? x : exp(x) - 1, because ONNX Runtime has no Elu of doubles. Where exp overflows, its result is not the one that is taken. */
function addElu(graph: GraphBuilder, layer: string, x: string): string {
  const isPositive = graph.apply(layer, "Greater", [x, graph.constant("zero", 0)]);
  const exp = graph.apply(layer, "Exp", [x]);
  const below = graph.apply(layer, "Sub", [exp, graph.constant("one", 1)]);
  return graph.apply(layer, "Where", [isPositive, x, below]);
}

/**
 * x / (1 + exp(-x)). ONNX Runtime takes x sigmoid(x) for its QuickGelu, which it has not in doubles, and refuses the graph. Where exp
 * overflows, the result is 0, as it should be.
 */
function addSilu(graph: GraphBuilder, layer: string, x: string): string {
  const exp = graph.apply(layer, "Exp", [graph.apply(layer, "Neg", [x])]);
  return graph.apply(layer, "Div", [x, graph.apply(layer, "Add", [exp, graph.constant("one", 1)])]);
}

/** x (1 + erf(x / √2)) / 2, in the order of PyTorch's exporter, which ONNX Runtime recognizes and replaces by its own Gelu. */
function addGelu(graph: GraphBuilder, layer: string, x: string): string {
  const scaled = graph.apply(layer, "Div", [x, graph.constant("sqrt_2", Math.SQRT2)]);
  const sum = graph.apply(layer, "Add", [addErf(graph, layer, scaled), graph.constant("one", 1)]);
  const product = graph.apply(layer, "Mul", [x, sum]);
  return graph.apply(layer, "Mul", [product, graph.constant("half", 0.5)]);
}

/** ONNX Runtime has Erf of float32 alone. */
function addErf(graph: GraphBuilder, layer: string, x: string): string {
  if (graph.dtype === "float32") return graph.apply(layer, "Erf", [x]);
  const narrow = graph.apply(layer, "Cast", [x], [intAttribute("to", DATA_TYPE.float)]);
  return graph.apply(
    layer,
    "Cast",
    [graph.apply(layer, "Erf", [narrow])],
    [intAttribute("to", DATA_TYPE.double)],
  );
}
