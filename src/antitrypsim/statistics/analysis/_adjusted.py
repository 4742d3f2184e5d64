"""Analysis of covariance of completed data sets, in closed form, many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FLAT = 1e-24


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Least-squares means and differences from the first arm.

    ``mean`` and ``difference`` with their variances, (R, arms or arms - 1, data sets); ``df`` (R,)
    residual degrees of freedom; NaN where the regression cannot be fitted.
    """

    mean: Floats
    mean_variance: Floats
    difference: Floats
    difference_variance: Floats
    df: Floats


def adjusted(y: Floats, base: Floats, arm: NDArray[Any], arms: int) -> Adjusted:
    """Regress ``y`` (R, data sets, n) on arm and on ``base`` (R, n), people of arm -1 left out.

    The means are at the mean baseline of all who are analysed.
    """
    replicates, sets, _ = y.shape
    inside = [arm == k for k in range(arms)]
    n = np.stack([each.sum(axis=1) for each in inside], axis=1).astype(float)
    x_mean, y_mean = np.zeros((replicates, arms)), np.zeros((replicates, arms, sets))
    x_off = np.zeros(base.shape)
    y_off = np.zeros(y.shape)
    for k, mine in enumerate(inside):
        count = n[:, k].clip(1)
        x_mean[:, k] = np.where(mine, base, 0.0).sum(axis=1) / count
        y_mean[:, k] = np.where(mine[:, None], y, 0.0).sum(axis=2) / count[:, None]
        x_off = np.where(mine, base - x_mean[:, [k]], x_off)
        y_off = np.where(mine[:, None], y - y_mean[:, k, :, None], y_off)
    people = n.sum(axis=1)
    df = people - (n > 0).sum(axis=1) - 1
    centre = (n * x_mean).sum(axis=1) / people.clip(1)
    square = (x_off**2).sum(axis=1)
    # A baseline that is the same for all leaves squares of rounding.
    size = (n * x_mean**2).sum(axis=1) + square
    square = np.where(square > FLAT * size, square, np.nan)
    slope = (x_off[:, None] * y_off).sum(axis=2) / square[:, None]
    residual = y_off - slope[:, :, None] * x_off[:, None]
    df = np.where(df > 0, df, np.nan)
    noise = (residual**2).sum(axis=2) / df[:, None]
    share = 1 / np.where(n > 0, n, np.nan)
    from_centre = x_mean - centre[:, None]
    from_first = (x_mean - x_mean[:, :1])[:, 1:]
    level = y_mean - slope[:, None] * from_centre[:, :, None]
    mean_share = share + from_centre**2 / square[:, None]
    both_share = share[:, 1:] + share[:, :1] + from_first**2 / square[:, None]
    return Adjusted(
        mean=np.where(n[:, :, None] > 0, level, np.nan),
        mean_variance=noise[:, None] * mean_share[:, :, None],
        difference=(y_mean[:, 1:] - y_mean[:, :1]) - slope[:, None] * from_first[:, :, None],
        difference_variance=noise[:, None] * both_share[:, :, None],
        df=df,
    )
