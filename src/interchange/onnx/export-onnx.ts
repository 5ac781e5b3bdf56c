import { imageFormat } from "../../data/features.js";
import { InvalidArgumentError } from "../../errors.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { expectThat } from "../../system/expected.js";
import { type KnownOptions, requireKnownOptions } from "../../system/known-options.js";
import { packageVersion } from "../../system/package-version.js";
import { learnedTensors } from "../../training/model-file.js";
import { describeModel, type ExportOptions, type ModelDescription } from "../model-description.js";
import { stepsOf } from "../steps.js";
import { GraphBuilder, intAttribute } from "./graph-builder.js";
import {
  DATA_TYPE,
  encodeOnnx,
  LONGEST_ONNX,
  type OnnxValueInfo,
  onnxDimension,
  onnxModel,
  onnxValueInfo,
  type StringEntry,
} from "./messages.js";
import { addSteps } from "./operators.js";

export interface ExportOnnxOptions extends ExportOptions {
  /**
   * `numbers`: an input called `input`, of numbers as the network takes them. `bytes`: an input called `pixels`, of bytes from 0 to 255 that
   * the graph itself scales as this package does, to -1 to 1. Default: `numbers`.
   */
  readonly input?: OnnxInput | undefined;
}

export type OnnxInput = "numbers" | "bytes";

const OPTIONS: KnownOptions<ExportOnnxOptions> = { metadata: true, input: true };

/** Of ONNX 1.12, which every ONNX Runtime since 1.12 reads: both are of summer 2022. */
const OPERATOR_SET = 17;
const IR_VERSION = 8;

/**
 * A network as an ONNX file, for ONNX Runtime, OpenVINO, Netron and others: https://onnx.ai.
 *
 * The file has operator set 17 and IR version 8. Its input `input` (or `pixels`, uint8, by `input: "bytes"`) is [batch, n_inputs], images row
 * by row; `batch` is left open. Its output is called `probabilities`, [batch, n_outputs], where classes are learned and the network ends in a
 * softmax or a sigmoid, and `output` otherwise. Dropout and auxiliary outputs, which are for training, are left out. Layers are counted
 * without them: weights are `layers.0.weight` [n_units, n_inputs], and so on.
 *
 * All metadata become metadata of the file, among them `classNames`, the names of classes as a JSON array; `network`, its specification
 * with its loss as JSON, is added, and `pixels` where the network knows images, as JSON: `{ "scale": …, "offset": … }`, which a byte is
 * multiplied by and to which is then added.
 *
 * A float64 network gives a graph of doubles. What ONNX Runtime has not in doubles is made of what it has: elu and silu of Exp,
 * leakyRelu of PRelu, whose slope is a double. Only gelu is not as exact as the rest: there is an Erf of float32 alone, so that its results are right to
 * about 1e-7 times its input.
 *
 * @throws InvalidArgumentError when this is no network, when an option is unknown or wrong, or when the file would be longer than 2 GiB,
 *   which ONNX cannot have in one file.
 * @throws ModelFormatError when the metadata are not as `saveModel` writes them.
 */
export function exportOnnx(network: MultilayerPerceptron, options: ExportOnnxOptions = {}): Uint8Array {
  requireKnownOptions("exportOnnx", options, OPTIONS, '{ input: "bytes" }');
  const { input = "numbers", metadata } = options;
  expectThat(input === "numbers" || input === "bytes", '"numbers" or "bytes"', "input", input);
  const description = describeModel(network, { metadata });
  requireRoom(network);

  const { inputs, outputs, dtype, steps } = stepsOf(network);
  const graph = new GraphBuilder(dtype);
  const last = steps.at(-1);
  const isProbable = last?.kind === "activation" && /^(softmax|sigmoid)$/.test(last.activation);
  const output = isProbable && description.learns === "classes" ? "probabilities" : "output";
  addSteps(graph, steps, "layers", input === "bytes" ? addScaling(graph, "pixels") : "input");
  graph.nameResult(output);

  return encodeOnnx(
    onnxModel({
      irVersion: IR_VERSION,
      opsetImport: [{ domain: "", version: OPERATOR_SET }],
      producerName: "mnist-native",
      producerVersion: packageVersion(),
      docString: `A multilayer perceptron with layers of ${network.sizes.join(", ")} units.`,
      graph: graph.graph({
        name: "multilayer_perceptron",
        input: [
          input === "bytes"
            ? valueInfo("pixels", DATA_TYPE.uint8, inputs, docOfInput(description, input))
            : valueInfo("input", graph.dataType, inputs, docOfInput(description, input)),
        ],
        output: [valueInfo(output, graph.dataType, outputs, docOfOutput(description, output))],
        valueInfo: [],
        docString: "",
      }),
      metadataProps: metadataOf(description, network),
    }),
  );
}

/** byte * scale + offset, as minibatches are scaled. */
function addScaling(graph: GraphBuilder, pixels: string): string {
  const { scale, offset } = imageFormat([1, 1]);
  const numbers = graph.apply("pixels", "Cast", [pixels], [intAttribute("to", graph.dataType)]);
  const scaled = graph.apply("pixels", "Mul", [numbers, graph.constant("pixels.scale", scale)]);
  return graph.apply("pixels", "Add", [scaled, graph.constant("pixels.offset", offset)]);
}

function valueInfo(name: string, elemType: number, width: number, docString: string): OnnxValueInfo {
  const dim = [onnxDimension({ dimParam: "batch" }), onnxDimension({ dimValue: width })];
  return onnxValueInfo({ name, docString, type: { tensorType: { elemType, shape: { dim } } } });
}

function docOfInput({ imageShape }: ModelDescription, input: OnnxInput): string {
  if (input === "numbers" && imageShape === null) return "The numbers of an example in each row.";
  const size = imageShape === null ? "" : ` of ${imageShape.join(" x ")} pixels`;
  const kind = input === "bytes" ? "as bytes from 0 to 255" : "scaled to -1 to 1";
  return `An image${size} in each row, from its upper left corner, line by line, ${kind}.`;
}

function docOfOutput({ classNames, valueNames, learns }: ModelDescription, output: string): string {
  if (learns === "values") return `Values${valueNames === null ? "" : `: ${valueNames.join(", ")}`}.`;
  const of = classNames === null ? "" : `: ${classNames.join(", ")}`;
  return output === "probabilities" ? `Probabilities of the classes${of}.` : `Outputs for the classes${of}.`;
}

function metadataOf(
  { metadata, imageShape }: ModelDescription,
  { inputs, specification }: MultilayerPerceptron,
): readonly StringEntry[] {
  const { scale, offset } = imageFormat([1, inputs]);
  const network = JSON.stringify(specification); // The graph does not tell what the network is trained on.
  const pixels = imageShape === null ? {} : { pixels: JSON.stringify({ scale, offset }) };
  return Object.entries({ ...metadata, network, ...pixels }).map(([key, value]) => ({ key, value }));
}

/** Before the numbers are copied. */
function requireRoom(network: MultilayerPerceptron): void {
  const bytesEach = network.dtype === "float32" ? 4 : 8;
  const bytes = learnedTensors(network).reduce(
    (sum, { value }) => sum + bytesEach * value.shape.reduce((product, size) => product * size, 1),
    0,
  );
  if (bytes <= LONGEST_ONNX) return;
  throw new InvalidArgumentError(
    `The numbers of the network take ${bytes} bytes, and an ONNX file has at most ${LONGEST_ONNX}; export it to npz, or train a smaller one${network.dtype === "float64" ? " or one in float32" : ""}.`,
  );
}
