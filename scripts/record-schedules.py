#!/usr/bin/env python3
"""Records learning rates, step by step, for the tests.

Each case has a schedule as a plain object, the learning rate that it
starts from, and the rate of every step as the schedulers of PyTorch give
it. Where the unit is the epoch, a scheduler is called after each epoch;
cosine restarts are told fractions of an epoch, as PyTorch's documentation
shows. A warm-up is LinearLR, and SequentialLR what joins it to the
schedule. Inverse scaling is read off trainings by scikit-learn: the rate
that MLPClassifier's optimizer has in each step, and that by which
SGDRegressor, one example at a time, moves its intercept. Points with lines
between them are numpy.interp's.
Needs numpy, scikit-learn and torch.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import SGDRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer
from torch.optim import lr_scheduler as schedulers

STEPS_PER_EPOCH = 4
EPOCHS = 9
STEPS = STEPS_PER_EPOCH * EPOCHS


def rates(rate, make, unit="step"):
    """The learning rate of every step of a training."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=rate)
    scheduler = make(optimizer)
    recorded = []
    for step in range(STEPS):
        recorded.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if unit == "fraction":
            scheduler.step((step + 1) / STEPS_PER_EPOCH)
        elif unit == "step" or (step + 1) % STEPS_PER_EPOCH == 0:
            scheduler.step()
    return recorded


def after_linear(start, length, make):
    def sequence(optimizer):
        rise = schedulers.LinearLR(optimizer, start_factor=start, total_iters=length)
        return schedulers.SequentialLR(optimizer, [rise, make(optimizer)], milestones=[length])
    return sequence


def of_mlp(rate, power, count, batch):
    """What MLPClassifier's optimizer has for a learning rate in each step."""
    recorded = []
    update = SGDOptimizer._get_updates

    def watched(self, gradients):
        recorded.append(float(self.learning_rate))
        return update(self, gradients)

    SGDOptimizer._get_updates = watched
    random = np.random.RandomState(1)
    MLPClassifier((2,), solver="sgd", learning_rate="invscaling", learning_rate_init=rate,
                  power_t=power, batch_size=batch, max_iter=EPOCHS, random_state=1
                  ).fit(random.randn(count, 3), random.randint(0, 2, count))
    SGDOptimizer._get_updates = update
    return recorded


def of_sgd(rate, power):
    """By how much of the way to the target SGDRegressor moves its intercept in each step."""
    model = SGDRegressor(learning_rate="invscaling", eta0=rate, power_t=power)
    recorded, before = [], 0.0
    for _ in range(STEPS):
        model.partial_fit([[0.0]], [1.0])
        after = float(model.intercept_[0])
        recorded.append((after - before) / (1 - before))
        before = after
    return recorded


def cases():
    def case(specification, recorded, rate=0.1, steps_per_epoch=STEPS_PER_EPOCH, examples=400):
        return {"specification": specification, "learningRate": rate, "stepsPerEpoch": steps_per_epoch,
                "examplesPerEpoch": examples, "epochs": len(recorded) // steps_per_epoch, "rates": recorded}

    for unit in "epoch", "step":
        yield case({"type": "step", "stepSize": 3, "gamma": 0.5, "unit": unit},
                   rates(0.1, lambda o: schedulers.StepLR(o, 3, 0.5), unit))
        yield case({"type": "multiStep", "milestones": [2, 5, 6], "gamma": 0.3, "unit": unit},
                   rates(0.1, lambda o: schedulers.MultiStepLR(o, [2, 5, 6], 0.3), unit))
        yield case({"type": "exponential", "gamma": 0.9, "unit": unit},
                   rates(0.1, lambda o: schedulers.ExponentialLR(o, 0.9), unit))
        yield case({"type": "polynomial", "length": 7, "power": 2, "unit": unit},
                   rates(0.1, lambda o: schedulers.PolynomialLR(o, 7, 2), unit))
    yield case({"type": "step", "stepSize": 4}, rates(0.1, lambda o: schedulers.StepLR(o, 4), "epoch"))
    yield case({"type": "polynomial"}, rates(0.1, lambda o: schedulers.PolynomialLR(o, EPOCHS), "epoch"))
    yield case({"type": "cosine", "final": 0.001},
               rates(0.1, lambda o: schedulers.CosineAnnealingLR(o, STEPS, 0.001)))
    yield case({"type": "cosine"}, rates(0.1, lambda o: schedulers.CosineAnnealingLR(o, STEPS)))
    yield case({"type": "cosineRestarts", "period": 5, "unit": "step"},
               rates(0.1, lambda o: schedulers.CosineAnnealingWarmRestarts(o, 5)))
    yield case({"type": "cosineRestarts", "period": 4, "multiplier": 2, "final": 0.01, "unit": "step"},
               rates(0.1, lambda o: schedulers.CosineAnnealingWarmRestarts(o, 4, 2, 0.01)))
    yield case({"type": "cosineRestarts", "period": 2, "multiplier": 3},
               rates(0.1, lambda o: schedulers.CosineAnnealingWarmRestarts(o, 2, 3), "fraction"))
    yield case({"type": "oneCycle"}, rates(0.1, lambda o: schedulers.OneCycleLR(o, 0.1, STEPS, cycle_momentum=False)))
    yield case({"type": "oneCycle", "annealStrategy": "linear", "pctStart": 0.45, "divFactor": 10,
                "finalDivFactor": 100},
               rates(0.1, lambda o: schedulers.OneCycleLR(
                   o, 0.1, STEPS, pct_start=0.45, anneal_strategy="linear", div_factor=10, final_div_factor=100,
                   cycle_momentum=False)))
    yield case({"type": "oneCycle", "threePhase": True, "pctStart": 0.4},
               rates(0.1, lambda o: schedulers.OneCycleLR(
                   o, 0.1, STEPS, pct_start=0.4, three_phase=True, cycle_momentum=False)))
    yield case({"type": "cyclical", "base": 0.01, "stepSizeUp": 5},
               rates(0.1, lambda o: schedulers.CyclicLR(o, 0.01, 0.1, 5, cycle_momentum=False)))
    yield case({"type": "cyclical", "base": 0.01, "stepSizeUp": 3, "stepSizeDown": 6, "mode": "triangular2"},
               rates(0.1, lambda o: schedulers.CyclicLR(
                   o, 0.01, 0.1, 3, 6, mode="triangular2", cycle_momentum=False)))
    yield case({"type": "cyclical", "base": 0.01, "stepSizeUp": 4, "mode": "expRange", "gamma": 0.95},
               rates(0.1, lambda o: schedulers.CyclicLR(
                   o, 0.01, 0.1, 4, mode="exp_range", gamma=0.95, cycle_momentum=False)))
    yield case({"type": "constant", "warmUp": {"length": 8, "start": 0.25}},
               rates(0.1, lambda o: schedulers.LinearLR(o, start_factor=0.25, total_iters=8)))
    yield case({"type": "step", "stepSize": 10, "gamma": 0.5, "unit": "step", "warmUp": {"length": 7, "start": 0.1}},
               rates(0.1, after_linear(0.1, 7, lambda o: schedulers.StepLR(o, 10, 0.5))))
    yield case({"type": "cosine", "warmUp": {"length": 2, "unit": "epoch", "start": 0.2}},
               rates(0.1, after_linear(0.2, 2 * STEPS_PER_EPOCH, lambda o: schedulers.CosineAnnealingLR(
                   o, STEPS - 2 * STEPS_PER_EPOCH))))
    yield case({"type": "polynomial", "unit": "step", "power": 1.5, "warmUp": 5},
               rates(0.1, after_linear(1 / 6, 5, lambda o: schedulers.PolynomialLR(o, STEPS - 5, 1.5))))
    for power in 0.5, 0.25:
        yield case({"type": "inverseScaling", "power": power}, of_mlp(0.1, power, 50, 16), examples=50)
    yield case({"type": "inverseScaling", "power": 0.25, "unit": "step"}, of_sgd(0.01, 0.25), 0.01,
               examples=STEPS_PER_EPOCH)
    times, values = [1, 4, 6], [0.01, 0.1, 0.002]
    yield case({"type": "piecewise", "points": list(zip(times, values)), "interpolate": True},
               np.interp(np.arange(STEPS) / STEPS_PER_EPOCH, times, values).tolist())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("test/golden/schedules.json"))
    out = parser.parse_args().out
    warnings.simplefilter("ignore")
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases())
    out.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
