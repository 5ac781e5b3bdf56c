import type { Safetensors, SafetensorsTensor } from "../../formats/safetensors.js";
import { planLayers, readLayers } from "../../nn/build.js";
import type { NetworkSpecification } from "../../nn/mlp.js";
import type { LayerSpecification } from "../../nn/specification.js";
import { FORMAT } from "../../training/model-format.js";

// What exportPyTorch writes names tensors by the places of modules in an nn.Sequential, where an activation takes a place of its own.

/** By the names in PyTorch: the names here. */
const FIELDS: Readonly<Partial<Record<LayerSpecification["type"], Readonly<Record<string, string>>>>> = {
  dense: { weight: "weight", bias: "bias" },
  batchNormalization: {
    weight: "gamma",
    bias: "beta",
    running_mean: "runningMean",
    running_var: "runningVariance",
  },
  standardize: { mean: "mean", deviation: "deviation" },
};

/**
 * The file with the names of a model file.
 *
 * @param network JSON of the network's specification, from the file's metadata.
 * @throws SyntaxError when it is not JSON. InvalidArgumentError or ShapeError when it is no network.
 */
export function fromSequential({ tensors, metadata }: Safetensors, network: string): Safetensors {
  const { inputs, layers } = (JSON.parse(network) ?? {}) as Partial<NetworkSpecification>;
  const { specifications } = readLayers([inputs, ...(Array.isArray(layers) ? layers : [])]);
  planLayers(specifications, inputs as number, "layers"); // Checks blocks, too.
  const names = new Map(namesOf(specifications, "", "layers."));
  const renamed = [...tensors.values()].map((tensor): SafetensorsTensor => {
    const name = names.get(tensor.name) ?? tensor.name;
    return { ...tensor, name };
  });
  return {
    tensors: new Map(renamed.map((tensor) => [tensor.name, tensor])),
    metadata: { ...metadata, format: FORMAT },
  };
}

/** Pairs of a name in PyTorch and the name here. */
function namesOf(
  layers: readonly LayerSpecification[],
  theirs: string,
  ours: string,
): (readonly [theirs: string, ours: string])[] {
  let place = 0;
  return layers.flatMap((layer, l) => {
    const fields = Object.entries(FIELDS[layer.type] ?? {});
    const at = place;
    place += modulesOf(layer);
    if (layer.type === "residual") return namesOf(layer.layers, `${theirs}${at}.`, `${ours}${l}.layers.`);
    return fields.map(([their, our]) => [`${theirs}${at}.${their}`, `${ours}${l}.${our}`] as const);
  });
}

/** How many places a layer takes. */
function modulesOf(layer: LayerSpecification): number {
  if (layer.type === "auxiliary") return 0;
  if (layer.type === "activation") return layer.activation === "identity" ? 0 : 1;
  if (layer.type === "dense") return (layer.activation ?? "identity") === "identity" ? 1 : 2;
  return 1;
}
