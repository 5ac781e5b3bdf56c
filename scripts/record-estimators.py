#!/usr/bin/env python3
"""Records what scikit-learn's estimators do: python3 scripts/record-estimators.py > test/golden/estimators.json

MLPClassifier and MLPRegressor on small data that are drawn here: loss curves, validation scores, predictions and attributes after fits,
partial fits and warm starts; of lbfgs, which keeps no curve, the loss after 1 to 20 iterations. Also their parameters with defaults, their
methods and their attributes, and Adaline by its formulas. Parameters are named in camelCase here, as in the library.
Debian: python3-sklearn.
"""

import inspect
import json
import re
import sys
import warnings

import numpy as np
import scipy
import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor

ESTIMATORS = {"MLPClassifier": MLPClassifier, "MLPRegressor": MLPRegressor}
EPOCHS = 20


def draw_datasets():
    random = np.random.RandomState(15)
    centres = np.array([[0, 0, 1, 0.5], [1.5, 0.5, -1, 0], [0, 2, 0, -1]])
    kinds = random.randint(0, 3, 90)
    flowers = np.round(centres[kinds] + random.normal(0, 0.8, (90, 4)), 3)
    pairs = np.round(random.normal(0, 1, (61, 3)), 3)
    sides = pairs[:, 0] * pairs[:, 1] + 0.5 * pairs[:, 2] > 0.2
    houses = np.round(random.uniform(-1, 1, (70, 3)), 3)
    prices = np.round(2 * houses[:, 0] - houses[:, 1] ** 2 + random.normal(0, 0.1, 70), 3)
    sizes = np.round(houses[:, 2] * houses[:, 0] + 1, 3)
    topics = (np.column_stack([pairs[:, 0] > 0, pairs[:, 1] > 0.3, pairs[:, 2] < 0.5])).astype(int)
    return {
        "flowers": (flowers, np.array(["iris", "rose", "aster"])[kinds]),
        "numbered": (flowers, np.array([7, -2, 40])[kinds]),
        "sides": (pairs, sides),
        "texts": (pairs, np.where(sides, "yes", "no")),
        "topics": (pairs, topics),
        "houses": (houses, prices),
        "houses twice": (houses, np.column_stack([prices, sizes])),
    }


def settings():
    """Each: estimator, data set, parameters, and what is called: fits, partial fits, and in between parameters that are set."""
    common = {"hiddenLayerSizes": [8], "randomState": 3, "maxIter": EPOCHS}
    sgd = {"solver": "sgd", "learningRateInit": 0.05}
    adam = {"solver": "adam", "learningRateInit": 0.01}
    classify = lambda data, parameters, calls=("fit",): ("MLPClassifier", data, {**common, **parameters}, calls)
    regress = lambda data, parameters, calls=("fit",): ("MLPRegressor", data, {**common, **parameters}, calls)
    for solver in (sgd, adam):
        for activation in ("identity", "logistic", "tanh", "relu"):
            yield classify("flowers", {**solver, "activation": activation})
            yield regress("houses", {**solver, "activation": activation, "batchSize": 16})
    for activation in ("identity", "logistic", "tanh", "relu"):
        lbfgs = {"solver": "lbfgs", "activation": activation, "tol": 0}
        yield classify("numbered", lbfgs)
        yield regress("houses twice", lbfgs)
    yield classify("sides", {**adam, "batchSize": 10})
    yield classify("texts", {**sgd, "batchSize": 7, "hiddenLayerSizes": [6, 5]})
    yield classify("texts", {"solver": "lbfgs", "tol": 0})
    yield classify("topics", {**adam, "batchSize": 20})
    yield classify("topics", {"solver": "lbfgs", "tol": 0})
    yield regress("houses twice", {**sgd, "batchSize": 16})
    yield regress("houses twice", {**adam, "hiddenLayerSizes": []})
    # What ends or changes the course of a fit.
    yield classify("flowers", {**adam, "earlyStopping": True, "validationFraction": 0.2, "maxIter": 60, "nIterNoChange": 4})
    yield classify("texts", {**sgd, "earlyStopping": True, "validationFraction": 0.3, "maxIter": 60, "nIterNoChange": 3})
    yield classify("topics", {**adam, "earlyStopping": True, "maxIter": 12})
    yield regress("houses", {**adam, "earlyStopping": True, "batchSize": 10, "maxIter": 60, "nIterNoChange": 2})
    yield regress("houses twice", {**sgd, "earlyStopping": True, "maxIter": 30, "nIterNoChange": 2})
    yield classify("flowers", {**sgd, "learningRate": "invscaling", "powerT": 0.3, "learningRateInit": 0.5})
    yield classify("flowers", {**sgd, "learningRate": "invscaling", "nesterovsMomentum": False, "batchSize": 20})
    yield regress("houses", {**sgd, "learningRate": "adaptive", "tol": 0.01, "nIterNoChange": 1, "maxIter": 100})
    yield classify("texts", {**sgd, "learningRate": "adaptive", "tol": 0.02, "nIterNoChange": 2, "nesterovsMomentum": False, "maxIter": 40})
    yield classify("flowers", {**sgd, "momentum": 0, "alpha": 0})
    yield classify("flowers", {**sgd, "momentum": 0.5, "nesterovsMomentum": False, "alpha": 0.1})
    yield classify("flowers", {**adam, "tol": 0.05, "nIterNoChange": 2, "maxIter": 60})
    yield regress("houses", {**adam, "beta1": 0.8, "beta2": 0.99, "epsilon": 0.001, "shuffle": False, "batchSize": 32})
    yield classify("flowers", {**sgd, "learningRateInit": 20, "alpha": 0, "batchSize": 45, "maxIter": 6})  # Probabilities of 0.
    # One fit after another.
    yield classify("flowers", {**adam, "warmStart": True, "maxIter": 6}, ("fit", "fit", "fit"))
    yield classify("texts", {**sgd, "warmStart": True, "maxIter": 5, "earlyStopping": True}, ("fit", "fit"))
    yield regress("houses", {"solver": "lbfgs", "warmStart": True, "maxIter": 4, "tol": 0}, ("fit", "fit"))
    changed = {"alpha": 1.0, "activation": "tanh"}
    yield classify("flowers", {**adam, "warmStart": True, "maxIter": 5}, ("fit", changed, "fit"))
    yield regress("houses twice", {**sgd}, ("partialFit", "partialFit", changed, "partialFit", "partialFit"))
    yield classify("numbered", {**adam, "batchSize": 25}, ("partialFit",) * 8)
    yield classify("texts", {**sgd}, ("partialFit",) * 8)
    yield classify("topics", {**adam}, ("partialFit",) * 4)
    yield regress("houses", {**sgd, "learningRate": "invscaling", "batchSize": 30}, ("partialFit",) * 8)
    yield regress("houses", {**adam, "maxIter": 4}, ("fit", "partialFit", "partialFit"))


def snake(name):
    return re.sub(r"(?<!^)([A-Z]|(?<=beta)[12])", lambda found: "_" + found.group().lower(), name)


def attributes_of(model):
    validation = getattr(model, "validation_scores_", None)
    best = getattr(model, "best_loss_", None)
    return {
        "loss": model.loss_,
        "nIter": int(model.n_iter_),
        "t": int(model.t_),
        "nLayers": model.n_layers_,
        "nOutputs": model.n_outputs_,
        "outActivation": model.out_activation_,
        "bestLoss": best,
        "validationScores": validation,
        "bestValidationScore": getattr(model, "best_validation_score_", None),
    }


def record(kind, data, parameters, calls, datasets):
    x, y = datasets[data]

    def fitted(**changed):
        model = ESTIMATORS[kind](**{snake(name): value for name, value in {**parameters, **changed}.items()})
        for call in calls:
            if isinstance(call, dict):
                model.set_params(**{snake(name): value for name, value in call.items()})
            elif call == "fit":
                model.fit(x, y)
            elif kind == "MLPClassifier":
                classes = np.arange(y.shape[1]) if y.ndim == 2 else np.unique(y)
                model.partial_fit(x, y, classes)
            else:
                model.partial_fit(x, y)
        return model

    model = fitted()
    if parameters["solver"] == "lbfgs" and len(calls) == 1:
        losses = [fitted(maxIter=k).loss_ for k in range(1, parameters["maxIter"] + 1)]
    else:
        losses = getattr(model, "loss_curve_", None)
    run = {"estimator": kind, "dataset": data, "parameters": parameters, "calls": calls, "losses": losses}
    run["attributes"] = attributes_of(model)
    run["predictions"] = model.predict(x[:12]).tolist()
    run["score"] = model.score(x, y)
    run["intercepts"] = model.intercepts_[-1].tolist()
    run["coefs"] = model.coefs_[0][0].tolist()
    if kind == "MLPClassifier":
        run["classes"] = model.classes_.tolist()
        run["probabilities"] = model.predict_proba(x[:4]).tolist()
    return run


def adaline(x, y, *, eta, n_iter, random_state, solver, shuffle=True):
    """One linear unit that learns 0 or 1: w -= eta d/dw of the mean of (x w + b - y)^2, over all examples, or one after the other."""
    random = np.random.RandomState(random_state)
    w, b, losses = random.normal(loc=0.0, scale=0.01, size=x.shape[1]), 0.0, []
    for _ in range(n_iter):
        if solver == "gd":
            errors = y - (x @ w + b)
            losses.append(float((errors**2).mean()))
            w, b = w + eta * 2.0 * x.T @ errors / len(x), b + eta * 2.0 * errors.mean()
            continue
        if shuffle:
            order = random.permutation(len(y))
            x, y = x[order], y[order]
        total = 0.0
        for row, target in zip(x, y):
            error = target - (row @ w + b)
            total += error**2
            w, b = w + eta * 2.0 * row * error, b + eta * 2.0 * error
        losses.append(float(total / len(y)))
    return {"losses": losses, "coef": w.tolist(), "intercept": float(b)}


def record_adaline(datasets):
    x, y = datasets["texts"]
    target = (y == "yes").astype(float)
    for parameters in (
        {"eta": 0.05, "nIter": 20, "randomState": 1, "solver": "gd"},
        {"eta": 0.01, "nIter": 10, "randomState": 7, "solver": "sgd"},
        {"eta": 0.02, "nIter": 5, "randomState": 2, "solver": "sgd", "shuffle": False},
    ):
        yield {"parameters": parameters, **adaline(x, target, **{snake(name): v for name, v in parameters.items()})}


def members_of(kind):
    """The parameters with their defaults, and the names of methods and attributes."""
    x, y = draw_datasets()["houses" if kind == "MLPRegressor" else "sides"]
    model = ESTIMATORS[kind](max_iter=2).fit(x, y)
    signature = inspect.signature(ESTIMATORS[kind]).parameters
    return {
        "parameters": {name: parameter.default for name, parameter in signature.items()},
        "methods": [name for name in dir(model) if not name.startswith("_") and callable(getattr(model, name))],
        "attributes": [name for name in vars(model) if name.endswith("_") and not name.startswith("_")],
    }


def main():
    warnings.simplefilter("ignore")  # Twenty epochs are not enough to converge.
    datasets = draw_datasets()
    json.dump(
        {
            "source": f"scripts/record-estimators.py, scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}, NumPy {np.__version__}",
            "members": {kind: members_of(kind) for kind in ESTIMATORS},
            "datasets": {name: {"x": x.tolist(), "y": y.tolist()} for name, (x, y) in datasets.items()},
            "runs": [record(*setting, datasets) for setting in settings()],
            "adaline": list(record_adaline(datasets)),
        },
        sys.stdout,
        separators=(",", ":"),
    )


main()
