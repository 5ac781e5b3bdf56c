#!/usr/bin/env python3
"""Records the steps of optimizers for the tests.

Two weight matrices and two biases, of which the second matrix gets a
gradient of zeros in one row, go 25 steps down a quadratic valley in
float64; the parameters are kept after every step. PyTorch takes the steps
where it has the optimizer. Decoupled weight decay, which it has for AdamW
alone, is p *= 1 - rate * decay before the step, for matrices only. The
norm of all gradients is clipped by min(1, limit / norm): PyTorch adds 1e-6
to the norm, Keras does not. Lion follows algorithm 2 of Chen et al. 2023,
and the limit of norms Srivastava et al. 2014, both in NumPy; so does NAdam,
for a reason that it gives.
Needs numpy and torch.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

STEPS = 25
SHAPES = ((2, 3), (2,), (2, 2), (2,))
SEED = 2023


class Lion:
    """With the interface of torch.optim as far as it is used here."""

    def __init__(self, parameters, lr, betas=(0.9, 0.99)):
        self.parameters = parameters
        self.rate = lr
        self.beta1, self.beta2 = betas
        self.momentum = [np.zeros(tuple(p.shape)) for p in parameters]

    def step(self):
        for p, m in zip(self.parameters, self.momentum):
            gradient = p.grad.numpy()
            update = np.sign(self.beta1 * m + (1 - self.beta1) * gradient)
            p.data -= self.rate * torch.from_numpy(update)
            m[...] = self.beta2 * m + (1 - self.beta2) * gradient


class NAdam:
    """What PyTorch's documentation says of its NAdam. Version 1.13 differs:
    it multiplies mu into the second product once more, and keeps the first
    in float32; version 2 computes what is said here."""

    def __init__(self, parameters, lr, betas=(0.9, 0.999), eps=1e-8,
                 momentum_decay=4e-3):
        self.parameters = parameters
        self.rate, self.eps, self.decay = lr, eps, momentum_decay
        self.beta1, self.beta2 = betas
        self.time, self.product = 0, 1.0
        self.m = [np.zeros(tuple(p.shape)) for p in parameters]
        self.v = [np.zeros(tuple(p.shape)) for p in parameters]

    def mu(self, time):
        return self.beta1 * (1 - 0.96 ** (time * self.decay) / 2)

    def step(self):
        self.time += 1
        mu, next_mu = self.mu(self.time), self.mu(self.time + 1)
        self.product *= mu
        for p, m, v in zip(self.parameters, self.m, self.v):
            gradient = p.grad.numpy()
            m[...] = self.beta1 * m + (1 - self.beta1) * gradient
            v[...] = self.beta2 * v + (1 - self.beta2) * gradient ** 2
            mean = (next_mu * m / (1 - self.product * next_mu)
                    + (1 - mu) * gradient / (1 - self.product))
            square = v / (1 - self.beta2 ** self.time)
            p.data -= torch.from_numpy(
                self.rate * mean / (np.sqrt(square) + self.eps))


# optimizer, our options, learning rate, how PyTorch makes it
METHODS = (
    ("SGD", {}, 0.05, lambda p, r: torch.optim.SGD(p, lr=r)),
    ("SGD", {"momentum": 0.9}, 0.02,
     lambda p, r: torch.optim.SGD(p, lr=r, momentum=0.9)),
    ("SGD", {"momentum": 0.9, "nesterov": True}, 0.02,
     lambda p, r: torch.optim.SGD(p, lr=r, momentum=0.9, nesterov=True)),
    ("RMSprop", {}, 0.01, lambda p, r: torch.optim.RMSprop(p, lr=r)),
    ("RMSprop", {"alpha": 0.8, "epsilon": 1e-2}, 0.03,
     lambda p, r: torch.optim.RMSprop(p, lr=r, alpha=0.8, eps=1e-2)),
    ("Adagrad", {}, 0.1, lambda p, r: torch.optim.Adagrad(p, lr=r)),
    ("Adagrad", {"epsilon": 0.1}, 0.1,
     lambda p, r: torch.optim.Adagrad(p, lr=r, eps=0.1)),
    ("Adam", {}, 0.05, lambda p, r: torch.optim.Adam(p, lr=r)),
    ("Adam", {"beta1": 0.7, "beta2": 0.95, "epsilon": 1e-2}, 0.05,
     lambda p, r: torch.optim.Adam(p, lr=r, betas=(0.7, 0.95), eps=1e-2)),
    ("NAdam", {}, 0.05, lambda p, r: NAdam(p, lr=r)),
    ("NAdam",
     {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-2, "momentumDecay": 0.1},
     0.05,
     lambda p, r: NAdam(
         p, lr=r, betas=(0.8, 0.95), eps=1e-2, momentum_decay=0.1)),
    ("Lion", {}, 0.01, lambda p, r: Lion(p, lr=r)),
    ("Lion", {"beta1": 0.5, "beta2": 0.8}, 0.02,
     lambda p, r: Lion(p, lr=r, betas=(0.5, 0.8))),
)
# Beside these, every method is recorded with weight decay.
TERMS = (
    ("SGD", {"clipNorm": 1.0}),
    ("SGD", {"clipValue": 0.3}),
    ("SGD", {"maxNorm": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True, "clipNorm": 1.0,
             "clipValue": 0.3, "maxNorm": 0.9, "weightDecay": 0.1}),
    ("Adam", {"clipNorm": 1.0}),
    ("Adam", {"clipValue": 0.3}),
    ("Adam", {"maxNorm": 0.9}),
    ("Adam", {"clipNorm": 1.0, "clipValue": 0.3, "maxNorm": 0.9,
              "weightDecay": 0.1}),
    ("Lion", {"clipNorm": 1.0, "maxNorm": 0.9}),
)


def problem():
    """Start and curvature of each parameter, and where the valley ends."""
    random = np.random.RandomState(SEED)
    start = [random.normal(0.0, 0.7, shape) for shape in SHAPES]
    bottom = [random.normal(0.0, 0.7, shape) for shape in SHAPES]
    curvature = [10.0 ** random.uniform(-2, 1, shape) for shape in SHAPES]
    curvature[2][1] = 0.0
    # A few digits, so that the file is small, and exact in float32.
    coarse = [[np.round(x * 64) / 64 for x in part]
                  for part in (start, bottom, curvature)]
    return coarse


def limit_norms(weight, most):
    norms = np.sqrt((weight ** 2).sum(axis=1, keepdims=True))
    return np.where(norms > most, weight * (most / norms), weight)


def trajectory(make, rate, terms):
    """All parameters after each step."""
    start, bottom, curvature = problem()
    parameters = [torch.tensor(x, dtype=torch.float64, requires_grad=True)
                  for x in start]
    optimizer = make(parameters, rate)
    steps = []
    for _ in range(STEPS):
        for p, b, c in zip(parameters, bottom, curvature):
            p.grad = torch.from_numpy(c * (p.detach().numpy() - b))
        with torch.no_grad():
            if "clipNorm" in terms:
                norm = sum((p.grad ** 2).sum() for p in parameters).sqrt()
                for p in parameters:
                    p.grad *= min(1.0, terms["clipNorm"] / norm.item())
            if "clipValue" in terms:
                for p in parameters:
                    p.grad.clamp_(-terms["clipValue"], terms["clipValue"])
            if "weightDecay" in terms:
                for p in parameters:
                    if p.dim() == 2:
                        p.mul_(1 - rate * terms["weightDecay"])
        optimizer.step()
        if "maxNorm" in terms:
            for p in parameters:
                if p.dim() == 2:
                    limited = limit_norms(p.detach().numpy(),
                                          terms["maxNorm"])
                    p.data = torch.from_numpy(limited)
        steps.append([x for p in parameters
                      for x in p.detach().numpy().ravel().tolist()])
    return steps


def adamw(decay=None):
    """PyTorch's AdamW, which decays by itself; its biases do not."""
    def make(parameters, rate):
        groups = [
            {"params": [p for p in parameters if p.dim() == 2]},
            {"params": [p for p in parameters if p.dim() == 1],
             "weight_decay": 0.0},
        ]
        options = {} if decay is None else {"weight_decay": decay}
        return torch.optim.AdamW(groups, lr=rate, **options)
    return make


def record():
    start, bottom, curvature = problem()
    runs = []

    def add(optimizer, options, rate, make, terms):
        runs.append({
            "optimizer": optimizer,
            "options": {**options, **terms},
            "learningRate": rate,
            "steps": trajectory(make, rate, terms),
        })

    for optimizer, options, rate, make in METHODS:
        add(optimizer, options, rate, make, {})
        add(optimizer, options, rate, make, {"weightDecay": 0.1})
    add("AdamW", {}, 0.05, adamw(), {})
    add("AdamW", {"weightDecay": 0.3}, 0.05, adamw(0.3), {})
    for optimizer, options in TERMS:
        terms = {name: value for name, value in options.items()
                 if name not in ("momentum", "nesterov")}
        own = {name: value for name, value in options.items()
               if name not in terms}
        rate, make = next((r, m) for o, given, r, m in METHODS
                          if (o, given) == (optimizer, own))
        add(optimizer, own, rate, make, terms)
    return {
        "program": "scripts/record-optimizers.py",
        "numpy": np.__version__,
        "torch": torch.__version__,
        "shapes": SHAPES,
        "start": [x.ravel().tolist() for x in start],
        "bottom": [x.ravel().tolist() for x in bottom],
        "curvature": [x.ravel().tolist() for x in curvature],
        "runs": runs,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="test/golden/optimizers.json")
    options = parser.parse_args()
    # Eleven digits after the point are more than the tests ask for.
    golden = json.loads(json.dumps(record()),
                        parse_float=lambda x: round(float(x), 11))
    lines = json.dumps(golden, separators=(",", ":")).replace("],[", "],\n[")
    Path(options.out).write_text(lines.replace('{"optimizer', '\n{"optimizer')
                                 + "\n")


if __name__ == "__main__":
    main()
