#!/usr/bin/env python3
"""Records test/golden/importance.json: correlation ratios by scikit-learn and SciPy, ranks and rank correlations by SciPy.

    python3 scripts/record-importance.py
"""

import json
import platform
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn.feature_selection import f_classif

rng = np.random.default_rng(18)


def correlation_ratio(values, groups):
    """eta squared and epsilon squared from SciPy's F, which scikit-learn's must equal."""
    values, groups = np.asarray(values, dtype=float), np.asarray(groups)
    n, k = len(values), len(np.unique(groups))
    f = stats.f_oneway(*[values[groups == g] for g in np.unique(groups)]).statistic
    (other,), _ = f_classif(values[:, np.newaxis], groups)
    assert np.isclose(f, other)
    eta = f * (k - 1) / (f * (k - 1) + n - k)
    epsilon = (f * (k - 1) - (k - 1)) / (f * (k - 1) + n - k)
    return {
        "values": values.tolist(),
        "groups": groups.tolist(),
        "etaSquared": float(eta),
        "epsilonSquared": float(epsilon),
    }


def rank_correlation(x, y):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "ranks": stats.rankdata(x).tolist(),
        "spearman": float(stats.spearmanr(x, y).statistic),
    }


groups = rng.integers(0, 4, 40)
few = rng.integers(0, 3, 12)
ties = rng.integers(0, 5, 30)
recorded = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "sklearn": sklearn.__version__,
    "correlationRatios": [
        correlation_ratio(rng.normal(size=40) + groups, groups),
        correlation_ratio(rng.normal(size=40), groups),
        correlation_ratio(1e-3 * rng.normal(size=12) + few, few),
        correlation_ratio(1e4 + rng.normal(size=12), few),
        correlation_ratio(rng.lognormal(sigma=3, size=60), np.arange(60) % 7),
    ],
    "rankCorrelations": [
        rank_correlation(rng.normal(size=25), rng.normal(size=25)),
        rank_correlation(np.arange(12), np.exp(np.arange(12))),
        rank_correlation(ties, -ties + rng.integers(0, 2, 30)),
        rank_correlation([1, 2, 2, 2, 3], [9, 7, 7, 8, 1]),
    ],
}
Path("test/golden/importance.json").write_text(json.dumps(recorded, separators=(",", ":")) + "\n")
