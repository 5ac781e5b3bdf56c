import { ModelFormatError } from "../errors.js";
import type { Safetensors } from "../formats/safetensors.js";
import type { Layer } from "../nn/layer.js";
import { createLoss } from "../nn/losses/create-loss.js";
import { Residual } from "../nn/residual.js";
import { type LoadedModel, learnedTensors, readModel } from "../training/model-file.js";
import { type ImportOptions, requireSameLoss } from "./imported-model.js";
import { requireFinite } from "./plain-parts.js";

/**
 * A network of this package that comes back from another form, as whole as from a model file.
 *
 * @param file Its tensors and metadata, named as in a model file.
 * @param kind What a message calls a file of that form, such as `a file of NumPy arrays`.
 * @throws ModelFormatError when it is none, or when an option tells otherwise.
 */
export function ownModel(
  file: Safetensors,
  { name = "The model", backend, activation, output, loss, pixels, metadata = {} }: ImportOptions,
  kind: string,
): LoadedModel {
  const model = readModel(file, name, { backend, kind });
  for (const { name: tensor, value } of learnedTensors(model.network))
    requireFinite(value.data, tensor, name);
  const { layers } = model.network;
  const told = activationsOf(layers);
  const last = told.pop();
  const tells = (what: string) =>
    new ModelFormatError(`${name} was made by this package and tells of ${what} itself; leave that out.`);
  if (activation !== undefined && told.some((other) => other !== activation))
    throw tells("its hidden layers");
  if (output !== undefined && output !== last) throw tells(`its output, ${last},`);
  if (loss !== undefined)
    requireSameLoss(createLoss(loss).specification, model.network.loss.specification, name);
  if (pixels !== undefined) throw tells("the pixels that it has learned from");
  return { network: model.network, metadata: { ...model.metadata, ...metadata } };
}

function activationsOf(layers: readonly Layer[]): string[] {
  return layers.flatMap((layer) => {
    const { specification } = layer;
    if (layer instanceof Residual) return activationsOf(layer.layers);
    if (specification.type === "dense") return [specification.activation ?? "identity"];
    return specification.type === "activation" ? [specification.activation] : [];
  });
}
