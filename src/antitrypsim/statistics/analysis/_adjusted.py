"""Analysis of covariance in closed form, of many replicates and data sets at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis import _moments
from antitrypsim.statistics.analysis._columns import Prepared

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Least-squares means and differences from the first arm.

    ``mean`` and ``difference``, (R, arms or arms - 1, data sets), and for the residual variance
    ``noise`` (R, 1, data sets) the shares of it that are their variances, (R, arms or arms - 1, 1);
    ``both_share`` that of the covariance of a difference and the mean of the first arm; ``df`` (R,)
    residual degrees of freedom. NaN where the regression cannot be fitted or nothing varies.
    """

    mean: Floats
    mean_share: Floats
    difference: Floats
    difference_share: Floats
    both_share: Floats
    noise: Floats
    df: Floats

    @property
    def mean_variance(self) -> Floats:
        """The variances of the means, (R, arms, data sets)."""
        return self.noise * self.mean_share

    @property
    def difference_variance(self) -> Floats:
        """The variances of the differences, (R, arms - 1, data sets)."""
        return self.noise * self.difference_share


def adjusted(
    y: Floats, columns: Prepared, arm: NDArray[np.integer], arms: int, size: Floats, least: int = 1
) -> Adjusted:
    """Regress ``y`` (R, data sets, n) on arm and on ``columns``, people of arm -1 left out.

    The means are those of the average person (see ``_columns``). ``size`` (R,): how large the
    measured values are, beside which a scatter of rounding is none. NaN for an arm of fewer than
    ``least`` people.
    """
    replicates, sets, _ = y.shape
    z, c = columns.z, columns.z.shape[2]
    n = np.zeros((replicates, arms))
    z_mean, y_mean = np.zeros((replicates, arms, c)), np.zeros((replicates, arms, sets))
    z_off, y_off = np.zeros(z.shape), np.zeros(y.shape)
    for k in range(arms):
        mine = arm == k
        n[:, k] = mine.sum(axis=1)
        count = n[:, [k]].clip(1)
        y_mean[:, k] = np.where(mine[:, None], y, 0.0).sum(axis=2) / count
        y_off = np.where(mine[:, None], y - y_mean[:, k, :, None], y_off)
        z_mean[:, k] = np.where(mine[:, :, None], z, 0.0).sum(axis=1) / count
        z_off = np.where(mine[:, :, None], z - z_mean[:, k, None], z_off)
    there = n >= max(least, 1)
    df = np.where(there, n - 1, 0.0).sum(axis=1) - columns.live.sum(axis=1)
    df = np.where(columns.fine & (df > 0), df, np.nan)
    outside = ~np.take_along_axis(np.c_[there, np.zeros(replicates, bool)], arm, axis=1)
    if outside.any():
        y_off[np.broadcast_to(outside[:, None], y_off.shape)] = 0.0
    slopes = np.einsum("rnc,rmn->rmc", z_off, y_off)
    # Summing the residuals keeps digits where the columns explain nearly all.
    residual = y_off - slopes @ z_off.swapaxes(1, 2)
    noise = (residual**2).sum(axis=2) / df[:, None]
    noise = np.where(_moments.varies(np.sqrt(noise), size[:, None]), noise, np.nan)[:, None]
    share = np.where(there, 1 / np.where(there, n, 1.0), np.nan)
    from_first = (z_mean - z_mean[:, :1])[:, 1:]
    mean = y_mean - z_mean @ slopes.swapaxes(1, 2)
    fitted = np.isfinite(noise)
    difference = (y_mean[:, 1:] - y_mean[:, :1]) - from_first @ slopes.swapaxes(1, 2)
    first, both = there[:, :1, None], there[:, 1:, None] & there[:, :1, None]
    return Adjusted(
        mean=np.where(there[:, :, None] & fitted, mean, np.nan),
        mean_share=(share + (z_mean**2).sum(axis=2))[:, :, None],
        difference=np.where(both & fitted, difference, np.nan),
        difference_share=(share[:, 1:] + share[:, :1] + (from_first**2).sum(axis=2))[:, :, None],
        both_share=((from_first * z_mean[:, :1]).sum(axis=2) - share[:, :1])[:, :, None]
        * np.where(first, 1.0, np.nan),
        noise=noise,
        df=df,
    )
