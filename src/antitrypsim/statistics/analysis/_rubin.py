"""Several completed data sets made into one result (Rubin 1987)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pooled:
    """The combined result, arrays (...).

    ``se`` that of ``estimate``, ``df`` its degrees of freedom; ``within`` and ``between`` the two
    parts of its variance, the latter not yet increased for the number of data sets.
    """

    estimate: Floats
    se: Floats
    df: Floats
    within: Floats
    between: Floats


def pool(estimates: ArrayLike, variances: ArrayLike, df: ArrayLike) -> Pooled:
    """Combine ``estimates`` and their ``variances``, both (..., data sets), by Rubin's rules.

    ``df`` (...): degrees of freedom of a complete data set, which may be infinite; those returned
    are Barnard and Rubin's (1999, Biometrika 86:948), and ``df`` itself where the data sets agree
    exactly, nothing having been imputed. Raises ``InputError`` for fewer than two data sets.
    """
    q, u = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    if q.ndim == 0 or q.shape != u.shape or q.shape[-1] < 2:
        raise InputError(
            "pooling needs an estimate and a variance of each of two or more data sets"
        )
    count = q.shape[-1]
    # Departures from the first data set are exactly 0 where all agree, those from a mean may not be.
    off = q - q[..., :1]
    estimate = q[..., 0] + off.mean(axis=-1)
    between, within = off.var(axis=-1, ddof=1), u.mean(axis=-1)
    added = (1 + 1 / count) * between
    total = within + added
    whole = np.broadcast_to(np.asarray(df, dtype=float), total.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        missed = added / total
        # (df + 1) / (df + 3) * df, written to bear infinite df.
        seen = (whole - 2 + 6 / (whole + 3)) * (1 - missed)
        found = 1 / (missed**2 / (count - 1) + 1 / seen)
    return Pooled(estimate, np.sqrt(total), np.where(added > 0, found, whole), within, between)
