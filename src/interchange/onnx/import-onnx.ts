import { imageFormat } from "../../data/features.js";
import { createLoss } from "../../nn/losses/create-loss.js";
import { expectFunction, expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import type { LoadedModel } from "../../training/model-file.js";
import { ImportOptionError } from "../import-option-error.js";
import { IMPORT_OPTIONS, type ImportOptions, importedModel, type PixelScale } from "../imported-model.js";
import { describeModel } from "../model-description.js";
import type { Step } from "../steps.js";
import { attributeOf } from "./attributes.js";
import { budgetFor } from "./budget.js";
import { CONSTANT_OPERATORS } from "./constant-operators.js";
import { type ReadExternal, readExternalData } from "./external-data.js";
import { type Fail, failureOf, labelOf, operatorOf, quoted } from "./failure.js";
import type { FlowValue, Value } from "./flow.js";
import { type NeededGraph, neededGraph, requireOperators } from "./graph.js";
import { OPERATORS } from "./known-operators.js";
import { decodeOnnx, type OnnxModel, type OnnxTensor } from "./messages.js";
import { isOwn, lossIn, metadataIn } from "./metadata.js";
import type { OperatorContext } from "./operator.js";
import { dtypeOf, requireFinite, stepsOfFlow } from "./steps-of-flow.js";
import { type Constant, readTensor, tensorLabel } from "./tensors.js";

export interface ImportOnnxOptions extends ImportOptions {
  /**
   * Reads weights that stand in files beside the model. A model that has such is refused where this is left out. The path has been checked to
   * stay in the model's folder, as far as its text tells; links are for this function to follow or not.
   */
  readonly external?: ReadExternal | undefined;
}

const OPTIONS: KnownOptions<ImportOnnxOptions> = {
  ...IMPORT_OPTIONS,
  external: true,
};

/** Operators had other inputs before. */
const OLDEST_OPSET = 7;

/**
 * A network out of an ONNX file, https://onnx.ai, as PyTorch, scikit-learn (by skl2onnx), Keras (by tf2onnx) and this package write plain
 * networks: Gemm or MatMul and Add, the activations that there are here, batch normalisation, residual connections, standardised inputs.
 * It can be trained further. Its numbers are float64 where the file's weights are doubles, else float32.
 *
 * Of scikit-learn's two classes with the probabilities 1 - p and p the network has the one output p. Where the file has bytes for an input
 * and scales them itself, the network has this package's pixels; elsewhere `pixels` tells what the other program made of them.
 *
 * @throws ModelFormatError when it is no ONNX file, when it has operators that there are not here, which the message names, when shapes do
 *   not meet, or when it has weights in other files that cannot be read.
 * @throws InvalidArgumentError when there is no such option, or when one is out of range.
 */
export async function importOnnx(bytes: Uint8Array, options: ImportOnnxOptions = {}): Promise<LoadedModel> {
  requireKnownOptions("importOnnx", options, OPTIONS, '{ output: "softmax" }');
  expectThat(bytes instanceof Uint8Array, "the bytes of a file", "the first argument of importOnnx", bytes);
  const { name = "The model", activation, external, output, loss, onAssumedPixels } = options;
  if (external !== undefined) expectFunction("external", external);
  if (onAssumedPixels !== undefined) expectFunction("onAssumedPixels", onAssumedPixels);
  if (loss !== undefined) createLoss(loss);
  if (activation !== undefined) {
    throw new ImportOptionError(
      (spell) =>
        `Expected no ${spell("activation")} for ${name}, because an ONNX file tells of every layer's own; leave it out.`,
    );
  }
  const fail = failureOf(name);
  const model = decodeOnnx(bytes, name);
  const graph = neededGraph(model.graph, fail);
  requireOperators(
    graph.nodes,
    (operator) => isKnown(OPERATORS, operator) || isKnown(CONSTANT_OPERATORS, operator),
    fail,
  );
  const elsewhere = await readExternalData(tensorsOf(graph), { external, name, fail });
  const size = [...elsewhere.values()].reduce((sum, { length }) => sum + length, bytes.length);
  const budget = budgetFor(size, fail);
  const readOne = (tensor: OnnxTensor, where: string) =>
    readTensor(tensor, elsewhere.get(tensor), where, fail);

  const { flow } = outputOf(
    graph,
    { fail, budget, opset: opsetOf(model, fail), rows: graph.input.rows, output },
    readOne,
  );
  const all = stepsOfFlow(flow, { fail, budget });
  if (all.length === 0) throw fail("it has no layers");
  const dtype = dtypeOf(all);
  requireFinite(all, dtype, fail);
  const inputs = graph.input.shape.reduce((product, n) => product * n, 1);
  const { steps, pixels } = graph.input.isBytes
    ? withoutScaling(all, inputs, options.pixels, name)
    : { steps: all, pixels: options.pixels };
  const last = steps.at(-1);
  const told = last?.kind === "activation" ? last.activation : "identity";
  const found = metadataIn(model, graph.input.shape, flow.width, told);
  const loaded = importedModel(
    {
      inputs,
      dtype,
      steps,
      loss: lossIn(model, told, fail),
      tellsPixels: graph.input.isBytes || isOwn(model),
    },
    { ...options, pixels },
    found,
  );
  describeModel(loaded.network, { metadata: loaded.metadata }, name);
  return loaded;
}

function isKnown(operators: Readonly<Record<string, unknown>>, operator: string): boolean {
  return Object.hasOwn(operators, operator);
}

function opsetOf({ opsetImport }: OnnxModel, fail: Fail): number {
  const version = opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version;
  if (version === undefined) return OLDEST_OPSET; // Of other domains' operators alone.
  if (version >= OLDEST_OPSET) return version;
  throw fail(
    `it has the operator set ${version}, and ${OLDEST_OPSET} or later was expected; export it anew, or convert it by onnx.version_converter`,
  );
}

/** Those that are needed. */
function* tensorsOf({ initializers, nodes }: NeededGraph): Iterable<OnnxTensor> {
  yield* initializers.values();
  for (const node of nodes) {
    const tensor = node.opType === "Constant" ? attributeOf(node, "value")?.t : undefined;
    if (tensor !== undefined) yield tensor;
  }
}

/** Follows the graph from its input to its output. */
function outputOf(
  { input, output, nodes, initializers }: NeededGraph,
  context: OperatorContext,
  readOne: (tensor: OnnxTensor, where: string) => Constant,
): FlowValue {
  const { fail } = context;
  const width = input.shape.reduce((product, size) => product * size, 1);
  const values = new Map<string, Value>();
  values.set(input.name, {
    kind: "flow",
    flow: { kind: "input", of: undefined, width, depth: 0, label: tensorLabel(input.name) },
    shape: input.shape,
  });
  for (const [name, tensor] of initializers) values.set(name, readOne(tensor, tensorLabel(name)));
  for (const node of nodes) {
    const inputs = node.input.map((name) => {
      const value = values.get(name);
      if (value === undefined && name !== "") {
        throw fail(`${labelOf(node)} reads ${quoted(name)}, which is not computed here`);
      }
      return value;
    });
    const operator = operatorOf(node);
    const constants = inputs.filter((value) => value?.kind !== "flow") as (Constant | undefined)[];
    const [first] = node.output;
    if (first === undefined || first === "") continue;
    const fromConstants = isKnown(CONSTANT_OPERATORS, operator) ? CONSTANT_OPERATORS[operator] : undefined;
    const fromFlows = isKnown(OPERATORS, operator) ? OPERATORS[operator] : undefined;
    if (constants.length === inputs.length && fromConstants !== undefined) {
      values.set(first, fromConstants(node, constants, { ...context, readTensor: readOne }));
    } else if (fromFlows !== undefined) {
      values.set(first, fromFlows(node, inputs, context));
    } else {
      throw fail(`${labelOf(node)} works on what the network is given, which is not known here`);
    }
  }
  const value = values.get(output);
  if (value?.kind !== "flow") throw fail("its output does not depend on what it is given");
  return value;
}

/** What a graph of bytes does with them first is their scale, which belongs to this package's pixels where it is the same for all. */
function withoutScaling(
  steps: readonly Step[],
  inputs: number,
  told: PixelScale | undefined,
  name: string,
): { readonly steps: readonly Step[]; readonly pixels: PixelScale | undefined } {
  if (told !== undefined) {
    throw new ImportOptionError(
      (spell) =>
        `Expected no ${spell("pixels")} for ${name}, because it takes bytes and scales them itself; leave that out.`,
    );
  }
  const own = imageFormat([1, inputs]);
  const [first, ...rest] = steps;
  const asBytes = { scale: 1, offset: 0 };
  if (first?.kind !== "standardization") return { steps, pixels: asBytes };
  const { mean, deviation } = first;
  const isOwn = (j: number) =>
    Math.abs((deviation[j] as number) * own.scale - 1) < 1e-6 &&
    Math.abs((mean[j] as number) * own.scale + own.offset) < 1e-6;
  return [...mean.keys()].every(isOwn) ? { steps: rest, pixels: undefined } : { steps, pixels: asBytes };
}
