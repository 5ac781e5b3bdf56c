#!/usr/bin/env python3
"""Records networks of other programs as ONNX files, with rows of inputs and what these programs make of them:

    PYTHONHASHSEED=0 PYTHONPATH=CONVERTERS python3 scripts/record-onnx.py test/golden/onnx

PyTorch writes its files itself. scikit-learn's are written by skl2onnx 1.14, with onnxconverter-common 1.13 (Debian has neither: CONVERTERS
is a folder that they are unpacked in, such as the site-packages of a virtual environment). Files as tf2onnx writes Keras' networks, with
its names, operators and version of the operator set, are made by hand with onnx.helper, and NumPy computes what they give. Debian:
python3-torch, python3-sklearn, python3-onnx. The seed of hashes is for the order in which skl2onnx names the sets of operators.
"""

import io
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import sklearn
import skl2onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.nn import functional

INPUTS, HIDDEN, OUTPUTS, ROWS = 20, 6, 3, 7
random = np.random.RandomState(5)
# Exact in float32 and short as text.
ROWS_OF_X = (random.randint(-128, 128, size=(ROWS, INPUTS)) / 64).tolist()


class Standardized(nn.Module):
    """Columns are standardised in the graph, from numbers that belong to the module."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.linspace(-1, 1, INPUTS))
        self.register_buffer("deviation", torch.linspace(0.5, 2, INPUTS))
        self.hidden = nn.Linear(INPUTS, HIDDEN)
        self.output = nn.Linear(HIDDEN, OUTPUTS)

    def forward(self, x):
        x = (x - self.mean) / self.deviation
        return functional.softmax(self.output(torch.tanh(self.hidden(x))), dim=1)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(INPUTS, HIDDEN)
        self.norm = nn.BatchNorm1d(HIDDEN)
        self.up = nn.Linear(HIDDEN, 2 * HIDDEN)
        self.down = nn.Linear(2 * HIDDEN, HIDDEN)
        self.output = nn.Linear(HIDDEN, OUTPUTS)

    def forward(self, x):
        x = functional.gelu(self.norm(self.first(x)))
        x = x + self.down(functional.silu(self.up(x)))
        return self.output(functional.relu(x))


class Viewed(nn.Module):
    """Images are made into rows by their own number, as in many an example."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(INPUTS, HIDDEN)
        self.output = nn.Linear(HIDDEN, OUTPUTS)

    def forward(self, x):
        x = x.view(x.size(0), -1)
        return self.output(functional.dropout(functional.relu(self.hidden(x)), 0.5, self.training))


class OneValue(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(INPUTS, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)


def pytorch_networks():
    activations = {
        "sigmoid": nn.Sigmoid(),
        "tanh": nn.Tanh(),
        "relu": nn.ReLU(),
        "leaky-relu": nn.LeakyReLU(),
        "elu": nn.ELU(),
        "gelu": nn.GELU(),
        "silu": nn.SiLU(),
    }
    for name, activation in activations.items():
        yield name, nn.Sequential(nn.Linear(INPUTS, HIDDEN), activation, nn.Linear(HIDDEN, OUTPUTS)), [INPUTS]
    linear = lambda: nn.Linear(INPUTS, HIDDEN)
    yield "softmax", nn.Sequential(linear(), nn.ReLU(), nn.Linear(HIDDEN, OUTPUTS), nn.Softmax(dim=-1)), [INPUTS]
    yield "sigmoid-output", nn.Sequential(linear(), nn.ReLU(), nn.Linear(HIDDEN, 1), nn.Sigmoid()), [INPUTS]
    yield "log-softmax", nn.Sequential(linear(), nn.ReLU(), nn.Linear(HIDDEN, OUTPUTS), nn.LogSoftmax(dim=1)), [INPUTS]
    yield "flatten", nn.Sequential(nn.Flatten(), linear(), nn.Dropout(0.5), nn.ReLU(), nn.Linear(HIDDEN, OUTPUTS)), [1, 4, 5]
    yield "view", Viewed(), [1, 4, 5]
    yield "one-value", OneValue(), [INPUTS]
    yield "without-bias", nn.Sequential(nn.Linear(INPUTS, HIDDEN, bias=False), nn.ReLU(), nn.Linear(HIDDEN, OUTPUTS)), [INPUTS]
    yield "standardized", Standardized(), [INPUTS]
    yield "residual", Residual(), [INPUTS]
    yield "batch-norm", nn.Sequential(linear(), nn.BatchNorm1d(HIDDEN), nn.ELU(), nn.Linear(HIDDEN, OUTPUTS)), [INPUTS]
    yield "float64", nn.Sequential(linear(), nn.SiLU(), nn.Linear(HIDDEN, OUTPUTS), nn.Softmax(dim=1)).double(), [INPUTS]
    yield "tanh-gelu", nn.Sequential(linear(), nn.GELU(approximate="tanh"), nn.Linear(HIDDEN, OUTPUTS)), [INPUTS]


def record_pytorch():
    for name, network, shape in pytorch_networks():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm1d):  # As if it had been trained.
                nn.init.uniform_(module.weight, 0.5, 2)
                nn.init.uniform_(module.bias, -1, 1)
                nn.init.uniform_(module.running_mean, -1, 1)
                nn.init.uniform_(module.running_var, 0.5, 2)
        network.eval()
        dtype = next(network.parameters()).dtype
        x = torch.tensor(ROWS_OF_X, dtype=dtype).reshape(ROWS, *shape)
        file = io.BytesIO()
        torch.onnx.export(
            network,
            x[:1],
            file,
            opset_version=17,
            input_names=["x"],
            output_names=["y"],
            dynamic_axes={"x": {0: "rows"}, "y": {0: "rows"}},
        )
        with torch.no_grad():
            outputs = network(x)
        yield f"pytorch-{name}", file.getvalue(), outputs.numpy()


def record_sklearn():
    x = np.array(ROWS_OF_X)
    many = random.normal(size=(60, INPUTS))
    classes = random.randint(0, OUTPUTS, size=60)
    names = np.array(["apple", "pear", "plum"])

    def fitted(estimator, y):
        return estimator.fit(many, y)

    def classifier(activation):
        return MLPClassifier((HIDDEN,), activation=activation, max_iter=20, random_state=1)

    def regressor(activation):
        return MLPRegressor((HIDDEN,), activation=activation, max_iter=20, random_state=1)

    values = many[:, :2] @ np.array([[1.0, -1.0], [0.5, 2.0]])
    cases = [
        ("classifier", fitted(classifier("relu"), names[classes]), np.float32, {"zipmap": True}),
        ("classifier-numbers", fitted(classifier("logistic"), classes), np.float32, {"zipmap": False}),
        ("classifier-two", fitted(classifier("tanh"), np.array(["no", "yes"])[classes % 2]), np.float32, {"zipmap": False}),
        ("classifier-scaled", fitted(make_pipeline(StandardScaler(), classifier("identity")), names[classes]), np.float32, {"zipmap": False}),
        ("classifier-float64", fitted(classifier("relu"), names[classes]), np.float64, {"zipmap": False}),
        ("regressor", fitted(regressor("relu"), values[:, 0]), np.float32, None),
        ("regressor-two", fitted(regressor("tanh"), values), np.float32, None),
        ("regressor-scaled", fitted(make_pipeline(StandardScaler(), regressor("logistic")), values[:, 0]), np.float64, None),
    ]
    for name, estimator, dtype, options in cases:
        model = skl2onnx.to_onnx(
            estimator,
            many[:1].astype(dtype),
            target_opset=15,
            options=None if options is None else {id(last_of(estimator)): options},
        )
        given = estimator.predict_proba(x)[:, 1:] if name == "classifier-two" else (
            estimator.predict(x) if options is None else estimator.predict_proba(x)
        )
        yield f"sklearn-{name}", model.SerializeToString(), given


def last_of(estimator):
    return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator


def keras_style(name, nodes, constants, shape, result):
    """As tf2onnx 1.16 names and writes things: opset 15, MatMul and Add, weights [inputs, units]."""
    graph = helper.make_graph(
        nodes,
        "tf2onnx",
        [helper.make_tensor_value_info("args_0", TensorProto.FLOAT, ["unk__10", *shape])],
        [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, ["unk__11", OUTPUTS])],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    model = helper.make_model(graph, producer_name="tf2onnx", producer_version="1.16.1 15c810", opset_imports=[helper.make_opsetid("", 15)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return f"keras-style-{name}", model.SerializeToString(), result


def record_keras_style():
    draw = lambda *shape: random.uniform(-0.7, 0.7, size=shape).astype(np.float32)
    x = np.array(ROWS_OF_X)
    w1, b1, w2, b2 = draw(INPUTS, HIDDEN), draw(HIDDEN), draw(HIDDEN, OUTPUTS), draw(OUTPUTS)
    softmax = lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    dense = lambda a, w, b: a @ w.astype(np.float64) + b
    read = "sequential/{}/ReadVariableOp:0"
    constants = {
        read.format("dense/MatMul"): w1,
        read.format("dense/BiasAdd"): b1,
        read.format("dense_1/MatMul"): w2,
        read.format("dense_1/BiasAdd"): b2,
    }

    def layer(number, before):
        name = "dense" if number == 0 else f"dense_{number}"
        product, sum_ = f"sequential/{name}/MatMul:0", f"sequential/{name}/BiasAdd:0"
        return sum_, [
            helper.make_node("MatMul", [before, read.format(f"{name}/MatMul")], [product], f"sequential/{name}/MatMul"),
            helper.make_node("Add", [product, read.format(f"{name}/BiasAdd")], [sum_], f"sequential/{name}/BiasAdd"),
        ]

    z1, first = layer(0, "args_0")
    z2, second = layer(1, "sequential/dense/Relu:0")
    relu = helper.make_node("Relu", [z1], ["sequential/dense/Relu:0"], "sequential/dense/Relu")
    last = helper.make_node("Softmax", [z2], ["dense_1"], "sequential/dense_1/Softmax")
    hidden = np.maximum(dense(x, w1, b1), 0)
    yield keras_style("softmax", [*first, relu, *second, last], constants, [INPUTS], softmax(dense(hidden, w2, b2)))

    # A Rescaling layer, images with channels last, and a batch normalisation that the converter made a product and a sum of.
    scale, offset = draw(HIDDEN) + np.float32(1), draw(HIDDEN)
    more = {
        **constants,
        "const_fold_opt__20": np.array([-1, INPUTS], dtype=np.int64),
        "sequential/rescaling/Cast/x:0": np.array(0.25, dtype=np.float32),
        "sequential/batch_normalization/batchnorm/mul:0": scale,
        "sequential/batch_normalization/batchnorm/sub:0": offset,
    }
    rescale = helper.make_node("Mul", ["args_0", "sequential/rescaling/Cast/x:0"], ["sequential/rescaling/mul:0"], "sequential/rescaling/mul")
    reshape = helper.make_node("Reshape", ["sequential/rescaling/mul:0", "const_fold_opt__20"], ["sequential/flatten/Reshape:0"], "sequential/flatten/Reshape")
    z1, first = layer(0, "sequential/flatten/Reshape:0")
    relu = helper.make_node("Relu", [z1], ["sequential/dense/Relu:0"], "sequential/dense/Relu")
    product = helper.make_node("Mul", ["sequential/dense/Relu:0", "sequential/batch_normalization/batchnorm/mul:0"], ["bn/mul_1:0"], "bn/mul_1")
    sum_ = helper.make_node("Add", ["bn/mul_1:0", "sequential/batch_normalization/batchnorm/sub:0"], ["bn/add_1:0"], "bn/add_1")
    z2, second = layer(1, "bn/add_1:0")
    hidden = np.maximum(dense(x * 0.25, w1, b1), 0) * scale + offset
    yield keras_style(
        "batch-norm", [rescale, reshape, *first, relu, product, sum_, *second], more, [4, 5, 1], dense(hidden, w2, b2)
    )


def main():
    warnings.simplefilter("ignore")  # Few epochs do not converge.
    torch.manual_seed(3)
    folder = Path(sys.argv[1])
    models = []
    for name, data, outputs in [*record_pytorch(), *record_sklearn(), *record_keras_style()]:
        onnx.checker.check_model(onnx.load_from_string(data))
        (folder / f"{name}.onnx").write_bytes(data)
        models.append({"name": name, "outputs": np.asarray(outputs, dtype=np.float64).reshape(ROWS, -1).tolist()})
    recorded = {
        "source": f"scripts/record-onnx.py, PyTorch {torch.__version__}, scikit-learn {sklearn.__version__}, "
        f"skl2onnx {skl2onnx.__version__}, onnx {onnx.__version__}, NumPy {np.__version__}",
        "x": ROWS_OF_X,
        "models": models,
    }
    (folder / "recorded.json").write_text(json.dumps(recorded, separators=(",", ":")) + "\n")


main()
