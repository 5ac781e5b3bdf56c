import type { MultilayerPerceptron } from "../nn/mlp.js";
import { checkNetwork } from "../training/compatibility.js";
import { checkMetadata, provenanceOf } from "../training/model-format.js";
import { classNamesOf, learnsValues, toldImageShape, valueNamesOf } from "../training/model-metadata.js";

/** What every export takes beside the network. */
export interface ExportOptions {
  /** What is known of how the network was made, as `loadModel` gives it: names of classes, the shape of images, seeds and so on. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** What a form of another program can tell of a network beside its numbers. */
export interface ModelDescription {
  readonly learns: "classes" | "values";
  /** A name for each class, or `null` where they are told apart by numbers. */
  readonly classNames: readonly string[] | null;
  /** What the outputs are called where values are learned, or `null`. */
  readonly valueNames: readonly string[] | null;
  /** `null`: the network is not known to read images. */
  readonly imageShape: readonly [height: number, width: number] | null;
  /** All other metadata too: provenance. What a model file says of the network itself is left out; each form says it in its own way. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * What the metadata of a network say.
 *
 * @param name What a message calls the network.
 * @throws InvalidArgumentError when this is no network, or the metadata are no texts.
 * @throws ModelFormatError when the metadata are not as `saveModel` writes them.
 */
export function describeModel(
  network: MultilayerPerceptron,
  { metadata = {} }: ExportOptions = {},
  name = "The model",
): ModelDescription {
  checkNetwork(network);
  checkMetadata(metadata);
  const model = { network, metadata };
  return {
    learns: learnsValues(model, name) ? "values" : "classes",
    classNames: classNamesOf(model, name),
    valueNames: valueNamesOf(model, name),
    imageShape: toldImageShape(model, name) ?? null,
    metadata: provenanceOf(metadata),
  };
}
