"""Profile likelihoods: how well one unknown is known when all others may give way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.gaussian import linear_update
from antitrypsim.calibration.posterior.likelihood import Likelihood

Floats = NDArray[np.float64]

GRID = np.linspace(-3.0, 3.0, 25)


@dataclass(frozen=True, eq=False)
class Profile:
    """The log posterior of the best other scores, by one score on a grid; 0 at the best of it.

    ``sd`` is half the width where it has fallen by one half, which is the SD of a normal; NaN where it
    does not fall so far on the grid.
    """

    score: int
    grid: Floats
    height: Floats
    sd: float


def profile(likelihood: Likelihood, score: int, grid: Sequence[float] | Floats = GRID) -> Profile:
    """Return the profile of one score, with the prior of all in it.

    Each point begins at the last one's best scores, from the most probable outwards.
    """
    from scipy.optimize import minimize

    points = np.asarray(grid, dtype=np.float64)
    middle = linear_update(likelihood)
    others = np.arange(middle.mean.size) != score
    # Whitened by the normal of the update, so that a few steps suffice.
    normal = middle.covariance[np.ix_(others, others)]
    crossed = middle.covariance[others, score] / middle.covariance[score, score]
    given = normal - np.outer(crossed, crossed) * middle.covariance[score, score]
    values, vectors = np.linalg.eigh(given)
    root = (vectors * np.sqrt(np.maximum(values, 1e-12))) @ vectors.T
    height = np.empty(points.size)

    def put(value: float, w: Floats) -> Floats:
        z = np.empty(middle.mean.size)
        z[score] = value
        z[others] = middle.mean[others] + crossed * (value - middle.mean[score]) + root @ w
        return z

    def lived(value: float, w: Floats) -> tuple[float, Floats]:
        z = put(value, w)[None, :]
        pull = likelihood.gradient(z)[0][others]
        return -float(likelihood.log_posterior(z)[0]), -(root @ pull)

    order = np.argsort(np.abs(points - middle.mean[score]), kind="stable")
    for k in order:
        value = float(points[k])
        best = minimize(
            lambda w, value=value: lived(value, w), np.zeros(root.shape[0]), jac=True, method="L-BFGS-B"
        )  # fmt: skip
        height[k] = -best.fun
    height -= height.max()
    return Profile(score, points, height, _width(points, height) / 2)


def _width(points: Floats, height: Floats, fall: float = 0.5) -> float:
    """Return the distance between the two points where the height, a spline, has fallen so far."""
    from scipy.interpolate import CubicSpline

    fine = np.linspace(points[0], points[-1], 2001)
    curve = CubicSpline(points, height)(fine)
    curve -= curve.max()
    top = int(np.argmax(curve))
    left = np.flatnonzero(curve[:top] < -fall)
    right = np.flatnonzero(curve[top:] < -fall)
    if not left.size or not right.size:
        return float("nan")
    return float(fine[top + right[0]] - fine[left[-1]])
