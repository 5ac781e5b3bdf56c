"""Records networks of other programs and what they predict, for test/interchange: test/golden/interchange.

    /usr/bin/python3 scripts/record-interchange.py arrays pytorch scikit-learn     (PyTorch 1.13, scikit-learn 1.2, of Debian 12)
    KERAS_BACKEND=numpy python3 scripts/record-interchange.py keras         (Keras 3.15: pip install keras scipy jax)

Each program's networks go to files of their own, and their options and predictions to PROGRAM.json.
"""

import importlib.util
import json
import sys
import warnings
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "test" / "golden" / "interchange"
INPUTS = 8
ROWS = 7


def rows():
    return np.random.RandomState(5).uniform(-2, 2, (ROWS, INPUTS)).astype(np.float32)


def write(program, cases):
    record = {"inputs": rows().tolist(), "cases": cases}
    (FOLDER / f"{program}.json").write_text(json.dumps(record, indent=1) + "\n")


def case(file, outputs, **options):
    return {"file": file, "options": options, "outputs": np.asarray(outputs, np.float64).tolist()}


def write_safetensors(path, state, metadata=None):
    """The published format: the length of the header, the header, the tensors."""
    import torch

    names = {torch.float16: "F16", torch.bfloat16: "BF16", torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}
    header = {} if metadata is None else {"__metadata__": metadata}
    data = b""
    for name, tensor in sorted(state.items(), key=lambda item: (-item[1].element_size(), item[0])):
        raw = tensor.contiguous().view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor.contiguous()
        content = raw.numpy().tobytes()
        offsets = [len(data), len(data) + len(content)]
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": offsets}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def record_pytorch():
    import torch
    from torch import nn

    torch.manual_seed(2)

    class Named(nn.Module):
        """Layers by name, more than nine of them."""

        def __init__(self):
            super().__init__()
            for i in range(1, 12):
                setattr(self, f"fc{i}", nn.Linear(INPUTS, INPUTS))
            self.out = nn.Linear(INPUTS, 3)

        def forward(self, x):
            for i in range(1, 12):
                x = torch.tanh(getattr(self, f"fc{i}")(x))
            return self.out(x)

    class Normalized(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.bn1 = nn.Linear(INPUTS, 6, bias=False), nn.BatchNorm1d(6)
            self.fc2, self.bn2 = nn.Linear(6, 6, bias=False), nn.BatchNorm1d(6)
            self.head = nn.Linear(6, 3)

        def forward(self, x):
            x = torch.relu(self.bn1(self.fc1(x)))
            return self.head(torch.relu(self.bn2(self.fc2(x))))

    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(INPUTS, 5), nn.GELU(), nn.Dropout(0.5), nn.Linear(5, 4))

        def forward(self, x):
            return self.net(x)

    sequential = nn.Sequential(nn.Linear(INPUTS, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    before = nn.Sequential(nn.Linear(INPUTS, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 3), nn.Softmax(dim=1))
    after = nn.Sequential(nn.Linear(INPUTS, 6), nn.SiLU(), nn.BatchNorm1d(6, eps=1e-2), nn.Linear(6, 1))
    relu = {"activation": "relu"}
    networks = {
        "sequential": (sequential, torch.float32, {**relu, "output": "identity"}),
        "double": (sequential, torch.float64, {**relu, "output": "identity"}),
        "half": (sequential, torch.float16, {**relu, "output": "identity"}),
        "bfloat16": (sequential, torch.bfloat16, {**relu, "output": "identity"}),
        "batch-norm-before": (before, torch.float32, {**relu, "output": "softmax"}),
        "batch-norm-after": (after, torch.float32, {"activation": "silu", "output": "identity", "epsilon": 1e-2}),
        "named": (Named(), torch.float32, {"activation": "tanh", "output": "identity"}),
        "named-batch-norm": (Normalized(), torch.float32, {**relu, "output": "identity", "normalization": "beforeActivation"}),
        "wrapped": (Wrapped(), torch.float32, {"activation": "gelu", "output": "identity"}),
        "linear": (nn.Linear(INPUTS, 2, bias=False), torch.float32, {"output": "identity"}),
    }
    cases = []
    for name, (network, dtype, options) in networks.items():
        network.to(torch.float32).train()
        with torch.no_grad():
            for module in network.modules():
                if isinstance(module, nn.BatchNorm1d):
                    module.weight.uniform_(0.5, 2)
                    module.bias.uniform_(-1, 1)
            for _ in range(3):
                network(torch.randn(16, INPUTS))  # Moves running means.
            network.eval().to(dtype)
            file = f"pytorch-{name}.safetensors"
            write_safetensors(FOLDER / file, network.state_dict(), {"format": "pt"})
            wide = torch.float64 if dtype == torch.float64 else torch.float32
            cases.append(case(file, network.to(wide)(torch.from_numpy(rows()).to(wide)), **options))
    write("pytorch", cases)


def record_scikit_learn():
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    specification = importlib.util.spec_from_file_location("save_sklearn", ROOT / "examples" / "save-sklearn.py")
    recorder = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(recorder)
    random = np.random.RandomState(3)
    x = random.uniform(-2, 2, (60, INPUTS))
    total = x.sum(axis=1)
    names = np.array(["low", "middle", "high"])[np.digitize(total, [-2, 2])]
    both = np.stack([total > 0, x[:, 0] > 0], axis=1).astype(int)
    options = {"max_iter": 20, "random_state": 1}
    estimators = {
        "classifier": (MLPClassifier((6, 5), activation="relu", **options), x, names),
        "binary": (MLPClassifier((6,), activation="tanh", **options), x, (total > 0).astype(int)),
        "multilabel": (MLPClassifier((6,), activation="logistic", **options), x, both),
        "pipeline": (make_pipeline(StandardScaler(), MLPClassifier((6,), **options)), 5 * x + 3, names),
        "regressor": (MLPRegressor((6,), activation="identity", **options), x, total),
        "float32": (MLPRegressor((6, 4), activation="tanh", **options), x.astype(np.float32), x[:, :2].astype(np.float32)),
        "lbfgs": (MLPClassifier((6,), solver="lbfgs", **options), x, names),
    }
    cases = []
    for name, (estimator, inputs, targets) in estimators.items():
        estimator.fit(inputs, targets)
        file = f"scikit-learn-{name}.npz"
        recorder.save(estimator, FOLDER / file)
        predict = estimator.predict_proba if hasattr(estimator, "predict_proba") else estimator.predict
        outputs = predict(rows() if name == "float32" else rows().astype(np.float64))
        if name == "binary":
            outputs = outputs[:, 1:]  # scikit-learn adds 1 - p in front.
        cases.append(case(file, outputs.reshape(ROWS, -1)))
    write("scikit-learn", cases)


def record_keras():
    import keras
    from keras import layers

    keras.utils.set_random_seed(4)
    relu = {"activation": "relu", "output": "softmax"}

    def dense():
        return [layers.Dense(6, activation="relu"), layers.Dropout(0.3), layers.Dense(5, activation="relu"), layers.Dense(3, activation="softmax")]

    networks = {
        "dense": (dense(), relu),
        "compressed": (dense(), relu),
        "batch-norm-after": ([layers.Dense(6, activation="relu"), layers.BatchNormalization(), layers.Dense(3, activation="softmax")], {**relu, "normalization": "afterActivation"}),
        "batch-norm-before": ([layers.Dense(6, use_bias=False), layers.BatchNormalization(), layers.Activation("relu"), layers.Dense(3, activation="softmax")], {**relu, "normalization": "beforeActivation"}),
        "batch-norm-first": ([layers.BatchNormalization(), layers.Dense(6, activation="sigmoid", use_bias=False), layers.Dense(1)], {"activation": "sigmoid", "output": "identity"}),
    }
    cases = []
    for name, (stack, options) in networks.items():
        model = keras.Sequential([keras.Input((INPUTS,)), *stack])
        random = np.random.RandomState(6)
        weights = [
            random.uniform(0.5, 2, w.shape) if w.path.endswith(("gamma", "variance")) else random.uniform(-1, 1, w.shape)
            for w in model.weights
        ]
        model.set_weights([w.astype(np.float32) for w in weights])
        file = f"keras-{name}.npz"
        save = np.savez_compressed if name == "compressed" else np.savez
        save(FOLDER / file, *model.get_weights())
        cases.append(case(file, model(rows(), training=False), **options))
    write("keras", cases)


def record_arrays():
    """Arrays of every type and order that weights and names come in."""
    values = np.array([[0, 1, -2.5], [1024, -0.125, 3e-5]])
    whole = np.array([[0, 1, 2], [120, 7, 100]])
    extremes = np.array([65504, 6e-8, -6.1e-5, np.inf, -np.inf, np.nan, -0.0], np.float16)
    texts = np.array([["a", "b\u00e9", ""], ["\U0001d7d8", "two words", "z"]])
    arrays = {"single": np.float32(0.1), "empty": np.zeros((0, 3)), "cube": np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)), "extremes": extremes}
    for kind in ["f2", "f4", "f8"]:
        arrays[f"big-{kind}"], arrays[f"little-{kind}"] = values.astype(">" + kind), values.astype("<" + kind)
        arrays[f"columns-{kind}"] = np.asfortranarray(values.astype(kind))
    for kind in ["b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"]:
        arrays[f"big-{kind}"], arrays[f"little-{kind}"] = whole.astype(">" + kind), whole.astype("<" + kind)
    expected = {
        name: {"shape": array.shape, "numbers": ["-0.0" if n == 0 and np.signbit(n) else str(n) for n in array.astype(np.float64).ravel().tolist()]}
        for name, array in ((name, np.asarray(array)) for name, array in arrays.items())
    }
    named = {"texts": texts, "big": texts.astype(">U9"), "columns": np.asfortranarray(texts), "bytes": np.array([b"one", b"two"]), "text": np.array("one")}
    expected.update({name: {"shape": array.shape, "texts": [t.decode() if isinstance(t, bytes) else t for t in array.ravel().tolist()]} for name, array in named.items()})
    np.savez(FOLDER / "arrays.npz", **arrays, **named)
    (FOLDER / "arrays.json").write_text(json.dumps(expected, indent=1) + "\n")


RECORDERS = {"arrays": record_arrays, "pytorch": record_pytorch, "scikit-learn": record_scikit_learn, "keras": record_keras}

if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # Twenty epochs are not enough for scikit-learn, and are for a test.
    FOLDER.mkdir(parents=True, exist_ok=True)
    for chosen in sys.argv[1:] or RECORDERS:
        RECORDERS[chosen]()
