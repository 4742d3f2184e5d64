"""Pareto-smoothed importance weights, and k, which says whether they may be trusted.

The largest weights are replaced by the expected order statistics of a generalised Pareto distribution
that is fitted to them (Vehtari et al. 2024, arXiv:1507.02646; the fit: Zhang and Stephens 2009,
doi:10.1198/tech.2009.08017). Above k of 0.7 the weights hang on few draws.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TRUSTED = 0.7
LEAST = 20
"""With fewer weights nothing is fitted, and k is infinite."""


def smoothed(logs: Floats) -> tuple[Floats, float]:
    """Return normalised weights from log ratios, shape (n,), the tail smoothed, and Pareto's k."""
    x = np.asarray(logs, dtype=np.float64) - np.max(logs)
    n = x.size
    tail = math.ceil(min(0.2 * n, 3.0 * math.sqrt(n)))
    k = math.inf
    if n >= LEAST:
        order = np.argsort(x, kind="stable")
        largest = order[n - tail :]
        cut = max(float(x[order[n - tail - 1]]), math.log(np.finfo(np.float64).tiny))
        beyond = np.exp(x[largest]) - math.exp(cut)
        if tail >= 5 and beyond[-1] > 0 and float(np.ptp(beyond)) > 0:
            k, scale = _pareto(beyond)
            if math.isfinite(k):
                u = (np.arange(tail) + 0.5) / tail
                expected = _quantile(u, k, scale) + math.exp(cut)
                x = x.copy()
                x[largest] = np.minimum(np.log(expected), 0.0)
        elif float(np.ptp(x)) == 0.0:
            k = -math.inf
    w = np.exp(x - x.max())
    return w / w.sum(), float(k)


def _pareto(x: Floats) -> tuple[float, float]:
    """Return shape k and scale of a generalised Pareto distribution of sorted exceedances."""
    n = x.size
    points = 30 + int(math.sqrt(n))
    theta = 1.0 - np.sqrt(points / (np.arange(1, points + 1) - 0.5))
    theta = theta / (3.0 * x[int(n / 4 + 0.5) - 1]) + 1.0 / x[-1]
    k = np.mean(np.log1p(-theta[:, None] * x), axis=1)
    logs = n * (np.log(-theta / k) - k - 1.0)
    weights = 1.0 / np.sum(np.exp(logs - logs[:, None]), axis=1)
    real = weights >= 10 * np.finfo(np.float64).eps
    weights, theta = weights[real] / weights[real].sum(), theta[real]
    best = float(np.sum(theta * weights))
    shape = float(np.mean(np.log1p(-best * x)))
    scale = -shape / best
    # A weak prior about 0.5, worth ten of them, keeps short tails from going astray.
    return (shape * n + 10 * 0.5) / (n + 10), scale


def _quantile(u: Floats, k: float, scale: float) -> Floats:
    if abs(k) < 1e-12:
        return -scale * np.log1p(-u)
    return scale * np.expm1(-k * np.log1p(-u)) / k
