#!/usr/bin/env python3
"""Records golden classification metrics of scikit-learn for the tests.

Scores and confusion matrices are scikit-learn's, over all classes, with
zero_division=0, without and with weights of the examples. Scores of
regression are its mean_absolute_error, mean_squared_error, also with
squared=False, and r2_score. Reliability bins are those of its calibration_curve; the
expected calibration error is summed over them by its definition (Guo et
al. 2017, equation 3). Wilson intervals are SciPy's. Needs numpy, scipy and
scikit-learn.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    mean_absolute_error,
    mean_squared_error,
    precision_recall_fscore_support,
    r2_score,
)


def guessed(seed, classes, count, hit_rate):
    """Labels, and predictions that are right at about `hit_rate`."""
    random = np.random.RandomState(seed)
    labels = random.randint(0, classes, size=count)
    guesses = random.randint(0, classes, size=count)
    hits = random.random_sample(count) < hit_rate
    return labels, np.where(hits, labels, guesses)


CLASSIFICATION_CASES = {
    "ten classes, mostly right": (10, *guessed(1, 10, 400, 0.9)),
    "ten classes, guessed": (10, *guessed(2, 10, 150, 0.0)),
    "two classes": (2, *guessed(3, 2, 60, 0.7)),
    "two classes, imbalanced, one never predicted": (
        2, np.array([0] * 37 + [1] * 3), np.zeros(40, int)
    ),
    "all right": (3, np.arange(30) % 3, np.arange(30) % 3),
    "all wrong": (3, np.arange(30) % 3, (np.arange(30) + 1) % 3),
    "a class that never occurs but is predicted": (
        4, np.array([0, 0, 1, 1, 3, 3]), np.array([0, 2, 1, 2, 3, 1])
    ),
    "a class that neither occurs nor is predicted": (
        4, np.array([0, 0, 1, 1, 3, 3]), np.array([0, 1, 1, 1, 3, 0])
    ),
    "one class": (1, np.zeros(5, int), np.zeros(5, int)),
    "one example of many classes": (62, np.array([61]), np.array([7])),
    "62 classes": (62, *guessed(4, 62, 300, 0.6)),
}


def weights_of(count):
    """Weights of some examples, a few of them 0."""
    weights = np.random.RandomState(count).random_sample(count) * 3
    weights[::7] = 0 if count > 1 else 2
    return weights


def regressed(seed, count, outputs, scale=1.0, noise=0.3):
    """Targets, and predictions that are near them."""
    random = np.random.RandomState(seed)
    targets = random.normal(2, 1, size=(count, outputs)) * scale
    return targets, targets + random.normal(0, noise, targets.shape) * scale


def constant(predictions):
    return np.full((4, 1), 0.5), np.array(predictions).reshape(4, 1)


def one_constant_output():
    targets, predictions = regressed(14, 20, 2)
    targets[:, 1] = 3
    return targets, predictions


REGRESSION_CASES = {
    "one output": regressed(8, 40, 1),
    "three outputs of different scales": regressed(
        9, 30, 3, np.array([1, 1000, 1e-3])
    ),
    "worse than the mean": regressed(10, 25, 1, noise=5),
    "exact": (regressed(11, 10, 2)[0],) * 2,
    "two examples": regressed(12, 2, 1),
    "constant targets, wrong": constant([0.5, 0.5, 0.5, 1]),
    "constant targets, right": constant([0.5, 0.5, 0.5, 0.5]),
    "one constant output of two": one_constant_output(),
}


def confident(seed, count):
    """Confidences near 1, and outcomes that come less often than that."""
    random = np.random.RandomState(seed)
    confidences = random.beta(4, 1, size=count)
    return confidences, random.random_sample(count) < confidences**2


def on_the_edges(bins):
    edges = np.linspace(0, 1, bins + 1)
    return edges, np.arange(edges.size) % 3 == 0


CALIBRATION_CASES = {
    "overconfident, 15 bins": (15, *confident(5, 300)),
    "overconfident, 10 bins": (10, *confident(6, 200)),
    "one bin": (1, *confident(7, 20)),
    "on the edges of 15 bins": (15, *on_the_edges(15)),
    "on the edges of 10 bins": (10, *on_the_edges(10)),
    "decimal edges of 10 bins": (
        10, np.arange(11) / 10, np.arange(11) % 2 == 0
    ),
    "always certain": (15, np.ones(8), np.arange(8) < 5),
}

PROPORTIONS = (
    (0, 1), (1, 1), (0, 10), (10, 10), (1, 2), (5, 10), (1, 1000),
    (999, 1000), (9454, 10_000), (9999, 10_000), (4739, 5000), (3, 7),
)


def scores(true_classes, predictions, **options):
    precision, recall, f1, support = precision_recall_fscore_support(
        true_classes, predictions, zero_division=0, **options
    )
    return {
        "precision": np.asarray(precision).tolist(),
        "recall": np.asarray(recall).tolist(),
        "f1": np.asarray(f1).tolist(),
        "support": None if support is None else support.tolist(),
    }


def record_weighted(classes, labels, predictions):
    options = {
        "labels": np.arange(classes),
        "sample_weight": weights_of(labels.size),
    }
    return {
        "weights": options["sample_weight"].tolist(),
        "confusionMatrix": confusion_matrix(
            labels, predictions, **options
        ).tolist(),
        "perClass": scores(labels, predictions, **options),
        "macro": scores(labels, predictions, average="macro", **options),
        "weighted": scores(labels, predictions, average="weighted", **options),
        "accuracy": float(
            accuracy_score(
                labels, predictions, sample_weight=options["sample_weight"]
            )
        ),
    }


def record_regression(name, targets, predictions):
    def scored(metric, **options):
        return [
            float(metric(targets, predictions, **options)),
            metric(
                targets, predictions, multioutput="raw_values", **options
            ).tolist(),
        ]

    def all_scores(weights):
        return {
            "meanAbsoluteError": scored(
                mean_absolute_error, sample_weight=weights
            ),
            "meanSquaredError": scored(
                mean_squared_error, sample_weight=weights
            ),
            "rootMeanSquaredError": scored(
                mean_squared_error, squared=False, sample_weight=weights
            ),
            "r2": scored(r2_score, sample_weight=weights),
        }

    weights = weights_of(len(targets))
    return {
        "name": name,
        "outputs": targets.shape[1],
        "targets": targets.ravel().tolist(),
        "predictions": predictions.ravel().tolist(),
        "scores": all_scores(None),
        "weights": weights.tolist(),
        "weighted": all_scores(weights),
    }


def record_classification(name, classes, labels, predictions):
    all_classes = np.arange(classes)
    return {
        "name": name,
        "classes": classes,
        "labels": labels.tolist(),
        "predictions": predictions.tolist(),
        "confusionMatrix": confusion_matrix(
            labels, predictions, labels=all_classes
        ).tolist(),
        "perClass": scores(labels, predictions, labels=all_classes),
        "macro": scores(
            labels, predictions, labels=all_classes, average="macro"
        ),
        "weighted": scores(
            labels, predictions, labels=all_classes, average="weighted"
        ),
        "accuracy": float(accuracy_score(labels, predictions)),
        "byWeight": record_weighted(classes, labels, predictions),
    }


def record_calibration(name, bins, confidences, correct):
    accuracies, means = calibration_curve(correct, confidences, n_bins=bins)
    which = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidences)
    counts = np.bincount(which, minlength=bins)
    shares = counts[counts > 0] / confidences.size
    return {
        "name": name,
        "bins": bins,
        "confidences": confidences.tolist(),
        "correct": correct.tolist(),
        "counts": counts.tolist(),
        "accuracies": accuracies.tolist(),
        "meanConfidences": means.tolist(),
        "expectedCalibrationError": float(
            np.sum(shares * np.abs(accuracies - means))
        ),
    }


def record_proportion(successes, trials):
    interval = binomtest(successes, trials).proportion_ci(
        confidence_level=0.95, method="wilson"
    )
    return {
        "successes": successes,
        "trials": trials,
        "lower": float(interval.low),
        "upper": float(interval.high),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="test/golden/metrics.json")
    options = parser.parse_args()
    golden = {
        "program": "scripts/record-metrics.py",
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "classification": [
            record_classification(name, *case)
            for name, case in CLASSIFICATION_CASES.items()
        ],
        "regression": [
            record_regression(name, *case)
            for name, case in REGRESSION_CASES.items()
        ],
        "calibration": [
            record_calibration(name, *case)
            for name, case in CALIBRATION_CASES.items()
        ],
        "wilson": [record_proportion(*case) for case in PROPORTIONS],
    }
    Path(options.out).write_text(
        json.dumps(golden, separators=(",", ":")) + "\n"
    )


if __name__ == "__main__":
    main()
