#!/usr/bin/env python3
"""Records golden folds of scikit-learn for the tests.

A case holds a recipe for its labels or groups, and of each fold the rows;
of large ones SHA-256 sums of the rows (int64, little-endian). Needs numpy
and scikit-learn.
"""

import argparse
import hashlib
import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
    train_test_split,
)

LARGE = 300


def drawn(seed, classes, count):
    return np.random.RandomState(seed).randint(0, classes, size=count)


# Labels and groups by name: small ones in full, others as drawn.
VALUES = {
    "two balanced": np.repeat([0, 1], 6),
    "a rare class, late": np.array([3] * 11 + [0] * 9 + [7] * 2),
    "descending": np.repeat([9, 4, 2, 1], [5, 7, 3, 8]),
    "alternating": np.tile([2, 0, 1], 8)[:23],
    "drawn, uneven": np.minimum(drawn(3, 9, 61), 4),
    "equal sizes": np.tile(np.arange(20), 4),
    "negative": drawn(11, 7, 40) - 3,
    "one row each": np.arange(9),
}
DRAWN = {
    "large": (1, 10, 70_000),
    "large, uneven": (2, 26, 12_345),
    "many groups": (5, 400, 3_001),
    "thousands of groups": (6, 5_000, 9_999),
}
TEXTS = ["bea", "Ann", "bea", "cy", "Ann", "dora", "bea", "cy", "eve", "Ann"]


def values(name):
    if name == "texts":
        return np.array(TEXTS)
    if name in VALUES:
        return VALUES[name]
    return drawn(*DRAWN[name])


def sha256(rows):
    return hashlib.sha256(rows.astype("<i8").tobytes()).hexdigest()


def recorded(folds, count):
    write = sha256 if count > LARGE else np.ndarray.tolist
    return [{"train": write(train), "test": write(test)} for train, test in folds]


def camel(options):
    names = {
        "n_splits": "nSplits",
        "n_repeats": "nRepeats",
        "random_state": "seed",
        "test_size": "testSize",
        "train_size": "trainSize",
    }
    return {names.get(name, name): value for name, value in options.items()}


def by_count(call, make, count, **options):
    folds = make(**options).split(np.arange(count))
    return {
        "call": call,
        "count": count,
        "options": camel(options),
        "folds": recorded(folds, count),
    }


def by_values(call, make, name, **options):
    given = values(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folds = list(make(**options).split(given, given, given))
    return {
        "call": call,
        "values": name,
        "options": camel(options),
        "folds": recorded(folds, len(given)),
    }


def held_out(count, name=None, **options):
    stratify = None if name is None else values(name)
    size = count if name is None else len(stratify)
    rows = train_test_split(np.arange(size), stratify=stratify, **options)
    return {
        "call": "trainTestSplit",
        **({"count": count} if name is None else {"values": name}),
        "options": {
            **camel(options),
            **({} if name is None else {"stratify": True}),
        },
        "folds": recorded([rows], size),
    }


def cases():
    for count, splits in ((10, 5), (11, 3), (17, 2), (7, 7), (23, 4), (70_000, 5)):
        yield by_count("kFold", KFold, count, n_splits=splits)
        for seed in (0, 123, 2**32 - 1):
            yield by_count(
                "kFold", KFold, count, n_splits=splits, shuffle=True, random_state=seed
            )
    yield by_count("repeatedKFold", RepeatedKFold, 13, n_splits=3, n_repeats=4, random_state=5)
    yield by_count("repeatedKFold", RepeatedKFold, 301, n_splits=10, n_repeats=3, random_state=0)
    stratified = (
        ("two balanced", 3),
        ("two balanced", 4),
        ("a rare class, late", 3),
        ("descending", 5),
        ("alternating", 4),
        ("drawn, uneven", 7),
        ("negative", 2),
        ("large", 5),
        ("large, uneven", 10),
    )
    for name, splits in stratified:
        yield by_values("stratifiedKFold", StratifiedKFold, name, n_splits=splits)
        for seed in (1, 42):
            yield by_values(
                "stratifiedKFold",
                StratifiedKFold,
                name,
                n_splits=splits,
                shuffle=True,
                random_state=seed,
            )
    for name, splits, repeats in (("descending", 3, 3), ("drawn, uneven", 2, 5), ("large, uneven", 3, 2)):
        yield by_values(
            "repeatedStratifiedKFold",
            RepeatedStratifiedKFold,
            name,
            n_splits=splits,
            n_repeats=repeats,
            random_state=9,
        )
    grouped = (
        ("two balanced", 2),
        ("descending", 3),
        ("drawn, uneven", 2),
        ("drawn, uneven", 5),
        ("equal sizes", 3),
        ("equal sizes", 7),
        ("negative", 4),
        ("texts", 3),
        ("one row each", 4),
        ("many groups", 6),
        ("thousands of groups", 5),
    )
    for name, splits in grouped:
        yield by_values("groupKFold", GroupKFold, name, n_splits=splits)
    for name in ("two balanced", "descending", "negative", "texts"):
        yield by_values("leaveOneGroupOut", LeaveOneGroupOut, name)
    for count, options in (
        (12, {"n_splits": 3}),
        (19, {"n_splits": 2, "test_size": 4}),
        (19, {"n_splits": 4, "test_size": 0.3}),
        (19, {"n_splits": 2, "train_size": 0.7}),
        (50, {"n_splits": 3, "test_size": 0.2, "train_size": 11}),
        (1_001, {"n_splits": 10, "test_size": 0.25}),
    ):
        yield by_count("shuffleSplit", ShuffleSplit, count, random_state=77, **options)
    for name, options in (
        ("two balanced", {"n_splits": 3, "test_size": 3}),
        ("a rare class, late", {"n_splits": 4, "test_size": 0.3}),
        ("drawn, uneven", {"n_splits": 2, "test_size": 0.25, "train_size": 0.5}),
        ("drawn, uneven", {"n_splits": 5}),
        ("descending", {"n_splits": 3, "test_size": 7, "train_size": 9}),
        ("large, uneven", {"n_splits": 2, "test_size": 0.1}),
    ):
        yield by_values(
            "stratifiedShuffleSplit", StratifiedShuffleSplit, name, random_state=8, **options
        )
    yield held_out(30, random_state=4)
    yield held_out(31, random_state=4, test_size=0.3)
    yield held_out(31, random_state=4, test_size=7, train_size=20)
    yield held_out(31, random_state=4, train_size=0.35)
    yield held_out(31, shuffle=False, test_size=0.15)
    yield held_out(31, shuffle=False, test_size=5, train_size=8)
    yield held_out(None, "drawn, uneven", random_state=1, test_size=0.2)
    yield held_out(None, "descending", random_state=1)
    yield held_out(None, "large", random_state=2, test_size=0.1, train_size=0.8)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="test/golden/folds.json")
    options = parser.parse_args()
    golden = {
        "program": "scripts/record-folds.py",
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "values": {
            **{name: given.tolist() for name, given in VALUES.items()},
            "texts": TEXTS,
        },
        "drawn": {
            name: {"seed": seed, "classes": classes, "count": count}
            for name, (seed, classes, count) in DRAWN.items()
        },
        "cases": list(cases()),
    }
    Path(options.out).write_text(
        json.dumps(golden, separators=(",", ":")) + "\n"
    )


if __name__ == "__main__":
    main()
