import { MnistNativeError } from "../../errors.js";
import { createLoss } from "../../nn/losses/create-loss.js";
import type { LossSpecification } from "../../nn/losses/specification.js";
import type { OutputActivation } from "../../nn/specification.js";
import { provenanceOf } from "../../training/model-format.js";
import { VALUES } from "../../training/model-metadata.js";
import { attributeOf } from "./attributes.js";
import type { Fail } from "./failure.js";
import { DATA_TYPE, type OnnxModel } from "./messages.js";

// What a file tells of its network beside the numbers.

/** What this package calls itself in its files. */
const OWN_PRODUCER = "mnist-native";
const SCIKIT_LEARN_PRODUCER = "skl2onnx";

/** Whether this package made the file. */
export function isOwn({ producerName }: OnnxModel): boolean {
  return producerName === OWN_PRODUCER;
}

/**
 * The metadata, with the program that made the file, with the shape of images where the input has one, and with the names of classes where
 * labels are given beside the output.
 *
 * @param shape Of a row of the input, such as [1, 28, 28].
 * @param outputs Of the graph: of two classes there may be one or two.
 * @param output The activation of the last layer.
 */
export function metadataIn(
  model: OnnxModel,
  shape: readonly number[],
  outputs: number,
  output: OutputActivation,
): Readonly<Record<string, string>> {
  const { producerName, producerVersion, metadataProps } = model;
  const told = provenanceOf(Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])));
  const { pixels: _, ...ofNetwork } = told; // Its own files tell by it how the graph reads bytes.
  const names = classNamesIn(model);
  const sides = shape.filter((size) => size !== 1);
  const isRegressor = producerName === SCIKIT_LEARN_PRODUCER && names === undefined && output === "identity";
  return Object.fromEntries([
    ...(isRegressor ? [["learns", VALUES]] : []),
    ...(isOwn(model) || producerName === ""
      ? []
      : [["producer", `${producerName} ${producerVersion}`.trim()]]),
    ...(sides.length === 2 ? [["imageShape", JSON.stringify(sides)]] : []),
    ...(names?.length === outputs ? [["classNames", JSON.stringify(names)]] : []),
    ...Object.entries(isOwn(model) ? ofNetwork : told),
  ]) as Record<string, string>;
}

/**
 * What the network was trained on: this package writes its specification, and scikit-learn's classifiers minimise the log loss. `undefined`
 * of others.
 */
export function lossIn(
  model: OnnxModel,
  output: OutputActivation,
  fail: Fail,
): LossSpecification | undefined {
  const { producerName, metadataProps } = model;
  if (producerName === SCIKIT_LEARN_PRODUCER && output === "sigmoid") return { type: "binaryCrossEntropy" };
  const network = metadataProps.find(({ key }) => key === "network")?.value;
  if (!isOwn(model) || network === undefined) return undefined;
  try {
    const { loss } = (JSON.parse(network) ?? {}) as { readonly loss?: LossSpecification };
    if (loss === undefined) return undefined;
    const { specification, outputs } = createLoss(loss);
    return outputs.includes(output) ? specification : undefined; // Its output may have been replaced.
  } catch (error) {
    // JSON that is none is a SyntaxError; a loss that cannot be, an error of this package.
    if (!(error instanceof SyntaxError || error instanceof MnistNativeError)) throw error;
    throw fail(`its metadata tell of no network: ${error.message.replace(/\.$/, "")}`);
  }
}

/** As scikit-learn's converter gives labels: by a ZipMap, or by picking one out of a list of all. */
function classNamesIn({ graph }: OnnxModel): readonly string[] | undefined {
  for (const node of graph.node) {
    if (node.domain !== "ai.onnx.ml") continue;
    if (node.opType === "ZipMap") {
      const texts = attributeOf(node, "classlabels_strings")?.strings ?? [];
      if (texts.length > 0) return decoded(texts);
      return namesOfNumbers(attributeOf(node, "classlabels_int64s")?.ints ?? []);
    }
    if (node.opType === "ArrayFeatureExtractor") {
      const labels = graph.initializer.find(({ name }) => name === node.input[0]);
      if (labels?.dataType === DATA_TYPE.string) return decoded(labels.stringData);
      if (labels !== undefined) return namesOfNumbers(wholeNumbersOf(labels));
    }
  }
  return undefined;
}

function decoded(texts: readonly Uint8Array[]): readonly string[] {
  const decoder = new TextDecoder();
  return texts.map((text) => decoder.decode(text));
}

function wholeNumbersOf({ dataType, int32Data, int64Data }: OnnxModel["graph"]["initializer"][number]) {
  if (dataType === DATA_TYPE.int64) return int64Data;
  return dataType === DATA_TYPE.int32 ? int32Data : [];
}

/** Classes that are called 0, 1, 2 and so on have no names. */
function namesOfNumbers(labels: readonly number[]): readonly string[] | undefined {
  return labels.every((label, i) => label === i) ? undefined : labels.map(String);
}
