"""Lines and bends of many scores at once, shrunk by groups: what forward selection misses where effects are small.

A statistic of the lung hangs a little on each of seventy numbers of the lung and on hardly any of
editing. Each group of terms has one variance, found by restricted maximum likelihood (the updates of
Zhou et al. 2019, doi:10.1080/10618600.2018.1529601), so that the data say which modules matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_UPDATES = 15
_LEAST_SHARE = 0.003
"""A group with less of the variance is let go."""
_LEAST_NOISE = 1e-6


@dataclass(frozen=True, eq=False)
class Grouped:
    """Terms (n, c) with the columns of each group."""

    terms: Floats
    columns: tuple[Ints, ...]

    @classmethod
    def of(cls, basis: Floats, groups: Sequence[str]) -> Grouped:
        """Group the lines and bends, side by side for each score, by the ``groups`` of the scores."""
        named = np.asarray(groups)
        at = [np.flatnonzero(named == one) for one in dict.fromkeys(groups)]
        return cls(basis, tuple(2 * each + bend for bend in (0, 1) for each in at))

    @cached_property
    def gram(self) -> Floats:
        """The products of the terms, summed over the runs."""
        return np.asarray(self.terms.T @ self.terms)

    def among(self, runs: Ints) -> Grouped:
        """Return the terms of some runs."""
        return self if runs.size == len(self.terms) else Grouped(self.terms[runs], self.columns)


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
    here = grouped.among(seen)
    used = list(range(len(here.columns)))
    square = np.einsum("nc,nc->c", here.terms, here.terms)
    sizes = [float(square[c].mean()) / seen.size for c in here.columns]
    variances = [whole / (2 * len(used))] * len(used)
    noise = whole / 2
    for _ in range(_UPDATES):
        solved = _Solved.of(here, used, variances, noise, values)
        for g, quadratic, trace in zip(used, solved.quadratics, solved.traces, strict=True):
            variances[g] *= np.sqrt(max(quadratic, 0.0) / trace) if trace > 0 else 0.0
        if solved.trace <= 0:
            break
        # Where the terms say everything nothing is left, and the rest would be rounding.
        pulled = solved.pulled
        noise = max(noise * float(np.sqrt(pulled @ pulled / solved.trace)), _LEAST_NOISE * whole)
        used = [g for g in used if variances[g] * sizes[g] > _LEAST_SHARE * whole]
    solved = _Solved.of(here, used, variances, noise, values)
    for g in used:
        c = here.columns[g]
        slopes[c] = variances[g] / c.size * (here.terms[:, c].T @ solved.pulled)
    left[seen] = solved.pulled / solved.diagonal
    return solved.mean, slopes, left


@dataclass(frozen=True, eq=False)
class _Solved:
    """The inverse covariance with the mean taken out: what it makes of ``y``, its diagonal, its traces with the groups.

    ``pulled`` (n,) is it times y, ``quadratics`` and ``traces`` are by used group, ``mean`` is the generalised
    least-squares mean.
    """

    mean: float
    pulled: Floats
    diagonal: Floats
    quadratics: list[float]
    traces: list[float]

    @property
    def trace(self) -> float:
        return float(self.diagonal.sum())

    @classmethod
    def of(
        cls, here: Grouped, used: Sequence[int], variances: Sequence[float], noise: float, y: Floats
    ) -> _Solved:
        columns = [here.columns[g] for g in used]
        scales = [
            np.full(c.size, variances[g] / c.size) for g, c in zip(used, columns, strict=True)
        ]
        chosen = np.concatenate(columns) if used else np.zeros(0, dtype=np.int64)
        scale = np.concatenate(scales) if used else np.zeros(0)
        terms = here.terms[:, chosen]
        both = np.stack([np.ones(y.size), y], axis=1)
        if chosen.size < y.size:
            gram = here.gram[np.ix_(chosen, chosen)]
            inverse, diagonal, within = _by_terms(terms, gram, scale, noise, both)
        else:
            inverse, diagonal, within = _by_runs(terms, scale, noise, both)
        ones = inverse[:, 0]
        weight = float(ones.sum())
        mean = float(ones @ y) / weight
        pulled = inverse[:, 1] - mean * ones
        onto = terms.T @ np.stack([pulled, ones], axis=1)
        ends = np.cumsum([0, *(c.size for c in columns)])
        parts = [slice(a, b) for a, b in pairwise(ends)]
        trace = within - onto[:, 1] ** 2 / weight
        return cls(
            mean, pulled, diagonal - ones**2 / weight,
            [float(onto[part, 0] @ onto[part, 0]) / (part.stop - part.start) for part in parts],
            [float(trace[part].sum()) / (part.stop - part.start) for part in parts],
        )  # fmt: skip


def _by_runs(
    terms: Floats, scale: Floats, noise: float, both: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the inverse covariance times ``both``, its diagonal, and the diagonal between the terms.

    The covariance is ``noise`` I + X ``scale`` Xᵀ. Here it is solved as it is, for fewer runs than terms.
    """
    covariance = (terms * scale) @ terms.T
    covariance[np.diag_indices_from(covariance)] += noise
    inverse = np.linalg.inv(covariance)
    return inverse @ both, np.diag(inverse), np.einsum("nc,nc->c", terms, inverse @ terms)


def _by_terms(
    terms: Floats, gram: Floats, scale: Floats, noise: float, both: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the same, by way of ``gram`` of the terms (Woodbury's identity), for more runs than terms."""
    root = np.sqrt(scale)
    small = gram * np.outer(root, root)
    small[np.diag_indices_from(small)] += noise
    inverse = np.linalg.inv(small)
    scaled = terms * root
    solved = scaled @ inverse
    diagonal = (1.0 - np.einsum("nc,nc->n", solved, scaled)) / noise
    # Xᵀ V⁻¹ X of scaled terms is I - noise times the inverse.
    within = np.divide(
        1.0 - noise * np.diag(inverse), scale, out=np.zeros_like(scale), where=scale > 0
    )
    return (both - solved @ (scaled.T @ both)) / noise, diagonal, within
