import { encodeSafetensors } from "../../formats/safetensors.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import { expectThat } from "../../system/expected.js";
import { requireKnownOptions } from "../../system/known-options.js";
import { describeModel, type ExportOptions } from "../model-description.js";
import { pythonModule } from "./python-module.js";
import { stateOf, torchModules, withoutAuxiliary } from "./pytorch-modules.js";

export interface ExportPyTorchOptions extends ExportOptions {
  /** What the file of weights will be called, which the module looks for beside itself. Default: `weights.safetensors`. */
  readonly weightsFile?: string | undefined;
}

/** Two files for one folder. */
export interface PyTorchExport {
  /** A safetensors file: the `state_dict` of the module's network, and the metadata. */
  readonly weights: Uint8Array;
  /** A module of Python 3.7 or newer that needs PyTorch 1.13 or newer alone. */
  readonly module: string;
}

/**
 * A network for PyTorch: its numbers, named as `nn.Sequential` names them, and a module of Python with its layers and what is needed to use
 * it. Dropout stays, for training on; auxiliary outputs, which are used in training here alone, are left out.
 *
 * @throws InvalidArgumentError when this is no network, when the metadata are no texts, or when `weightsFile` is not the plain name of a
 *   file.
 * @throws ModelFormatError when the metadata are not as `saveModel` writes them.
 */
export function exportPyTorch(
  network: MultilayerPerceptron,
  options: ExportPyTorchOptions = {},
): PyTorchExport {
  requireKnownOptions(
    "exportPyTorch",
    options,
    { metadata: true, weightsFile: true },
    '{ weightsFile: "digits.safetensors" }',
  );
  const { metadata, weightsFile = "weights.safetensors" } = options;
  checkFileName(weightsFile);
  const description = describeModel(network, { metadata });
  const modules = torchModules(network.layers);
  return {
    weights: encodeWeights(network, stateOf(modules), description.metadata),
    module: pythonModule(network, modules, { description, weightsFile }),
  };
}

function encodeWeights(
  { specification, dtype }: MultilayerPerceptron,
  tensors: ReturnType<typeof stateOf>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const type = dtype === "float32" ? "F32" : "F64";
  return encodeSafetensors(
    tensors.map((tensor) => ({ ...tensor, dtype: type })),
    {
      ...metadata,
      format: "pt", // What PyTorch's programs look for.
      network: JSON.stringify({ ...specification, layers: withoutAuxiliary(specification.layers) }),
    },
  );
}

function checkFileName(name: unknown): void {
  const isPlain = typeof name === "string" && !/^\.{0,2}$|[/\\\0]/.test(name);
  expectThat(isPlain, "the name of a file without a folder", "weightsFile", name);
}
