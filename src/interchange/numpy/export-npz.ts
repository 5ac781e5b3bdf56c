import { encodeNpy, encodeNpyText } from "../../formats/npy-array.js";
import { encodeNpz } from "../../formats/npz.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import type { LayerSpecification } from "../../nn/specification.js";
import { requireKnownOptions } from "../../system/known-options.js";
import { toArray } from "../../tensor/tensor.js";
import { learnedTensors } from "../../training/model-file.js";
import { FORMAT } from "../../training/model-format.js";
import { describeModel, type ExportOptions } from "../model-description.js";

/**
 * A network for NumPy: the bytes of a file that `numpy.load` opens. The same network gives the same bytes.
 *
 * Arrays are named as in a model file: `layers.0.weight` [n_units, n_inputs], `layers.0.bias` [n_units], of a batch normalisation
 * `gamma`, `beta`, `runningMean` and `runningVariance`, of standardised inputs `mean` and `deviation` (all 0 where nothing was learned, and
 * x stays as it is). Three texts stand beside them: `network`, JSON of the layers with all that computing takes, such as activations and
 * epsilons; `metadata`, JSON; and `format`.
 *
 * @throws InvalidArgumentError when this is no network, or the metadata are no texts.
 * @throws ModelFormatError when the metadata are not as `saveModel` writes them.
 */
export async function exportNpz(
  network: MultilayerPerceptron,
  options: ExportOptions = {},
): Promise<Uint8Array> {
  requireKnownOptions("exportNpz", options, { metadata: true }, '{ metadata: { dataset: "mnist" } }');
  const { metadata } = describeModel(network, options);
  const { specification } = network;
  const complete = { ...specification, layers: specification.layers.map(withDefaults) };
  return encodeNpz(
    new Map([
      ...learnedTensors(network).map(
        ({ name, value }) => [name, encodeNpy(toArray(value), value.shape)] as const,
      ),
      ["format", encodeNpyText(FORMAT)],
      ["network", encodeNpyText(JSON.stringify(complete))],
      ["metadata", encodeNpyText(JSON.stringify(metadata))],
    ]),
  );
}

/** Who reads the text need not know what this package takes where nothing is said. */
function withDefaults(layer: LayerSpecification): LayerSpecification {
  switch (layer.type) {
    case "dense":
      return { ...layer, activation: layer.activation ?? "identity" };
    case "batchNormalization":
      return { ...layer, momentum: layer.momentum ?? 0.1, epsilon: layer.epsilon ?? 1e-5 };
    case "residual":
      return { ...layer, layers: layer.layers.map(withDefaults) };
    default:
      return layer;
  }
}
