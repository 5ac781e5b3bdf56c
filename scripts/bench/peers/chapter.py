"""Seconds of an epoch of the chapter's network in NumPy, scikit-learn or PyTorch.

    chapter.py numpy|sklearn|torch
    chapter.py numpy|sklearn|torch float32|float64 SETTINGS

Without more it prints the library's version and the BLAS that it loads. With
settings, {"images": 55000, "warmUp": 3, "epochs": 5, "evaluationBatch": 1000},
it trains on images of MNIST's size drawn at random in minibatches of 100,
evaluates them after each epoch, and prints the median seconds of training and
of evaluation over the epochs after those of the warm-up, as JSON.
"""
import importlib
import json
import os
import re
import sys
import time

import numpy as np

BATCH, HIDDEN, CLASSES, RATE = 100, 50, 10, 0.1


def version(library):
    """With the BLAS, where Linux tells it: 1.24.2 (libopenblasp-r0.3.21.so)."""
    name = importlib.import_module(library).__version__
    try:
        with open("/proc/self/maps") as maps:
            files = {os.path.basename(line.split()[-1]) for line in maps}
    except OSError:
        return name
    blas = re.compile(r"lib(openblas|blis|mkl|blas).*")
    found = sorted(filter(blas.fullmatch, files))
    return f"{name} ({', '.join(found)})" if found else name


def data():
    random = np.random.RandomState(1)
    pixels = random.randint(0, 256, (IMAGES, 784))
    pixels[random.random_sample(pixels.shape) < 0.81] = 0
    x = ((pixels / 255.0) - 0.5) * 2
    return x.astype(DTYPE), random.randint(0, CLASSES, IMAGES)


def with_numpy(x, y):
    random = np.random.RandomState(123)
    w1 = random.normal(0, 0.1, (HIDDEN, 784)).astype(DTYPE)
    w2 = random.normal(0, 0.1, (CLASSES, HIDDEN)).astype(DTYPE)
    b1, b2 = np.zeros(HIDDEN, DTYPE), np.zeros(CLASSES, DTYPE)
    eye = np.eye(CLASSES, dtype=DTYPE)

    def forward(batch):
        hidden = 1 / (1 + np.exp(-(batch @ w1.T + b1)))
        return hidden, 1 / (1 + np.exp(-(hidden @ w2.T + b2)))

    def train():
        order = random.permutation(IMAGES)
        for start in range(0, IMAGES, BATCH):
            rows = order[start:start + BATCH]
            batch = x[rows]
            hidden, out = forward(batch)
            delta2 = 2 * (out - eye[y[rows]]) / len(rows) * out * (1 - out)
            delta1 = delta2 @ w2 * hidden * (1 - hidden)
            w2[...] -= RATE * (delta2.T @ hidden)
            b2[...] -= RATE * delta2.sum(axis=0)
            w1[...] -= RATE * (delta1.T @ batch)
            b1[...] -= RATE * delta1.sum(axis=0)

    def evaluate():
        for start in range(0, IMAGES, EVALUATION_BATCH):
            rows = slice(start, start + EVALUATION_BATCH)
            _, out = forward(x[rows])
            np.mean((eye[y[rows]] - out) ** 2)
            np.sum(np.argmax(out, axis=1) == y[rows])

    return train, evaluate


def with_sklearn(x, y):
    from sklearn.neural_network import MLPClassifier
    model = MLPClassifier((HIDDEN,), activation="logistic", solver="sgd",
                          alpha=0, batch_size=BATCH, momentum=0,
                          learning_rate_init=RATE, random_state=123)
    classes = np.arange(CLASSES)
    return (lambda: model.partial_fit(x, y, classes)), (
        lambda: model.score(x, y))


def with_torch(x, y):
    import torch
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    eye = torch.eye(CLASSES, dtype=x.dtype)
    model = torch.nn.Sequential(
        torch.nn.Linear(784, HIDDEN), torch.nn.Sigmoid(),
        torch.nn.Linear(HIDDEN, CLASSES), torch.nn.Sigmoid()).to(x.dtype)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def train():
        order = torch.randperm(IMAGES)
        for start in range(0, IMAGES, BATCH):
            rows = order[start:start + BATCH]
            optimizer.zero_grad()
            out = model(x[rows])
            loss = ((out - eye[y[rows]]) ** 2).sum(dim=1).mean()
            loss.backward()
            optimizer.step()

    def evaluate():
        with torch.no_grad():
            for start in range(0, IMAGES, EVALUATION_BATCH):
                rows = slice(start, start + EVALUATION_BATCH)
                out = model(x[rows])
                ((out - eye[y[rows]]) ** 2).mean().item()
                (out.argmax(dim=1) == y[rows]).sum().item()

    return train, evaluate


LIBRARIES = {"numpy": with_numpy, "sklearn": with_sklearn, "torch": with_torch}
LIBRARY = sys.argv[1]
if len(sys.argv) == 2:
    print(version(LIBRARY))
    sys.exit()
DTYPE, SETTINGS = sys.argv[2], json.loads(sys.argv[3])
IMAGES, EVALUATION_BATCH = SETTINGS["images"], SETTINGS["evaluationBatch"]
train_epoch, evaluation = LIBRARIES[LIBRARY](*data())
times = []
for _ in range(SETTINGS["warmUp"] + SETTINGS["epochs"]):
    started = time.perf_counter()
    train_epoch()
    trained = time.perf_counter()
    evaluation()
    times.append((trained - started, time.perf_counter() - trained))
medians = np.median(times[SETTINGS["warmUp"]:], axis=0)
print(json.dumps(dict(zip(["epoch", "evaluation"], medians))))
