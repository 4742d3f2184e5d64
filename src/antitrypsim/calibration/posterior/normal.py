"""A normal distribution of scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WIDENED = 1.2
"""Draws for the next wave are so much wider than the posterior, but nowhere wider than the prior.

The posterior of a wave holds its emulators' error and is the wider for it, so that little more is needed.
"""
FIRST = 0.5
"""The first wave is so much narrower than the prior: the whole prior is too wide for polynomials.

Over all of it many runs meet nobody who is eligible, and most of the lung cannot be emulated. Later
waves reach as far as the data leave open.
"""


@dataclass(frozen=True, eq=False)
class Normal:
    """A normal distribution of scores: ``mean`` (p,), ``covariance`` (p, p)."""

    mean: Floats
    covariance: Floats

    def widened(self, factor: float = WIDENED) -> Normal:
        """Return it wider by ``factor`` in SD, but in no direction wider than the prior."""
        values, vectors = np.linalg.eigh(self.covariance)
        wide = np.minimum(factor**2 * np.maximum(values, 0.0), np.maximum(values, 1.0))
        return Normal(self.mean, (vectors * wide) @ vectors.T)

    def root(self) -> Floats:
        """Return the symmetric square root of the covariance: the same whichever sign vectors have."""
        values, vectors = np.linalg.eigh(self.covariance)
        return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)

    def draws(self, normals: Floats) -> Floats:
        """Carry standard normals, shape (n, p), to draws."""
        return np.asarray(self.mean + normals @ self.root())


def standard(count: int, sd: float = 1.0) -> Normal:
    """Return the prior of so many scores, or narrower by ``sd``."""
    return Normal(np.zeros(count), sd**2 * np.eye(count))


def linear_covariance(slopes: Floats, noise: Floats) -> Floats:
    """Return the covariance of scores (p,) that statistics of slopes (s, p) and ``noise`` (s, s) leave of a standard normal."""
    p = slopes.shape[1]
    gain = slopes.T @ np.linalg.solve(slopes @ slopes.T + noise, slopes)
    found = np.eye(p) - gain
    return np.asarray((found + found.T) / 2)
