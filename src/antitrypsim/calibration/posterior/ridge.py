"""Lines and bends of many scores at once, shrunk by groups: what forward selection misses where effects are small.

A statistic of the lung hangs a little on each of seventy numbers of the lung and on hardly any of
editing. Each group of terms has one variance, found by restricted maximum likelihood (the updates of
Zhou et al. 2019, doi:10.1080/10618600.2018.1529601), so that the data say which modules matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_UPDATES = 15
_LEAST_SHARE = 0.003
"""A group with less of the variance is let go."""
_LEAST_NOISE = 1e-6


@dataclass(frozen=True, eq=False)
class Grouped:
    """Terms (n, c) with the columns of each group, and their products by group."""

    terms: Floats
    columns: tuple[NDArray[np.int64], ...]
    kernels: tuple[Floats, ...]

    @classmethod
    def of(cls, basis: Floats, groups: Sequence[str]) -> Grouped:
        """Group the lines and bends, side by side for each score, by the ``groups`` of the scores."""
        named = np.asarray(groups)
        at = [np.flatnonzero(named == one) for one in dict.fromkeys(groups)]
        columns = tuple(2 * each + bend for bend in (0, 1) for each in at)
        kernels = tuple(basis[:, c] @ basis[:, c].T / c.size for c in columns)
        return cls(basis, columns, kernels)


def ridge_by_groups(grouped: Grouped, y: Floats) -> tuple[float, Floats, Floats]:
    """Return intercept, slopes (c,) and what fits without each run leave of it (n,); ``y`` may have NaN.

    The residuals are exact for given variances, NaN where there is no number.
    """
    seen = np.flatnonzero(np.isfinite(y))
    left = np.full(y.size, np.nan)
    slopes = np.zeros(grouped.terms.shape[1])
    values = y[seen]
    whole = float(np.var(values)) if seen.size else 0.0
    if seen.size < 3 or whole <= 0:
        left[seen] = 0.0
        return float(values.mean()) if seen.size else 0.0, slopes, left
    kernels = [k[np.ix_(seen, seen)] for k in grouped.kernels]
    used = list(range(len(kernels)))
    sizes = [float(np.trace(k)) / seen.size for k in kernels]
    variances = [whole / (2 * len(kernels))] * len(kernels)
    noise = whole / 2
    for _ in range(_UPDATES):
        inverse, project, pulled = _solved(kernels, used, variances, noise, values)
        for g in used:
            quadratic = float(pulled @ kernels[g] @ pulled)
            trace = float(np.sum(project * kernels[g]))
            variances[g] *= np.sqrt(max(quadratic, 0.0) / trace) if trace > 0 else 0.0
        left_over = float(np.trace(project))
        if left_over <= 0:
            break
        # Where the terms say everything nothing is left, and the rest would be rounding.
        noise = max(noise * float(np.sqrt((pulled @ pulled) / left_over)), _LEAST_NOISE * whole)
        used = [g for g in used if variances[g] * sizes[g] > _LEAST_SHARE * whole]
    inverse, project, pulled = _solved(kernels, used, variances, noise, values)
    ones = inverse.sum(axis=1)
    intercept = float(ones @ values / ones.sum())
    for g in used:
        c = grouped.columns[g]
        slopes[c] = variances[g] / c.size * (grouped.terms[np.ix_(seen, c)].T @ pulled)
    left[seen] = pulled / np.diag(project)
    return intercept, slopes, left


def _solved(
    kernels: Sequence[Floats], used: Sequence[int], variances: Sequence[float], noise: float, y: Floats
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Return the inverse covariance, that with the mean taken out, and it times ``y``."""
    covariance = noise * np.eye(y.size)
    for g in used:
        covariance += variances[g] * kernels[g]
    inverse = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
    ones = inverse.sum(axis=1)
    project: Floats = inverse - np.outer(ones, ones) / ones.sum()
    return inverse, project, np.asarray(project @ y)
