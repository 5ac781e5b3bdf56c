#!/usr/bin/env python3
"""Records runs of SciPy's L-BFGS-B and of scikit-learn's solver "lbfgs".

Of functions: where SciPy is after each iteration. Of networks on iris:
scikit-learn's loss after 1 to 20 iterations; it keeps no curve, so each is
a run of its own. Starting weights are those of RandomState(SEED), as
scikit-learn draws them. Needs numpy, scipy and scikit-learn.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

SEED = 3
ITERATIONS = 20

# Rounding grows from iteration to iteration, so later ones are not compared.
POSITIONS = 30


def rosenbrock(x):
    a, b = x[:-1], x[1:]
    loss = np.sum(100 * (b - a**2) ** 2 + (1 - a) ** 2)
    gradient = np.zeros_like(x)
    gradient[:-1] += -400 * a * (b - a**2) - 2 * (1 - a)
    gradient[1:] += 200 * (b - a**2)
    return loss, gradient


def quadratic(x):
    """Condition number 1e4."""
    scale = 10 ** np.linspace(0, 4, len(x))
    return 0.5 * np.sum(scale * (x - 1) ** 2), scale * (x - 1)


def hills(x):
    """Far from convex: the line search has to bracket, and to halve."""
    index = np.arange(1, len(x) + 1)
    loss = np.sum(index * x**2 / 20 + 3 * np.cos(2 * x + index))
    return loss, index * x / 10 - 6 * np.sin(2 * x + index)


def quartic(x):
    """Flat at its minimum, steep where it starts."""
    index = np.arange(1, len(x) + 1)
    return np.sum(index * (x - 2) ** 4), 4 * index * (x - 2) ** 3


def valley(x):
    """Falls ever more slowly: steps have to grow."""
    loss = np.sum(np.sqrt(1 + x**2)) + 1e-3 * np.sum(x) ** 2
    return loss, x / np.sqrt(1 + x**2) + 2e-3 * np.sum(x)


def biased(x):
    """The gradient is wrong: line searches fail, with memory and without."""
    loss, gradient = rosenbrock(x)
    return loss, gradient + 3 * (-1.0) ** np.arange(len(x))


def zigzag(count, low, high):
    """Exact in float64, and the same in any language."""
    return [low if i % 2 == 0 else high for i in range(count)]


RUNS = (
    ("rosenbrock", rosenbrock, [-1.2, 1.0], {}),
    ("rosenbrock", rosenbrock, zigzag(10, -1.5, 1.25), {}),
    ("rosenbrock", rosenbrock, zigzag(10, -1.5, 1.25), {"maxcor": 2}),
    ("rosenbrock", rosenbrock, zigzag(6, 30.0, -20.0), {}),
    ("quadratic", quadratic, zigzag(8, 3.0, -1.0), {}),
    ("quadratic", quadratic, zigzag(8, 3.0, -1.0), {"maxcor": 3}),
    ("hills", hills, zigzag(7, 5.0, -4.0), {}),
    ("hills", hills, zigzag(12, 0.5, -1.75), {}),
    ("hills", hills, zigzag(12, 40.0, 33.0), {}),
    ("hills", hills, [70.0, -8.0], {}),  # A step against the curvature.
    ("quartic", quartic, zigzag(5, 8.0, -3.0), {}),
    ("quartic", quartic, zigzag(5, 1000.0, -300.0), {}),
    ("valley", valley, zigzag(6, 400.0, 100.0), {}),
    ("valley", valley, zigzag(6, 1.5, 0.25), {"maxfun": 4}),
    ("rosenbrock", rosenbrock, [-1.2, 1.0], {"maxiter": 9}),
    ("rosenbrock", rosenbrock, [1.0, 1.0], {}),
    ("biased", biased, zigzag(3, 0.5, -2.0), {}),
)


def run(name, function, start, options):
    positions, losses, evaluations = [], [], []
    calls = 0

    def counted(x):
        nonlocal calls
        calls += 1
        return function(x)

    def visit(x):
        if len(positions) < POSITIONS:
            positions.append(x.tolist())
            losses.append(function(x)[0])
            evaluations.append(calls)

    settings = {"gtol": 1e-5, "ftol": 1e7 * np.finfo(float).eps} | options
    result = minimize(
        counted,
        np.array(start),
        jac=True,
        method="L-BFGS-B",
        callback=visit,
        options=settings,
    )
    return {
        "function": name,
        "start": start,
        "options": options,
        "positions": positions,
        "losses": losses,
        "evaluations": evaluations,
        "iterationsInAll": result.nit,
        "evaluationsInAll": calls,
        "message": result.message,
    }


def network(activation, hidden, alpha, rows, labels):
    losses = []
    for iterations in range(1, ITERATIONS + 1):
        model = MLPClassifier(
            hidden_layer_sizes=hidden,
            activation=activation,
            solver="lbfgs",
            alpha=alpha,
            max_iter=iterations,
            random_state=SEED,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(rows, labels)
        losses.append(model.loss_)
    return {
        "activation": activation,
        "hidden": hidden,
        "alpha": alpha,
        "losses": losses,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="test/golden/lbfgs.json")
    options = parser.parse_args()
    iris = load_iris()
    networks = (
        ("logistic", [5], 1e-4),
        ("tanh", [5], 0.1),
        ("relu", [8], 1e-4),
        ("relu", [6, 4], 0.01),
        ("tanh", [4, 3], 1e-4),
        ("identity", [4], 1e-4),
    )
    golden = {
        "program": "scripts/record-lbfgs.py",
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "runs": [run(*one) for one in RUNS],
        "iris": {
            "seed": SEED,
            "rows": iris.data.tolist(),
            "labels": iris.target.tolist(),
            "networks": [
                network(*settings, iris.data, iris.target) for settings in networks
            ],
        },
    }
    Path(options.out).write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
