import { imageFormat } from "../../data/features.js";
import type { MultilayerPerceptron } from "../../nn/mlp.js";
import type { ModelDescription } from "../model-description.js";
import { inputNames, literal, literalList, outputNames } from "../source-text.js";
import type { TorchModule } from "./pytorch-modules.js";

// The Python that goes with a network's weights, put together from parts that are whole by themselves.

const LIST = { language: "python", width: 80 } as const;

/** How a network's outputs are read. */
type OutputKind = "values" | "oneOfMany" | "oneOfTwo";

export function pythonModule(
  { inputs, outputs, dtype, denseLayers }: MultilayerPerceptron,
  modules: readonly TorchModule[],
  { description, weightsFile }: { readonly description: ModelDescription; readonly weightsFile: string },
): string {
  const { imageShape, learns } = description;
  const numbers = dtype === "float32" ? "torch.float32" : "torch.float64";
  const kind = learns === "values" ? "values" : outputs === 1 ? "oneOfTwo" : "oneOfMany";
  const activation = denseLayers.at(-1)?.activation;
  const areProbabilities = activation === "softmax" || activation === "sigmoid";
  const parts = [
    `${opening(imageShape !== null, kind)}\n\n${constants(description, { inputs, outputs, weightsFile })}`,
    uses(modules, "Standardize") ? STANDARDIZE : "",
    uses(modules, "Residual") ? RESIDUAL : "",
    build(modules, { inputs, isDouble: dtype === "float64", logits: logitsOf(activation, learns) }),
    reading(numbers),
    imageShape === null ? "" : prepare(numbers, inputs),
    kind === "values" ? "" : classify(kind),
    main({ isImage: imageShape !== null, numbers, inputs, kind, areProbabilities }),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n\n")}\n`;
}

function uses(modules: readonly TorchModule[], call: string): boolean {
  return modules.some(
    (module) => module.call.startsWith(call) || (module.block !== undefined && uses(module.block, call)),
  );
}

function opening(isImage: boolean, kind: OutputKind): string {
  const result = kind === "values" ? "outputs" : "classify(outputs)";
  return `"""A multilayer perceptron for PyTorch, exported by mnist-native.

Saved as model.py, with its weights beside it, it is used like this:

    import torch
    import model

    network = model.load()
    with torch.inference_mode():
        outputs = network(${isImage ? "model.prepare(pixels)" : "x"})
    print(${result === "outputs" ? result : `model.${result}`})

What is known of its training stands in the header of the weights' file.
"""

from __future__ import annotations

import argparse
import json
import struct
from pathlib import Path

import torch
from torch import nn`;
}

function constants(
  description: ModelDescription,
  { inputs, outputs, weightsFile }: { inputs: number; outputs: number; weightsFile: string },
): string {
  const { learns, imageShape } = description;
  const columns = inputNames(description, inputs);
  return [
    `WEIGHTS = Path(__file__).with_name(${literal(weightsFile, "python")})`,
    ...(imageShape === null ? [] : [`IMAGE_SHAPE = (${imageShape.join(", ")})`]),
    ...(columns === null
      ? []
      : [`# What the network reads, in order.\n${literalList("COLUMNS = ", columns, LIST)}`]),
    literalList(learns === "values" ? "VALUES = " : "CLASSES = ", outputNames(description, outputs), LIST),
  ].join("\n");
}

const STANDARDIZE = `class Standardize(nn.Module):
    """(x - mean) / deviation, column by column."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(columns))
        self.register_buffer("deviation", torch.ones(columns))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x - self.mean) / self.deviation`;

const RESIDUAL = `class Residual(nn.Sequential):
    """x + block(x), where the block is a chain of modules."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + super().forward(x)`;

/** How to train on: PyTorch's losses take what comes before the last activation. */
function logitsOf(activation: string | undefined, learns: ModelDescription["learns"]): string {
  const loss = activation === "softmax" ? "nn.CrossEntropyLoss" : "nn.BCEWithLogitsLoss";
  if (learns === "values" || (activation !== "softmax" && activation !== "sigmoid")) return "";
  return `

    ${loss} takes logits, which network[:-1] gives: the same
    modules without the last one.
    `;
}

function build(
  modules: readonly TorchModule[],
  { inputs, isDouble, logits }: { inputs: number; isDouble: boolean; logits: string },
): string {
  const first = `        # What comes out of each, for n examples, from [n, ${inputs}] on:`;
  return `def build() -> nn.Sequential:
    """The network's modules, with numbers as PyTorch draws them.${logits}"""
    network = nn.Sequential(
${first}
${listed(modules, "", "        ")}    )
    return network${isDouble ? ".double()" : ""}`;
}

/** A line for each module, with its place in the state_dict and the shape of what comes out of it. */
function listed(modules: readonly TorchModule[], prefix: string, indent: string): string {
  return modules
    .map(({ call, units, block }, i) => {
      const comment = `  # ${prefix}${i}: [n, ${units}]`;
      if (block === undefined) return `${indent}${call},${comment}\n`;
      return `${indent}${call}(${comment}\n${listed(block, `${prefix}${i}.`, `${indent}    `)}${indent}),\n`;
    })
    .join("");
}

function reading(numbers: string): string {
  return `def load(path: str | Path = WEIGHTS) -> nn.Sequential:
    """The network as it was trained, set for use: in eval mode."""
    network = build()
    network.load_state_dict(read_weights(path))
    return network.eval()


def read_weights(path: str | Path = WEIGHTS) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file, all of them ${numbers}."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    start = 8 + length
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    body = data[start:]
    weights = {}
    for name, tensor in header.items():
        begin, end = tensor["data_offsets"]
        numbers = bytearray(body[begin:end])
        flat = torch.frombuffer(numbers, dtype=${numbers})
        weights[name] = flat.reshape(tensor["shape"])
    return weights`;
}

function prepare(numbers: string, inputs: number): string {
  const { scale, offset } = imageFormat([1, inputs]);
  return `def prepare(pixels: torch.Tensor) -> torch.Tensor:
    """Pixels from 0 to 255 (uint8) as the network reads them, from -1 to 1.

    Takes one image or n of them, such as [n, ${inputs}] or [n, *IMAGE_SHAPE], and
    gives [n, ${inputs}]. What torchvision's ToTensor made, from 0 to 1, needs
    x.flatten(1) * 2 - 1 instead.
    """
    if pixels.dtype != torch.uint8:
        raise TypeError(f"expected pixels of torch.uint8, got {pixels.dtype}")
    rows = pixels.reshape(-1, ${inputs}).to(${numbers})
    return rows * ${scale} ${offset < 0 ? "-" : "+"} ${Math.abs(offset)}`;
}

function classify(kind: Exclude<OutputKind, "values">): string {
  return kind === "oneOfTwo"
    ? `def classify(outputs: torch.Tensor) -> torch.Tensor:
    """The class of each row of outputs: its place in CLASSES."""
    return (outputs[:, 0] >= 0.5).long()`
    : `def classify(outputs: torch.Tensor) -> torch.Tensor:
    """The class of each row of outputs: its place in CLASSES."""
    return outputs.argmax(dim=1)`;
}

interface MainOptions {
  readonly isImage: boolean;
  readonly numbers: string;
  readonly inputs: number;
  readonly kind: OutputKind;
  readonly areProbabilities: boolean;
}

function main({ isImage, numbers, inputs, kind, areProbabilities }: MainOptions): string {
  const [argument, read] = isImage
    ? [
        `"picture",
        nargs="?",
        type=Path,
        help="a file of ${inputs} bytes, one for each pixel",`,
        `    if arguments.picture is None:
        print(network)
        return
    data = arguments.picture.read_bytes()
    if len(data) != ${inputs}:
        parser.error(f"expected ${inputs} bytes, got {len(data)}")
    x = prepare(torch.frombuffer(bytearray(data), dtype=torch.uint8))`,
      ]
    : [
        `"numbers",
        nargs="*",
        type=float,
        help="the ${inputs} numbers of an example",`,
        `    if not arguments.numbers:
        print(network)
        return
    if len(arguments.numbers) != ${inputs}:
        parser.error(f"expected ${inputs} numbers, got {len(arguments.numbers)}")
    x = torch.tensor([arguments.numbers], dtype=${numbers})`,
      ];
  return `def main() -> None:
    """Prints what the network makes of an example, or its modules."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        ${argument}
    )
    arguments = parser.parse_args()
    network = load()
${read}
    with torch.inference_mode():
        outputs = network(x)
${printing(kind, areProbabilities)}


if __name__ == "__main__":
    main()`;
}

function printing(kind: OutputKind, areProbabilities: boolean): string {
  if (kind === "values") {
    return `    for name, value in zip(VALUES, outputs[0].tolist()):
        print(f"{name}: {value:.6g}")`;
  }
  const best = "    best = int(classify(outputs))\n";
  if (!areProbabilities) return `${best}    print(CLASSES[best])`;
  const probability =
    kind === "oneOfMany"
      ? "    probability = float(outputs[0, best])"
      : "    probability = float(outputs[0, 0] if best == 1 else 1 - outputs[0, 0])";
  return `${best}${probability}
    print(f"{CLASSES[best]} ({probability:.1%})")`;
}
