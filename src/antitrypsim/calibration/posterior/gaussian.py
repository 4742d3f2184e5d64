"""The posterior where everything is linear: a normal about the most probable scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.likelihood import Likelihood

Floats = NDArray[np.float64]

WIDENED = 1.5
"""Draws for the next wave are so much wider than the posterior, but nowhere wider than the prior."""

_STEPS = 60
_LEAST_STEP = 1e-4


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


def standard(count: int) -> Normal:
    """Return the prior of so many scores."""
    return Normal(np.zeros(count), np.eye(count))


def linear_update(likelihood: Likelihood, start: Floats | None = None) -> Normal:
    """Return the normal about the most probable scores, by Gauss-Newton steps on the surface.

    Where the surface is linear it is the posterior exactly. ``start`` is where it begins, the prior's
    middle if left out.
    """
    p = likelihood.surface.centre.size
    noise = likelihood.noise / likelihood.temper if likelihood.temper > 0 else None
    if noise is None:
        return standard(p)
    z = np.zeros(p) if start is None else np.array(start, dtype=np.float64)
    value = likelihood.log_posterior(z[None, :])[0]
    for _ in range(_STEPS):
        slopes = likelihood.surface.jacobian(z)
        apart = likelihood.centre - likelihood.surface(z[None, :])[0] + slopes @ z
        aim = slopes.T @ np.linalg.solve(slopes @ slopes.T + noise, apart)
        step, moved = 1.0, False
        while step > _LEAST_STEP:
            there = z + step * (aim - z)
            found = likelihood.log_posterior(there[None, :])[0]
            if found > value:
                moved = True
                break
            step /= 2
        if not moved:
            break
        gain, z, value = found - value, there, found
        if gain < 1e-9 * (1.0 + abs(value)):
            break
    return Normal(z, _covariance(likelihood.surface.jacobian(z), noise))


def about(likelihood: Likelihood, z: Floats) -> Normal:
    """Return a normal about given scores (p,) with the covariance that the slopes there give."""
    if likelihood.temper <= 0:
        return standard(z.size)
    noise = likelihood.noise / likelihood.temper
    return Normal(z, _covariance(likelihood.surface.jacobian(z), noise))


def _covariance(slopes: Floats, noise: Floats) -> Floats:
    p = slopes.shape[1]
    gain = slopes.T @ np.linalg.solve(slopes @ slopes.T + noise, slopes)
    found = np.eye(p) - gain
    return np.asarray((found + found.T) / 2)
