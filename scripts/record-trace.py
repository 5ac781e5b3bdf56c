#!/usr/bin/env python3
"""Records what NumPy computes for the chapter's experiment on MNIST.

The trace is what `mnist-native reproduce` holds itself against: the split,
the initial weights, and after every epoch the mean squared error and the
number of correct predictions, all in float64.

Two random streams exist besides those of the splits. The initial weights
come from `RandomState(init_seed)`. All minibatches, in training and in
evaluation alike, come from NumPy's global stream seeded by `shuffle_seed`.
Each pass over a data set shuffles its `arange(n)` once, in this order:

    in every epoch      training, then evaluation of train, of validation
    after the last      evaluation of test

The evaluation before the first epoch draws nothing: it looks at the whole
validation set at once, in the order of the split.

Needs numpy and scikit-learn.
"""

import argparse
import gzip
import hashlib
import json
import time
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

CLASSES = 10
PIXELS = 784
TEST_SIZE = 10_000
VALID_SIZE = 5_000
EVALUATION_BATCH = 100


def read_idx(directory, name, header_bytes):
    """The bytes of one IDX file, raw or gzipped, behind its header."""
    path = Path(directory, name)
    if path.exists():
        content = path.read_bytes()
    else:
        content = gzip.decompress(Path(f"{path}.gz").read_bytes())
    return np.frombuffer(content, dtype=np.uint8, offset=header_bytes)


def load_mnist(directory):
    """Both MNIST files pooled, train first: scaled images and labels."""
    images = [
        read_idx(directory, f"{part}-images-idx3-ubyte", 16)
        for part in ("train", "t10k")
    ]
    labels = [
        read_idx(directory, f"{part}-labels-idx1-ubyte", 8)
        for part in ("train", "t10k")
    ]
    pixels = np.concatenate(images).reshape(-1, PIXELS)
    scaled = ((pixels / 255.0) - 0.5) * 2
    return scaled, np.concatenate(labels).astype(np.int64)


def split_rows(labels, seed):
    """Row numbers of the train, validation and test sets."""
    rest, test = train_test_split(
        np.arange(labels.size),
        test_size=TEST_SIZE,
        random_state=seed,
        stratify=labels,
    )
    train, valid = train_test_split(
        rest, test_size=VALID_SIZE, random_state=seed, stratify=labels[rest]
    )
    return {"train": train, "valid": valid, "test": test}


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


class Network:
    """One hidden layer, sigmoid on both layers."""

    def __init__(self, hidden, seed):
        random = np.random.RandomState(seed)
        self.weight_h = random.normal(0.0, 0.1, size=(hidden, PIXELS))
        self.bias_h = np.zeros(hidden)
        self.weight_out = random.normal(0.0, 0.1, size=(CLASSES, hidden))
        self.bias_out = np.zeros(CLASSES)

    def parameters(self):
        return {
            "weight_h": self.weight_h,
            "bias_h": self.bias_h,
            "weight_out": self.weight_out,
            "bias_out": self.bias_out,
        }

    def forward(self, x):
        a_h = sigmoid(np.dot(x, self.weight_h.T) + self.bias_h)
        a_out = sigmoid(np.dot(a_h, self.weight_out.T) + self.bias_out)
        return a_h, a_out

    def train_step(self, x, y, learning_rate):
        """One SGD step on mean over examples of summed squared errors."""
        a_h, a_out = self.forward(x)
        delta_out = 2.0 * (a_out - one_hot(y)) / len(y)
        delta_out = delta_out * (a_out * (1.0 - a_out))
        delta_h = np.dot(delta_out, self.weight_out) * (a_h * (1.0 - a_h))
        self.weight_out -= learning_rate * np.dot(delta_out.T, a_h)
        self.bias_out -= learning_rate * np.sum(delta_out, axis=0)
        self.weight_h -= learning_rate * np.dot(delta_h.T, x)
        self.bias_h -= learning_rate * np.sum(delta_h, axis=0)


def one_hot(labels):
    encoded = np.zeros((labels.size, CLASSES))
    encoded[np.arange(labels.size), labels] = 1.0
    return encoded


def minibatches(rows, size):
    """Shuffled minibatches of `rows`. Drops the short last one."""
    order = np.arange(rows.size)
    np.random.shuffle(order)
    for start in range(0, rows.size - size + 1, size):
        yield rows[order[start:start + size]]


def evaluate(network, images, labels, rows):
    """The figures of one evaluation pass.

    `mse` is the mean over minibatches of the mean over examples and units.
    `mse_as_listed` divides the same sum by one minibatch too few, as the
    printed listing does. A rest of fewer than EVALUATION_BATCH rows is
    left out of every figure, `count` included; the sets here have none.
    """
    total, correct, count, batches = 0.0, 0, 0, 0
    for batch in minibatches(rows, EVALUATION_BATCH):
        _, a_out = network.forward(images[batch])
        y = labels[batch]
        total += np.mean((one_hot(y) - a_out) ** 2)
        correct += int(np.sum(np.argmax(a_out, axis=1) == y))
        count += y.size
        batches += 1
    return {
        "mse": float(total / batches),
        "mse_as_listed": float(total / (batches - 1)),
        "correct": correct,
        "count": count,
    }


def evaluate_at_once(network, images, labels, rows):
    """Loss and correct count of all rows in one pass, without a shuffle."""
    _, a_out = network.forward(images[rows])
    y = labels[rows]
    return {
        "mse": float(np.mean((one_hot(y) - a_out) ** 2)),
        "correct": int(np.sum(np.argmax(a_out, axis=1) == y)),
    }


def describe_rows(rows):
    return {
        "count": int(rows.size),
        "first": rows[:8].tolist(),
        "sha256_int64_le": hashlib.sha256(rows.astype("<i8").tobytes())
        .hexdigest(),
    }


def describe_parameter(values):
    return {
        "sum": float(values.sum()),
        "abs_sum": float(np.abs(values).sum()),
        "first": values.ravel()[:6].tolist(),
    }


def record(options):
    images, labels = load_mnist(options.mnist)
    rows = split_rows(labels, options.split_seed)
    network = Network(options.hidden, options.init_seed)
    trace = {
        # A trace is the same wherever it was recorded: no folder names.
        "settings": {**vars(options), "mnist": None, "out": None},
        "numpy": np.__version__,
        "split": {name: describe_rows(part) for name, part in rows.items()},
        "init": {
            "weight_h_first": network.weight_h.ravel()[:6].tolist(),
            "weight_h_sum": float(network.weight_h.sum()),
            "weight_out_first": network.weight_out.ravel()[:6].tolist(),
            "weight_out_sum": float(network.weight_out.sum()),
        },
        "epochs": [],
    }

    trace["initial_valid"] = evaluate_at_once(
        network, images, labels, rows["valid"]
    )

    np.random.seed(options.shuffle_seed)
    start = time.perf_counter()
    for epoch in range(1, options.epochs + 1):
        for batch in minibatches(rows["train"], options.batch):
            network.train_step(images[batch], labels[batch], options.lr)
        train = evaluate(network, images, labels, rows["train"])
        valid = evaluate(network, images, labels, rows["valid"])
        trace["epochs"].append(
            {"epoch": epoch, "train": train, "valid": valid}
        )
        print(
            f"Epoch: {epoch:03d}/{options.epochs:03d}"
            f" | Train MSE: {train['mse']:.4f}"
            f" | Train correct: {train['correct']}"
            f" | Valid correct: {valid['correct']}",
            flush=True,
        )
    trace["seconds"] = time.perf_counter() - start

    trace["test"] = evaluate(network, images, labels, rows["test"])
    trace["final"] = {
        name: describe_parameter(values)
        for name, values in network.parameters().items()
    }
    return trace


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mnist", required=True, metavar="DIR",
                        help="folder with the four IDX files, raw or .gz")
    parser.add_argument("--out", required=True, metavar="FILE")
    parser.add_argument("--hidden", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--init-seed", type=int, default=123)
    parser.add_argument("--shuffle-seed", type=int, default=123)
    parser.add_argument("--split-seed", type=int, default=123)
    return parser.parse_args()


def main():
    options = parse_arguments()
    trace = record(options)
    Path(options.out).write_text(json.dumps(trace, indent=1) + "\n")


if __name__ == "__main__":
    main()
