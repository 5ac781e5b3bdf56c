#!/usr/bin/env python3
"""Records activations and their derivatives for the tests, to the last digit, and holds them against PyTorch's.

Run from the repository's root: python3 scripts/record-activations.py. Needs mpmath and PyTorch. All numbers are float32
numbers, so that both element types can be tested with them.
"""

import json
import sys

import mpmath
import numpy as np
import torch
from mpmath import mp, mpf

mp.dps = 60

PATH = "test/golden/activations.json"
MAGNITUDES = (
    [2.0**-140, 1e-30, 1e-10, 1e-5, 1e-3, 0.01, 0.1, 0.25, 0.3, 0.34, 0.35, 0.5, 0.69, 0.7, 0.7518, 0.76, 0.9, 1, 1.05]
    + [1.2785, 1.3, 1.5, 1.9, 2, 2.4, 3, 3.3, 4, 4.7, 5, 5.6, 6, 7, 8, 9.1, 10, 11.3, 12, 13, 14.1, 15, 16.7, 17.4, 20]
    + [22.2, 25, 30.3, 35, 37.1, 38, 38.4, 38.9, 45, 60.1, 80, 87.2, 88.9, 100.3, 104, 110, 500.7, 708, 740, 745, 800, 1e4]
)

logistic = lambda z: 1 / (1 + mpmath.exp(-z))
phi = lambda z: mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi)
Phi = lambda z: mpmath.erfc(-z / mpmath.sqrt(2)) / 2

# By name: the function, its derivative, and PyTorch's.
ACTIVATIONS = {
    "sigmoid": (logistic, lambda z: logistic(z) * logistic(-z), torch.sigmoid),
    "tanh": (mpmath.tanh, lambda z: mpmath.sech(z) ** 2, torch.tanh),
    "relu": (lambda z: max(z, mpf(0)), lambda z: mpf(z > 0), torch.relu),
    "leakyRelu": (
        lambda z: z if z > 0 else z / 100,
        lambda z: mpf(1) if z > 0 else mpf(1) / 100,
        torch.nn.functional.leaky_relu,
    ),
    "elu": (
        lambda z: z if z > 0 else mpmath.expm1(z),
        lambda z: mpf(1) if z > 0 else mpmath.exp(z),
        torch.nn.functional.elu,
    ),
    "gelu": (lambda z: z * Phi(z), lambda z: Phi(z) + z * phi(z), torch.nn.functional.gelu),
    "silu": (lambda z: z * logistic(z), lambda z: logistic(z) * (1 + z * logistic(-z)), torch.nn.functional.silu),
}


def main():
    magnitudes = [float(np.float32(m)) for m in MAGNITUDES]
    inputs = [-m for m in reversed(magnitudes)] + [0.0] + magnitudes
    golden = {"inputs": inputs}
    for name, (function, derivative, torch_function) in ACTIVATIONS.items():
        values = [float(function(mpf(z))) for z in inputs]
        derivatives = [float(derivative(mpf(z))) for z in inputs]
        x = torch.tensor(inputs, dtype=torch.float64, requires_grad=True)
        y = torch_function(x)
        y.sum().backward()
        worst = max(np.abs(y.detach().numpy() - values).max(), np.abs(x.grad.numpy() - derivatives).max())
        assert worst < 1e-14, (name, worst)
        golden[name] = {"values": values, "derivatives": derivatives}
    with open(PATH, "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
    print(f"{PATH}: {len(inputs)} numbers", file=sys.stderr)


main()
