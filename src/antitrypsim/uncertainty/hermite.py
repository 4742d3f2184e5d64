"""Sparse polynomials in standard scores: the regression behind shares of variance and emulators."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FOLDS = 10
"""Parts into which draws are split, each predicted by a fit to the others."""

Floats = NDArray[np.float64]


def hermite(z: Floats) -> Floats:
    """Return z and (z^2 - 1) / sqrt 2 of each column side by side: mean 0, variance 1."""
    both = np.stack([z, (z * z - 1.0) / math.sqrt(2.0)], axis=2)
    return both.reshape(z.shape[0], -1)


def folds(count: int) -> NDArray[np.int64]:
    """Return which part each of ``count`` draws belongs to."""
    return np.arange(count) % FOLDS


def shrinkage(y: Floats, x: Floats) -> float:
    """Return the slope of y on x through the origin, between 0 and 1."""
    size = float(x @ x)
    return min(1.0, max(0.0, float(x @ y) / size)) if size > 0 else 0.0


def sparse_fit(basis: Floats, y: Floats) -> tuple[float, Floats]:
    """Fit by forward selection until no column correlates more than chance among so many would."""
    n, p = basis.shape
    slopes = np.zeros(p)
    middle = basis.mean(axis=0)
    columns = basis - middle
    lengths = np.sqrt(np.einsum("ij,ij->j", columns, columns))
    target = y - y.mean()
    chosen: list[int] = []
    left, weights = target, np.zeros(0)
    chance = math.sqrt(2.0 * math.log(max(p, 2)) / n)
    while len(chosen) < min(n // 5, p):
        size = float(np.sqrt(left @ left))
        if size <= 1e-12 * float(np.sqrt(target @ target)):
            break
        strength = np.abs(left @ columns) / (lengths * size)
        strength[chosen] = 0.0
        best = int(np.argmax(strength))
        if strength[best] < chance:
            break
        chosen.append(best)
        weights = np.linalg.lstsq(columns[:, chosen], target, rcond=None)[0]
        left = target - columns[:, chosen] @ weights
    slopes[chosen] = weights
    return float(y.mean() - middle @ slopes), slopes
