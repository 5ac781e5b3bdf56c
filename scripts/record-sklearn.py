#!/usr/bin/env python3
"""Records how scikit-learn's networks learn: python3 scripts/record-sklearn.py > test/golden/sklearn.json

MLPClassifier and MLPRegressor with every solver and activation, on the data sets that scikit-learn ships: the loss after each of 20
epochs; of lbfgs, which keeps no curve, after 1 to 20 iterations. Inputs are standardized, but the pixels of the digits, which are divided by
16. What a regressor learns is the last column, from the others. Debian: python3-sklearn.
"""

import json
import sys
import warnings

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.neural_network import MLPClassifier, MLPRegressor

HIDDEN, EPOCHS, SEED = 10, 20, 3
SOLVERS = ("sgd", "adam", "lbfgs")
ACTIVATIONS = ("identity", "logistic", "tanh", "relu")


def prepared(name, load):
    data = load()
    if name == "digits":
        return data.data / 16, data.target
    return (data.data - data.data.mean(axis=0)) / data.data.std(axis=0), data.target


def losses(estimator, x, y, solver, activation):
    def fitted(epochs):
        model = estimator(
            hidden_layer_sizes=(HIDDEN,),
            solver=solver,
            activation=activation,
            max_iter=epochs,
            random_state=SEED,
            tol=0,
            n_iter_no_change=1000,
        )
        return model.fit(x, y)

    if solver == "lbfgs":
        return [fitted(k).loss_ for k in range(1, EPOCHS + 1)]
    return fitted(EPOCHS).loss_curve_


def main():
    warnings.simplefilter("ignore")  # Twenty epochs are not enough to converge.
    datasets, runs = {}, []
    loads = {"digits": load_digits, "iris": load_iris, "wine": load_wine, "breast cancer": load_breast_cancer}
    for name, load in loads.items():
        data = load()
        rows = data.data.tolist()
        if name == "digits":  # A pixel is 0 to 16: a letter each, in base 17.
            rows = ["".join("0123456789abcdefg"[int(pixel)] for pixel in row) for row in rows]
        datasets[name] = {"x": rows, "y": data.target.tolist()}
        x, y = prepared(name, load)
        for solver in SOLVERS:
            for activation in ACTIVATIONS:
                kind = {"dataset": name, "solver": solver, "activation": activation}
                runs.append({**kind, "task": "classify", "losses": losses(MLPClassifier, x, y, solver, activation)})
                columns = np.ascontiguousarray(x[:, :-1])
                runs.append({**kind, "task": "regress", "losses": losses(MLPRegressor, columns, x[:, -1], solver, activation)})
    json.dump(
        {
            "source": f"scripts/record-sklearn.py, scikit-learn {sklearn.__version__}, NumPy {np.__version__}",
            "hidden": HIDDEN,
            "seed": SEED,
            "datasets": datasets,
            "runs": runs,
        },
        sys.stdout,
        separators=(",", ":"),
    )


main()
