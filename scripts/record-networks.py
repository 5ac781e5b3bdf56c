#!/usr/bin/env python3
"""Records small networks that PyTorch trains in float64: python3 scripts/record-networks.py > test/golden/networks.json

Every activation, loss and kind of layer: 25 steps of plain gradient descent on minibatches of 5 of 15 examples, with all parameters after
each step, and the outputs in evaluation afterwards. Layers and losses are written as mnist-native's specifications. Dropout is left out, as
its masks are not PyTorch's. Debian: python3-torch.
"""

import json
import sys

import torch
import torch.nn.functional as F

INPUTS, WIDTH, EXAMPLES, BATCH, STEPS, RATE = 3, 4, 15, 5, 25, 0.1

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leakyRelu": F.leaky_relu,
    "elu": F.elu,
    "gelu": F.gelu,
    "silu": F.silu,
}


def dense(units, activation):
    return {"type": "dense", "units": units, "activation": activation}


class Network:
    """The layers of a specification; parameters and buffers by mnist-native's names."""

    def __init__(self, inputs, layers, generator):
        self.layers = layers
        self.parameters, self.buffers = {}, {}
        self.make(layers, inputs, "layers", generator)

    def make(self, layers, inputs, prefix, generator):
        normal = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
        for i, layer in enumerate(layers):
            where = f"{prefix}.{i}"
            if layer["type"] in ("dense", "auxiliary"):
                name = where if layer["type"] == "dense" else f"{where}.head"
                self.parameters[f"{name}.weight"] = 0.5 * normal(layer["units"], inputs)
                self.parameters[f"{name}.bias"] = 0.1 * normal(layer["units"])
                inputs = layer["units"] if layer["type"] == "dense" else inputs
            elif layer["type"] == "batchNormalization":
                self.parameters[f"{where}.gamma"] = 1 + 0.2 * normal(inputs)
                self.parameters[f"{where}.beta"] = 0.1 * normal(inputs)
                self.buffers[f"{where}.runningMean"] = torch.zeros(inputs, dtype=torch.float64)
                self.buffers[f"{where}.runningVariance"] = torch.ones(inputs, dtype=torch.float64)
            elif layer["type"] == "residual":
                inputs = self.make(layer["layers"], inputs, f"{where}.layers", generator)
        return inputs

    def forward(self, x, training, auxiliary):
        return self.run(self.layers, x, "layers", training, auxiliary)

    def run(self, layers, x, prefix, training, auxiliary):
        """z of the last layer; z of auxiliary outputs, with their specifications, go to `auxiliary`."""
        for i, layer in enumerate(layers):
            where, kind = f"{prefix}.{i}", layer["type"]
            if kind == "dense":
                z = x @ self.parameters[f"{where}.weight"].T + self.parameters[f"{where}.bias"]
                is_output = prefix == "layers" and i == len(layers) - 1
                x = z if is_output else ACTIVATIONS[layer["activation"]](z)
            elif kind == "activation":
                x = ACTIVATIONS[layer["activation"]](x)
            elif kind == "batchNormalization":
                x = F.batch_norm(
                    x,
                    self.buffers[f"{where}.runningMean"],
                    self.buffers[f"{where}.runningVariance"],
                    self.parameters[f"{where}.gamma"],
                    self.parameters[f"{where}.beta"],
                    training,
                    layer.get("momentum", 0.1),
                    layer.get("epsilon", 1e-5),
                )
            elif kind == "residual":
                x = x + self.run(layer["layers"], x, f"{where}.layers", training, auxiliary)
            elif kind == "auxiliary":
                z = x @ self.parameters[f"{where}.head.weight"].T + self.parameters[f"{where}.head.bias"]
                auxiliary.append((z, layer))
        return x


def weighted_mean(losses, weights):
    return losses.mean() if weights is None else (losses * weights).sum() / weights.sum()


def loss_of(z, activation, loss, y, weights):
    """The mean over examples, as mnist-native's losses define it; y are classes, or values."""
    kind, outputs = loss["type"], z.shape[1]
    if kind == "crossEntropy":
        return weighted_mean(
            F.cross_entropy(z, y, label_smoothing=loss.get("labelSmoothing", 0.0), reduction="none"), weights
        )
    a = torch.sigmoid(z) if activation == "sigmoid" else z
    if y.dtype == torch.int64:
        y = y[:, None].double() if outputs == 1 else F.one_hot(y, outputs).double()
    if kind == "binaryCrossEntropy":
        s = loss.get("labelSmoothing", 0.0)
        return weighted_mean(
            F.binary_cross_entropy_with_logits(z, (1 - s) * y + s / 2, reduction="none").mean(1), weights
        )
    if kind == "squaredError":
        each = F.mse_loss(a, y, reduction="none")
        each = each.mean(1) if loss.get("averageOutputs") else each.sum(1)
        return weighted_mean(loss.get("factor", 1) * each, weights)
    if kind == "absoluteError":
        return weighted_mean(F.l1_loss(a, y, reduction="none").mean(1), weights)
    if kind == "huber":
        return weighted_mean(F.huber_loss(a, y, reduction="none", delta=loss.get("threshold", 1.0)).mean(1), weights)
    raise ValueError(kind)


def record(name, layers, loss, targets, alpha=0.0, weighted=False):
    generator = torch.Generator().manual_seed(5)
    network = Network(INPUTS, layers, generator)
    x = torch.randn(EXAMPLES, INPUTS, generator=generator, dtype=torch.float64)
    units, activation = layers[-1]["units"], layers[-1]["activation"]
    if targets == "classes":
        y = torch.arange(EXAMPLES) % (2 if units == 1 else units)
    else:
        y = torch.randn(EXAMPLES, units, generator=generator, dtype=torch.float64)
        y = torch.sigmoid(3 * y) if targets == "shares" else y
    weights = torch.rand(EXAMPLES, generator=generator, dtype=torch.float64) + 0.1 if weighted else None
    parameters = network.parameters
    initial = {key: value.tolist() for key, value in parameters.items()}
    losses, trajectory = [], []
    for step in range(STEPS):
        first = step * BATCH % EXAMPLES
        rows = slice(first, first + BATCH)
        w = None if weights is None else weights[rows]
        for value in parameters.values():
            value.requires_grad_(True)
            value.grad = None
        auxiliary = []
        z = network.forward(x[rows], True, auxiliary)
        total = loss_of(z, activation, loss, y[rows], w)
        losses.append(total.item())
        for head, layer in auxiliary:
            total = total + layer["weight"] * loss_of(head, layer["activation"], layer["loss"], y[rows], w)
        for key, value in parameters.items():
            if key.endswith("weight"):
                total = total + alpha / (2 * BATCH) * (value**2).sum()
        total.backward()
        with torch.no_grad():
            for value in parameters.values():
                value -= RATE * value.grad
        trajectory.append([round(number, 12) for value in parameters.values() for number in value.detach().flatten().tolist()])
    with torch.no_grad():
        z = network.forward(x, False, [])
        outputs = {"softmax": lambda z: F.softmax(z, 1)}.get(activation, ACTIVATIONS.get(activation))(z)
    return {
        "name": name,
        "inputs": INPUTS,
        "layers": layers,
        "loss": loss,
        "alpha": alpha,
        "learningRate": RATE,
        "batchSize": BATCH,
        "x": x.tolist(),
        "y": y.tolist(),
        "weights": None if weights is None else weights.tolist(),
        "initial": initial,
        "losses": losses,
        "trajectory": trajectory,
        "buffers": {key: value.tolist() for key, value in network.buffers.items()},
        "outputs": outputs.tolist(),
    }


def cases():
    softmax = dense(3, "softmax")
    entropy = {"type": "crossEntropy"}
    for activation in ACTIVATIONS:
        yield f"activation {activation}", [dense(WIDTH, activation), softmax], entropy, "classes", {}
    hidden = dense(WIDTH, "tanh")
    for loss, output, units, targets in [
        ({"type": "squaredError"}, "sigmoid", 3, "classes"),
        ({"type": "squaredError"}, "identity", 1, "classes"),
        ({"type": "squaredError", "averageOutputs": True}, "identity", 2, "values"),
        ({"type": "squaredError", "factor": 0.5}, "identity", 2, "values"),
        ({"type": "absoluteError"}, "identity", 2, "values"),
        ({"type": "huber", "threshold": 0.5}, "identity", 2, "values"),
        ({"type": "binaryCrossEntropy"}, "sigmoid", 1, "classes"),
        ({"type": "binaryCrossEntropy", "labelSmoothing": 0.2}, "sigmoid", 3, "shares"),
        ({"type": "crossEntropy"}, "softmax", 3, "classes"),
        ({"type": "crossEntropy", "labelSmoothing": 0.1}, "softmax", 3, "classes"),
    ]:
        layers = [hidden, dense(units, output)]
        yield f"{json.dumps(loss)} of {targets}, {output}", layers, loss, targets, {}
        yield f"{json.dumps(loss)} of {targets}, {output}, weighted", layers, loss, targets, {"weighted": True}
    yield "alpha", [hidden, softmax], entropy, "classes", {"alpha": 0.3}
    normalization = {"type": "batchNormalization"}
    relu = {"type": "activation", "activation": "relu"}
    yield "batch normalisation", [dense(WIDTH, "identity"), normalization, relu, softmax], entropy, "classes", {}
    other = {"type": "batchNormalization", "momentum": 0.3, "epsilon": 0.01}
    yield "batch normalisation of the inputs", [other, hidden, softmax], entropy, "classes", {}
    block = {"type": "residual", "layers": [dense(5, "relu"), dense(WIDTH, "identity")]}
    yield "residual", [hidden, block, softmax], entropy, "classes", {}
    normalized = {"type": "residual", "layers": [normalization, relu, dense(WIDTH, "identity")]}
    yield "residual with batch normalisation", [hidden, normalized, softmax], entropy, "classes", {}
    head = {"type": "auxiliary", "units": 3, "activation": "softmax", "loss": entropy, "weight": 0.4}
    yield "auxiliary", [hidden, head, dense(WIDTH, "relu"), softmax], entropy, "classes", {}


json.dump(
    {
        "source": f"scripts/record-networks.py, PyTorch {torch.__version__}",
        "networks": [record(name, *rest, **options) for name, *rest, options in cases()],
    },
    sys.stdout,
    separators=(",", ":"),
)
