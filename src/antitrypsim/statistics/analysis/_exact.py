"""Exact tests of shares and their intervals, for many tables at once.

Replicates of one design fall on few tables, so that each distinct table is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.number]
Tables = NDArray[np.int64]
Floats = NDArray[np.float64]
# Outcomes whose chance is that of the one seen but for rounding count as no more likely.
SAME = 1 + 1e-7
# Chances held at once.
ROOM = 2_000_000


def fisher(x: Counts, n: Counts, y: Counts, m: Counts) -> Floats:
    """Return Fisher's two-sided p of ``x`` of ``n`` against ``y`` of ``m``, arrays of one shape.

    The sum of the chances of all tables, given the margins, that are no more likely than the one
    seen, as R's fisher.test.
    """
    from scipy.special import gammaln

    def log_choose(n: Tables, k: Tables) -> Floats:
        # Infinite where k lies outside, whose chance is then 0.
        return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))

    def p(tables: Tables) -> Floats:
        x, n, y, m = (tables[:, [k]] for k in range(4))
        k = np.arange(int(n.max()) + 1)
        possible = (k <= n) & (k <= x + y) & (x + y - k <= m)
        other = np.where(possible, x + y - k, 0)
        log = log_choose(n, np.where(possible, k, 0)) + log_choose(m, other)
        chance = np.where(possible, np.exp(log - log_choose(n + m, x + y)), 0.0)
        seen = np.take_along_axis(chance, x, axis=1)
        return np.asarray(np.where(chance <= seen * SAME, chance, 0.0).sum(axis=1))

    return _once(p, x, n, y, m)


def binomial(x: Counts, n: Counts, share: float) -> Floats:
    """Return the two-sided p of ``x`` of ``n`` against a true ``share``, as R's binom.test.

    The sum of the chances of all numbers that are no more likely than the one seen.
    """
    from scipy.special import gammaln, xlog1py, xlogy

    def p(tables: Tables) -> Floats:
        x, n = tables[:, [0]], tables[:, [1]]
        k = np.arange(int(n.max()) + 1)
        possible = k <= n
        inside = np.where(possible, k, 0)
        log = gammaln(n + 1) - gammaln(inside + 1) - gammaln(n - inside + 1)
        log = log + xlogy(inside, share) + xlog1py(n - inside, -share)
        chance = np.where(possible, np.exp(log), 0.0)
        seen = np.take_along_axis(chance, x, axis=1)
        return np.asarray(np.where(chance <= seen * SAME, chance, 0.0).sum(axis=1))

    return _once(p, x, n)


def _once(p: Callable[[Tables], Floats], *columns: Counts) -> Floats:
    """Return ``p`` of each table, each distinct one worked out once, at most 1."""
    tables = np.stack([np.asarray(each, dtype=np.int64).reshape(-1) for each in columns], axis=1)
    distinct, place = np.unique(tables, axis=0, return_inverse=True)
    found = np.empty(len(distinct))
    step = max(1, ROOM // (int(distinct[:, 1].max(initial=0)) + 1))
    for first in range(0, len(distinct), step):
        found[first : first + step] = p(distinct[first : first + step])
    return np.minimum(found, 1.0)[place.reshape(-1)].reshape(np.shape(columns[0]))


def clopper_pearson(x: Counts, n: Counts, level: float) -> tuple[Floats, Floats]:
    """Return the exact interval of a share, ``x`` of ``n`` (Clopper and Pearson 1934)."""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    inner, outer = np.maximum(x, 1), np.minimum(x, n - 1)
    lower = np.where(x > 0, betaincinv(inner, n - inner + 1, tail), 0.0)
    upper = np.where(x < n, betaincinv(outer + 1, n - outer, 1 - tail), 1.0)
    return lower, upper


def wilson(x: Counts, n: Counts, level: float) -> tuple[Floats, Floats]:
    """Return the score interval of a share, ``x`` of ``n`` (Wilson 1927)."""
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    share = x / n
    centre = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def newcombe(x: Counts, n: Counts, y: Counts, m: Counts, level: float) -> tuple[Floats, Floats]:
    """Return the hybrid score interval of the difference of ``x`` of ``n`` from ``y`` of ``m``.

    Method 10 of Newcombe (1998, Stat Med 17:873), without continuity correction.
    """
    here, there = x / n, y / m
    low, high = wilson(x, n, level)
    other_low, other_high = wilson(y, m, level)
    difference = here - there
    # A difference of shares of 1 and 0 may miss its own limit by rounding.
    return (
        np.maximum(difference - np.hypot(here - low, other_high - there), -1.0),
        np.minimum(difference + np.hypot(high - here, there - other_low), 1.0),
    )
