"""Saves a multilayer perceptron of scikit-learn as arrays that mnist-native reads.

    from save_sklearn import save          # this file, named so in your own folder
    save(estimator, "digits.npz")          # an MLPClassifier, an MLPRegressor, or a Pipeline of a StandardScaler and one of them

Run by itself, it trains one on scikit-learn's own digits, 8 x 8 pixels from 0 to 16, and saves it as digits.npz.
"""

import numpy as np


def save(estimator, path):
    *before, last = [step for _, step in getattr(estimator, "steps", [("", estimator)])]
    arrays = {"activation": last.activation, "out_activation_": last.out_activation_}
    for i, (weight, bias) in enumerate(zip(last.coefs_, last.intercepts_)):
        arrays[f"coefs_{i}"], arrays[f"intercepts_{i}"] = weight, bias
    if hasattr(last, "classes_"):
        arrays["classes_"] = np.asarray(last.classes_).astype(str)
    for scaler in before:
        if type(scaler).__name__ != "StandardScaler" or len(before) > 1:
            raise ValueError(f"Only one StandardScaler may stand before the network, not {before}.")
        width = len(last.coefs_[0])
        arrays["mean_"] = scaler.mean_ if scaler.with_mean else np.zeros(width)
        arrays["scale_"] = scaler.scale_ if scaler.with_std else np.ones(width)
    np.savez(path, **arrays)


if __name__ == "__main__":
    from sklearn.datasets import load_digits
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = load_digits(return_X_y=True)
    network = MLPClassifier(hidden_layer_sizes=(50,), max_iter=30, random_state=1, early_stopping=True)
    digits = make_pipeline(StandardScaler(), network).fit(x, y)
    save(digits, "digits.npz")
    print(f"digits.npz: right on {digits.score(x, y):.1%} of all digits")
