import type { Backend } from "../../backend/backend.js";
import { type ByteFormat, imageFormat } from "../../data/features.js";
import { InvalidArgumentError } from "../../errors.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { givesProbabilities, hasConfidences } from "../../training/confidence.js";
import { decodeModelInPieces, type LoadedModel } from "../../training/model-file.js";
import { classNamesOf, imageShapeOf, learnsValues } from "../../training/model-metadata.js";
import type { Recognition } from "../protocol.js";
import type { RunModel } from "../run-library.js";
import { createForward, type Forward } from "./forward.js";
import { type HiddenLayer, hiddenLayersOf } from "./hidden-layers.js";
import type { Turns } from "./turns.js";

/** A network that tells classes of images apart, with what is known of them. */
export interface ViewedModel extends LoadedModel {
  readonly version: number;
  /** How its bytes of images become inputs. */
  readonly format: ByteFormat;
  /** How many classes it tells apart. */
  readonly classes: number;
  /** As its file has them; `null` where it has none. */
  readonly classNames: readonly string[] | null;
  readonly kind: Recognition["kind"];
  readonly hiddenLayers: readonly HiddenLayer[];
  readonly forward: Forward;
}

const NAME = "The model";

/**
 * @throws InvalidArgumentError where the network does not read images, or does not tell classes apart.
 * @throws ModelFormatError where the bytes are no model.
 */
export async function openViewedModel(
  { version, bytes }: RunModel,
  backend: Backend,
  turns: Turns,
): Promise<ViewedModel> {
  await turns.next();
  const loaded = await decodeModelInPieces(bytes, { backend, name: NAME }, () => turns.next());
  const { network, metadata } = loaded;
  if (metadata.dataset === "table") {
    throw new InvalidArgumentError(
      "This network reads the rows of a table and not images, so there is nothing to draw for it or to look at; choose another run.",
    );
  }
  if (learnsValues(loaded, NAME)) {
    throw new InvalidArgumentError(
      "This network learns values and does not tell classes apart, so that no picture can be recognised by it; choose another run.",
    );
  }
  const format = imageFormat(imageShapeOf(loaded, NAME));
  return {
    ...loaded,
    version,
    format,
    classes: network.outputs === 1 ? 2 : network.outputs,
    classNames: classNamesOf(loaded, NAME),
    kind: kindOf(network),
    hiddenLayers: hiddenLayersOf(network.layers),
    forward: createForward(network, turns),
  };
}

/** The shares of a softmax add up to 1, and so do those of a single sigmoid and what it leaves for the other class. */
function kindOf(network: MultilayerPerceptron): Recognition["kind"] {
  if (!hasConfidences(network)) return "output";
  const last = network.specification.layers.at(-1);
  const isSoftmax = last?.type === "dense" && last.activation === "softmax";
  return isSoftmax || (network.outputs === 1 && givesProbabilities(network)) ? "probability" : "activation";
}

/** What classes are called: as their data or the model's file have it, else by their numbers. */
export function namesOfClasses(classes: number, names: readonly string[] | null | undefined): string[] {
  return Array.from({ length: classes }, (_, label) => names?.[label] ?? String(label));
}
