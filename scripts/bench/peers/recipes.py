"""Microseconds an example of training by a recipe in scikit-learn or PyTorch.

    recipes.py sklearn|torch RECIPE SETTINGS

The recipe is one of ../recipes.mjs as JSON, and the settings are {"mnist":
FOLDER, "images": 60000, "warmUp": 1, "epochs": 3, "threads": 2}; the images
are MNIST's first. Prints the median over the epochs after those of the
warm-up, {"microseconds": 21.2}, or {"microseconds": null} where the library
cannot follow the recipe, as JSON.
"""
import gzip
import json
import sys
import time

import numpy as np

LIBRARY, RECIPE, SETTINGS = sys.argv[1], *map(json.loads, sys.argv[2:4])
BATCH, OPTIMIZER = RECIPE["batchSize"], RECIPE["optimizer"]
RATE, MOMENTUM = OPTIMIZER["learningRate"], OPTIMIZER.get("momentum", 0)
IS_ADAM = OPTIMIZER["type"] == "adam"
IS_OF_CLASSES = RECIPE["loss"] == "crossEntropy"


def idx(name, header):
    with gzip.open(f"{SETTINGS['mnist']}/{name}.gz") as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def data():
    if "rows" in RECIPE:
        random = np.random.RandomState(1)
        x = random.normal(size=(RECIPE["rows"], RECIPE["inputs"]))
        y = x[:, :3].sum(axis=1) + np.sin(x[:, 3])
        return x.astype(np.float32), y.astype(np.float32)
    images = idx("train-images-idx3-ubyte", 16).reshape(-1, RECIPE["inputs"])
    images = images[:SETTINGS["images"]]
    labels = idx("train-labels-idx1-ubyte", 8)[:SETTINGS["images"]]
    return ((images / 255.0 - 0.5) * 2).astype(np.float32), labels.astype(int)


def with_sklearn(x, y):
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    if any(layer["type"] != "dense" for layer in RECIPE["hidden"]):
        return None
    model = (MLPClassifier if IS_OF_CLASSES else MLPRegressor)(
        [layer["units"] for layer in RECIPE["hidden"]], activation="relu",
        solver="adam" if IS_ADAM else "sgd", alpha=0, batch_size=BATCH,
        learning_rate_init=RATE, momentum=MOMENTUM, nesterovs_momentum=False,
        random_state=123)
    if IS_OF_CLASSES:
        return lambda: model.partial_fit(x, y, np.arange(RECIPE["outputs"]))
    return lambda: model.partial_fit(x, y)


def with_torch(x, y):
    import torch
    from torch import nn
    torch.set_num_threads(SETTINGS["threads"])
    layers, width = [], RECIPE["inputs"]
    output = {"type": "dense", "units": RECIPE["outputs"]}
    for layer in [*RECIPE["hidden"], output]:
        if layer["type"] == "dense":
            layers.append(nn.Linear(width, layer["units"]))
            width = layer["units"]
        elif layer["type"] == "batchNormalization":
            layers.append(nn.BatchNorm1d(width))
        elif layer["type"] == "dropout":
            layers.append(nn.Dropout(layer["rate"]))
        if layer.get("activation") == "relu":
            layers.append(nn.ReLU())
    model = nn.Sequential(*layers)
    loss_of = nn.CrossEntropyLoss() if IS_OF_CLASSES else nn.MSELoss()
    if IS_ADAM:
        optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=RATE,
                                    momentum=MOMENTUM)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    if not IS_OF_CLASSES:
        y = y[:, None]

    def train():
        order = torch.randperm(len(x))
        for rows in order.split(BATCH):
            optimizer.zero_grad()
            loss_of(model(x[rows]), y[rows]).backward()
            optimizer.step()

    return train


examples, targets = data()
train_epoch = {"sklearn": with_sklearn, "torch": with_torch}[LIBRARY](
    examples, targets)
times = []
for _ in range(SETTINGS["warmUp"] + SETTINGS["epochs"] if train_epoch else 0):
    started = time.perf_counter()
    train_epoch()
    times.append((time.perf_counter() - started) / len(examples) * 1e6)
counted = times[SETTINGS["warmUp"]:]
print(json.dumps({"microseconds": np.median(counted) if counted else None}))
