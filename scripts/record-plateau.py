#!/usr/bin/env python3
"""Records how learning rates go down when a figure makes no gain any more.

The rates after each epoch are those of PyTorch's ReduceLROnPlateau, and of
scikit-learn's learning_rate="adaptive": the very functions of its MLP that
count the epochs and divide the rate are called, with given losses for those
of a training. Needs numpy, scikit-learn and PyTorch.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import sklearn
import torch
from sklearn.neural_network import MLPClassifier
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau


def noisy(seed, count, start, end):
    """Losses that fall less and less, with noise."""
    random = np.random.RandomState(seed)
    fall = end + (start - end) * np.exp(-np.arange(count) / 8)
    return [round(float(loss), 4) for loss in fall * (1 + 0.05 * random.standard_normal(count))]


FALLING = noisy(1, 40, 2.0, 0.3)
FLAT = [1.0] * 30
BROKEN = [1.0, 0.5, math.nan, 0.4, math.nan, math.nan, math.inf, 0.3999, 0.3998, 0.3, 0.3]
RISING = [round(1 - loss / 3, 4) for loss in FALLING]

PLATEAU_CASES = {
    "defaults": (FALLING, 0.1, {}),
    "flat losses": (FLAT, 0.1, {}),
    "little patience": (FALLING, 0.1, {"factor": 0.5, "patience": 1}),
    "no patience": (FALLING, 0.1, {"factor": 0.5, "patience": 0}),
    "a cooldown": (FALLING, 0.1, {"factor": 0.5, "patience": 1, "cooldown": 3}),
    "a lowest rate": (FLAT, 0.1, {"factor": 0.3, "patience": 2, "min_lr": 0.005}),
    "an absolute threshold": (
        FALLING, 0.1, {"factor": 0.7, "patience": 2, "threshold": 0.05, "threshold_mode": "abs"}
    ),
    "a relative threshold": (FALLING, 0.1, {"factor": 0.7, "patience": 2, "threshold": 0.05}),
    "a rising figure": (RISING, 0.01, {"mode": "max", "factor": 0.5, "patience": 2}),
    "a rising figure, absolute": (
        RISING,
        0.01,
        {"mode": "max", "factor": 0.5, "patience": 2, "threshold": 0.02, "threshold_mode": "abs"},
    ),
    "no numbers": (BROKEN, 0.1, {"factor": 0.5, "patience": 1}),
    "a reduction too small to be made": (FLAT, 3e-8, {"factor": 0.5, "patience": 1}),
}

ADAPTIVE_CASES = {
    "defaults": (FALLING, 0.1, {}),
    "flat losses": (FLAT, 0.1, {"n_iter_no_change": 2}),
    "down to the lowest rate": (FLAT, 1e-4, {"n_iter_no_change": 1}),
    "a large tolerance": (FALLING, 0.1, {"n_iter_no_change": 2, "tol": 0.03}),
    "a tolerance that is met exactly": ([1.0, 0.75, 0.5, 0.5, 0.375], 0.1, {"n_iter_no_change": 1, "tol": 0.25}),
}


def plateau(figures, rate, options):
    """The learning rate after each epoch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    scheduler = ReduceLROnPlateau(optimizer, **options)
    rates = []
    for figure in figures:
        scheduler.step(figure)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


def adaptive(losses, rate, options):
    """The learning rate after each epoch, until scikit-learn would stop."""
    model = MLPClassifier(solver="sgd", learning_rate="adaptive", **options)
    optimizer = SGDOptimizer([np.zeros(1)], rate, "adaptive")
    model._no_improvement_count, model.best_loss_, model.loss_curve_ = 0, np.inf, []
    rates = []
    for loss in losses:
        model.loss_curve_.append(loss)
        model._update_no_improvement_count(False, None, None)
        if model._no_improvement_count > model.n_iter_no_change:
            if optimizer.trigger_stopping("", False):
                return rates + [None]
            model._no_improvement_count = 0
        rates.append(optimizer.learning_rate)
    return rates


def camel(name):
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def recorded(cases, record):
    """Figures that are no finite numbers become texts, as JSON has none."""
    return {
        name: {
            "options": {camel(option): value for option, value in options.items()},
            "learningRate": rate,
            "figures": [figure if math.isfinite(figure) else str(figure) for figure in figures],
            "learningRates": record(figures, rate, options),
        }
        for name, (figures, rate, options) in cases.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("test/golden/plateau.json"))
    out = parser.parse_args().out
    golden = {
        "versions": {"torch": torch.__version__, "sklearn": sklearn.__version__},
        "plateau": recorded(PLATEAU_CASES, plateau),
        "adaptive": recorded(ADAPTIVE_CASES, adaptive),
    }
    out.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
