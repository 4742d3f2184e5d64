"""Numbers, means and variances by arm in many replicates at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from antitrypsim.statistics.block import Estimates

Floats = NDArray[np.float64]

# A scatter of so small a part of the values themselves is the rounding of equal ones.
ROUNDING = 1e-12
SAME = "the values do not differ, so nothing can be tested"


def by_arm(
    x: NDArray[np.floating], arm: NDArray[np.integer], arms: int
) -> tuple[Floats, Floats, Floats]:
    """Return n, mean and variance (divisor n - 1) of the finite ``x``, each (R, arms).

    ``x`` and ``arm`` are (R, n). NaN where an arm has too few people for a mean or a variance.
    """
    shape = (arm.shape[0], arms)
    n, mean, variance = np.zeros(shape), np.full(shape, np.nan), np.full(shape, np.nan)
    known = np.isfinite(x)
    for k in range(arms):
        inside = known & (arm == k)
        n[:, k] = count = inside.sum(axis=1)
        total = np.where(inside, x, 0.0).sum(axis=1, dtype=float)
        np.divide(total, count, out=mean[:, k], where=count > 0)
        off = np.where(inside, x - mean[:, [k]], 0.0)
        np.divide((off**2).sum(axis=1), count - 1, out=variance[:, k], where=count > 1)
    return n, mean, variance


def varies(sd: Floats | float, size: Floats | float) -> NDArray[np.bool_]:
    """Return whether a scatter is more than the rounding of values of ``size``."""
    with np.errstate(invalid="ignore"):
        return np.asarray(sd > ROUNDING * np.asarray(size))


def size(*values: NDArray[np.floating]) -> Floats:
    """Return how large the finite ones of ``values``, each (R, n), are in each replicate, (R,)."""
    largest = [np.where(np.isfinite(x), np.abs(x), 0.0).max(axis=1, initial=0.0) for x in values]
    return np.asarray(np.max(largest, axis=0), dtype=float)


def differences(
    n: Floats, mean: Floats, variance: Floats, level: float, *, equal: bool = False
) -> Estimates:
    """Return the difference of each arm's mean from the first, by Welch's t, or Student's if ``equal``.

    ``n``, ``mean`` and ``variance`` are (R, arms); NaN where an arm has fewer than two people or neither
    arm varies.
    """
    from antitrypsim.statistics.block import Estimates

    n = np.where(n > 1, n, np.nan)
    here, there = n[:, 1:], n[:, :1]
    if equal:
        df = here + there - 2
        squares = (here - 1) * variance[:, 1:] + (there - 1) * variance[:, :1]
        squared = squares / df * (1 / here + 1 / there)
        squared = np.where(squared > 0, squared, np.nan)
    else:
        one, two = variance[:, 1:] / here, variance[:, :1] / there
        squared = np.where(one + two > 0, one + two, np.nan)
        # Quotients of the total do not run out of the range of floats, as squares could.
        df = 1 / ((one / squared) ** 2 / (here - 1) + (two / squared) ** 2 / (there - 1))
    return Estimates.of(mean[:, 1:] - mean[:, :1], np.sqrt(squared), df, level)
