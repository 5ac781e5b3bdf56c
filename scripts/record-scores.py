#!/usr/bin/env python3
"""Records golden metrics of scores and of predicted classes for the tests.

Everything is scikit-learn's, without and with weights of the examples, but
the expected calibration error: that is NumPy's, by its definition (Guo et
al. 2017, equation 3). Areas under the ROC curve and average precisions of
more than two classes are those of each class against the rest; `null`
stands for what scikit-learn calls undefined. Needs numpy and scikit-learn.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    cohen_kappa_score,
    log_loss,
    matthews_corrcoef,
    precision_recall_fscore_support,
    roc_auc_score,
    top_k_accuracy_score,
)
from sklearn.preprocessing import label_binarize

BINS = 15


def scored(seed, classes, count, sharpness=2.0, absent=()):
    """Labels, and scores that say something of them: rows that sum to 1."""
    random = np.random.RandomState(seed)
    present = np.setdiff1d(np.arange(classes), absent)
    labels = random.choice(present, size=count)
    logits = random.normal(0, 1, size=(count, classes))
    logits[np.arange(count), labels] += sharpness
    scores = np.exp(logits)
    return labels, np.round(scores / scores.sum(axis=1, keepdims=True), 6)


def tied(seed, classes, count):
    """Scores of few different values, so that many are equal."""
    labels, scores = scored(seed, classes, count, 1.0)
    return labels, np.round(scores * 4) / 4


def sigmoids(seed, classes, count):
    """Outputs of independent units, which do not sum to 1."""
    random = np.random.RandomState(seed)
    labels = random.randint(0, classes, size=count)
    logits = random.normal(-1, 1.5, size=(count, classes))
    logits[np.arange(count), labels] += 2
    return labels, np.round(1 / (1 + np.exp(-logits)), 6)


def single(seed, count, digits=6, positive=0.4):
    """One score for each example of two classes."""
    random = np.random.RandomState(seed)
    labels = (random.random_sample(count) < positive).astype(int)
    scores = 1 / (1 + np.exp(-random.normal(labels * 2 - 1, 1.5)))
    return labels, np.round(scores, digits)[:, np.newaxis]


def certain(labels, guesses, classes):
    return np.array(labels), np.eye(classes)[guesses]


CASES = {
    "three classes": scored(1, 3, 60),
    "ten classes": scored(2, 10, 120),
    "five classes, guessed": scored(3, 5, 50, sharpness=0.0),
    "four classes, one never occurs": scored(4, 4, 40, absent=(2,)),
    "four classes, the last never occurs": scored(5, 4, 40, absent=(3,)),
    "five classes, one occurs": scored(6, 5, 8, absent=(0, 1, 3, 4)),
    "four classes, ties": tied(7, 4, 60),
    "three classes, ties, few examples": tied(8, 3, 9),
    "six sigmoids": sigmoids(9, 6, 60),
    "three sigmoids, ties": (
        sigmoids(10, 3, 45)[0], np.round(sigmoids(10, 3, 45)[1], 1)
    ),
    "all right and certain": certain(
        np.arange(12) % 3, np.arange(12) % 3, 3
    ),
    "all wrong and certain": certain(
        np.arange(12) % 3, (np.arange(12) + 1) % 3, 3
    ),
    "always the same class": certain(np.arange(12) % 4, np.zeros(12, int), 4),
    "one example of four classes": scored(11, 4, 1),
    "two scores of two classes": scored(12, 2, 40),
    "one score of two classes": single(13, 60),
    "one score of two classes, ties": single(14, 60, digits=1),
    "one score of two classes, rare": single(15, 50, positive=0.06),
    "one score of two classes, the first alone": single(16, 10, positive=0),
    "one score of two classes, the second alone": single(17, 10, positive=1),
    "one score of two classes, all equal": (
        np.arange(10) % 2, np.full((10, 1), 0.5)
    ),
    "one score of two classes, certain": (
        np.arange(10) // 6, (np.arange(10) // 6)[:, np.newaxis] * 1.0
    ),
}


def weights_of(count):
    """Weights of some examples, a few of them 0."""
    random = np.random.RandomState(count)
    weights = np.round(random.random_sample(count) * 3, 3)
    weights[::7] = 0 if count > 1 else 2
    return weights


def predicted(scores):
    if scores.shape[1] > 1:
        return np.argmax(scores, axis=1)
    return (scores[:, 0] >= 0.5).astype(int)


def all_columns(scores):
    return scores if scores.shape[1] > 1 else np.hstack([1 - scores, scores])


def of_classes(labels, predictions, average, zero, classes, weights):
    options = {} if average == "binary" or classes is None else {
        "labels": np.arange(classes)
    }
    precision, recall, f1, _ = precision_recall_fscore_support(
        labels, predictions, average=average, zero_division=zero,
        sample_weight=weights, **options
    )
    return [float(precision), float(recall), float(f1)]


def averages(labels, predictions, classes, weights):
    """By average, zero_division, and whether absent classes count."""
    names = ["micro", "macro", "weighted"] + ["binary"] * (classes == 2)
    return {
        f"{name} {zero} {which}": of_classes(
            labels, predictions, name, zero,
            classes if which == "all" else None, weights,
        )
        for name in names
        for zero in (0, 1)
        for which in ("occurring", "all")
    }


def of_ranking(metric, labels, scores, average, weights):
    """Of two classes that of the second, else one against the rest."""
    columns = scores.shape[1]
    try:
        if columns <= 2:
            value = metric(labels, scores[:, -1], sample_weight=weights)
        else:
            value = metric(
                label_binarize(labels, classes=np.arange(columns)), scores,
                average=average, sample_weight=weights,
            )
            if metric is roc_auc_score and np.allclose(scores.sum(axis=1), 1):
                check = metric(
                    labels, scores / scores.sum(axis=1, keepdims=True),
                    multi_class="ovr", average=average,
                    labels=np.arange(columns), sample_weight=weights,
                )
                assert abs(check - value) < 1e-3, (check, value)
    except ValueError as error:
        assert "Only one class" in str(error), error
        return None
    return float(value) if np.isfinite(value) else None


def calibration_error(labels, scores, weights):
    confidences = all_columns(scores).max(axis=1)
    correct = predicted(scores) == labels
    weights = np.ones(labels.size) if weights is None else weights
    bins = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidences)
    sums = [
        abs(np.sum((weights * (correct - confidences))[bins == b]))
        for b in range(BINS)
    ]
    return float(np.sum(sums) / weights.sum())


def finite(value):
    return float(value) if np.isfinite(value) else None


def top_k(labels, scores, k, weights):
    """Of two classes with a third that is never likely, as scikit-learn
    compares a single score with a threshold, where ours is 0.5 or more."""
    columns = all_columns(scores)
    if columns.shape[1] == 2:
        columns = np.hstack([columns, np.full((labels.size, 1), -1.0)])
    return float(
        top_k_accuracy_score(
            labels, columns, k=k, labels=np.arange(columns.shape[1]),
            sample_weight=weights,
        )
    )


def record_values(labels, scores, weights):
    predictions = predicted(scores)
    classes = max(scores.shape[1], 2)
    options = {"sample_weight": weights}
    whole = {"labels": np.arange(classes), **options}
    single_column = scores.astype(np.float32)
    values = {
        "accuracy": accuracy_score(labels, predictions, **options),
        "balancedAccuracy": balanced_accuracy_score(
            labels, predictions, **options
        ),
        "adjustedBalancedAccuracy": balanced_accuracy_score(
            labels, predictions, adjusted=True, **options
        ),
        "top1": top_k(labels, scores, 1, weights),
        "top2": top_k(labels, scores, 2, weights),
        "top3": top_k(labels, scores, 3, weights) if classes > 2 else 1,
        "logLoss": log_loss(labels, scores, **whole),
        "logLossOfFloats": log_loss(labels, single_column, **whole),
        "cohenKappa": cohen_kappa_score(labels, predictions, **options),
        "matthewsCorrelation": matthews_corrcoef(
            labels, predictions, **options
        ),
        "calibrationError": calibration_error(labels, scores, weights),
    }
    rankings = {
        f"{name}{suffix}": of_ranking(metric, labels, scores, average, weights)
        for name, metric in (
            ("rocAuc", roc_auc_score),
            ("averagePrecision", average_precision_score),
        )
        for suffix, average in (("", "macro"), ("Weighted", "weighted"))
    }
    return {
        **{name: finite(value) for name, value in values.items()},
        **rankings,
        "averages": averages(labels, predictions, classes, weights),
    }


def record(name, labels, scores):
    weights = weights_of(labels.size)
    return {
        "name": name,
        "width": scores.shape[1],
        "labels": labels.tolist(),
        "scores": scores.ravel().tolist(),
        "predictions": predicted(scores).tolist(),
        "weights": weights.tolist(),
        "plain": record_values(labels, scores, None),
        "weighted": record_values(labels, scores, weights),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="test/golden/scores.json")
    options = parser.parse_args()
    warnings.simplefilter("ignore", UndefinedMetricWarning)
    warnings.simplefilter("ignore", UserWarning)
    warnings.simplefilter("ignore", RuntimeWarning)
    golden = {
        "program": "scripts/record-scores.py",
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "cases": [record(name, *case) for name, case in CASES.items()],
    }
    Path(options.out).write_text(
        json.dumps(golden, separators=(",", ":")) + "\n"
    )


if __name__ == "__main__":
    main()
