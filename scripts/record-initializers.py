#!/usr/bin/env python3
"""Records starting weights as NumPy draws them, for the tests.

Weights are [units, inputs]. The formulas are written out once more here;
those of scikit-learn are its own code. Needs numpy and scikit-learn.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import sklearn
from numpy.random import RandomState
from sklearn.neural_network import MLPClassifier

SEED = 123
SHAPES = ((5, 7), (7, 5), (4, 4), (1, 6), (6, 1))


def uniform(bound):
    return lambda random, shape: random.uniform(-bound(*shape), bound(*shape), shape)


def normal(deviation):
    return lambda random, shape: random.normal(0.0, deviation(*shape), shape)


def orthogonal(random, shape):
    units, inputs = shape
    drawn = random.normal(0.0, 1.0, shape)
    q, r = np.linalg.qr(drawn.T if units < inputs else drawn)
    q = q * np.sign(np.diag(r))
    return 1.5 * (q.T if units < inputs else q)


INITIALIZERS = {
    "normal": normal(lambda units, inputs: 0.1),
    "uniform": lambda random, shape: random.uniform(-0.05, 0.05, shape),
    "glorotUniform": uniform(lambda units, inputs: np.sqrt(6 / (inputs + units))),
    "glorotNormal": normal(lambda units, inputs: np.sqrt(2 / (inputs + units))),
    "heUniform": uniform(lambda units, inputs: np.sqrt(6 / inputs)),
    "heNormal": normal(lambda units, inputs: np.sqrt(2 / inputs)),
    "lecunUniform": uniform(lambda units, inputs: np.sqrt(3 / inputs)),
    "lecunNormal": normal(lambda units, inputs: np.sqrt(1 / inputs)),
    "orthogonal": orthogonal,
}


def drawn_twice(initializer):
    """The second weights show that the stream goes on."""
    layers = []
    for shape in SHAPES:
        random = RandomState(SEED)
        layers.append(
            {
                "shape": shape,
                "weights": [
                    initializer(random, shape).ravel().tolist() for _ in range(2)
                ],
            }
        )
    return layers


def scikit_learn(activation, layers):
    """What MLPClassifier starts from, by the method that draws it."""
    network = MLPClassifier(activation=activation)
    network._random_state = RandomState(SEED)
    drawn = [
        network._init_coef(fan_in, fan_out, np.dtype("float64"))
        for fan_in, fan_out in zip(layers, layers[1:])
    ]
    return {
        "layers": layers,
        "weights": [coefficients.T.ravel().tolist() for coefficients, _ in drawn],
        "biases": [intercepts.tolist() for _, intercepts in drawn],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="test/golden/initializers.json")
    options = parser.parse_args()
    golden = {
        "program": "scripts/record-initializers.py",
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "seed": SEED,
        "initializers": {
            name: drawn_twice(initializer)
            for name, initializer in INITIALIZERS.items()
        },
        "sklearnUniform": {
            "sigmoid": scikit_learn("logistic", [4, 6, 3]),
            "relu": scikit_learn("relu", [4, 6, 3]),
        },
    }
    Path(options.out).write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
