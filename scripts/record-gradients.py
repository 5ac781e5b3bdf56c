#!/usr/bin/env python3
"""Records a network's activations and gradients for the tests.

A multilayer perceptron of sigmoid units and the mean over the examples of
the squared error summed over the output units, written out in NumPy in
float64: what forward and backward propagation give for one minibatch, and
ten steps of gradient descent on it. Needs numpy.
"""

import argparse
import json
from pathlib import Path

import numpy as np

SIZES = (13, 7, 5, 3)
EXAMPLES = 11
LEARNING_RATE = 0.7
STEPS = 10
SEED = 2024


def forward(x, layers):
    """The activations of every layer, each [examples, units]."""
    activations = []
    a = x
    for weight, bias in layers:
        a = 1.0 / (1.0 + np.exp(-(a @ weight.T + bias)))
        activations.append(a)
    return activations


def squared_error(outputs, targets):
    return ((outputs - targets) ** 2).sum(axis=1).mean()


def backward(x, targets, layers, activations):
    """The gradients of each layer's weight and bias."""
    outputs = activations[-1]
    upstream = 2.0 * (outputs - targets) / targets.shape[0]
    gradients = []
    for depth in reversed(range(len(layers))):
        a = activations[depth]
        delta = upstream * a * (1.0 - a)
        inputs = activations[depth - 1] if depth > 0 else x
        gradients.insert(0, (delta.T @ inputs, delta.sum(axis=0)))
        upstream = delta @ layers[depth][0]
    return gradients


def as_lists(layers):
    """Row-major elements of each layer's arrays."""
    return [
        {"weight": weight.ravel().tolist(), "bias": bias.ravel().tolist()}
        for weight, bias in layers
    ]


def record():
    random = np.random.RandomState(SEED)
    x = random.uniform(-1.0, 1.0, size=(EXAMPLES, SIZES[0]))
    labels = random.randint(0, SIZES[-1], size=EXAMPLES)
    targets = np.eye(SIZES[-1])[labels]
    layers = [
        (random.normal(0.0, 0.8, (units, inputs)),
         random.normal(0.0, 0.5, units))
        for inputs, units in zip(SIZES, SIZES[1:])
    ]
    golden = {
        "program": "scripts/record-gradients.py",
        "numpy": np.__version__,
        "sizes": SIZES,
        "learningRate": LEARNING_RATE,
        "x": x.ravel().tolist(),
        "labels": labels.tolist(),
        "layers": as_lists(layers),
    }
    activations = forward(x, layers)
    golden["activations"] = [a.ravel().tolist() for a in activations]
    golden["gradients"] = as_lists(backward(x, targets, layers, activations))
    # The loss before each step, and the parameters after the last.
    losses = []
    for _ in range(STEPS):
        activations = forward(x, layers)
        losses.append(squared_error(activations[-1], targets))
        gradients = backward(x, targets, layers, activations)
        layers = [
            tuple(p - LEARNING_RATE * g for p, g in zip(layer, gradient))
            for layer, gradient in zip(layers, gradients)
        ]
    golden["losses"] = losses
    golden["layersAfterSteps"] = as_lists(layers)
    return golden


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="test/golden/gradients.json")
    options = parser.parse_args()
    Path(options.out).write_text(
        json.dumps(record(), separators=(",", ":")) + "\n"
    )


if __name__ == "__main__":
    main()
