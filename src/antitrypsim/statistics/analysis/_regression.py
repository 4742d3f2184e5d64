"""What regressions on arm and covariates in many replicates share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis._columns import Columns

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def of_levels(columns: Columns, some: Bools, kept: Bools) -> Bools:
    """Return who is of a level of a factor in which nobody is ``some``; all are (R, n).

    The coefficient of such a level has no
    finite maximum, and at infinity its people say nothing on the arms.
    """
    out = np.zeros(kept.shape, dtype=bool)
    for j, group in enumerate(columns.group):
        if group >= 0:
            level = kept & (columns.x[:, :, j] == 1)
            out |= level & ~np.asarray((level & some).any(axis=1))[:, None]
    return out


def information(x: Floats, weight: NDArray[np.number]) -> Floats:
    """Return the sums of ``weight`` (R, n) times the products of columns ``x`` (R, n, p)."""
    return np.asarray((x * weight[:, :, None]).swapaxes(1, 2) @ x)


def columns(inside: Bools, z: Floats, kept: Bools) -> Floats:
    """Return columns (R, n, p) of arms, then of covariates ``z`` at unit spread among ``kept``.

    ``inside`` (R, n, arms) says who is of which arm.
    """
    spread = np.sqrt(kept.sum(axis=1).clip(1))[:, None, None]
    return np.concatenate([inside & kept[:, :, None], z * spread], axis=2)
