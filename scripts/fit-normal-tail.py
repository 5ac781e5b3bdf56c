#!/usr/bin/env python3
"""Fits the rational functions of native/kernels/normal_tail.h and src/backend/javascript/normal-tail.ts, and prints them.

    Phi(-t) exp(t^2 / 2) = P(t) / Q(t),  0 <= t <= the largest t that matters

Phi is the distribution function of the standard normal distribution. The degrees are n - 1 and n, and the coefficients those
of the least largest relative error: by least squares on Chebyshev's nodes, linearised as by Sanathanan and Koerner (1963),
with weights after Lawson (1961). All are positive, so nothing cancels where they are evaluated. Needs mpmath.
"""

from mpmath import cos, erfc, exp, lu_solve, matrix, mp, mpf, nstr, pi, sqrt

mp.dps = 60


def tail_ratio(t):
    return exp(t * t / 2) * erfc(t / sqrt(mpf(2))) / 2


def nodes(count, largest, middle=mpf(3)):
    """Chebyshev's nodes of u from -1 to (T - 3) / (T + 3), as t = 3 (1 + u) / (1 - u)."""
    last = (largest - middle) / (largest + middle)
    roots = (cos(pi * (2 * i + 1) / (2 * count)) for i in range(count))
    return [middle * (1 + u) / (1 - u) for u in ((root + 1) / 2 * (last + 1) - 1 for root in roots)]


def polynomial(coefficients, t):
    return sum(c * t**i for i, c in enumerate(coefficients))


def fit(n, largest, rounds=8):
    ts = nodes(8 * n, largest)
    ratios = [tail_ratio(t) for t in ts]
    weights, denominators = [mpf(1)] * len(ts), [mpf(1)] * len(ts)
    best = None
    for _ in range(rounds):
        normal, right = matrix(2 * n, 2 * n), matrix(2 * n, 1)
        for t, ratio, weight, denominator in zip(ts, ratios, weights, denominators):
            scale = weight / (ratio * denominator) ** 2
            row = [t**i for i in range(n)] + [-ratio * t**i for i in range(1, n + 1)]
            for i in range(2 * n):
                right[i] += scale * row[i] * ratio
                for j in range(2 * n):
                    normal[i, j] += scale * row[i] * row[j]
        solution = list(lu_solve(normal, right))
        p, q = solution[:n], [mpf(1)] + solution[n:]
        denominators = [polynomial(q, t) for t in ts]
        errors = [abs(polynomial(p, t) / d / ratio - 1) for t, d, ratio in zip(ts, denominators, ratios)]
        worst = max(errors)
        if best is None or worst < best[0]:
            best = (worst, p, q)
        weights = [weight * (error / worst + mpf("0.02")) for weight, error in zip(weights, errors)]
    return best


for name, n, largest, show in [("float", 5, "14.8", lambda c: nstr(c, 9)), ("double", 10, "38.8", lambda c: repr(float(c)))]:
    worst, p, q = fit(n, mpf(largest))
    assert all(c > 0 for c in p + q)
    print(f"{name}: relative error at most {nstr(worst, 3)}")
    print("P:", ", ".join(map(show, p)))
    print("Q:", ", ".join(map(show, q)))
