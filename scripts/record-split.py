#!/usr/bin/env python3
"""Records golden splits of scikit-learn for the tests.

Small cases hold their labels and row numbers in full. Cases of the
chapter's size hold a recipe for the labels and SHA-256 sums of the row
numbers (int64, little-endian). Needs numpy and scikit-learn.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.model_selection import train_test_split

SEEDS = (0, 1, 123, 2**32 - 1)


def runs(*lengths_by_class):
    """Labels in runs: runs((0, 3), (7, 2)) is 0 0 0 7 7."""
    return np.concatenate(
        [np.full(length, label) for label, length in lengths_by_class]
    )


def drawn(seed, classes, count):
    return np.random.RandomState(seed).randint(0, classes, size=count)


SMALL_CASES = {
    "two balanced classes": (runs((0, 10), (1, 10)), (2, 7, 10, 18)),
    "two imbalanced classes": (runs((0, 37), (1, 3)), (2, 5, 20, 38)),
    "a class of two among many": (
        np.concatenate([drawn(5, 3, 60), [200, 200]]),
        (4, 13, 31),
    ),
    "classes that are not consecutive, descending": (
        runs((255, 9), (17, 12), (3, 6)),
        (3, 8, 24),
    ),
    # Equal classes and a size that they do not divide: every remainder is
    # equal, and the random stream decides who gets the odd rows.
    "ties in every remainder": (
        np.tile(np.arange(10), 7),
        (10, 11, 13, 35, 59),
    ),
    "ties in some remainders": (
        runs((0, 11), (1, 11), (2, 7), (3, 7), (4, 5)),
        (5, 6, 9, 17, 33),
    ),
    "one class": (runs((4, 12)), (1, 5, 11)),
    # For 49 rows, count / 49 * 49 falls just below a whole number in 14 of
    # the classes, so that the stream is drawn from for the test counts, too.
    "many classes of odd sizes": (
        np.concatenate([np.full(3 + i % 7, i) for i in range(23)]),
        (23, 49, 64),
    ),
    "classes in random order": (drawn(2, 4, 97), (10, 48, 90)),
    "more classes than a byte can name": (
        np.tile(np.arange(300) * 7, 4),
        (300, 437),
    ),
}

# Without classes: how many rows, and sizes of the test part.
SHUFFLED_CASES = ((2, (1,)), (7, (1, 3, 6)), (150, (21, 75)))

# As many rows as the chapter has, with labels that a test can make itself.
LARGE_CASES = (
    {"labelSeed": 1, "classes": 10, "count": 70_000,
     "testSize": 10_000, "validSize": 5_000, "seed": 123},
    {"labelSeed": 2, "classes": 10, "count": 70_000,
     "testSize": 10_000, "validSize": 5_000, "seed": 7},
    {"labelSeed": 3, "classes": 26, "count": 12_345,
     "testSize": 1_001, "validSize": 77, "seed": 0},
)


def split(rows, labels, test_size, seed):
    return train_test_split(
        rows, test_size=test_size, random_state=seed, stratify=labels
    )


def record_small(name, labels, sizes):
    splits = []
    for size in sizes:
        for seed in SEEDS:
            train, test = split(np.arange(labels.size), labels, size, seed)
            splits.append(
                {
                    "testSize": size,
                    "seed": seed,
                    "train": train.tolist(),
                    "test": test.tolist(),
                }
            )
    return {"name": name, "labels": labels.tolist(), "splits": splits}


def record_shuffled(count, sizes):
    splits = []
    for size in sizes:
        for seed in SEEDS:
            train, test = train_test_split(
                np.arange(count), test_size=size, random_state=seed
            )
            splits.append(
                {
                    "count": count,
                    "testSize": size,
                    "seed": seed,
                    "train": train.tolist(),
                    "test": test.tolist(),
                }
            )
    return splits


def sha256(rows):
    return hashlib.sha256(rows.astype("<i8").tobytes()).hexdigest()


def record_large(case):
    labels = drawn(case["labelSeed"], case["classes"], case["count"])
    seed = case["seed"]
    rest, test = split(
        np.arange(labels.size), labels, case["testSize"], seed
    )
    train, valid = split(rest, labels[rest], case["validSize"], seed)
    return {
        **case,
        "sha256OfInt64": {
            "labels": sha256(labels),
            "train": sha256(train),
            "valid": sha256(valid),
            "test": sha256(test),
        },
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="test/golden/split.json")
    options = parser.parse_args()
    golden = {
        "program": "scripts/record-split.py",
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "small": [
            record_small(name, labels, sizes)
            for name, (labels, sizes) in SMALL_CASES.items()
        ],
        "large": [record_large(case) for case in LARGE_CASES],
        "shuffled": [
            recorded
            for count, sizes in SHUFFLED_CASES
            for recorded in record_shuffled(count, sizes)
        ],
    }
    Path(options.out).write_text(
        json.dumps(golden, separators=(",", ":")) + "\n"
    )


if __name__ == "__main__":
    main()
